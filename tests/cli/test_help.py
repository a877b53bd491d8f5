"""Every command can be found, explained, tried and completed."""
import os
import re
import shlex
import subprocess

import pytest

import harness

OFFLINE = {"protocol check", "sequence", "simulate", "constrain", "verify", "rerandomise", "escrow show", "escrow open",
           "help", "completion bash"}
GLOBAL = ["--url", "--token-file", "--json", "--csv", "--help", "--version"]


def run(*arguments):
    return subprocess.run([harness.RCTCTL, *arguments], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, cwd=harness.ROOT)


def read_commands():
    """Every command, from the completion that rctctl writes: {"workplace import": [options]}."""
    script = run("completion", "bash").stdout
    block = re.search(r"_rctctl_options=\(\n(.*?)\n\)", script, re.DOTALL).group(1)
    rows = re.findall(r"^ *\[(.+?)\]='(.*?)'$", block, re.MULTILINE)
    return {name: options.split() for name, options in rows}


COMMANDS = read_commands()


def test_the_table_has_the_commands_that_the_contract_promises():
    promised = """whoami | trial create | trial list | trial show | protocol check | protocol submit
        protocol list | protocol show | protocol lock | phase list | phase open | phase close | scheme list
        workplace import | workplace list | workplace show | workplace answer | workplace agree
        workplace withdraw | workplace lock-roster | allocate | ledger list | ledger show | attempts
        task list | reminder list | reminder replay | endpoint add | endpoint list | endpoint disable
        endpoint enable | endpoint rotate | account add | account list | account show | account disable
        account enable | token add | token list | token revoke | grant add | grant list | grant remove
        audit list | audit verify | sequence | rehearsal advance | help | completion bash"""
    assert {part.strip() for part in re.split(r"[|\n]", promised)} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_lost_user_finds_help_with_an_example(command):
    words = command.split()
    by_option = run(*words, "--help")
    by_word = run("help", *words)
    assert by_option.returncode == 0 and by_option.stderr == ""
    assert by_option.stdout == by_word.stdout
    assert f"Usage: rctctl {command}" in by_option.stdout
    example = by_option.stdout.rstrip("\n").split("Example:\n  ")[1]
    assert "\n" not in example
    assert f"rctctl {command}" in example.replace("--csv ", "")
    for option in COMMANDS[command]:
        assert f"  {option} " in by_option.stdout


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in OFFLINE])
def test_an_example_is_a_command_that_is_understood(command, asked, tmp_path):
    example = run("help", *command.split()).stdout.rstrip("\n").split("Example:\n  ")[1]
    words = shlex.split(example)[1:]
    csv = tmp_path / "workplaces.csv"
    csv.write_text("name\nA\n")
    person = tmp_path / "person.txt"
    person.write_text("name: A\n")
    person.chmod(0o600)
    words = [str(person) if word == "person.txt" else word for word in words]
    words = [str(csv) if word in ("workplaces.csv", "people.csv", "screening.csv", "text-sv.txt") else word for word in words]
    words = [str(tmp_path / word) if word.endswith(".token") else word for word in words]
    done = asked(*words, *(["--yes"] if "--yes" in COMMANDS[command] and "--yes" not in words else []))
    assert done.returncode == 3, done.stderr  # understood, and then the scripted server knows nothing
    assert "There is no such thing here" in done.stderr


def test_offline_commands_work_without_a_server(rctctl):
    seed = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    protocol = "etc/protocols/work-together.yaml"
    checked = rctctl("protocol", "check", protocol, RCTD_URL="http://127.0.0.1:1")
    assert checked.returncode == 0, checked.stderr
    sequence = rctctl("--csv", "sequence", "--seed", seed, "--protocol", protocol, "--scheme", "rct",
                      "--stratum", "sector=public|size=10-49", "--count", "3", RCTD_URL="http://127.0.0.1:1")
    assert sequence.stdout == "position,arm\n1,existing\n2,updated\n3,control\n"


def test_the_overview_names_every_command():
    text = run("help").stdout
    for command in COMMANDS:
        for word in command.split():
            assert re.search(rf"(^|[ ,]){re.escape(word)}($|[ ,])", text, re.MULTILINE), word


def test_no_command_prints_the_overview_as_wrong_use():
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: rctctl" in done.stderr


@pytest.mark.parametrize("typed, meant", [
    (["workplce", "list"], "workplace"), (["workplace", "improt"], "workplace import"),
    (["alocate", "t", "W0001"], "allocate"), (["ledger", "lits"], "ledger list")])
def test_a_mistyped_command_is_answered_with_the_right_one(typed, meant):
    done = run(*typed)
    assert done.returncode == 2
    assert f"did you mean `rctctl {meant}'?" in done.stderr


def test_a_word_that_is_near_nothing_points_to_the_help():
    done = run("hamburger")
    assert done.returncode == 2
    assert "`rctctl help' lists what there is" in done.stderr


@pytest.mark.parametrize("arguments, said", [
    (["workplace", "show", "work-together"], "WORKPLACE is missing"),
    (["workplace", "show", "a", "b", "c"], "c is one argument too many"),
    (["workplace", "show", "work-together", ""], "an argument is empty"),
    (["phase", "open", "t", "rct"], "--reason TEXT is missing"),
    (["phase", "open", "t", "rct", "--reason", "a", "--reason", "b"], "--reason is given twice"),
    (["workplace", "list", "t", "--state", "lost"], "--state takes one of: registered"),
    (["workplace", "list", "t", "--colour"], "unrecognized option '--colour'"),
    (["--json", "whoami", "--csv"], "choose one of --json and --csv"),
    (["workplace", "lock-roster", "t", "W0001", "--head-count", "many"], "a whole number from 1"),
    (["rehearsal", "advance", "0"], "DAYS is a whole number from 1"),
    (["workplace", "answer", "t", "W0001", "contract=perhaps"], "write NAME=yes or NAME=no"),
    (["workplace", "answer", "t", "W0001", "a=yes", "a=no"], "`a' is answered twice"),
    (["workplace", "agree", "t", "W0001", "--form", "f", "--version", "1", "--scope", "a=yes", "--by", "B",
      "--signed", "20 Nov", "--how", "paper"], "--signed takes a day"),
    (["token", "add", "anna", "--name", "x", "--days", "3", "--expires", "2027-01-01"], "not both"),
    (["audit", "verify"], "name a trial, or give --instance")])
def test_wrong_use_is_exit_2_and_says_what_is_right(arguments, said, rctctl):
    done = rctctl(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_every_exit_status_is_explained():
    text = run("help", "exit-status").stdout
    assert re.findall(r"^(\d)  \S", text, re.MULTILINE) == list("012345678")
    with open(os.path.join(harness.ROOT, "rctd/base/error_table.h"), encoding="utf-8") as file:
        rows = re.findall(r'X\(\w+, +\d+, (\d), "([a-z-]+)"', file.read())
    assert len(rows) > 20
    for status, slug in rows[1:]:
        own_part = text.split(f"\n{status}  ")[1] if status != "0" else text
        assert f"     {slug} " in re.split(r"\n\d  ", own_part)[0]


def complete(*words):
    """What bash offers for the last word."""
    script = f"""
        source <({harness.RCTCTL} completion bash)
        COMP_WORDS=({' '.join(shlex.quote(word) for word in words)})
        COMP_CWORD={len(words) - 1}
        _rctctl
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=harness.ROOT)
    assert done.stderr == ""
    return set(done.stdout.split("\n")) - {""}


def test_completion_offers_every_command_and_its_options():
    assert complete("rctctl", "") == {name.split()[0] for name in COMMANDS}
    for command, options in COMMANDS.items():
        words = command.split()
        if len(words) == 2:
            assert words[1] in complete("rctctl", words[0], "")
        assert complete("rctctl", *words, "--") == set(options) | set(GLOBAL)


def test_completion_knows_values_and_steps_over_options():
    assert complete("rctctl", "grant", "add", "anna", "--role", "co") == {"coordinator"}
    assert complete("rctctl", "--url", "http://here", "--json", "workplace", "lock") == {"lock-roster"}
    assert complete("rctctl", "help", "workplace", "wi") == {"withdraw"}


def test_the_manual_has_every_command_and_option():
    with open(os.path.join(harness.ROOT, "etc/man/rctctl.1"), encoding="utf-8") as file:
        manual = file.read().replace("\\-", "-")
    for command, options in COMMANDS.items():
        words = " ".join(f"Cm {word}" for word in command.split())
        part = re.search(rf"^\.It {re.escape(words)}( .*)?$\n(.*?)(?=^\.(It Cm|El))", manual,
                         re.MULTILINE | re.DOTALL)
        assert part, command
        for option in options:
            assert re.search(rf"Fl Fl {re.escape(option[2:])}\b", part.group(0)), f"{command} {option}"


def test_the_manual_has_every_exit_status():
    with open(os.path.join(harness.ROOT, "etc/man/rctctl.1"), encoding="utf-8") as file:
        part = file.read().split(".Sh EXIT STATUS\n")[1].split(".Sh")[0]
    meant = dict(re.findall(r"^(\d)  (.+)$", run("help", "exit-status").stdout, re.MULTILINE))
    told = {number: text.rstrip(".").lower() for number, text in re.findall(r"^\.It (\d)\n(.+)$", part, re.MULTILINE)}
    assert told == {number: text.lower() for number, text in meant.items()}


@pytest.mark.parametrize("command", ["", *COMMANDS, "settings", "exit-status"])
def test_the_help_fits_a_terminal_of_80_columns(command):
    shown = run("help", *command.split()).stdout.split("Example:")[0]
    assert [line for line in shown.split("\n") if len(line) > 79] == []
