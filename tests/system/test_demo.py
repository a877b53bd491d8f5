"""`make demo` is what a newcomer runs first: it must come to its end and show what it promises."""
import os
import re
import subprocess

import harness
import pytest

ARMS = re.compile(r"\b(updated|existing|control)\b")


@pytest.fixture(scope="module", name="demo")
def run_demo():
    """The demo's steps: heading -> what was shown under it."""
    directory = harness.temporary_directory("demo")
    environment = {**os.environ, "DEMO_ONCE": "1", "DEMO_PORT": "0", "RCTD_BUILD": harness.BUILD, "TMPDIR": directory}
    done = subprocess.run([os.path.join(harness.ROOT, "tests/demo/demo.sh")], env=environment, text=True,
                          capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=10 * harness.WAIT_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("The demo is done: every step passed.\n")
    assert os.listdir(directory) == []  # nothing is left behind
    parts = re.split(r"^\d+\. (.*)\n", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def step(demo, words):
    """What was shown under the heading with these words."""
    found = [shown for heading, shown in demo.items() if words in heading]
    assert len(found) == 1, list(demo)
    return found[0]


def ledger(shown):
    """The rows of the ledger that was listed there."""
    return re.findall(r"^ *W00\d\d .*$", shown.split("ledger list work-together")[1].split("$")[0], re.MULTILINE)


def test_the_coordinator_gets_an_arm_and_a_receipt_for_every_workplace(demo):
    rows = ledger(step(demo, "first workplaces of the randomised trial"))
    assert len(rows) == 13
    for row in rows:
        assert ARMS.search(row) and re.search(r"\b([0-9a-f]{4}-){3}[0-9a-f]{4}$", row), row


def test_the_researcher_sees_the_same_list_without_arms_and_receipts(demo):
    shown = step(demo, "blinded researcher")
    assert len(ledger(shown)) == 13
    assert not ARMS.search(shown) and "ARM" not in shown and "RECEIPT" not in shown


def test_a_table_with_a_mistake_is_named_by_line_and_column_and_not_imported(demo):
    shown = step(demo, "imports workplaces")
    assert re.search(r"with-a-typo\.csv:7: column B, organisation_number:", shown)
    assert "20 workplaces imported" in shown


def test_the_receiver_verifies_the_signatures_of_the_reminders(demo):
    shown = step(demo, "Reminders go to a receiver")
    assert re.search(r"receiver: work-together: remind P\w{7} of its questionnaire", shown)
    assert "refused" not in shown


def test_every_reminder_that_was_due_is_sent_but_to_who_withdrew_or_never_agreed(demo):
    shown = step(demo, "Reminders go to a receiver")
    rows = re.findall(r"^ *P\w{7} .*$", shown.split("reminder list work-together")[1], re.MULTILINE)
    assert len(rows) == 6
    for row in rows:
        assert re.search(r" sent +1 +204", row), row
    left, silent = re.search(r"nothing for (P\w{7}), who has withdrawn, and (P\w{7}), who never agreed", shown).groups()
    assert not any(left in row or silent in row for row in rows)


def test_interviewers_see_neither_names_nor_arms_and_never_share_a_person(demo):
    shown = step(demo, "Interviewers share the interviews")
    assert "irma has claimed this task" in shown and re.search(r"interview-employee with P\w{7}: done\.", shown)
    assert not ARMS.search(shown)
    assert not re.search(r"Alva|Cecilia|@example\.org|198501012382", "".join(demo.values()))


def test_the_trail_is_whole(demo):
    assert re.search(r"^ *\d+ rows in \d+ streams: whole$", step(demo, "auditor verifies the trail"), re.MULTILINE)
