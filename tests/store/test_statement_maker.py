"""A mistake in sql/query stops the build where it was made, in a line that names file and place."""
import os
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

GOOD = """\
-- Prose at the top.

-- workplace_by_code :maybe
--   trial_id uuid, code text,
--   state text?
--   -> workplace_id uuid, head_count int4?
-- Prose about it.
SELECT 'it''s $7; --', "odd $8" FROM rctd.workplace -- $9 is not one
 WHERE trial_id = $1 AND code = $2 AND body = $tag$ ; $4 $tag$ /* ; */ AND state = $3;

-- The next one; it takes nothing.
-- clean :exec queued
-- -
DELETE FROM rctd.workplace;
"""


def make(folder, queries, migrations=()):
    """Runs the maker; gives what it says and the C that it wrote."""
    paths = []
    for number, text in enumerate(queries):
        paths.append(folder / f"q{number}.sql")
        paths[-1].write_text(text, encoding="utf-8")
    scripts = []
    for name, text in migrations:
        scripts.append(folder / name)
        scripts[-1].write_text(text, encoding="utf-8")
    roles = folder / "roles.sql"
    roles.write_text("SELECT 1;\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, f"{ROOT}/sql/statements.py", "--out", folder / "gen", "--migrations", *scripts,
         "--roles", roles, "--", *paths], text=True, capture_output=True, check=False)
    return done


def test_a_statement_keeps_its_text_and_gets_its_types(tmp_path):
    done = make(tmp_path, [GOOD])
    assert done.returncode == 0, done.stderr
    header = (tmp_path / "gen/db/statement.h").read_text()
    source = (tmp_path / "gen/db/statement.c").read_text()
    assert "struct sql_workplace_by_code {\n    struct uuid trial_id;\n    const char *code;\n    const char *state;" \
        in header
    assert "struct sql_workplace_by_code_row {\n    struct uuid workplace_id;\n    struct opt_int64 head_count;" in header
    assert "struct sql_workplace_by_code_row *out, bool *found);" in header
    assert "bool sql_clean(struct tx *tx, int64_t *affected);" in header
    assert "\"SELECT 'it''s $7; --', \\\"odd $8\\\" FROM rctd.workplace -- $9 is not one\\n\"" in source
    assert '"DELETE FROM rctd.workplace"' in source
    assert source.count(".queued = true") == 1


def test_the_made_c_compiles(tmp_path):
    assert make(tmp_path, [GOOD, "-- t :many\n-- -\n--   -> a bytea, b float8?\nSELECT 1;\n"],
                [("0001_a.sql", "SELECT '??/', E'\\t\\\\';\n")]).returncode == 0
    for name in ("statement", "migration"):
        subprocess.run(["gcc", "-std=c17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{ROOT}/rctd",
                        f"-I{tmp_path}/gen", f"{tmp_path}/gen/db/{name}.c"], check=True)


@pytest.mark.parametrize("text, line, said", [
    ("-- a :one\n--   x uuid\n--   -> y uuid\nSELECT $1, $2;\n", 4, "1 parameters are declared, the text uses $1, $2"),
    ("-- a :one\n--   x uuid, z text\n--   -> y uuid\nSELECT $1;\n", 4, "2 parameters are declared, the text uses $1"),
    ("-- a :one\n--   x varchar\n--   -> y uuid\nSELECT $1;\n", 1, "unknown type varchar"),
    ("-- a :one\n-- -\n--   -> y\nSELECT 1;\n", 1, "'y' is no column"),
    ("-- a :one\n-- -\n--   -> int int4\nSELECT 1;\n", 1, "cannot be used in C"),
    ("-- a :one\n-- -\n--   -> y int4, y int4\nSELECT 1, 2;\n", 1, "two columns are named y"),
    ("-- a :some\n-- -\nSELECT 1;\n", 1, ":some is no kind"),
    ("-- a :one queued\n-- -\n--   -> y int4\nSELECT 1;\n", 1, "only an :exec can be queued"),
    ("-- a :one\n-- -\nSELECT 1;\n", 1, ":one needs a line"),
    ("-- a :exec\n-- -\n--   -> y int4\nSELECT 1;\n", 1, ":exec gives no columns"),
    ("-- a :exec\nSELECT 1;\n", 1, "no line of parameters"),
    ("-- a :exec\n-- -\nSELECT 1\n", 3, "ended by one semicolon"),
    ("-- a :exec\n-- -\nDELETE FROM x; DELETE FROM y;\n", 3, "one statement"),
    ("-- a :exec\n-- -\nDELETE FROM x;\nDELETE FROM y;\n", 4, "SQL without a header"),
    ("SELECT 1;\n", 1, "SQL without a header"),
])
def test_a_mistake_is_named_with_its_line(tmp_path, text, line, said):
    done = make(tmp_path, [text])
    assert done.returncode == 1
    assert f"q0.sql:{line}: " in done.stderr and said in done.stderr
    assert not (tmp_path / "gen").exists()


def test_two_statements_of_one_name_are_both_placed(tmp_path):
    done = make(tmp_path, ["-- a :exec\n-- -\nDELETE FROM x;\n", "\n-- a :exec\n-- -\nDELETE FROM y;\n"])
    assert done.returncode == 1
    assert "q1.sql:2: a is defined already at " in done.stderr and "q0.sql:1" in done.stderr


@pytest.mark.parametrize("names", [["0001_a.sql", "0003_b.sql"], ["0002_a.sql"], ["0001_a.sql", "0001_b.sql"], ["a.sql"]])
def test_migrations_without_order_are_refused(tmp_path, names):
    done = make(tmp_path, [GOOD], [(name, "SELECT 1;\n") for name in names])
    assert done.returncode == 1
    assert "migration" in done.stderr


def test_a_statement_may_share_the_columns_of_another(tmp_path):
    more = GOOD + """
-- workplace_all :many
-- -
--   -> as workplace_by_code
SELECT w.workplace_id, w.head_count FROM rctd.workplace w;
"""
    done = make(tmp_path, [more])
    assert done.returncode == 0, done.stderr
    header = (tmp_path / "gen/db/statement.h").read_text()
    source = (tmp_path / "gen/db/statement.c").read_text()
    assert "struct sql_workplace_all_row " not in header + source
    assert "struct sql_workplace_all_rows {\n    size_t count;\n    struct sql_workplace_by_code_row *rows;" in header
    assert source.count(".row_size = sizeof(struct sql_workplace_by_code_row)") == 2
    done = make(tmp_path, [more.replace("as workplace_by_code", "as workplace_of_code")])
    assert done.returncode == 1 and "q0.sql:16: workplace_all: workplace_of_code declares no columns of its own" in done.stderr
