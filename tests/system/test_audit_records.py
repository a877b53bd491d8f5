"""What is stored is held against what the trail says: a superuser who changes, adds or removes a row of record and
leaves the trail as it is, is found by `rctctl audit verify`, which names the thing."""
import pytest
from trail import tamper, verify
from world import World, check

FORMS_READY = {"form": "employer", "version": 1, "decision": "given", "scopes": {"participate": True}, "signed_by": "A. Director",
               "signed_at": "2026-01-01T09:00:00Z", "how": "paper"}
NIL = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(name="kept")
def kept_fixture(forms):
    """A trial in which a workplace has gone all the way."""
    for code in ("W0003", "W0004"):
        check(forms.post("coordinator", f"{forms.path}/workplaces/{code}/answers", {"answers": {"manager": False}}))
        check(forms.post("coordinator", f"{forms.path}/workplaces/{code}/answers", {"answers": {"manager": True}, "answered_by": "B. Boss"}))
        check(forms.post("coordinator", f"{forms.path}/workplaces/{code}/agreements", FORMS_READY))
        check(forms.post("coordinator", f"{forms.path}/workplaces/{code}/roster-lock", {"head_count": 12}))
        check(forms.allocate(code), 201)
    check(forms.post("coordinator", f"{forms.path}/allocations/dry-run", {"workplace": "W0005", "scheme": "main"}))
    check(forms.post("trial-manager", f"{forms.path}/endpoints", {"url": "http://127.0.0.1:9/hook"}, key=None))
    forms.lock(forms.protocol.replace("title: {en: Forms}", "title: {en: Other forms}"))
    assert verify(forms)[:2] == (0, {}) and verify(forms, instance=True)[:2] == (0, {})
    return forms


@pytest.fixture(scope="module", name="shared")
def shared_fixture(cluster):
    with World(cluster, protocol=None) as made:
        yield made


def stream(world, sql):
    return world.cluster.sql(world.database, f"SELECT {sql}")


CHANGES = [
    ("allocation", "UPDATE rctd.allocation SET arm = CASE arm WHEN 'opal' THEN 'jade' ELSE 'opal' END WHERE position = 1 AND stratum LIKE '%public'"),
    ("allocation", "UPDATE rctd.allocation SET unit_id = (SELECT unit_id FROM rctd.unit WHERE code = 'W0007') WHERE stratum LIKE '%public'"),
    ("allocation", "UPDATE rctd.allocation SET allocated_at = allocated_at - interval '1 hour' WHERE stratum LIKE '%public'"),
    ("allocation", "UPDATE rctd.allocation SET allocated_by = (SELECT account_id FROM rctd.account WHERE name = 'auditor') WHERE stratum LIKE '%public'"),
    ("consent", "UPDATE rctd.consent SET decision = 'withdrawn' WHERE unit_id = (SELECT unit_id FROM rctd.unit WHERE code = 'W0003')"),
    ("consent", "UPDATE rctd.consent SET decided_by = 'Somebody Else' WHERE unit_id = (SELECT unit_id FROM rctd.unit WHERE code = 'W0003')"),
    ("answer", "UPDATE rctd.eligibility_answer SET answer = true WHERE NOT answer AND unit_id = (SELECT unit_id FROM rctd.unit WHERE code = 'W0003')"),
    ("workplace", "UPDATE rctd.workplace SET head_count = 99 WHERE unit_id = (SELECT unit_id FROM rctd.unit WHERE code = 'W0003')"),
    ("unit", "UPDATE rctd.unit SET attributes = attributes || '{\"sector\": \"private\"}' WHERE code = 'W0003'"),
    ("attempt", "UPDATE rctd.allocation_attempt SET kind = 'refused'"),
    ("phase", "UPDATE rctd.phase SET state = 'planned' WHERE phase = 'pilot'"),
    ("protocol", "UPDATE rctd.protocol_version SET document = document || '#', sha256 = sha256(convert_to(document || '#', 'UTF8')) WHERE version = 1"),
    ("seed", "UPDATE rctd.scheme_seed SET commitment = sha256(commitment) WHERE scheme = 'pilot' AND version = 1"),
    ("scheme-arm", "DELETE FROM rctd.scheme_arm WHERE scheme = 'pilot' AND arm = 'jade'"),
    ("scheme-arm", "INSERT INTO rctd.scheme_arm SELECT trial_id, 'pilot', 'onyx' FROM rctd.trial"),
    ("phase-exclusion", "DELETE FROM rctd.phase_exclusion"),
    ("endpoint", "UPDATE rctd.endpoint SET url = 'http://127.0.0.1:10/mine'"),
    ("grant", f"UPDATE rctd.role_grant SET role = 'auditor' WHERE role = 'interviewer' AND trial_id <> '{NIL}'"),
    ("grant", "INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, reason) SELECT t.trial_id, gen_random_uuid(), a.account_id, "
              "'statistician', 'x' FROM rctd.trial t, rctd.account a WHERE a.name = 'interviewer'"),
]


# Those that are told in different streams are made together: a stream's first finding is the one that is named.
STREAM_OF = {"allocation": "stratum", "attempt": "attempt", "grant": "account", "consent": "unit", "answer": "unit", "workplace": "unit", "unit": "unit"}
GROUPS = {}
for _kind, _sql in CHANGES:
    _stream = STREAM_OF.get(_kind, "trial")
    _number = sum(1 for group in GROUPS.values() if _stream in group)
    GROUPS.setdefault(_number, {})[_stream] = (_kind, _sql)


@pytest.mark.parametrize("number", GROUPS)
def test_rows_that_were_changed_behind_the_trails_back_are_named(kept, number):
    group = GROUPS[number].values()
    tamper(kept, "; ".join(sql for _, sql in group))
    status, findings, said = verify(kept)
    assert status == 8 and len(findings) == len(group), (group, findings, said)
    assert all(place >= 0 and fault in ("altered", "unrecorded", "lost") for place, fault in findings.values())
    assert verify(kept, instance=True)[0] == 0


def test_an_allocation_without_a_row_in_the_trail_and_one_that_is_gone_are_named(kept):
    tamper(kept, """INSERT INTO rctd.stratum SELECT trial_id, 'main', 'sector=none' FROM rctd.trial;
        INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase, protocol_version, method, decision,
               allocated_at, allocated_by, idempotency_key)
        SELECT l.trial_id, gen_random_uuid(), 'main', 'sector=none', 1, u.unit_id, 'opal', 'main', 2, l.method, l.decision, now(), l.allocated_by, 'k'
          FROM (SELECT * FROM rctd.allocation LIMIT 1) l, rctd.unit u WHERE u.code = 'W0008'""")
    status, findings, _ = verify(kept)
    assert status == 8 and "stratum:main/sector=none" in findings
    tamper(kept, "DELETE FROM rctd.allocation WHERE idempotency_key = 'k'; DELETE FROM rctd.stratum WHERE stratum = 'sector=none'")
    assert verify(kept)[0] == 0
    tamper(kept, "DELETE FROM rctd.allocation WHERE stratum = 'sector=public' AND scheme = 'main'")
    assert "stratum:main/sector=public" in verify(kept)[1]


def test_a_stream_that_is_gone_with_its_head_is_missed(kept):
    unit = stream(kept, "'unit:' || unit_id FROM rctd.unit WHERE code = 'W0003'")
    tamper(kept, f"DELETE FROM rctd.audit WHERE stream = '{unit}'; DELETE FROM rctd.audit_head WHERE stream = '{unit}'")
    assert verify(kept)[:2] == (8, {unit: (0, "unrecorded")})


@pytest.mark.parametrize("name, sql", [
    ("auditor", "UPDATE rctd.account SET display = 'Mallory' WHERE name = 'auditor'"),
    ("researcher", "UPDATE rctd.token SET expires_at = expires_at + interval '1 year' FROM rctd.account a "
                   "WHERE a.account_id = token.account_id AND a.name = 'researcher'"),
    ("statistician", "INSERT INTO rctd.token (token_id, account_id, name, hash, expires_at) SELECT gen_random_uuid(), account_id, 'mine', sha256('x'), "
                     "now() + interval '1 day' FROM rctd.account WHERE name = 'statistician'"),
    ("interviewer", f"INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, reason) SELECT '{NIL}', gen_random_uuid(), account_id, "
                    "'administrator', 'x' FROM rctd.account WHERE name = 'interviewer'")])
def test_accounts_tokens_and_roles_of_the_instance_are_held_against_its_trail(shared, name, sql):
    account = stream(shared, f"'account:' || account_id FROM rctd.account WHERE name = '{name}'")
    before = verify(shared, instance=True)[1]
    tamper(shared, sql)
    status, findings, _ = verify(shared, instance=True)
    assert status == 8 and set(findings) - set(before) == {account}


def test_what_a_superuser_does_in_the_open_in_another_time_zone_is_no_damage(kept):
    kept.cluster.sql(kept.database, "SET TimeZone = 'Asia/Tokyo'; UPDATE rctd.phase SET target_workplaces = 9 WHERE phase = 'main'")
    assert verify(kept)[:2] == (0, {})


def test_records_are_read_page_by_page_and_by_auditors_only(cluster):
    with World(cluster) as world:
        world.allocate_all(world.workplaces(30))
        path = f"{world.path}/audit/records"
        whole = world.items("auditor", path)
        paged, after = [], ""
        while after is not None:
            page = check(world.get("auditor", f"{path}?limit=7{after}"))
            paged += page["items"]
            after = page["next"] and f"&after={page['next']}"
        assert paged == whole and len({(item["stream"], item["object_kind"], item["object_id"]) for item in whole}) == len(whole)
        assert {item["object_kind"] for item in whole} >= {"allocation", "unit", "workplace", "grant", "protocol", "seed", "scheme"}
        for role in ("coordinator", "researcher", "statistician", "trial-manager", "administrator"):
            assert world.get(role, path).status == 403
        assert world.get("auditor", "/v1/audit/records").status == 403
        assert world.get("auditor", f"{path}?after=x").status == 422
        instance = world.items("administrator", "/v1/audit/records")
        assert {item["object_kind"] for item in instance} == {"account", "token", "grant"}
        text = str(whole) + str(instance)
        for secret in world.cluster.rows(world.database, "SELECT encode(sealed, 'hex') FROM rctd.scheme_seed UNION ALL "
                                                         "SELECT encode(hash, 'hex') FROM rctd.token"):
            assert secret[0] not in text
        assert "blocks: [4, 8]" not in text
