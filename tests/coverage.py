#!/usr/bin/env python3
"""A table of the lines and branches that the tests reached, a row per room.

    tests/coverage.py BUILD       after the suite ran on a build with --coverage

gcovr's page per file lands in BUILD/html/index.html.
"""
import collections
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def measure(build):
    """gcovr's summary, as it gives it in JSON."""
    os.makedirs(os.path.join(build, "html"), exist_ok=True)
    summary = os.path.join(build, "coverage.json")
    subprocess.run(["gcovr", "--root", ROOT, "--filter", "rctd/", "--filter", "cli/", "--object-directory", build,
                    "--exclude-unreachable-branches", "--exclude-throw-branches",
                    "--gcov-ignore-parse-errors", "--html-details", os.path.join(build, "html", "index.html"),
                    "--json-summary", summary, build], cwd=ROOT, check=True)
    with open(summary, encoding="utf-8") as file:
        return json.load(file)


def room_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "rctd" and len(parts) > 2 else parts[0]


def main():
    build = sys.argv[1]
    rooms = collections.defaultdict(lambda: [0, 0, 0, 0])
    for file in measure(build)["files"]:
        numbers = [file[key] for key in ("line_covered", "line_total", "branch_covered", "branch_total")]
        for row in (rooms[room_of(file["filename"])], rooms["all"]):
            row[:] = [old + new for old, new in zip(row, numbers)]
    print(f"{'room':<14} {'lines':>13} {'':>6}   {'branches':>13}")
    for name in sorted(rooms, key=lambda room: (room == "all", room)):
        line, lines, branch, branches = rooms[name]
        print(f"{name:<14} {f'{line}/{lines}':>13} {line / max(lines, 1):>6.1%}   "
              f"{f'{branch}/{branches}':>13} {branch / max(branches, 1):>6.1%}")
    print(f"Each file: {os.path.join(build, 'html', 'index.html')}")


if __name__ == "__main__":
    main()
