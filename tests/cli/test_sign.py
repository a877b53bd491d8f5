"""Passwords at the terminal: what rctctl asks for when rctd wants a signature, and what it never shows."""
import json
import os
import pty
import select
import time

import harness
from cli.scripted import SECONDS, problem

REVEAL = "POST /v1/trials/t/schemes/rct/reveal"
COMMAND = ["scheme", "reveal", "t", "rct", "--reason", "Done"]
PASSWORD = "correct horse battery staple"
WANTED = problem("signature", 403, "The trial's protocol wants this signed")
DONE = {"scheme": "rct", "revealed": True, "approvals": [], "missing": []}


def bodies(server, path):
    return [json.loads(body) for method, where, _, body in server.requests if f"{method} {where}" == path]


def talk(asked, *arguments, typed=()):
    """Runs it at a terminal and types a line at each question; gives exit status and what the screen showed."""
    pid, screen = pty.fork()
    if pid == 0:
        os.chdir(harness.ROOT)
        os.execvpe(harness.RCTCTL, [harness.RCTCTL, *arguments], asked.environment)
    shown, seen, lines, end = "", 0, list(typed), time.monotonic() + SECONDS
    while time.monotonic() < end:
        if not select.select([screen], [], [], 1)[0]:
            continue
        try:
            got = os.read(screen, 65536)
        except OSError:
            break
        if not got:
            break
        shown += got.decode()
        if lines and shown[seen:].endswith(": "):
            seen = len(shown)
            os.write(screen, lines.pop(0).encode() + b"\n")
    os.close(screen)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown


def private(tmp_path, text, mode=0o600):
    path = tmp_path / "sign"
    path.write_text(text)
    os.chmod(path, mode)
    return str(path)


def test_it_asks_for_password_and_meaning_only_when_rctd_wants_them(asked, server):
    server.answers[REVEAL] = [DONE]
    assert talk(asked, *COMMAND)[0] == 0
    assert bodies(server, REVEAL) == [{"reason": "Done"}]
    server.answers[REVEAL] = [WANTED, DONE]
    status, screen = talk(asked, *COMMAND, typed=[PASSWORD, "Reviewed"])
    assert status == 0, screen
    assert bodies(server, REVEAL)[-1] == {"reason": "Done", "signature": {"password": PASSWORD, "meaning": "Reviewed"}}
    assert PASSWORD not in screen, "no echo"


def test_enter_takes_the_meaning_that_is_proposed(asked, server):
    server.answers[REVEAL] = [WANTED, DONE]
    status, screen = talk(asked, *COMMAND, typed=[PASSWORD, ""])
    assert status == 0, screen
    assert bodies(server, REVEAL)[-1]["signature"]["meaning"] == "I approve the reveal of this seed"


def test_without_a_terminal_the_file_is_named(asked, server, tmp_path):
    server.answers[REVEAL] = [WANTED]
    done = asked(*COMMAND)
    assert done.returncode == 5 and "--sign-file" in done.stderr
    server.answers[REVEAL] = [DONE]
    done = asked(*COMMAND, "--sign-file", private(tmp_path, f"{PASSWORD}\nReviewed\n"))
    assert done.returncode == 0, done.stderr
    assert bodies(server, REVEAL)[-1]["signature"] == {"password": PASSWORD, "meaning": "Reviewed"}


def test_a_file_that_others_can_read_is_not_used(asked, server, tmp_path):
    done = asked(*COMMAND, "--sign-file", private(tmp_path, PASSWORD, 0o644))
    assert done.returncode == 6 and "chmod 600" in done.stderr and PASSWORD not in done.stderr
    assert bodies(server, REVEAL) == []


def test_a_password_is_asked_twice_and_the_old_one_where_there_is_one(asked, server):
    path = "POST /v1/me/password"
    server.answers["GET /v1/me"] = [{"name": "eva", "password_set": True}]
    server.answers[path] = [{"account": "eva", "password_set": True}]
    status, screen = talk(asked, "password", typed=["old password", PASSWORD, "another one"])
    assert status == 6 and "two different passwords" in screen and bodies(server, path) == []
    status, screen = talk(asked, "password", typed=["old password", PASSWORD, PASSWORD])
    assert status == 0 and PASSWORD not in screen and "old password" not in screen
    assert bodies(server, path) == [{"password": PASSWORD, "current": "old password"}]


def test_a_password_comes_from_standard_input_for_scripts(asked, server, tmp_path):
    path = "POST /v1/me/password"
    server.answers["GET /v1/me"] = [{"name": "eva", "password_set": False}]
    server.answers[path] = [{"account": "eva", "password_set": True}]
    assert asked("password", "--password-file", private(tmp_path, PASSWORD + "\nABCD-1234\n")).returncode == 0
    assert bodies(server, path) == [{"password": PASSWORD, "code": "ABCD-1234"}]


def test_a_password_file_without_its_second_line_is_told_what_stands_there(asked, server, tmp_path):
    for has, line in ((False, "one-time code"), (True, "password until now")):
        server.answers["GET /v1/me"] = [{"name": "eva", "password_set": has}]
        done = asked("password", "--password-file", private(tmp_path, PASSWORD + "\n"))
        assert done.returncode == 6 and line in done.stderr and PASSWORD not in done.stderr
    assert bodies(server, "POST /v1/me/password") == []
