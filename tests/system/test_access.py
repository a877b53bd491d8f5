"""The review of access: who may do what since when, who no longer needs it, and that somebody looked; and that
knowledge does not end with the role that gave it."""
import csv
import io

from world import World, check, said


def review(world, role="administrator", query="", path="/v1/access"):
    return world.items(role, path + query)


def row_of(rows, account, role):
    (found,) = [row for row in rows if (row["account"], row["role"]) == (account, role)]
    return found


def grant(world, account, role, **more):
    return world.post("administrator", f"/v1/accounts/{account}/grants",
                      {"role": role, "trial": world.trial, "reason": "Test", **more})


def revoke(world, account):
    held = [g for g in world.items("administrator", f"/v1/accounts/{account}/grants") if g["revoked_at"] is None]
    for each in held:
        check(world.as_role("administrator", "DELETE", f"/v1/accounts/{account}/grants/{each['grant']}"))


def age(world, account, days):
    """As if the account's tokens had last been used so long ago."""
    world.cluster.sql(world.database, "UPDATE rctd.token SET last_used_at = now() - interval "
                      f"'{days} days' WHERE account_id = (SELECT account_id FROM rctd.account WHERE name = '{account}')")


def test_a_reviewer_sees_who_has_which_role_by_whom_and_how_it_is_used(world):
    check(world.first_password("auditor", "correct horse battery staple"))
    check(world.get("auditor", f"{world.path}/workplaces"))
    row = row_of(review(world), "auditor", "auditor")
    assert row["trial"] == "gems" and row["reason"] == "Test" and row["granted_by"] == "admin"
    assert row["live_tokens"] == 1 and row["tokens_expire_at"] and row["password_set_at"] and row["last_used_at"]
    assert row["look_at"] == [] and row["change"] is None
    assert row_of(review(world), "coordinator", "coordinator")["password_set_at"] is None


def test_what_nobody_needs_any_more_is_flagged(world):
    check(world.get("researcher", "/v1/me"))
    age(world, "researcher", 100)
    check(world.as_role("administrator", "PATCH", "/v1/accounts/interviewer", {"disabled": True},
                        headers={"If-Match": "*"}))
    (token,) = world.items("administrator", "/v1/accounts/dispatcher/tokens")
    check(world.as_role("administrator", "DELETE", f"/v1/accounts/dispatcher/tokens/{token['token_id']}"))
    check(world.post("administrator", "/v1/accounts", {"name": "nobody", "display": "Nobody"}))
    world.token("nobody")
    rows = review(world)
    flags = {row["account"]: row["look_at"] for row in rows}
    assert flags["researcher"] == ["unused"] and flags["interviewer"] == ["disabled"]
    assert flags["dispatcher"] == ["no-token"] and flags["nobody"] == ["no-role"]
    assert row_of(rows, "nobody", None)["trial"] is None
    assert flags["coordinator"] == []
    relaxed = {row["account"]: row["look_at"] for row in review(world, query="?unused_days=120")}
    assert relaxed["researcher"] == []


def test_changes_of_a_period_are_shown_with_who_made_them(world):
    check(grant(world, "researcher", "interviewer"))
    revoke(world, "dispatcher")
    assert "dispatcher" not in [row["role"] for row in review(world)]
    rows = review(world, query="?since=2020-01-01")
    assert row_of(rows, "researcher", "interviewer")["change"] == "given"
    gone = row_of(rows, "dispatcher", "dispatcher")
    assert gone["change"] == "given and taken back" and gone["revoked_by"] == "admin" and gone["look_at"] == []


def test_of_a_trial_its_managers_and_auditors_see_its_own_and_who_reaches_in(cluster):
    with World(cluster) as world:
        check(world.post("administrator", "/v1/trials", {"trial": "other", "title": "Other"}))
        check(world.post("administrator", "/v1/accounts", {"name": "far", "display": "Far"}))
        check(world.post("administrator", "/v1/accounts/far/grants", {"role": "researcher", "trial": "other", "reason": "x"}))
        for role in ("trial-manager", "auditor"):
            names = {row["account"] for row in review(world, role, path=f"{world.path}/access")}
            assert "far" not in names and {"coordinator", "admin"} <= names
        for role in ("coordinator", "researcher", "interviewer", "dispatcher", "statistician"):
            assert world.get(role, f"{world.path}/access").status == 403
            assert world.get(role, "/v1/access").status == 403


def test_each_review_says_who_looked_and_when(world):
    assert review(world, "auditor", path=f"{world.path}/access/reviews") == []
    shown = review(world, "auditor", path=f"{world.path}/access")
    (row,) = review(world, "trial-manager", path=f"{world.path}/access/reviews")
    assert (row["account"], row["role"], row["shown"], row["unused_days"]) == ("auditor", "auditor", len(shown), 90)
    trail = [row["object_kind"] for row in world.items("auditor", f"{world.path}/audit")]
    assert trail.count("access-review") == 1
    review(world)
    assert [row["account"] for row in review(world, path="/v1/access/reviews")] == ["admin"]


def test_pages_of_a_review_are_whole(world):
    whole = [(row["account"], row["role"]) for row in review(world)]
    found, after = [], ""
    while True:
        page = check(world.as_role("administrator", "GET", f"/v1/access?limit=2{after}"))
        found += [(row["account"], row["role"]) for row in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == whole and len(found) == 8


def test_who_knew_the_sequence_never_enrols_in_that_trial(world):
    for role in ("trial-manager", "statistician", "auditor"):
        check(world.get(role, f"{world.path}/protocols"))
        revoke(world, role)
        refused = check(grant(world, role, "coordinator"), 409)
        assert "never enrols" in refused["detail"] or "never be its coordinator" in refused["detail"], refused
    check(grant(world, "statistician", "researcher"))
    check(world.post("administrator", "/v1/trials", {"trial": "other", "title": "Other"}))
    check(grant(world, "statistician", "coordinator", trial="other"))


def test_a_role_that_was_given_by_mistake_and_never_used_bars_nobody(world):
    check(world.post("administrator", "/v1/accounts", {"name": "new", "display": "New"}))
    check(grant(world, "new", "statistician"))
    revoke(world, "new")
    check(grant(world, "new", "coordinator"))


def test_rctctl_shows_it_as_a_table_and_as_csv(world):
    def rctctl(*arguments):
        return said(world.rctctl("auditor", *arguments))
    table = rctctl("access", "--trial", "gems")
    assert "LAST USE" in table and "8 rows of 8 accounts, 0 to look at" in table
    assert max(map(len, table.splitlines())) <= 120, table
    rows = list(csv.DictReader(io.StringIO(rctctl("--csv", "access", "--trial", "gems"))))
    assert all(row["granted_by"] and row["display"] for row in rows if row["role"])
    assert {row["account"] for row in rows} >= {"coordinator", "auditor"}
    assert "auditor" in rctctl("access", "--trial", "gems", "--reviews")
