#!/usr/bin/env python3
"""Runs fuzz programs, each for a while, on what earlier runs found and on tests/fuzz/corpus/NAME.

    tests/fuzz/run.py [--seconds N] PROGRAM...

NAME is the program's without fuzz_. Inputs that are found go to the folder corpus beside the program,
one that breaks it to crash-NAME-*; the exit status is 1 when there was one.
"""
import argparse
import concurrent.futures
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run(program, seconds):
    """One program: (did nothing break, what it said)."""
    folder, file = os.path.split(os.path.abspath(program))
    name = file.removeprefix("fuzz_")
    found = os.path.join(folder, "corpus", name)
    os.makedirs(found, exist_ok=True)
    given = os.path.join(HERE, "corpus", name)
    command = [os.path.join(folder, file), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024",
               "-print_final_stats=1", f"-artifact_prefix={folder}/crash-{name}-", found]
    if os.path.isdir(given):
        command.append(given)
    done = subprocess.run(command, text=True, errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.returncode == 0, done.stdout


def executions(said):
    for line in said.splitlines():
        if line.startswith("stat::number_of_executed_units:"):
            return int(line.split(":")[-1])
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("programs", nargs="*")
    arguments = parser.parse_args()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [(program, pool.submit(run, program, arguments.seconds)) for program in arguments.programs]
        for program, job in jobs:
            fine, said = job.result()
            count = executions(said)
            failed += not fine or not count
            print(f"{os.path.basename(program)}: {count} inputs, {'nothing broke' if fine else 'BROKEN'}", flush=True)
            if not fine or not count:
                print(said)
    print(f"{len(arguments.programs) - failed} passed, {failed} failed")
    return 1 if failed or not arguments.programs else 0


if __name__ == "__main__":
    sys.exit(main())
