"""What happens between rctctl and rctd: lost answers, proxies, problems."""
import re

import pytest

import harness
from cli.scripted import LOST, problem

ALLOCATE = ["allocate", "work-together", "W0001", "--scheme", "rct", "--yes"]
DRY_RUN = {"workplace": "W0001", "scheme": "rct", "stratum": "sector=public", "eligible": True, "missing": []}
RECEIPT = {"allocation": "01938c5e-7a10-7cc3-98c4-dc0c0c07398f", "workplace": "W0001", "scheme": "rct",
           "arm": "existing", "stratum": "sector=public", "receipt": "0102 0304"}
ALLOCATIONS = "POST /v1/trials/work-together/allocations"
UUID_7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.fixture(autouse=True)
def eligible(server):
    server.answers[ALLOCATIONS + "/dry-run"] = [DRY_RUN]


def keys(server):
    return [headers.get("Idempotency-Key") for method, path, headers, _ in server.requests
            if f"{method} {path}" == ALLOCATIONS]


def test_nobody_listening_is_said_plainly_with_how_to_start_rctd(rctctl):
    done = rctctl("whoami", "--url", f"http://127.0.0.1:{harness.free_port()}", RCTD_TOKEN="x")
    assert done.returncode == 7
    assert "No rctd answers at http://127.0.0.1:" in done.stderr
    assert "systemctl start rctd" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("url, said", [("http://no-such-machine.invalid", "no machine with the name"),
                                       ("https", "does not speak TLS")])
def test_a_wrong_address_is_told_from_a_daemon_that_is_down(asked, server, url, said):
    done = asked("whoami", "--url", url if url != "https" else server.url.replace("http:", "https:"))
    assert done.returncode == 6
    assert said in done.stderr and "systemctl" not in done.stderr


def test_a_lost_answer_is_asked_for_again_with_the_same_key(asked, server):
    server.answers[ALLOCATIONS] = [LOST, LOST, (201, RECEIPT, {})]
    done = asked(*ALLOCATE)
    assert done.returncode == 0, done.stderr
    assert "existing" in done.stdout
    assert len(keys(server)) == 3 and len(set(keys(server))) == 1
    assert re.fullmatch(UUID_7, keys(server)[0])
    assert done.stderr.count("asking again with the same key") == 2


@pytest.mark.parametrize("passing", [
    problem("in-flight", 409, "It is being worked on"), problem("busy", 503, "Too much to do"),
    problem("commit-unknown", 503, "It is not known"), problem("no-database", 503, "No database"),
    problem("contention", 503, "Others changed it"), (502, b"<html>Bad Gateway</html>", {}), (504, b"", {})])
def test_what_passes_is_asked_again_with_the_same_key(asked, server, passing):
    server.answers[ALLOCATIONS] = [passing, (201, RECEIPT, {})]
    done = asked(*ALLOCATE)
    assert done.returncode == 0, done.stderr
    assert len(keys(server)) == 2 and len(set(keys(server))) == 1


@pytest.mark.parametrize("final, status", [
    (problem("conflict", 409, "It is allocated already"), 4), (problem("refused", 409, "The phase is closed"), 4),
    (problem("no-master-key", 503, "The master key is missing"), 7), (problem("forbidden", 403, "Not you"), 5),
    (problem("idempotency-key-reused", 422, "Another request"), 6), (problem("internal", 500, "Broken"), 1),
    (problem("rate-limited", 429, "Too many attempts"), 7)])
def test_what_does_not_pass_is_not_asked_again(asked, server, final, status):
    server.answers[ALLOCATIONS] = [final]
    done = asked(*ALLOCATE)
    assert done.returncode == status
    assert len(keys(server)) == 1
    assert final[1]["detail"] in done.stderr


def test_tries_are_bounded_and_the_user_is_told_how_to_go_on_with_the_key(asked, server):
    server.answers[ALLOCATIONS] = [LOST]
    done = asked(*ALLOCATE, "--key", "mine-1")
    assert done.returncode == 7
    assert 2 <= len(keys(server)) <= 10
    assert set(keys(server)) == {"mine-1"}
    assert "not known whether this was stored" in done.stderr
    assert "--key mine-1" in done.stderr


def test_repeating_a_command_with_its_key_gets_the_first_answer_also_where_nothing_is_eligible_now(asked, server):
    server.answers[ALLOCATIONS + "/dry-run"] = [{**DRY_RUN, "eligible": False, "missing": ["It is allocated"]}]
    server.answers[ALLOCATIONS] = [(201, RECEIPT, {})]
    assert asked(*ALLOCATE).returncode == 4
    assert keys(server) == []
    done = asked(*ALLOCATE, "--key", "mine-1")
    assert done.returncode == 0
    assert "0102 0304" in done.stdout
    assert "cannot be allocated" not in done.stdout


def test_each_command_has_a_key_of_its_own(asked, server):
    server.answers[ALLOCATIONS] = [(201, RECEIPT, {})]
    asked(*ALLOCATE)
    asked(*ALLOCATE)
    assert len(set(keys(server))) == 2


def test_reading_is_tried_again_and_a_removal_is_not(asked, server):
    server.answers["GET /v1/trials/t"] = [LOST, {"trial": "t", "title": "T"}]
    assert asked("trial", "show", "t").returncode == 0
    server.answers["DELETE /v1/accounts/anna/tokens/1"] = [LOST]
    before = len(server.requests)
    assert asked("token", "revoke", "anna", "1").returncode == 7
    assert len(server.requests) == before + 1


def test_a_redirect_is_not_followed_so_that_the_token_stays_here(asked, server):
    server.answers["GET /v1/me"] = [(302, b"", {"Location": f"{server.url}/v1/elsewhere"})]
    done = asked("whoami")
    assert done.returncode == 6
    assert f"{server.url}/v1/elsewhere" in done.stderr
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer, status", [((200, b"<html>Welcome</html>", {}), 1), ((404, b"<html></html>", {}), 3),
                                            ((200, b'{"a": 1, "a": 2}', {}), 1)])
def test_an_answer_that_is_not_rctds_is_named_as_such(asked, server, answer, status):
    server.answers["GET /v1/me"] = [answer]
    done = asked("whoami")
    assert done.returncode == status
    assert "is the address right?" in done.stderr


def test_faults_are_one_line_each_with_field_and_remedy(asked, server):
    server.answers["POST /v1/trials/t/workplaces/W0001/answers"] = [problem(
        "invalid-fields", 422, "Some fields are not right",
        errors=[{"pointer": "/answers/contract", "detail": "is not a question of the protocol",
                 "remedy": "ask `own-manager`"},
                {"pointer": "/answered_by", "detail": "is too long"}])]
    done = asked("workplace", "answer", "t", "W0001", "contract=yes")
    assert done.returncode == 6
    lines = done.stderr.splitlines()
    assert lines[0] == "rctctl: Some fields are not right"
    assert lines[1] == "contract: is not a question of the protocol; ask `own-manager`"
    assert lines[2] == "--by: is too long"


def test_one_fault_is_said_once(asked, server):
    server.answers["POST /v1/accounts/anna/tokens"] = [problem(
        "invalid-fields", 422, "/days is too large: it may be at most 366.",
        errors=[{"pointer": "/days", "detail": "is too large: it may be at most 366"}])]
    done = asked("token", "add", "anna", "--name", "laptop", "--days", "1000")
    assert done.returncode == 6
    assert done.stderr == "rctctl: --days: is too large: it may be at most 366\n"


def test_faults_of_a_file_are_lines_that_an_editor_can_follow(asked, server, tmp_path):
    path = tmp_path / "workplaces.csv"
    path.write_text("name;organisation_number\nA;556016-0681\n")
    server.answers["POST /v1/trials/t/workplaces/import"] = [problem(
        "invalid-fields", 422, "Nothing is imported",
        errors=[{"pointer": "organisation_number", "line": 7, "column": 12,
                 "detail": "556016-0681 is not an organisation number", "remedy": "check the last digit"}])]
    done = asked("workplace", "import", "t", str(path))
    assert done.returncode == 6
    assert (f"{path}:7: column B, organisation_number: 556016-0681 is not an organisation number; check the last digit"
            in done.stderr)
    assert server.requests[0][3] == path.read_bytes()
    assert server.header("Content-Type") == "text/csv"


def test_what_others_wrote_cannot_reach_the_terminals_controls(asked, server):
    server.answers["GET /v1/me"] = [problem("conflict", 409, "before\x1b[2Jafter")]
    done = asked("whoami")
    assert "\x1b" not in done.stderr and "before [2Jafter" in done.stderr


def test_typed_arguments_stay_inside_their_part_of_the_path(asked, server):
    asked("trial", "show", "a/../b?c=d#e")
    assert server.requests[0][1] == "/v1/trials/a%2F..%2Fb%3Fc%3Dd%23e"
    asked("trial", "show", "..")
    assert server.requests[1][1] == "/v1/trials/%2E%2E"


def test_a_change_carries_the_tag_of_what_was_read(asked, server):
    server.answers["GET /v1/accounts/anna"] = [(200, {"name": "anna"}, {"ETag": '"7"'})]
    server.answers["PATCH /v1/accounts/anna"] = [problem("stale", 412, "It was changed since you read it")]
    done = asked("account", "disable", "anna")
    assert done.returncode == 4
    assert server.header("If-Match") == '"7"'
    assert server.sent() == {"disabled": True}
