#!/usr/bin/env python3
"""Runs the pgTAP files of this folder, each on a migrated database of its own in one private cluster.

    tests/store/run_pgtap.py [FILE.sql...]

A file has a plan and ends with `SELECT * FROM finish();`. What failed is printed with its diagnostics;
the last line is `N passed, N failed`.
"""
import concurrent.futures
import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402  pylint: disable=wrong-import-position

HERE = os.path.dirname(os.path.abspath(__file__))
TEST_LINE = re.compile(r"^(not )?ok (\d+)\b(.*)$")
PLAN_LINE = re.compile(r"^1\.\.(\d+)$")


def judge(output, status):
    """What a TAP output says: (passed, failed, faults as lines)."""
    plan = None
    passed, failed, faults = 0, 0, []
    in_fault = False
    for line in output.splitlines():
        test = TEST_LINE.match(line)
        if test is not None:
            in_fault = test.group(1) is not None
            passed, failed = passed + (not in_fault), failed + in_fault
        elif PLAN_LINE.match(line):
            plan = int(PLAN_LINE.match(line).group(1))
            continue
        elif not line.startswith("#"):
            in_fault = True  # what psql says when a statement fails
        if in_fault:
            faults.append(line)
    if status != 0:
        faults.append(f"psql ended with {status}")
    if plan is None:
        faults.append("the file gives no plan")
    elif plan != passed + failed:
        faults.append(f"{plan} tests were planned, {passed + failed} were run")
    return passed, max(failed, 1 if faults else 0), faults


def run(cluster, path):
    name = cluster.database()
    cluster.sql(name, "CREATE EXTENSION pgtap")
    done = subprocess.run(
        [harness.PSQL, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", cluster.superuser(name), "-f", path],
        cwd=HERE, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    cluster.drop(name)
    return judge(done.stdout, done.returncode)


def main():
    paths = [os.path.abspath(path) for path in sys.argv[1:]] or sorted(glob.glob(f"{HERE}/*.sql"))
    total_passed = total_failed = 0
    with harness.Cluster() as cluster, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, result in zip(paths, pool.map(lambda path: run(cluster, path), paths)):
            passed, failed, faults = result
            total_passed, total_failed = total_passed + passed, total_failed + failed
            if failed:
                print(f"FAILED {os.path.relpath(path, HERE)}", *faults, sep="\n  ")
    print(f"{total_passed} passed, {total_failed} failed")
    return 1 if total_failed or not total_passed else 0


if __name__ == "__main__":
    sys.exit(main())
