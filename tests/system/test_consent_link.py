"""One-time links: a participant reads a form and decides on it without an account; nobody else can, and nobody
twice."""
import hashlib

from consent_links import AMENDED, NEUTRAL, PROTOCOL, TEXT, follow
import pytest
from trail import tamper, verify
from world import World, check, key


@pytest.fixture
def world(cluster):
    with World(cluster, protocol=PROTOCOL, phases=("main", "people")) as one:
        one.workplaces(2)
        yield one


def submit(world, version=1, form="optional", text=TEXT, language="en"):
    return world.post("trial-manager", f"{world.path}/consent-texts",
                      {"form": form, "version": version, "language": language, "text": text})


def person_with_link(world, form="optional", **more):
    code = world.people(1)[0]
    made = check(world.post("coordinator", f"{world.path}/participants/{code}/links", {"form": form, **more}, key=None), 201)
    return code, made


def events(world, code, form="optional"):
    return [e for e in world.items("coordinator", f"{world.path}/participants/{code}/consents") if e["form"] == form]


def may(world, code):
    return {p["action"]: p["objection"] for p in world.items("coordinator", f"{world.path}/participants/{code}/permissions")}


def test_a_participant_reads_and_decides_scope_by_scope_without_an_account(world):
    check(submit(world), 201)
    code, made = person_with_link(world)
    shown = check(follow(world, "open", made["token"]))
    assert (shown["text"], shown["version"], shown["scopes"]) == (TEXT, 1, ["questionnaires", "sms"])
    assert shown["text_sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    assert shown["legal_basis"] == "GDPR 6(1)(e)"
    assert shown["decision"] is None
    assert code not in str(shown)
    answer = check(follow(world, "decide", made["token"], version=1, decision="given",
                          scopes={"questionnaires": True, "sms": False}), 201)
    event, = events(world, code)
    assert event["consent"] == answer["consent"]
    assert (event["how"], event["signed_by"], event["recorded_by"], event["link"]) == ("link", "participant", None, made["link"])
    assert event["scopes"] == {"questionnaires": True, "sms": False}
    assert event["text_sha256"] == shown["text_sha256"]
    assert event["legal_basis"] == "GDPR 6(1)(e)"
    assert event["shown_at"] <= event["signed_at"]
    assert may(world, code)["data"] is None
    assert may(world, code)["sms"] == "declined"


def test_a_link_is_used_once_and_a_lost_answer_can_be_asked_for_again(world):
    check(submit(world), 201)
    code, made = person_with_link(world)
    check(follow(world, "open", made["token"]))
    body = {"version": 1, "decision": "given", "scopes": {"questionnaires": True, "sms": True}}
    first = check(follow(world, "decide", made["token"], **body), 201)
    assert check(follow(world, "decide", made["token"], **body), 201) == first
    other = follow(world, "decide", made["token"], version=1, decision="withdrawn")
    assert (other.status, other.json()["detail"]) == (401, NEUTRAL)
    assert follow(world, "open", made["token"]).status == 401
    assert len(events(world, code)) == 1
    assert [link["state"] for link in world.items("coordinator", f"{world.path}/participants/{code}/links")] == ["used"]


def test_a_participant_withdraws_by_a_link_and_it_takes_effect_at_once(world):
    check(submit(world, form="participation"), 201)
    code, made = person_with_link(world, form="participation")
    check(world.allocate_person(code), 201)
    check(follow(world, "open", made["token"]))
    check(follow(world, "decide", made["token"], version=1, decision="withdrawn"), 201)
    assert check(world.get("coordinator", f"{world.path}/participants/{code}"))["state"] == "withdrawn"
    assert set(may(world, code).values()) == {"out", None}
    assert may(world, code)["export"] is None


def test_whatever_is_wrong_with_a_link_is_told_in_the_same_words(world):
    check(submit(world), 201)
    code, revoked = person_with_link(world)
    path = f"{world.path}/participants/{code}/links"
    check(world.as_role("coordinator", "DELETE", f"{path}/{revoked['link']}", key=None))
    _, late = person_with_link(world)
    world.cluster.sql(world.database, "SET session_replication_role = replica; UPDATE rctd.consent_link SET expires_at = now() "
                                      f"WHERE link_id = '{late['link']}'")
    unknown = late["token"][:-8] + "aaaaaaaa"
    for token in (revoked["token"], late["token"], unknown, "x", world.tokens["coordinator"]):
        answer = follow(world, "open", token)
        assert (answer.status, answer.json()["detail"]) == (401, NEUTRAL)
        answer = follow(world, "decide", token, version=1, decision="withdrawn")
        assert (answer.status, answer.json()["detail"]) == (401, NEUTRAL)
    other = world.daemon.request("POST", "/v1/trials/unknown/links/open", {"token": revoked["token"]})
    assert (other.status, other.json()["detail"]) == (401, NEUTRAL)


def test_guessing_at_links_is_slowed_as_guessing_at_tokens_is(world):
    statuses = {follow(world, "open", f"guess {n}").status for n in range(40)}
    assert 429 in statuses


def test_nobody_decides_on_a_text_that_was_not_shown_or_has_changed(world):
    check(submit(world), 201)
    code, made = person_with_link(world)
    body = {"version": 1, "decision": "given", "scopes": {"questionnaires": True, "sms": True}}
    assert follow(world, "decide", made["token"], **body).status == 409
    check(follow(world, "open", made["token"]))
    world.lock(AMENDED)
    assert follow(world, "decide", made["token"], **body).status == 409
    check(submit(world, version=2, text="Another text"), 201)
    assert check(follow(world, "open", made["token"]))["text"] == "Another text"
    check(follow(world, "decide", made["token"], **{**body, "version": 2}), 201)
    assert [e["version"] for e in events(world, code)] == [2]


@pytest.mark.parametrize("scopes", [{}, {"questionnaires": True}, {"questionnaires": True, "sms": True, "audio": True}])
def test_every_scope_is_answered_and_no_other(world, scopes):
    check(submit(world), 201)
    code, made = person_with_link(world)
    check(follow(world, "open", made["token"]))
    assert follow(world, "decide", made["token"], version=1, decision="given", scopes=scopes).status in (409, 422)
    assert events(world, code) == []


def test_a_link_is_for_a_form_of_participants_whose_text_is_there(world):
    code = world.people(1)[0]
    path = f"{world.path}/participants/{code}/links"
    answer = world.post("coordinator", path, {"form": "optional"}, key=None)
    assert answer.status == 409 and "no text to show yet" in answer.json()["detail"]
    assert world.post("coordinator", path, {"form": "employer"}, key=None).status == 409
    for role in ("researcher", "interviewer", "trial-manager", "auditor"):
        assert world.post(role, path, {"form": "optional"}, key=None).status == 403


def test_a_token_stands_in_no_table_and_no_log(world):
    check(submit(world), 201)
    _, made = person_with_link(world)
    follow(world, "open", made["token"])
    stored = world.cluster.sql(world.database, "SELECT count(*) FROM rctd.consent_link WHERE token_hash = sha256("
                                               f"convert_to('{made['token']}', 'UTF8'))")
    assert stored.strip() == "1"
    for table in ("consent_link", "consent_opening", "audit", "idempotency"):
        assert world.cluster.sql(world.database, f"SELECT count(*) FROM rctd.{table} t WHERE to_jsonb(t)::text LIKE "
                                                 f"'%{made['token']}%'").strip() == "0"
    assert made["token"] not in world.daemon.log()


def test_a_text_never_changes_and_what_was_signed_is_known_by_its_hash(world):
    check(submit(world), 201)
    check(submit(world), 201)
    assert submit(world, text="Another").status == 409
    assert submit(world, version=2).status == 409
    assert submit(world, language="sv").status == 409
    code = world.people(1)[0]
    body = {"form": "optional", "version": 1, "decision": "given", "scopes": {"questionnaires": True, "sms": True},
            "signed_at": "2026-01-10T09:00:00Z", "how": "paper"}
    path = f"{world.path}/participants/{code}/consents"
    assert world.post("coordinator", path, {**body, "text_sha256": "0" * 64}).status == 409
    assert world.post("coordinator", path, {**body, "text_sha256": "x" * 64}).status == 422
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    check(world.post("coordinator", path, {**body, "text_sha256": digest}), 201)
    check(world.post("coordinator", path, body), 201)
    assert [e["text_sha256"] for e in events(world, code)] == [digest, digest]


def test_a_yes_from_before_a_withdrawal_does_not_bring_it_back(world):
    code = world.people(1)[0]
    path = f"{world.path}/participants/{code}/consents"
    body = {"form": "optional", "version": 1, "how": "paper"}
    given = {**body, "decision": "given", "scopes": {"questionnaires": True, "sms": True}}
    check(world.post("coordinator", path, {**body, "decision": "withdrawn", "signed_at": "2026-03-01T09:00:00Z"}, key=key()), 201)
    late = world.post("coordinator", path, {**given, "signed_at": "2026-02-01T09:00:00Z"})
    assert late.status == 409 and "withdrawn after that" in late.json()["detail"]
    check(world.post("coordinator", path, {**given, "signed_at": "2026-03-02T09:00:00Z"}), 201)


def test_the_trail_tells_of_every_text_link_opening_and_decision(world):
    check(submit(world), 201)
    code, made = person_with_link(world)
    check(follow(world, "open", made["token"]))
    check(follow(world, "decide", made["token"], version=1, decision="given", scopes={"questionnaires": True, "sms": True}), 201)
    rows = world.cluster.rows(world.database, "SELECT object_kind, actor, action FROM rctd.audit WHERE object_kind LIKE 'consent-%' "
                                              "OR (object_kind = 'consent' AND actor = 'link') ORDER BY at")
    assert [row for row in rows if row[0] != "consent-rules"] == [
        ["consent-text", "trial-manager", "consent_text.add"], ["consent-link", "coordinator", "consent_link.add"],
        ["consent-opening", "link", "link.open"], ["consent", "link", "link.decide"], ["consent-link-end", "link", "link.decide"]]
    assert verify(world)[:2] == (0, {})
    unit = world.cluster.sql(world.database, f"SELECT unit_id FROM rctd.unit WHERE code = '{code}'").strip()
    tamper(world, "UPDATE rctd.consent_text SET text = 'Other', sha256 = sha256('Other')")
    assert list(verify(world)[1]) == ["trial"]
    tamper(world, "DELETE FROM rctd.consent_link_end")
    assert set(verify(world)[1]) == {"trial", f"unit:{unit}"}
