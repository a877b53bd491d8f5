"""Runs the benches of this folder, prints a table and writes bench.json into the build directory.

A bench is a file here: bench_AREA.c, which the Makefile builds, or bench_AREA.py. It gets the wanted
names as arguments (none: all of its own, which are AREA.SOMETHING) and the build directory in
RCTD_BUILD, and prints one JSON object per result and line:

    {"name": "allocate.hot", "value": 5210, "unit": "allocations/s", "against": 1730,
     "baseline": "pgbench", "ratio": 3.01}

`against` is what the baseline reached in the same run, null where there is none. `at_least` or
`at_most`, where given, is the bound on the ratio (on the value where there is no ratio): missing it
fails the run. Other keys are kept as they are.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KEYS = ("name", "value", "unit", "against", "ratio")


def find_benches():
    """Area to source file."""
    files = sorted([*HERE.glob("bench_*.c"), *HERE.glob("bench_*.py")])
    return {path.stem.removeprefix("bench_"): path for path in files}


def command_of(path, build):
    if path.suffix == ".py":
        return [sys.executable, str(path)]
    return [str(build / "tests" / "bench" / path.stem)]


def read_results(output, area):
    results = []
    for line in output.splitlines():
        if not line.strip():
            continue
        result = json.loads(line)
        if not all(key in result for key in KEYS):
            raise ValueError(f"a result lacks one of {', '.join(KEYS)}: {line}")
        if result["name"].partition(".")[0] != area:
            raise ValueError(f"{result['name']} does not begin with {area}.")
        results.append(result)
    return results


def run_bench(path, area, wanted, build):
    print(f"  BENCH {area}", file=sys.stderr, flush=True)
    environment = dict(os.environ, RCTD_BUILD=str(build))
    ran = subprocess.run(
        command_of(path, build) + wanted, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if ran.returncode != 0:
        raise ValueError(f"{path.name} failed with exit status {ran.returncode}")
    return read_results(ran.stdout, area)


def misses(result):
    """What a result falls short of, in words; empty when it does not."""
    measured = result["value"] if result["ratio"] is None else result["ratio"]
    if "at_least" in result and measured < result["at_least"]:
        return f"under {result['at_least']}"
    if "at_most" in result and measured > result["at_most"]:
        return f"over {result['at_most']}"
    return ""


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def print_table(results):
    rows = [["bench", "value", "unit", "against", "ratio", "baseline", ""]]
    for result in results:
        rows.append(
            [
                result["name"],
                number(result["value"]),
                result["unit"],
                number(result["against"]),
                number(result["ratio"]),
                result.get("baseline", ""),
                misses(result),
            ]
        )
    right = {1, 3, 4}
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths))
        ]
        print("  ".join(cells).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("names", nargs="*", help="benches such as allocate.hot, or areas such as allocate")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    benches = find_benches()

    unknown = [name for name in arguments.names if name.partition(".")[0] not in benches]
    if unknown:
        parser.error(f"no bench is called {unknown[0]}; there are: {', '.join(benches)}")
    results = []
    failed = False
    for area, path in benches.items():
        asked = [name for name in arguments.names if name.partition(".")[0] == area]
        if arguments.names and not asked:
            continue
        wanted = [] if area in asked else asked
        try:
            found = run_bench(path, area, wanted, build)
        except (OSError, ValueError) as problem:
            print(f"bench {area}: {problem}", file=sys.stderr)
            failed = True
            continue
        absent = set(wanted) - {result["name"] for result in found}
        if absent:
            print(f"bench {area}: nothing is called {', '.join(sorted(absent))}", file=sys.stderr)
            failed = True
        results += found

    build.mkdir(parents=True, exist_ok=True)
    (build / "bench.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print_table(results)
    return 1 if failed or any(misses(result) for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
