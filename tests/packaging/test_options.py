"""rctd's options are those of rctd(8), and it ends with the status that the page promises."""
import os
import re

import pytest

import harness

PAGE = os.path.join(harness.ROOT, "etc/man/rctd.8")


def page():
    with open(PAGE, encoding="utf-8") as file:
        return file.read()


def test_every_option_is_on_the_page_and_every_option_of_the_page_exists():
    said = harness.run_rctd("--help").stdout
    options = set(re.findall(r"--([a-z][a-z-]+)", said.split("Mandatory or optional")[0])) - {"usage"}
    described = set(re.findall(r"^\.It Fl Fl ([a-z-]+)", page(), re.MULTILINE))
    assert options == described


@pytest.mark.parametrize("arguments, status, text", [
    (["--version"], 0, "rctd "),
    (["--no-such-option"], 2, "--help"),
    (["serve"], 2, "not an option"),
    (["--config", "/nonexistent/rctd.conf"], 6, "/nonexistent/rctd.conf cannot be read"),
    (["--config", "{wrong}"], 6, "there is no key `lissten`; did you mean `listen`?"),
    (["--config", "{empty}", "--migrate"], 6, "database_owner"),
    (["--config", "{unreachable}", "--migrate"], 7, "cannot be reached"),
    (["--new-master-key", "{empty}"], 4, "never overwritten"),
    (["--new-escrow-key", "{empty}"], 4, "never overwritten"),
])
def test_a_script_can_go_by_the_exit_status(tmp_path, arguments, status, text):
    for name, content in (("wrong", "lissten = 127.0.0.1:1\n"), ("empty", ""),
                          ("unreachable", "database_owner = host=/nonexistent dbname=rctd\n")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    done = harness.run_rctd(*(re.sub(r"^\{(\w+)\}$", rf"{tmp_path}/\1", argument) for argument in arguments), check=False)
    assert (done.returncode, text in done.stdout + done.stderr) == (status, True), done
    assert re.search(rf"^\.It {status}$", page(), re.MULTILINE)
