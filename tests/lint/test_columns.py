"""A column that nobody reads is found, and one that somebody reads is let be."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

QUERY = """\
-- account_get :one
--   name text
--   -> account_id uuid, display text, secret text
SELECT a.account_id, a.display, a.secret FROM rctd.account a WHERE a.name = $1;

-- account_list :many
-- -
--   -> as account_get
SELECT a.account_id, a.display, a.secret FROM rctd.account a;
"""
SETS = "struct sql_account_get_row row = {.secret = NULL}; use(row.account_id);"


def lint(folder, **sources):
    (folder / "sql/query").mkdir(parents=True)
    (folder / "sql/query/account.sql").write_text(QUERY, encoding="utf-8")
    (folder / "rctd/api").mkdir(parents=True)
    for name, text in sources.items():
        (folder / "rctd/api" / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, f"{HERE}/columns.py", folder], text=True, capture_output=True, check=False)


def test_a_column_that_is_only_set_is_unread(tmp_path):
    done = lint(tmp_path, one_c=SETS, two_c="struct sql_account_list_rows rows; use(rows.rows[0].display);",
                three_c="use(other->secret);")
    assert done.returncode == 1
    assert done.stderr == "sql/query/account.sql:1: account_get selects secret, which nobody reads; leave it out\n"


def test_a_row_in_a_header_may_be_read_anywhere(tmp_path):
    done = lint(tmp_path, one_h="struct account { struct sql_account_get_row row; };",
                two_c="use(a->row.account_id, a->row.display, a->row.secret == NULL);")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_tree_itself_selects_nothing_in_vain():
    done = subprocess.run([sys.executable, f"{HERE}/columns.py"], text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
