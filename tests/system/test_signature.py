"""Signatures (21 CFR 11.50, 11.200): the password again, with its meaning, where the protocol asks for it; and
nothing that a password leaves behind."""
import concurrent.futures
import os
import subprocess

import harness
from locks import locked, waiting
import pytest
from world import PROTOCOL, World, check, key, problem

SIGNED = PROTOCOL + "signatures: [lock, reveal]\n"
PASSWORD = "correct horse battery staple"
MEANING = "I approve this protocol"


def sign(password=PASSWORD, meaning=MEANING):
    return {"signature": {"password": password, "meaning": meaning}}


def set_password(world, role, password=PASSWORD, **more):
    if not more and not check(world.get(role, "/v1/me"))["password_set"]:
        return world.first_password(role, password)
    return world.post(role, "/v1/me/password", {"password": password, **more})


def submit(world, document):
    return check(world.post("trial-manager", f"{world.path}/protocols", {"document": document, "reason": "Test"}))["version"]


def lock(world, version=1, **more):
    return world.post("trial-manager", f"{world.path}/protocols/{version}/lock", {"reason": "Go", **more})


def state(world, version=1):
    return world.cluster.sql(world.database, f"SELECT state FROM rctd.protocol_version WHERE version = {version}").strip()


@pytest.fixture
def bare(cluster):
    with World(cluster, protocol=None) as made:
        yield made


def test_the_first_lock_is_signed_where_the_draft_says_so(bare):
    submit(bare, SIGNED)
    assert "password" in problem(lock(bare), 403, "signature")["detail"]
    assert state(bare) == "draft"
    check(set_password(bare, "trial-manager"))
    locked = check(lock(bare, **sign()))
    (row,) = bare.items("auditor", f"{bare.path}/signatures")
    assert row["action"] == "lock" and row["object"] == "protocol/1" and row["meaning"] == MEANING
    assert row["sha256"] == locked["sha256"] and row["account"] == "trial-manager"
    assert row["printed_name"] == "Trial-Manager" and row["role"] == "trial-manager" and row["request"]


def test_a_trial_without_the_key_goes_on_without_signatures(world):
    version = submit(world, PROTOCOL + "\n# an amendment\n")
    check(lock(world, version))
    assert world.items("auditor", f"{world.path}/signatures") == []


def test_whoever_leaves_the_rule_out_signs_that_too(bare):
    submit(bare, SIGNED)
    check(set_password(bare, "trial-manager"))
    check(lock(bare, **sign()))
    version = submit(bare, PROTOCOL)
    problem(lock(bare, version), 403, "signature")
    check(lock(bare, version, **sign()))
    check(lock(bare, submit(bare, PROTOCOL + "# again\n")))


def test_a_wrong_password_and_a_missing_one_get_the_same_answer_and_change_nothing(bare):
    submit(bare, SIGNED)
    missing = problem(lock(bare, **sign()), 403, "signature")["detail"]
    check(set_password(bare, "trial-manager"))
    wrong = problem(lock(bare, **sign("wrong horse battery staple")), 403, "signature")["detail"]
    assert missing == wrong and state(bare) == "draft"
    rows = bare.cluster.rows(bare.database, "SELECT action, object FROM rctd.signature_refusal")
    assert rows == [["lock", "protocol/1"]] * 2
    trail = [row["object_kind"] for row in bare.items("auditor", f"{bare.path}/audit")]
    assert trail.count("signature-refusal") == 2


def test_who_guesses_is_stopped_on_every_daemon_and_keeps_the_token(bare):
    submit(bare, SIGNED)
    check(set_password(bare, "trial-manager"))
    other = bare.another()
    path = f"{bare.path}/protocols/1/lock"
    answers = [(bare.daemon, other)[n % 2].request(
        "POST", path, {"reason": "Go", **sign(f"guess number {n} of many")},
        token=bare.tokens["trial-manager"], key=key()).status for n in range(8)]
    assert answers == [403] * 5 + [429] * 3
    assert lock(bare, **sign()).status == 429, "the right password is not told from wrong ones now"
    assert bare.get("trial-manager", "/v1/me").status == 200
    assert check(set_password(bare, "statistician"))["password_set"], "others are not stopped"


def test_guesses_at_once_are_counted_one_by_one(bare):
    submit(bare, SIGNED)
    check(set_password(bare, "trial-manager"))
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda n: lock(bare, **sign(f"guess number {n} of many")).status, range(12)))
    assert statuses.count(403) <= 5 and set(statuses) <= {403, 429, 503}, statuses


def test_a_reveal_is_signed_by_each_of_the_two(bare):
    submit(bare, SIGNED)
    for role in ("trial-manager", "statistician"):
        check(set_password(bare, role))
    check(lock(bare, **sign()))
    check(bare.post("trial-manager", f"{bare.path}/phases/main/open", {"reason": "Go"}))
    check(bare.post("trial-manager", f"{bare.path}/schemes/main/close", {"reason": "Done"}))
    for role in ("trial-manager", "statistician"):
        problem(bare.post(role, f"{bare.path}/schemes/main/reveal", {"reason": "Done"}), 403, "signature")
        shown = check(bare.post(role, f"{bare.path}/schemes/main/reveal", {"reason": "Done", **sign(meaning="Review")}))
    assert shown["revealed"]
    commitment = check(bare.get("auditor", f"{bare.path}/schemes/main"))["commitment"]
    signed = [row for row in bare.items("statistician", f"{bare.path}/signatures") if row["action"] == "reveal"]
    assert [(row["role"], row["object"], row["sha256"]) for row in signed] == [
        ("trial-manager", "scheme/main", commitment), ("statistician", "scheme/main", commitment)]


def test_a_password_that_all_could_guess_is_not_taken(bare):
    for password, why in (("short", "12 characters"), ("trial-manager-1", "name of the account"),
                          ("aaaaaaaaaaaaaaa", "different characters"), ("p" * 201 + "assword", "200")):
        assert why in problem(set_password(bare, "trial-manager", password), 422, "invalid-fields")["detail"]


def test_a_password_is_changed_by_who_knows_it_or_after_an_administrator_took_it_away(bare):
    check(set_password(bare, "auditor"))
    other = "another horse battery staple"
    problem(set_password(bare, "auditor", other), 403, "signature")
    problem(set_password(bare, "auditor", other, current="not the one at all"), 403, "signature")
    check(set_password(bare, "auditor", other, current=PASSWORD))
    assert bare.as_role("coordinator", "DELETE", "/v1/accounts/auditor/password").status == 403
    cleared = check(bare.as_role("administrator", "DELETE", "/v1/accounts/auditor/password"))
    assert cleared == {"account": "auditor", "password_set": False}
    check(set_password(bare, "auditor"))
    verbs = [row["action"] for row in bare.items("administrator", "/v1/audit") if row["object_kind"] == "password"]
    assert verbs == ["password.set", "password.set", "password.remove", "password.set"]


def test_a_found_token_does_not_make_an_account_sign(bare):
    """The first password takes the code of another person, once; the owner hears of each step."""
    code_path = "/v1/accounts/auditor/password-code"
    assert "the first one takes a one-time code" in problem(bare.post("auditor", "/v1/me/password", {"password": PASSWORD}), 403, "signature")["detail"]
    for role in ("auditor", "trial-manager", "coordinator"):
        assert bare.as_role(role, "POST", code_path).status == 403, role
    first = check(bare.as_role("administrator", "POST", code_path), 201)["code"]
    second = check(bare.as_role("administrator", "POST", code_path), 201)["code"]
    for wrong in (first, "ABCD-EFGH-JKMN-PQRS"):
        told = problem(bare.post("auditor", "/v1/me/password", {"password": PASSWORD, "code": wrong}), 403, "signature")["detail"]
        assert "was used already, is older than a day" in told, told
    problem(bare.post("statistician", "/v1/me/password", {"password": PASSWORD, "code": second}), 403, "signature")
    check(bare.post("auditor", "/v1/me/password", {"password": PASSWORD, "code": second.lower().replace("-", " ")}))
    check(bare.as_role("administrator", "DELETE", "/v1/accounts/auditor/password"))
    problem(bare.post("auditor", "/v1/me/password", {"password": PASSWORD, "code": second}), 403, "signature")
    assert [row["kind"] for row in reversed(bare.items("auditor", "/v1/me/notices"))] == [
        "password-code", "password-code", "password-set", "password-removed"]
    problem(bare.as_role("administrator", "POST", f"/v1/accounts/{check(bare.get('administrator', '/v1/me'))['name']}/password-code"),
            409, "refused")
    trail = [row for row in bare.items("administrator", "/v1/audit") if row["object_kind"] == "password-code"]
    assert len(trail) == 3 and second not in str(trail) and "hash" not in str(trail[0]["new"])


def test_a_code_is_good_for_a_day(bare):
    code = check(bare.as_role("administrator", "POST", "/v1/accounts/auditor/password-code"), 201)["code"]
    bare.cluster.sql(bare.database, "UPDATE rctd.password_code SET expires_at = now()")
    problem(bare.post("auditor", "/v1/me/password", {"password": PASSWORD, "code": code}), 403, "signature")


def test_codes_are_not_guessed(bare):
    check(bare.as_role("administrator", "POST", "/v1/accounts/auditor/password-code"), 201)
    answers = [bare.post("auditor", "/v1/me/password", {"password": PASSWORD, "code": f"guess {n}"}).status for n in range(7)]
    assert answers == [403] * 5 + [429] * 2


def test_a_changed_password_can_end_the_other_tokens_and_no_other_account_s(bare):
    check(set_password(bare, "auditor"))
    stolen = check(bare.as_role("administrator", "POST", "/v1/accounts/auditor/tokens", {"name": "laptop", "days": 9}), 201)["token"]
    assert bare.daemon.get("/v1/me", token=stolen).status == 200
    check(set_password(bare, "auditor", "another horse battery staple", current=PASSWORD))
    assert bare.daemon.get("/v1/me", token=stolen).status == 200
    check(set_password(bare, "auditor", PASSWORD, current="another horse battery staple", end_tokens=True))
    assert bare.daemon.get("/v1/me", token=stolen).status == 401
    for role in ("auditor", "coordinator", "administrator"):
        assert bare.get(role, "/v1/me").status == 200, role


def test_of_two_who_change_a_password_at_once_the_second_does_not_go_by_the_one_before(bare):
    check(set_password(bare, "statistician"))
    other = bare.another()
    thief = bare.token("statistician")
    account = bare.cluster.sql(bare.database, "SELECT account_id FROM rctd.account WHERE name = 'statistician'").strip()

    def change(daemon, token, password):
        return daemon.request("POST", "/v1/me/password", {"password": password, "current": PASSWORD, "end_tokens": True}, token=token)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(bare, f"SELECT pg_advisory_xact_lock(hashtextextended('password/{account}', 0))"):
            owner = pool.submit(change, bare.daemon, bare.tokens["statistician"], "the owner's new one")
            harness.wait_until(lambda: waiting(bare, 1), "the owner")
            late = pool.submit(change, other, thief, "the thief's new one")
            harness.wait_until(lambda: waiting(bare, 2), "the thief")
        assert (owner.result().status, late.result().status) == (200, 403), (owner.result(), late.result())
    check(bare.post("statistician", "/v1/me/password", {"password": "one more of the owner", "current": "the owner's new one"}))
    assert bare.daemon.get("/v1/me", token=thief).status == 401


def test_the_same_key_signs_once_and_its_row_tells_nothing_of_the_password(bare):
    submit(bare, SIGNED)
    check(set_password(bare, "trial-manager"))
    again = key()
    path = f"{bare.path}/protocols/1/lock"
    first = bare.post("trial-manager", path, {"reason": "Go", **sign()}, key=again)
    second = bare.post("trial-manager", path, {"reason": "Go", **sign("another horse battery staple")}, key=again)
    assert first.status == 200 and first.body == second.body, "the digest of the request is of all but the password"
    changed = bare.post("trial-manager", path, {"reason": "Other", **sign()}, key=again)
    problem(changed, 422, "idempotency-key-reused")
    assert len(bare.items("auditor", f"{bare.path}/signatures")) == 1


def test_a_password_stands_nowhere_in_database_log_or_answer(bare):
    submit(bare, SIGNED)
    check(set_password(bare, "trial-manager"))
    answers = [lock(bare, **sign("wrong horse battery staple")), lock(bare, **sign()),
               set_password(bare, "trial-manager", "short")]
    bare.daemon.stop()
    dump = subprocess.run([f"{harness.pg_bin()}/pg_dump", "--no-owner", "-d", bare.cluster.superuser(bare.database)],
                          check=True, capture_output=True, text=True).stdout
    log = bare.daemon.log()
    for text in [dump, log, *(str(answer.body) for answer in answers)]:
        for password in (PASSWORD, "wrong horse"):
            assert password not in text
    assert "$argon2id$" in dump and "$argon2id$" not in log


def test_audit_verify_holds_signatures_reviews_and_the_screening_log_against_the_trail(bare):
    def verify():
        return subprocess.run([harness.RCTCTL, "--url", bare.daemon.url, "audit", "verify", *trial], text=True,
                              capture_output=True, check=False, env={**os.environ, "RCTD_TOKEN": bare.tokens[role]})
    submit(bare, SIGNED)
    check(set_password(bare, "trial-manager"))
    check(lock(bare, **sign("wrong horse battery staple")), 403)
    check(lock(bare, **sign()))
    bare.workplaces(1)
    for unit in ({"unit": "workplace", "code": "W0001"}, {"unit": "workplace"}):
        check(bare.post("coordinator", f"{bare.path}/screening", {**unit, "state": "declined", "reason": "not-said"}))
    check(bare.get("auditor", f"{bare.path}/access"))
    check(bare.as_role("administrator", "GET", "/v1/access"))
    for role, trial in (("auditor", ["gems"]), ("administrator", ["--instance"])):
        assert verify().returncode == 0, verify()
    role, trial = "auditor", ["gems"]
    for change, back in (("UPDATE rctd.signature SET meaning = 'Other'", f"UPDATE rctd.signature SET meaning = '{MEANING}'"),
                         ("UPDATE rctd.screening_event SET reason = 'age' WHERE reason IS NOT NULL",
                          "UPDATE rctd.screening_event SET reason = 'not-said' WHERE reason IS NOT NULL"),
                         ("UPDATE rctd.access_review SET unused_days = 91", "UPDATE rctd.access_review SET unused_days = 90"),
                         ("DELETE FROM rctd.signature_refusal", "SELECT 1")):
        bare.cluster.sql(bare.database, f"SET session_replication_role = replica; {change}")
        done = verify()
        assert done.returncode == 8, (change, done)
        bare.cluster.sql(bare.database, f"SET session_replication_role = replica; {back}")
