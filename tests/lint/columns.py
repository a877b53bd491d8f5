#!/usr/bin/env python3
"""Checks that each column a statement selects is read: what nobody reads is work for the database, and a
value that could leak.

    tests/lint/columns.py [ROOT]

Prints `file:line: what is wrong`, one line each, and ends with 1 when there was one. A column counts as
read where a file that names the statement or its row uses a member of that name other than to set it; when
a header names the row, any file of rctd/ counts.
"""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def sources(root):
    found = {}
    for folder, _, names in os.walk(os.path.join(root, "rctd")):
        for name in names:
            if name.endswith((".c", ".h")):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    found[path] = file.read()
    return found


def unread(statements, files):
    """(statement, column) for each column that no file reads; rows that statements share are one."""
    sharing = {}
    for statement in statements:
        sharing.setdefault(statement.alike or statement.name, []).append(statement)
    for alike in sharing.values():
        mention = re.compile(rf"\bsql_(?:{'|'.join(s.name for s in alike)})(?:_rows?)?\b")
        users = {path: text for path, text in files.items() if mention.search(text)}
        if any(path.endswith(".h") for path in users):
            users = files
        text = "\n".join(users.values())
        for column in alike[0].columns if users else []:
            if not re.search(rf"(?:\.|->)\s*{column.name}\b(?!\s*=[^=])", text):
                yield alike[0], column


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else ROOT
    sys.path.insert(0, os.path.join(ROOT, "sql"))
    import statements as maker  # pylint: disable=import-outside-toplevel,import-error
    faults = maker.Faults()
    found = [s for path in sorted(glob.glob(os.path.join(root, "sql/query/*.sql"))) for s in maker.parse_file(path, faults)]
    maker.share_columns(found, faults)
    for statement, column in unread(found, sources(root)):
        faults.add(os.path.relpath(statement.path, root), statement.line,
                   f"{statement.name} selects {column.name}, which nobody reads; leave it out")
    faults.end_if_any()


if __name__ == "__main__":
    main()
