#!/usr/bin/env python3
"""The whole test suite: unit programs, pgTAP, then pytest over tests/, and one line that sums them.

    tests/run.py [PROGRAM...]       RCTD_BUILD names the build directory that is tested, RCTD_TESTS the files and folders
                                    (tests/unit/trial tests/store/vault.sql tests/system/test_races.py) when not all

Each part says what it does as it goes; of a part that failed, everything it said is shown. The last
line is `N passed, N failed`; the exit status is 0 only when nothing failed.
"""
import concurrent.futures
import glob
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
    environment = {"CK_DEFAULT_TIMEOUT": "60", "CK_TIMEOUT_MULTIPLIER": str(max(1, round(SLOW))), **os.environ}
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


def run_pgtap(paths):
    say("Database, pgTAP")
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tests/store/run_pgtap.py"), *paths], cwd=ROOT, text=True,
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


def run_pytest(paths):
    """The files share out among workers: each file stays with one, which keeps its PostgreSQL and its worlds. One more
    than there are processors, since tests of daemons wait part of their time."""
    say("Black box, pytest")
    report = os.path.join(BUILD, "pytest.xml")
    if os.path.exists(report):
        os.unlink(report)
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", str(os.cpu_count() + 1), "--dist", "loadfile",
                           f"--junitxml={report}", *paths], cwd=ROOT, text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    passed = failed = 0
    if os.path.exists(report):
        for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
            bad = int(suite.get("failures")) + int(suite.get("errors"))
            passed += int(suite.get("tests")) - bad - int(suite.get("skipped"))
            failed += bad
    if done.returncode:
        failed = max(failed, 1)
    say(done.stdout if failed else done.stdout.rstrip("\n").rsplit("\n", 1)[-1])
    say(f"  {passed} passed, {failed} failed")
    return passed, failed


def is_chosen(path, only):
    """Does this file, named without its ending, lie in one of these files or folders, where some are named?"""
    return not only or any(f"{path}/".startswith(f"{os.path.splitext(name)[0]}/") for name in only)


def run_parts(programs, only):
    """Every part of which something was chosen: its (passed, failed)."""
    programs = [path for path in programs if is_chosen(os.path.relpath(os.path.join(ROOT, path), BUILD), only)]
    if programs:
        yield run_programs(programs)
    files = [path for path in sorted(glob.glob("tests/store/*.sql", root_dir=ROOT)) if is_chosen(os.path.splitext(path)[0], only)]
    if files:
        yield run_pgtap(files)
    paths = [name for name in only if ".py" in name or glob.glob(f"{name}/**/test_*.py", root_dir=ROOT, recursive=True)]
    if paths or not only:
        yield run_pytest(paths or ["tests"])


def main():
    start = time.monotonic()
    only = [name.rstrip("/") for name in os.environ.get("RCTD_TESTS", "").split()]
    passed, failed = (sum(column) for column in zip((0, 0), *run_parts(sys.argv[1:], only)))
    say(f"In {time.monotonic() - start:.0f} s:")
    say(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
