"""The README's tour is run as it stands: a newcomer who copies it line by line gets an allocation."""
import os
import re
import subprocess

import harness


def tour():
    """The shell of the section `Five minutes`, on this build and a free port."""
    with open(os.path.join(harness.ROOT, "README.md"), encoding="utf-8") as file:
        section = file.read().split("## Five minutes")[1].split("\n## ")[0]
    script = "".join(re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
    assert script.count("rctctl") > 5
    script = script.replace("127.0.0.1:8470", f"127.0.0.1:{harness.free_port()}").replace("$PWD/build", harness.BUILD)
    trap = "set -eum\ntrap 'kill $(jobs -p) 2>/dev/null || :; wait; rm -rf ${T:-/nonexistent}' EXIT\n"
    return trap + script.replace("kill %1; wait; rm -r $T", "cat $T/log >&2")


def test_the_tour_of_the_readme_works_as_it_stands():
    done = subprocess.run(["bash", "-c", tour()], cwd=harness.ROOT, text=True, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=10 * harness.WAIT_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b(updated|existing|control)\b", done.stdout.split("Lund Bakery")[-1] + done.stdout)
    blinded = done.stdout.rstrip("\n").split("\n")[-3:]
    assert "W0001" in "\n".join(blinded)
    assert not re.search(r"\b(updated|existing|control)\b", "\n".join(blinded))
