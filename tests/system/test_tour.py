"""The README's tour is run as it stands: a newcomer who copies it line by line comes to an allocation."""
import os
import re
import subprocess

import harness

ARMS = re.compile(r"\b(updated|existing|control)\b")
RECEIPT = re.compile(r"^Receipt +([0-9a-f]{4}-){3}[0-9a-f]{4}$", re.MULTILINE)
BETWEEN = "\x1e"


def blocks():
    """The shell blocks of the section `Five minutes`."""
    with open(os.path.join(harness.ROOT, "README.md"), encoding="utf-8") as file:
        section = file.read().split("\n## Five minutes\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def tour(directory):
    """The blocks as one script, on this build, a free port and its own folder: (script, what is in it)."""
    written = blocks()
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
    said = dict(zip(("start", "administrator", "manager", "coordinator", "researcher", "end"), done.stdout.split(BETWEEN)))
    assert len(said) == len(written) == 6
    assert "mats is trial-manager in work-together" in said["administrator"]
    assert "These commitments bind the seeds" in said["manager"]
    assert "can be allocated" in said["coordinator"]
    assert ARMS.search(said["coordinator"]) and RECEIPT.search(said["coordinator"])
    assert re.search(r"^W0001 .* questionnaire ", said["coordinator"], re.MULTILINE)
    assert "W0001" in said["researcher"]
    assert not ARMS.search(said["researcher"]) and "ARM" not in said["researcher"] and "RECEIPT" not in said["researcher"]
    assert os.listdir(directory) == []  # the tour takes its own folder away again
