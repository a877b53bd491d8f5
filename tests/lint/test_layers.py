"""`make lint` keeps the rooms apart: each rule is broken once in a copy of the tree, and it must say so."""
import os
import shutil
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def lint(path, additions):
    """Adds lines at the ends of files, which are made where there are none, in a copy of the tree; what
    `make lint-layers` runs then ends with and says, and the number of each added line."""
    for name in ("rctd", "cli", "sql", "tests"):
        shutil.copytree(os.path.join(ROOT, name), path / name,
                        ignore=shutil.ignore_patterns("__pycache__", "node_modules", ".pytest_cache"))
    numbers = []
    for name, line in additions:
        file = path / name
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        file.write_text(f"{text}{line}\n", encoding="utf-8")
        numbers.append(text.count("\n") + 1)
    done = subprocess.run([sys.executable, "tests/lint/layers.py"], cwd=path, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout, numbers


def test_lint_is_what_runs_the_layer_check():
    done = subprocess.run(["make", "-n", "lint"], cwd=ROOT, text=True, capture_output=True, check=True)
    assert "tests/lint/layers.py" in done.stdout


BROKEN = [
    ("rctd/trial/allocate.c", '#include "store/conduct/trial.h"', "trial -> store is not an allowed edge"),
    ("rctd/trial/stream.h", '#  include "db/connection.h"', "trial -> db is not an allowed edge"),
    ("rctd/base/text.c", '#include "trial/stream.h"', "base -> trial is not an allowed edge"),
    ("rctd/http/route.c", '#include "store/account.h"', "http -> store is not an allowed edge"),
    ("rctd/api/added.c", '#include "db/connection.h"', "api -> db is not an allowed edge"),
    ("cli/added.c", '#include "store/conduct/trial.h"', "cli -> store is not an allowed edge"),
    ("rctd/trial/allocate.c", '#include "../store/trial.h"', "write it from the rctd directory"),
    ("rctd/trial/allocate.c", '#include "stream.h"', "write it from the rctd directory"),
    ("rctd/store/added.c", "#include <curl/curl.h>", "only rctd/work/dispatch* and cli/client.c"),
    ("rctd/work/housekeeping_added.c", "#include <curl/curl.h>", "only rctd/work/dispatch* and cli/client.c"),
    ("rctd/store/added.c", "#include <libpq-fe.h>", "only rctd/db/"),
    ("rctd/http/route.c", "#include <microhttpd.h>", "only rctd/http/server*"),
    ("cli/added.c", "#include <pango/pangocairo.h>", "only rctd/base/plot*"),
    ("rctd/store/added.c", 'const char *added = "SELECT arm "\n    "FROM rctd.allocation";', "SQL text in C"),
    ("rctd/db/added.c", 'const char *added = "delete from rctd.task where true";', "SQL text in C"),
    ("rctd/base/text.c", "char *added(char *a) { return strtok(a, NULL); }", "strtok() is not used here"),
    ("rctd/base/text.c", "/* TO" "DO */", "unfinished work"),
    ("rctd/base/text.h", '#include "base/error.h"\n#include "base/text.h"', "in a circle: base/text.h -> base/text.h"),
]


@pytest.fixture(name="found", scope="module")
def fixture_found(tmp_path_factory):
    """Every rule broken at once."""
    return lint(tmp_path_factory.mktemp("broken"), [(path, line) for path, line, _ in BROKEN])


@pytest.mark.parametrize("number", range(len(BROKEN)), ids=lambda number: f"{BROKEN[number][0]}-{BROKEN[number][2]}")
def test_a_broken_rule_is_named_by_file_and_line(found, number):
    path, _, said = BROKEN[number]
    status, output, lines = found
    assert status != 0
    place = f"{path}:{1 if 'circle' in said else lines[number]}: "
    assert [row for row in output.splitlines() if row.startswith(place) and said in row], output


ALLOWED = [
    ("rctd/work/dispatch_added.c", "#include <curl/curl.h>"),
    ("rctd/work/dispatch_added.c", '#include "store/conduct/trial.h"'),
    ("rctd/db/added.c", "#include <libpq-fe.h>"),
    ("rctd/store/added.c", '#include "db/transaction.h"'),
    ("rctd/main_added.c", '#include "daemon.h"'),
    ("cli/added.c", '#include "cli/table.h"'),
    ("rctd/store/added.c", 'const char *added = "Select a workplace from the list, then update it";'),
    ("rctd/store/added.c", "/* unlike strtok(), this */ int my_rand(int a) { return a; }"),
    ("rctd/store/added.c", "/* SELECT arm FROM rctd.allocation stands in sql/query. */"),
]


def test_what_is_allowed_is_not_refused(tmp_path):
    assert lint(tmp_path, ALLOWED)[:2] == (0, "")
