"""An allocation's answer for ever: whatever has become of trial, phase, workplace and daemon since, the same key gives the
same bytes, on every daemon, and allocates nothing."""
import harness
import pytest
from world import PROTOCOL, World, check

AGREEMENT = {"form": "employer", "version": 1, "signed_by": "A. Director", "signed_at": "2026-01-01T09:00:00Z", "how": "paper"}
KEYS = ["k", "k" * 128, "a-very-ordinary-key", "'; DROP TABLE rctd.allocation --", '"quoted"', '"with \\" and \\\\"', "%25%00{}[]<>|~`!@#$^&*()"]


@pytest.fixture(name="ready")
def ready_fixture(forms):
    for code in ("W0003", "W0004"):
        check(forms.post("coordinator", f"{forms.path}/workplaces/{code}/answers", {"answers": {"manager": True}}))
        check(forms.post("coordinator", f"{forms.path}/workplaces/{code}/agreements", {**AGREEMENT, "decision": "given", "scopes": {"participate": True}}))
        check(forms.post("coordinator", f"{forms.path}/workplaces/{code}/roster-lock", {"head_count": 12}))
    return forms


def test_an_answer_stays_whatever_happens_afterwards(ready):
    its_key = "the-key-of-this-allocation"
    first = ready.allocate("W0003", key=its_key)
    check(first, 201)

    def same(daemon=None):
        again = ready.allocate("W0003", key=its_key, daemon=daemon)
        assert (again.status, again.body) == (201, first.body), again
        assert again.headers["idempotency-replayed"] == "true"
        return True

    ready.lock(ready.protocol.replace("title: {en: Forms}", "title: {en: Amended}"), reason="Another title")
    assert same()
    check(ready.post("coordinator", f"{ready.path}/workplaces/W0003/agreements", {**AGREEMENT, "decision": "withdrawn"}))
    assert same()
    check(ready.post("trial-manager", f"{ready.path}/phases/main/close", {"reason": "Enough"}))
    assert same() and same(ready.another())
    keyless = harness.Daemon(ready.database, ready.cluster, config={"master_key_file": None})
    ready.daemons.append(keyless)
    assert same(keyless), "what was answered needs no seed"
    ready.daemon.kill()
    ready.daemon.start()
    assert same()
    assert len(ready.ledger()) == 1


def test_a_refused_allocation_is_made_with_the_same_key_once_it_is_mended(ready):
    its_key = "mended"
    refused = ready.allocate("W0006", key=its_key)
    assert refused.status == 409, refused
    check(ready.post("coordinator", f"{ready.path}/workplaces/W0006/answers", {"answers": {"manager": True}}))
    check(ready.post("coordinator", f"{ready.path}/workplaces/W0006/agreements", {**AGREEMENT, "decision": "given", "scopes": {"participate": True}}))
    check(ready.post("coordinator", f"{ready.path}/workplaces/W0006/roster-lock", {"head_count": 12}))
    made = ready.allocate("W0006", key=its_key)
    check(made, 201)
    assert ready.allocate("W0006", key=its_key).body == made.body
    assert ready.allocate("W0006", "pilot", key=its_key).status == 422, "a key stands for one scheme"
    assert ready.allocate("W0004", key=its_key).status == 422


@pytest.mark.parametrize("its_key", KEYS)
def test_every_key_that_may_be_sent_keeps_its_answer(keyed, its_key):
    code = keyed.codes.pop()
    odd = its_key.replace(" ", "_")
    first = keyed.allocate(code, key=odd)
    check(first, 201)
    assert keyed.allocate(code, key=odd).body == first.body


@pytest.fixture(name="keyed", scope="module")
def keyed_fixture(cluster):
    with World(cluster) as made:
        made.codes = made.workplaces(len(KEYS))
        yield made


def test_a_protocol_of_one_mebibyte_is_taken_and_locked_and_one_byte_more_is_not(cluster):
    with World(cluster, protocol=None) as made:
        line = "# " + "x" * 97 + "\n"
        room = 1024 * 1024 - len(PROTOCOL.encode())
        document = PROTOCOL + line * (room // 100) + "#" * (room % 100)
        assert len(document.encode()) == 1024 * 1024
        refused = made.post("trial-manager", f"{made.path}/protocols", {"document": document + "#", "reason": "Test"})
        assert refused.status == 422, refused
        made.lock(document)
        check(made.post("trial-manager", f"{made.path}/phases/main/open", {"reason": "Test"}))
        made.protocol = document
        check(made.allocate(made.workplaces(1)[0]), 201)
