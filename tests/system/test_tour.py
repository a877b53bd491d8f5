"""The README's tour is run as it stands: a newcomer who copies it line by line comes to an allocation."""
import os
import re
import subprocess

import harness

ARMS = re.compile(r"\b(updated|existing|control)\b")
RECEIPT = re.compile(r"^Receipt +([0-9a-f]{4}-){3}[0-9a-f]{4}$", re.MULTILINE)
BETWEEN = "\x1e"


def blocks(title):
    """The shell blocks of a section."""
    with open(os.path.join(harness.ROOT, "README.md"), encoding="utf-8") as file:
        section = file.read().split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def tour(directory):
    """The blocks as one script, on this build, a free port and its own folder: (script, what is in it)."""
    written = blocks("Five minutes")
    script = f"printf '{BETWEEN}'\n".join(written)
    for here, there in (("127.0.0.1:8470", f"127.0.0.1:{harness.free_port()}"), ("$PWD/build", harness.BUILD)):
        assert here in script
        script = script.replace(here, there)
    undo = "trap 'kill $(jobs -p) 2>/dev/null || :; wait' EXIT"
    return f"set -eu\nexport TMPDIR={directory}\n{undo}\n{script}", written


def test_the_tour_of_the_readme_works_as_it_stands():
    directory = harness.temporary_directory("tour")
    script, written = tour(directory)
    done = subprocess.run(["bash", "-c", script], cwd=harness.ROOT, text=True, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=10 * harness.WAIT_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    said = dict(zip(("start", "administrator", "manager", "workplaces", "people", "coordinator", "researcher", "interviewer",
                     "statistician", "end"), done.stdout.split(BETWEEN)))
    assert len(said) == len(written) == 10
    assert "mats is trial-manager in work-together" in said["administrator"]
    assert "Nothing is locked." in said["manager"] and "Advice: " in said["manager"]
    assert "These commitments bind the seeds" in said["manager"]
    assert "can be allocated" in said["coordinator"]
    assert ARMS.search(said["coordinator"]) and RECEIPT.search(said["coordinator"])
    assert re.search(r"^W0001 .* interview ", said["coordinator"], re.MULTILINE)
    assert re.search(r"^P\w{7} .* questionnaire ", said["coordinator"], re.MULTILINE)
    assert "2 participants imported" in said["people"] and "Alva" not in done.stdout
    assert re.search(r"^interview-employee with P\w{7}: done\.$", said["interviewer"], re.MULTILINE)
    assert re.search(r"^P\w{7} .* cancelled$", said["interviewer"], re.MULTILINE)
    assert not ARMS.search(said["interviewer"])
    assert re.search(r"1 allocation", said["statistician"]), said["statistician"]
    assert "W0001" in said["researcher"]
    assert not ARMS.search(said["researcher"]) and "ARM" not in said["researcher"] and "RECEIPT" not in said["researcher"]
    assert os.listdir(directory) == []  # the tour takes its own folder away again


def test_a_statistician_copies_the_offline_commands_of_the_readme():
    directory = harness.temporary_directory("tour")
    written = blocks("For statisticians")
    environment = {"PATH": f"{harness.BUILD}:/usr/bin:/bin", "TMPDIR": directory, "HOME": directory, "LC_ALL": "C.UTF-8",
                   **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}
    done = subprocess.run(["bash", "-c", "set -eu\n" + f"printf '{BETWEEN}'\n".join(written)], cwd=harness.ROOT,
                          env=environment, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL,
                          timeout=10 * harness.WAIT_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    said = dict(zip(("simulate", "check", "constrain", "sequence", "rerandomise"), done.stdout.split(BETWEEN)))
    assert len(said) == len(written) == 5
    for design in ("permuted-block", "big-stick", "biased-coin"):
        assert design in said["simulate"]
    assert "Consequences at the target" in said["check"] and "e-h-work.yaml is right" in said["check"]
    assert "70 assignments, all that there are" in said["constrain"]
    assert len(re.findall(r"^ *[0-9]+ +(?:updated|existing|control)$", said["sequence"], re.MULTILINE)) == 12
    assert "10000 runs of the design, seed 1" in said["rerandomise"]
    assert os.listdir(directory) == []
