#!/usr/bin/env python3
"""The whole test suite: unit programs, pgTAP, then pytest over tests/, and one line that sums them.

    tests/run.py [PROGRAM...]       RCTD_BUILD names the build directory that is tested

Each part says what it does as it goes; of a part that failed, everything it said is shown. The last
line is `N passed, N failed`; the exit status is 0 only when nothing failed.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, os.environ.get("RCTD_BUILD", "build"))
SLOW = float(os.environ.get("RCTD_SLOW", "1"))
PROGRAM_SECONDS = 120
CHECK_LINE = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$", re.MULTILINE)


def say(text):
    print(text, flush=True)


def run_program(program):
    """A unit program: (passed, failed, what it printed)."""
    name = os.path.relpath(program, BUILD)
    environment = {"CK_TIMEOUT_MULTIPLIER": str(max(1, round(SLOW))), **os.environ}
    try:
        done = subprocess.run([os.path.join(ROOT, program)], cwd=ROOT, env=environment, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=PROGRAM_SECONDS * SLOW, check=False)
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
        return 0, 1, f"{name}: no end after {late.timeout:.0f} s\n{said.decode('utf-8', 'replace')}"
    found = CHECK_LINE.findall(done.stdout)
    checks = sum(int(row[0]) for row in found)
    bad = sum(int(row[1]) + int(row[2]) for row in found)
    if done.returncode != 0 or not checks:
        bad = max(bad, 1)
        return max(checks - bad, 0), bad, f"{name}: ended with {done.returncode}\n{done.stdout}"
    return checks - bad, bad, ""


def run_programs(programs):
    say(f"Unit programs: {len(programs)}")
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for program, (good, bad, said) in zip(programs, pool.map(run_program, programs)):
            passed, failed = passed + good, failed + bad
            if bad:
                say(f"  FAILED {os.path.relpath(program, BUILD)}\n{said}")
    say(f"  {passed} passed, {failed} failed")
    return passed, failed


def run_pgtap():
    say("Database, pgTAP")
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tests/store/run_pgtap.py")], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, check=False)
    *said, last = done.stdout.rstrip("\n").split("\n")
    found = re.fullmatch(r"(\d+) passed, (\d+) failed", last)
    passed, failed = (int(found.group(1)), int(found.group(2))) if found else (0, 1)
    if done.returncode != 0:
        failed = max(failed, 1)
    if failed:
        say("\n".join(said + ([] if found else [last])))
    say(f"  {passed} passed, {failed} failed")
    return passed, failed


# What goes on side by side: the daemons' tests wait much of their time, the others compute.
PYTESTS = {"system": ["tests/system"], "others": ["tests", "--ignore=tests/system"]}


def run_pytest(name):
    """One of PYTESTS: (passed, failed, what it said)."""
    report = os.path.join(BUILD, f"pytest-{name}.xml")
    if os.path.exists(report):
        os.unlink(report)
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}",
                           *PYTESTS[name]], cwd=ROOT, text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if not os.path.exists(report):
        return 0, 1, done.stdout
    passed = failed = 0
    for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
        bad = int(suite.get("failures")) + int(suite.get("errors"))
        passed += int(suite.get("tests")) - bad - int(suite.get("skipped"))
        failed += bad
    return passed, max(failed, 1 if done.returncode else 0), done.stdout


def run_pytests():
    say("Black box, pytest: " + " beside ".join(PYTESTS))
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(len(PYTESTS)) as pool:
        for ended in concurrent.futures.as_completed([pool.submit(run_pytest, name) for name in PYTESTS]):
            good, bad, said = ended.result()
            passed, failed = passed + good, failed + bad
            say(said if bad else said.rstrip("\n").rsplit("\n", 1)[-1])
    say(f"  {passed} passed, {failed} failed")
    return passed, failed


def main():
    start = time.monotonic()
    parts = [run_programs(sys.argv[1:]), run_pgtap(), run_pytests()]
    passed, failed = (sum(column) for column in zip(*parts))
    say(f"In {time.monotonic() - start:.0f} s:")
    say(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
