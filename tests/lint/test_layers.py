"""`make lint` keeps the rooms apart: each rule is broken once in a copy of the tree, and it must say so."""
import os
import shutil
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@pytest.fixture(name="tree")
def copy_of_the_tree(tmp_path):
    """The project's files as they are, without what was built."""
    for name in ("Makefile", "rctd", "cli", "sql", "tests", ".ci"):
        source = os.path.join(ROOT, name)
        if os.path.isdir(source):
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns(
                "__pycache__", "node_modules", ".pytest_cache"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def lint(tree):
    """`make lint-layers`, the part of `make lint` that needs nothing built: (status, output)."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", "--no-print-directory", "lint-layers"], cwd=tree, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


def put(tree, path, line):
    """Adds a line at the end of a file, which is made where there is none; gives the line's number."""
    file = tree / path
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(f"{text}{line}\n", encoding="utf-8")
    return text.count("\n") + 1


def test_the_tree_as_it_is_passes(tree):
    assert lint(tree) == (0, "")


def test_lint_is_what_runs_the_layer_check():
    done = subprocess.run(["make", "-n", "lint"], cwd=ROOT, text=True, capture_output=True, check=True)
    assert "tests/lint/layers.py" in done.stdout


@pytest.mark.parametrize("path, line, said", [
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
])
def test_a_broken_rule_is_named_by_file_and_line(tree, path, line, said):
    number = put(tree, path, line)
    status, output = lint(tree)
    assert status != 0
    assert f"{path}:{1 if 'circle' in said else number}: " in output
    assert said in output


@pytest.mark.parametrize("path, line", [
    ("rctd/work/dispatch_added.c", "#include <curl/curl.h>"),
    ("rctd/work/dispatch_added.c", '#include "store/conduct/trial.h"'),
    ("rctd/db/added.c", "#include <libpq-fe.h>"),
    ("rctd/store/added.c", '#include "db/transaction.h"'),
    ("rctd/main_added.c", '#include "daemon.h"'),
    ("cli/added.c", '#include "cli/table.h"'),
    ("rctd/store/added.c", 'const char *added = "Select a workplace from the list, then update it";'),
    ("rctd/store/added.c", "/* unlike strtok(), this */ int my_rand(int a) { return a; }"),
    ("rctd/store/added.c", "/* SELECT arm FROM rctd.allocation stands in sql/query. */"),
])
def test_what_is_allowed_is_not_refused(tree, path, line):
    put(tree, path, line)
    assert lint(tree) == (0, "")
