"""The manual pages say what the programs do: keys, defaults and the algorithm are read off both sides."""
import os
import re
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGES = ["rctctl.1", "rctd.conf.5", "rctd-protocol.5", "rctd-ledger.5", "rctd-allocation.7", "rctd.8"]
CONF_ROW = re.compile(r'^\s*X\((\w+),\s*(\w+),\s*"([^"]*)"', re.MULTILINE)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def page(name):
    """The page as plain text, as `man` shows it."""
    return subprocess.run(["mandoc", "-T", "utf8", "-O", "width=200", os.path.join(ROOT, "etc/man", name)], text=True,
                          capture_output=True, check=True).stdout.replace("\b", "\0")


def plain(name):
    return re.sub(r".\0", "", page(name))


def configuration():
    """The keys of conf_table.h: name, type and default."""
    rows = CONF_ROW.findall(read("rctd/base/conf_table.h"))
    assert len(rows) > 10
    return rows


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_sound(name):
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", os.path.join(ROOT, "etc/man", name)], text=True,
                          capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("key, kind, default", configuration())
def test_an_operator_finds_the_key_with_its_default(key, kind, default):
    entry = re.search(rf"^     {key} = (\w+)\n((?:(?:      .*)?\n)+)", plain("rctd.conf.5"), re.MULTILINE)
    assert entry is not None
    assert entry.group(1) == {"CIDRS": "NETWORKS"}.get(kind, kind)
    assert default in entry.group(2)
    assert re.search(rf"^#?{key} =", read("etc/rctd.conf"), re.MULTILINE)


def test_the_configuration_file_has_no_key_that_does_not_exist():
    known = {key for key, _, _ in configuration()}
    assert set(re.findall(r"^#?(\w+) =", read("etc/rctd.conf"), re.MULTILINE)) == known
    assert set(re.findall(r"^     (\w+) = [A-Z]+$", plain("rctd.conf.5"), re.MULTILINE)) == known


def test_a_commented_default_is_the_real_one():
    defaults = {key: default for key, _, default in configuration()}
    for key, value in re.findall(r"^#(\w+) = ?(.*)$", read("etc/rctd.conf"), re.MULTILINE):
        assert (key, value) == (key, defaults[key])


def protocol_keys():
    """Every key that the protocol's readers take."""
    folder = os.path.join(ROOT, "rctd/trial/protocol")
    text = "".join(read(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith(".c"))
    keys = set(re.findall(r'FIELD(?:_LIST)?\(\s*FIELD_\w+,\s*"([a-z_]+)"', text)) | set(
        re.findall(r'\.key = "([a-z_]+)"', text))
    assert {"trial", "blocks", "roster_lock", "suppress_below", "events"} <= keys
    return sorted(keys)


@pytest.mark.parametrize("key", protocol_keys())
def test_a_trialist_finds_the_key(key):
    source = read("etc/man/rctd-protocol.5")
    marked = [re.split(r"[ ,:]+", line) for line in re.findall(r"^\.(?:It Cm|Cm|It Xo Cm) (.*)$", source, re.MULTILINE)]
    assert key in {word for line in marked for word in line}


def test_the_methods_of_both_pages_are_those_of_the_program():
    text = read("rctd/trial/protocol/scheme.h")
    table = re.search(r"#define PROTOCOL_METHODS\(X\)(.*?)\n#define", text, re.DOTALL).group(1)
    methods = re.findall(r'"([a-z-]+)"', table)
    assert len(methods) == 11
    for method in methods:
        assert f"Cm {method}" in read("etc/man/rctd-protocol.5")
        assert f"Cm {method}" in read("etc/man/rctd-allocation.7")


def test_the_examples_of_the_protocol_page_are_parts_of_the_installed_protocols():
    """What stands on the page stands in a file, blanks and line breaks aside."""
    folder = os.path.join(ROOT, "etc/protocols")
    whole = "".join(re.sub(r"#.*|\s+", "", read(os.path.join(folder, name))) for name in sorted(os.listdir(folder)))
    examples = re.findall(r"^\.Bd -literal -offset indent\n((?:[a-z]+:(?: [^\n]+)?\n).*?)^\.Ed$",
                          read("etc/man/rctd-protocol.5"), re.MULTILINE | re.DOTALL)
    assert len(examples) >= 12
    for example in examples:
        for line in re.sub(r",\n +", ", ", example).split("\n"):
            assert re.sub(r"\s+|}$", "", line) in whole, line


def test_the_python_of_the_allocation_page_gives_its_own_vectors():
    text = plain("rctd-allocation.7")
    source = re.search(r"^( *)import hashlib.*?return result\[:count\]$", text, re.MULTILINE | re.DOTALL)
    indent = len(source.group(1))
    code = "\n".join(line[indent:] for line in source.group().split("\n"))
    world = {}
    exec(compile(code, "rctd-allocation.7", "exec"), world)  # pylint: disable=exec-used
    seed = bytes(range(32))

    arms = [("updated", 1), ("existing", 1), ("control", 1)]
    said = re.search(r"the first 18 positions are\n+(.*?)\n\n", text, re.DOTALL).group(1).split()
    assert len(said) == 18
    assert world["sequence"](seed, "work-together/rct", "sector=public|size=10-49", arms, [3, 6], 18) == said

    block = re.search(r"^ +([0-9a-f]{64})$", text, re.MULTILINE).group(1)
    stream = world["words"](seed, "work-together/rct", "sector=public|size=10-49", 0)
    assert "".join(f"{next(stream):016x}" for _ in range(4)) == block


@pytest.mark.parametrize("name", PAGES)
def test_an_example_is_one_line_that_can_be_copied_from_a_terminal_of_80_columns(name):
    shown = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=78", os.path.join(ROOT, "etc/man", name)], text=True,
                           capture_output=True, check=True).stdout
    shown = re.sub(".\b", "", shown)
    for line in re.findall(r"^\.Dl (.*)$", read(f"etc/man/{name}"), re.MULTILINE):
        line = line.replace(r"\(dq", '"')
        assert not line.startswith("rct") or line in shown, line


def test_whoever_reads_an_export_finds_every_column_and_every_finding():
    text = plain("rctd-ledger.5")
    header = read("rctd/trial/proof/ledger.h")
    columns = re.findall(r'^    X\(\w+, "(\w+)"\)', header, re.MULTILINE)
    assert len(columns) == 15
    places = [re.search(rf"^     {column}\b", text, re.MULTILINE).start() for column in columns]
    assert places == sorted(places)
    assert ",".join(columns) in text
    faults = re.findall(r'^    X\(\w+, "(\w+)"\)', read("rctd/trial/proof/verify.h"), re.MULTILINE)
    assert len(faults) == 13
    for fault in faults:
        assert re.search(rf"^     (\w+, )*{fault}\b", text[text.index("What is verified"):], re.MULTILINE), fault
