"""What people read when something is not right: it names the thing and says what would be right."""
import harness
import pytest
from world import World, check, key


@pytest.fixture(scope="module", name="shared")
def shared_fixture(cluster):
    with World(cluster) as made:
        yield made


def rctctl(world, role, *words):
    """rctctl with the token of a role: (exit status, what it printed)."""
    done = world.rctctl(role, *words)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("role, words, takes", [
    ("researcher", ["attempts", "gems"], "it takes the role statistician or auditor"),
    ("coordinator", ["phase", "open", "gems", "main", "--reason", "x"], "it takes the role trial-manager"),
    ("coordinator", ["account", "list"], "it takes the role auditor or administrator of the whole instance")])
def test_who_may_not_do_it_hears_who_may(shared, role, words, takes):
    status, said = rctctl(shared, role, *words)
    assert status == 5 and takes in said


def test_a_mistyped_code_is_answered_with_the_form_of_a_code(shared):
    assert "codes look like W0001" in rctctl(shared, "coordinator", "workplace", "show", "gems", "w0001")[1]
    assert "look like" not in rctctl(shared, "coordinator", "workplace", "show", "gems", "W9999")[1]


def test_a_mistyped_phase_is_answered_with_those_that_there_are(shared):
    status, said = rctctl(shared, "trial-manager", "phase", "open", "gems", "mian", "--reason", "x")
    assert status == 3 and "no phase called mian; it has main" in said


def test_a_phase_of_a_trial_without_a_protocol_is_refused_with_what_comes_first(cluster):
    with World(cluster, protocol=None) as bare:
        status, said = rctctl(bare, "trial-manager", "phase", "open", "gems", "main", "--reason", "x")
        assert status == 4 and "its trial manager locks a protocol first" in said


def test_a_closed_phase_is_not_said_to_be_waiting_for_the_trial_manager(world):
    code = world.workplaces(1)[0]
    assert "The phase main is open already" in rctctl(world, "trial-manager", "phase", "open", "gems", "main", "--reason", "x")[1]
    assert rctctl(world, "trial-manager", "phase", "close", "gems", "main", "--reason", "x", "--yes")[0] == 0
    for words in (["allocate", "gems", code, "--scheme", "main", "--yes"], ["allocate", "gems", code, "--scheme", "main", "--dry-run"]):
        status, said = rctctl(world, "coordinator", *words)
        assert status == 4 and "The phase main is closed for good" in said and "trial manager" not in said
    status, said = rctctl(world, "trial-manager", "phase", "open", "gems", "main", "--reason", "x")
    assert status == 4 and "closed for good; it cannot be opened again" in said


def test_a_phase_that_was_never_open_is_not_closed(cluster):
    with World(cluster, phases=()) as planned:
        status, said = rctctl(planned, "trial-manager", "phase", "close", "gems", "main", "--reason", "x", "--yes")
        assert status == 4 and "was never open" in said


@pytest.mark.parametrize("blank", ["", " ", "\n\t "])
def test_a_reason_that_says_nothing_is_no_reason(shared, blank):
    status, said = rctctl(shared, "trial-manager", "phase", "close", "gems", "main", "--reason", blank, "--yes")
    assert status == 6 and said == "rctctl: --reason: is empty\n"


@pytest.mark.parametrize("signed, said", [("1926-11-20T00:00:00Z", "is the year right?"), ("2926-11-20T00:00:00Z", "in the future")])
def test_an_agreement_with_a_mistyped_year_is_not_recorded(forms, signed, said):
    path = f"{forms.path}/workplaces/W0001/agreements"
    body = {"form": "employer", "version": 1, "decision": "given", "scopes": {"participate": True}, "signed_by": "Eva Lind",
            "signed_at": signed, "how": "paper"}
    answer = check(forms.post("coordinator", path, body, key=key()), 422)
    assert answer["errors"][0]["pointer"] == "/signed_at"
    assert said in answer["errors"][0]["detail"] + answer["errors"][0].get("remedy", "")
    check(forms.post("coordinator", path, {**body, "signed_at": "2026-01-02T00:00:00Z"}))


def test_the_first_administrator_is_said_to_be_made_and_a_file_is_never_overwritten(cluster):
    with harness.Daemon(cluster.database(), cluster, start=False) as daemon:
        path = f"{daemon.directory}/anna.token"
        make = ["--config", daemon.config, "--first-administrator", "anna", "--token-file", path]
        made = harness.run_rctd(*make)
        assert made.stdout == "" and "anna is administrator" in made.stderr and path in made.stderr
        again = harness.run_rctd(*make, check=False)
        assert again.returncode == 4 and path in again.stderr


def test_a_wrong_configuration_is_told_once(tmp_path):
    config = harness.write_config(str(tmp_path), {"lisen": "127.0.0.1:1", "workers": "many"})
    done = harness.run_rctd("--config", config, check=False)
    assert done.returncode == 6
    assert done.stderr.count("did you mean `listen`?") == 1 and done.stderr.count("workers: ") == 1
    assert done.stderr.endswith(f"{config} has 2 faults; rctd does not start with it\n")
