#!/usr/bin/env python3
"""Turns named SQL statements into typed C, and embeds the migrations.

    statements.py --out DIR QUERY.sql... --migrations NNNN_name.sql... --roles roles.sql

writes DIR/db/statement.h, DIR/db/statement.c and DIR/db/migration.c. A statement is a header of
comment lines and its text:

    -- workplace_by_code :maybe
    --   trial_id uuid, code text
    --   -> workplace_id uuid, head_count int4?, changed_at timestamptz
    SELECT ... WHERE trial_id = $1 AND code = $2;

The kind is :one, :maybe, :many or :exec. An `:exec queued` whose caller does not ask for the number of
rows waits and goes out with the transaction's next statement, or with COMMIT, in one round trip; when it
fails, that one fails. `-- -` stands for no parameters. A type that ends in `?` may be NULL. `-> as
OTHER_STATEMENT` stands for the columns of another, whose row type it shares. Declaration lines are
indented by at least two spaces and may go on over several lines; comments with one space are prose. Every mistake is told as FILE:LINE: what is wrong; what would be
right, all of them in one run, and ends the build.
"""
import argparse
import hashlib
import os
import re
import sys

KINDS = ("one", "maybe", "many", "exec")

# Type: the C member, the C member when it may be NULL, the enum of db/statement_run.h.
TYPES = {
    "uuid": ("struct uuid ", "struct opt_uuid ", "SQL_TYPE_UUID"),
    "text": ("const char *", "const char *", "SQL_TYPE_TEXT"),
    "int4": ("int32_t ", "struct opt_int64 ", "SQL_TYPE_INT4"),
    "int8": ("int64_t ", "struct opt_int64 ", "SQL_TYPE_INT8"),
    "bool": ("bool ", "struct opt_bool ", "SQL_TYPE_BOOL"),
    "timestamptz": ("int64_t ", "struct opt_int64 ", "SQL_TYPE_TIMESTAMPTZ"),
    "date": ("const char *", "const char *", "SQL_TYPE_DATE"),
    "jsonb": ("const char *", "const char *", "SQL_TYPE_JSONB"),
    "float8": ("double ", "struct opt_double ", "SQL_TYPE_FLOAT8"),
    "bytea": ("struct bytes ", "struct bytes ", "SQL_TYPE_BYTEA"),
}

C_WORDS = set(
    "auto break case char const continue default do double else enum extern float for goto if inline "
    "int long register restrict return short signed sizeof static struct switch typedef union "
    "unsigned void volatile while bool true false".split())

HEADER = re.compile(r"--\s+([A-Za-z0-9_]+)\s+:(\w+)(\s+queued)?\s*$")
DECLARATION = re.compile(r"--(?:\s{2,}(?P<indented>\S.*)|\s(?P<dash>-(?:>.*)?))$")
NAME = re.compile(r"[a-z][a-z0-9_]*$")
ALIKE = re.compile(r"as\s+([a-z][a-z0-9_]*)$")

# What $n, -- and ; mean nothing in: strings, quoted names, dollar quotes, comments.
TOKEN = re.compile(
    r"(?P<skip>[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/"
    r"|\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$)|\$(?P<number>[0-9]+)|(?P<end>;)", re.S)


class Faults:
    """Collects every mistake, so that all of them are mended in one go."""

    def __init__(self):
        self.lines = []

    def add(self, path, line, text):
        self.lines.append(f"{path}:{line}: {text}")

    def end_if_any(self):
        for line in self.lines:
            print(line, file=sys.stderr)
        if self.lines:
            sys.exit(1)


class Field:
    def __init__(self, name, type_name, nullable):
        self.name = name
        self.type_name = type_name
        self.nullable = nullable

    def member(self):
        plain, optional, _ = TYPES[self.type_name]
        return f"{optional if self.nullable else plain}{self.name};"

    def row(self, struct):
        nullable = "true" if self.nullable else "false"
        return (f'{{ "{self.name}", {TYPES[self.type_name][2]}, {nullable}, '
                f"offsetof({struct}, {self.name}) }},")


class Statement:
    def __init__(self, name, kind, path, line):
        self.name = name
        self.kind = kind
        self.path = path
        self.line = line
        self.parameters = None
        self.columns = None
        self.alike = None  # the statement whose columns it shares
        self.queued = False
        self.text = ""

    @property
    def constant(self):
        return f"STATEMENT_{self.name.upper()}"

    @property
    def row_type(self):
        return f"struct sql_{self.alike or self.name}_row"

    def prototype(self):
        arguments = ["struct tx *tx"]
        if self.parameters:
            arguments.append(f"const struct sql_{self.name} *in")
        if self.kind in ("one", "maybe"):
            arguments.append(f"{self.row_type} *out")
        if self.kind == "maybe":
            arguments.append("bool *found")
        if self.kind == "many":
            arguments.append(f"struct sql_{self.name}_rows *out")
        if self.kind == "exec":
            arguments.append("int64_t *affected")
        return f"sql_{self.name}({', '.join(arguments)})"

    def call(self):
        given = "in" if self.parameters else "NULL"
        out = {"one": ", out", "maybe": ", out, found", "many": ", &out->count, &rows",
               "exec": ", affected"}[self.kind]
        return f"statement_{self.kind}(tx, {self.constant}, {given}{out})"


def parse_fields(text, what, statement, faults):
    """Reads "name type, name type?"; `what` is "parameter" or "column"."""
    fields = []
    for part in (p.strip() for p in text.split(",")):
        words = part.split()
        if len(words) != 2:
            faults.add(statement.path, statement.line,
                       f"{statement.name}: '{part}' is no {what}; write NAME TYPE, with a comma "
                       "between two")
            continue
        name, type_name = words
        nullable = type_name.endswith("?")
        type_name = type_name.rstrip("?")
        if type_name not in TYPES:
            faults.add(statement.path, statement.line,
                       f"{statement.name}: {what} {name} has the unknown type {type_name}; types "
                       f"are {', '.join(TYPES)}")
            continue
        if not NAME.match(name) or name in C_WORDS:
            faults.add(statement.path, statement.line,
                       f"{statement.name}: {what} name '{name}' cannot be used in C; choose another")
            continue
        if any(name == other.name for other in fields):
            faults.add(statement.path, statement.line,
                       f"{statement.name}: two {what}s are named {name}")
            continue
        fields.append(Field(name, type_name, nullable))
    return fields


def declare(statement, declarations, faults):
    """Splits the declaration lines at "->" into parameters and columns."""
    text = " ".join(declarations).strip()
    before, arrow, after = text.partition("->")
    before = before.strip().rstrip(",")
    if before == "":
        faults.add(statement.path, statement.line,
                   f"{statement.name}: no line of parameters; write '--   NAME TYPE, ...', or '-- -' "
                   "for none")
        statement.parameters = []
    else:
        statement.parameters = [] if before == "-" else parse_fields(
            before, "parameter", statement, faults)
    wants_columns = statement.kind != "exec"
    if wants_columns != bool(arrow):
        right = "needs a line '--   -> NAME TYPE, ...'" if wants_columns else "gives no columns"
        faults.add(statement.path, statement.line, f"{statement.name}: :{statement.kind} {right}")
    alike = ALIKE.match(after.strip())
    if alike:
        statement.alike = alike.group(1)
    statement.columns = parse_fields(after, "column", statement, faults) if after.strip() and not alike else []


def check_text(statement, body_line, faults):
    """The body is one statement that uses exactly $1 to $n."""
    used = set()
    ends = []
    for token in TOKEN.finditer(statement.text):
        if token.group("number"):
            used.add(int(token.group("number")))
        elif token.group("end"):
            ends.append(token.start())
    count = len(statement.parameters)
    if used != set(range(1, count + 1)):
        shown = ", ".join(f"${n}" for n in sorted(used)) or "none"
        faults.add(statement.path, body_line,
                   f"{statement.name}: {count} parameters are declared, the text uses {shown}")
    body = statement.text.rstrip()
    if ends != [len(body) - 1]:
        faults.add(statement.path, body_line,
                   f"{statement.name}: write one statement, ended by one semicolon")
    statement.text = body.rstrip(";").rstrip()


def ended(lines):
    """Does this body end with its semicolon? Comments behind it then belong to the next statement."""
    last = None
    for token in TOKEN.finditer("\n".join(lines)):
        last = token
    text = "\n".join(lines).rstrip()
    return last is not None and last.group("end") is not None and last.end() == len(text)


def parse_file(path, faults):
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    statements = []
    at = 0
    while at < len(lines):
        header = HEADER.match(lines[at])
        if not header:
            if lines[at].strip() and not lines[at].startswith("--"):
                faults.add(path, at + 1, "SQL without a header; write '-- NAME :KIND' above it")
                while at < len(lines) and not HEADER.match(lines[at]):
                    at += 1
                continue
            at += 1
            continue
        name, kind, queued = header.groups()
        statement = Statement(name, kind, path, at + 1)
        statement.queued = bool(queued)
        if not NAME.match(name):
            faults.add(path, at + 1, f"'{name}' is no statement name; use lower case, digits and _")
        if kind not in KINDS:
            faults.add(path, at + 1, f"{name}: :{kind} is no kind; kinds are :one :maybe :many :exec")
            statement.kind = "exec"
        if statement.queued and kind != "exec":
            faults.add(path, at + 1, f"{name}: only an :exec can be queued, others have an answer")
        at += 1
        declarations = []
        while at < len(lines) and lines[at].startswith("--") and not HEADER.match(lines[at]):
            declaration = DECLARATION.match(lines[at])
            if declaration:
                declarations.append(declaration.group("indented") or declaration.group("dash"))
            at += 1
        declare(statement, declarations, faults)
        body = []
        body_line = at + 1
        while at < len(lines) and not HEADER.match(lines[at]) and not (body and ended(body)):
            body.append(lines[at].rstrip())
            at += 1
        statement.text = "\n".join(body)
        check_text(statement, body_line, faults)
        statements.append(statement)
    return statements


def check_unique(statements, faults):
    first = {}
    for statement in statements:
        other = first.setdefault(statement.name, statement)
        if other is not statement:
            faults.add(statement.path, statement.line,
                       f"{statement.name} is defined already at {other.path}:{other.line}")


def share_columns(statements, faults):
    """Gives each statement that is declared as another one that one's columns."""
    named = {statement.name: statement for statement in statements}
    for statement in statements:
        if statement.alike is None:
            continue
        other = named.get(statement.alike)
        if other is None or other.alike is not None or not other.columns:
            faults.add(statement.path, statement.line,
                       f"{statement.name}: {statement.alike} declares no columns of its own; name a statement that does")
        else:
            statement.columns = other.columns


def c_string(text, indent="    "):
    """A C string literal, a line of source per line of text. "??" is broken up: no trigraphs."""
    lines = text.split("\n")
    out = []
    for number, line in enumerate(lines):
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        escaped = escaped.replace("??", '?""?')
        out.append(f'{indent}"{escaped}{"" if number == len(lines) - 1 else chr(92) + "n"}"')
    return "\n".join(out)


def struct(name, fields):
    members = "\n".join(f"    {field.member()}" for field in fields)
    return f"struct {name} {{\n{members}\n}};\n"


def statement_header(statements):
    out = [
        "/* statement.h: made by sql/statements.py from sql/query; see db/statement_run.h. */",
        "#ifndef RCTD_DB_STATEMENT_H",
        "#define RCTD_DB_STATEMENT_H",
        "",
        '#include "db/transaction.h"',
        "",
        "enum statement {",
        *[f"    {s.constant}," for s in statements],
        "    STATEMENT_COUNT",
        "};",
        "",
    ]
    for s in statements:
        out.append(f"/* {os.path.basename(s.path)}:{s.line} */")
        if s.parameters:
            out.append(struct(f"sql_{s.name}", s.parameters))
        if s.alike:
            out.append(f"{s.row_type};\n")
        elif s.columns:
            out.append(struct(f"sql_{s.name}_row", s.columns))
        if s.kind == "many":
            out.append(f"struct sql_{s.name}_rows {{\n    size_t count;\n    {s.row_type} *rows;\n}};\n")
        out.append(f"bool {s.prototype()};\n")
    out.append("#endif")
    return "\n".join(out) + "\n"


def statement_source(statements):
    out = [
        "/* statement.c: made by sql/statements.py from sql/query; see db/statement_run.h. */",
        '#include "db/statement.h"',
        "",
        '#include "db/statement_run.h"',
        "",
        "#include <stddef.h>",
        "",
    ]
    for s in statements:
        for fields, owner, what in ((s.parameters, f"struct sql_{s.name}", "parameters"), (s.columns, s.row_type, "columns")):
            if fields:
                out.append(f"static const struct sql_field {s.name}_{what}[] = {{")
                out.extend(f"    {f.row(owner)}" for f in fields)
                out.append("};\n")
    out.append("const struct sql_statement sql_statements[] = {")
    for s in statements:
        out.append(f"    [{s.constant}] = {{")
        out.append(f'        .name = "{s.name}",')
        out.append(f'        .source = "{os.path.basename(s.path)}:{s.line}",')
        out.append(f"        .kind = SQL_KIND_{s.kind.upper()},")
        if s.queued:
            out.append("        .queued = true,")
        out.append(f"        .text =\n{c_string(s.text, ' ' * 12)},")
        if s.parameters:
            out.append(f"        .parameters = {s.name}_parameters,")
            out.append(f"        .parameter_count = {len(s.parameters)},")
        if s.columns:
            out.append(f"        .columns = {s.name}_columns,")
            out.append(f"        .column_count = {len(s.columns)},")
            out.append(f"        .row_size = sizeof({s.row_type}),")
        out.append("    },")
    if not statements:
        out.append("    { .name = NULL },")
    out.append("};\n\nconst size_t sql_statement_count = STATEMENT_COUNT;\n")
    for s in statements:
        if s.kind == "many":
            out.append(f"bool\n{s.prototype()}\n{{\n    void *rows;\n    bool done = {s.call()};\n"
                       "    out->rows = rows;\n    return done;\n}\n")
        else:
            out.append(f"bool\n{s.prototype()}\n{{\n    return {s.call()};\n}}\n")
    return "\n".join(out)


def read_migration(path, faults):
    match = re.match(r"(\d{4})_([a-z0-9_]+)\.sql$", os.path.basename(path))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not match:
        faults.add(path, 1, "a migration's file is named NNNN_name.sql")
        return (0, "", text)
    return (int(match.group(1)), match.group(2), text)


def migration_source(paths, roles, faults):
    migrations = sorted(read_migration(path, faults) for path in paths)
    for number, (version, name, _) in enumerate(migrations, 1):
        if version != number:
            faults.add(f"{version:04d}_{name}.sql", 1,
                       f"migrations are numbered without gap or double; expected {number:04d} here")
    with open(roles, encoding="utf-8") as file:
        roles_text = file.read()
    out = [
        "/* migration.c: made by sql/statements.py from sql/migrate and sql/roles.sql. */",
        '#include "db/migrate.h"',
        "",
        f"const char migration_roles[] =\n{c_string(roles_text)};",
        "",
        "const struct migration migrations[] = {",
    ]
    for version, name, text in migrations:
        digest = hashlib.sha256(text.encode()).hexdigest()
        out.append(f'    {{\n        .version = {version},\n        .name = "{name}",\n'
                   f'        .sha256 = "{digest}",\n        .text =\n{c_string(text, " " * 12)},\n    }},')
    if not migrations:
        out.append("    { .version = 0 },")
    out.append(f"}};\n\nconst size_t migration_count = {len(migrations)};\n")
    return "\n".join(out)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--migrations", nargs="*", default=[])
    parser.add_argument("--roles", required=True)
    parser.add_argument("queries", nargs="*")
    options = parser.parse_args()
    faults = Faults()
    statements = [s for path in options.queries for s in parse_file(path, faults)]
    check_unique(statements, faults)
    share_columns(statements, faults)
    migration = migration_source(options.migrations, options.roles, faults)
    faults.end_if_any()
    write(f"{options.out}/db/statement.h", statement_header(statements))
    write(f"{options.out}/db/statement.c", statement_source(statements))
    write(f"{options.out}/db/migration.c", migration)


if __name__ == "__main__":
    main()
