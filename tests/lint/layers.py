#!/usr/bin/env python3
"""Checks what a compiler does not: who includes whom, who uses which library, and where SQL stands.

    tests/lint/layers.py [ROOT]

Prints `file:line: what is wrong, what would be right`, one line each, and ends with 1 when there was
one. The rules are those of CODING.md: `Who may include whom`.
"""
import os
import re
import sys

# Which rooms a room may include, besides itself.
SEES = {
    "base": set(),
    "trial": {"base"},
    "db": {"base"},
    "http": {"base"},
    "store": {"db", "trial", "base"},
    "work": {"trial", "store", "base"},
    "report": {"trial", "store", "base"},
    "api": {"trial", "store", "report", "http", "base"},
    "web": {"http", "base"},
    "main": {"base", "trial", "db", "store", "http", "api", "work", "report", "web"},
    "cli": {"base", "trial"},
}

# A library's headers, and the files that may include them.
LIBRARIES = [
    (re.compile(r"libpq|postgres"), re.compile(r"rctd/db/"), "rctd/db/"),
    (re.compile(r"curl/"), re.compile(r"rctd/work/dispatch[^/]*$|cli/client\.c$"),
     "rctd/work/dispatch* and cli/client.c"),
    (re.compile(r"microhttpd"), re.compile(r"rctd/http/server[^/]*\.[ch]$"), "rctd/http/server*"),
    (re.compile(r"cairo|pango"), re.compile(r"rctd/base/plot[^/]*\.[ch]$"), "rctd/base/plot*"),
]

# SQL as this house writes it, with capital letters, and the shapes that no sentence has.
SQL_TEXT = re.compile(
    r"\b(?:SELECT|INSERT INTO|DELETE FROM|UPDATE [\w.\"]+ SET|TRUNCATE|LOCK TABLE|SAVEPOINT|ROLLBACK TO"
    r"|(?:CREATE|ALTER|DROP) (?:TABLE|ROLE|SCHEMA|DATABASE|FUNCTION|TRIGGER|INDEX|VIEW|TYPE|POLICY))\b"
    r"|\b(?:GRANT|REVOKE)\b.*\b(?:TO|FROM)\b|\bWITH \w+ AS \("
    r"|(?i:\bselect\b[\w\s.,*()]+\bfrom\s+[a-z_]+\.[a-z_]+|\binsert\s+into\s+[\w.]+\s*(?:\(|values\b|select\b)"
    r"|\bdelete\s+from\s+[a-z_]+\.[a-z_]+|\bupdate\s+[\w.]+\s+set\s+\w+\s*=)")

# Functions with a safe sibling: hidden state that threads share, or a buffer without its size.
UNSAFE = re.compile(r"(?<![\w.>])(strtok|localtime|gmtime|ctime|asctime|rand|srand|strcpy|strcat|sprintf|gets)\s*\(")

# Words of work that is not done.
UNFINISHED = re.compile(
    r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|(?i:\b(?:for" + r" now|simpli" + r"fied|not "
    + r"implemented)\b)")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.MULTILINE)
TOKEN = re.compile(
    r'(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*")|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
STRING_AFTER = re.compile(r'[\s\\]*(?:PRI\w+\s*)?("(?:\\.|[^"\\\n])*")')

C_FILES = (".c", ".h")
TEXT_FILES = (".c", ".h", ".py", ".sql", ".sh", ".js", ".css", ".html")


def files(root):
    """The tree's own files, as paths from the root, in order."""
    for folder in ("rctd", "cli", "sql", "tests"):
        for directory, names, found in os.walk(os.path.join(root, folder)):
            names[:] = sorted(name for name in names if name not in ("__pycache__", "node_modules"))
            for name in sorted(found):
                yield os.path.relpath(os.path.join(directory, name), root)


def room_of(path):
    """The room that a product file belongs to: a folder of rctd/, main for rctd/main.c, or cli."""
    parts = path.split(os.sep)
    if parts[0] == "cli":
        return "cli"
    return parts[1] if len(parts) > 2 else "main"


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def check_own_include(room, target):
    """What is wrong with a quoted include of a product file; None when it is right."""
    if room == "main" and re.fullmatch(r"\w+\.h", target):
        return None
    if ".." in target or "/" not in target:
        return f'include "{target}": write it from the rctd directory, as "ROOM/FILE.h"'
    seen = target.split("/")[0]
    if seen == "cli" and room == "cli":
        return None
    if seen not in SEES:
        return f'include "{target}": there is no room {seen}'
    if seen != room and seen not in SEES[room]:
        allowed = ", ".join(sorted(SEES[room])) or "nothing else"
        return f'include "{target}": {room} -> {seen} is not an allowed edge; {room} sees {allowed}'
    return None


def check_library(path, target):
    for header, allowed, where in LIBRARIES:
        if header.match(target) and not allowed.match(path):
            return f"include <{target}>: only {where} may include it"
    return None


def check_includes(path, text):
    room = room_of(path)
    for match in INCLUDE.finditer(text):
        mark, target = match.groups()
        fault = check_library(path, target)
        if fault is None and mark == '"':
            fault = check_own_include(room, target)
        if fault is not None:
            yield line_of(text, match.start()), fault


def literals(text):
    """The string literals of a C file, adjacent ones joined: (line, content)."""
    code = TOKEN.sub(lambda m: m.group() if m.group("string") else re.sub(r"[^\n]", " ", m.group()), text)
    match = STRING.search(code)
    while match is not None:
        content, end = match.group()[1:-1], match.end()
        more = STRING_AFTER.match(code, end)
        while more is not None:
            content, end = content + more.group(1)[1:-1], more.end()
            more = STRING_AFTER.match(code, end)
        yield line_of(code, match.start()), content
        match = STRING.search(code, end)


def check_sql(text):
    for line, content in literals(text):
        found = SQL_TEXT.search(content.replace("\\n", " "))
        if found is not None:
            word = found.group().split()[0]
            yield line, f"SQL text in C ({word}): it belongs into sql/query as a named statement"


def check_functions(text):
    """Calls of functions that this house does not use; strings and comments do not count."""
    code = TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    for match in UNSAFE.finditer(code):
        yield line_of(code, match.start()), f"{match.group(1)}() is not used here: take its safe sibling"


def check_unfinished(text):
    for match in UNFINISHED.finditer(text):
        yield line_of(text, match.start()), f"unfinished work ({match.group()}): finish it, or take it out"


def check_cycles(headers):
    """Headers that include each other in a circle."""
    state = {}

    def visit(name, trail):
        if state.get(name) == "done" or name not in headers:
            return
        if name in trail:
            circle = trail[trail.index(name):] + [name]
            yield f"rctd/{name}", 1, "headers include each other in a circle: " + " -> ".join(circle)
            return
        for target in headers[name]:
            yield from visit(target, trail + [name])
        state[name] = "done"

    for name in sorted(headers):
        yield from visit(name, [])


def check(root):
    """Every fault of the tree: (path, line, text)."""
    headers = {}
    for path in files(root):
        if not path.endswith(TEXT_FILES):
            continue
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        for line, fault in check_unfinished(text):
            yield path, line, fault
        if not path.endswith(C_FILES) or path.startswith("tests"):
            continue
        for line, fault in check_includes(path, text):
            yield path, line, fault
        for line, fault in check_sql(text):
            yield path, line, fault
        for line, fault in check_functions(text):
            yield path, line, fault
        if path.startswith("rctd" + os.sep) and path.endswith(".h"):
            name = path.split(os.sep, 1)[1].replace(os.sep, "/")
            headers[name] = [m.group(2) for m in INCLUDE.finditer(text) if m.group(1) == '"']
    yield from check_cycles(headers)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))
    faults = 0
    for path, line, fault in check(root):
        print(f"{path}:{line}: {fault}")
        faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
