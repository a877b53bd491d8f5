"""Who may come in and do what: tokens, roles, the first and the last administrator, and changes that two
people make at once. Revocation holds at once on every daemon."""
import concurrent.futures
import os
import re
import subprocess

import harness
import pytest
from world import ROLES, World, check, key

KNOWN_FORM = "rctd_" + "A" * 43 + "000000"


def refused(answer, status, slug):
    """The problem, which is of this kind and says nothing that it should not."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == f"urn:rctd:problem:{slug}"
    assert problem["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    return problem


def pointers(problem):
    return sorted(error["pointer"] for error in problem["errors"])


@pytest.fixture(scope="module", name="shared")
def shared_fixture(cluster):
    """One world for all tests that are refused and so leave nothing behind."""
    with World(cluster) as made:
        yield made


@pytest.fixture(scope="module", name="stranger")
def stranger_fixture(cluster):
    """A token that is right in form and checksum, of another database."""
    with harness.Daemon(cluster.database(), cluster) as daemon:
        return daemon.first_administrator()


@pytest.mark.parametrize("header", [
    None, "", "Bearer", "Bearer ", "Basic YW5uYTphbm5h", f"Bearer {KNOWN_FORM}", f"Token {KNOWN_FORM}", "Bearer x",
    "Bearer " + "a" * 5000, "Bearer rctd_'; DROP TABLE rctd.account; --aaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    f"Bearer {KNOWN_FORM} {KNOWN_FORM}"])
def test_without_a_good_token_nobody_gets_in(shared, header):
    headers = {} if header is None else {"Authorization": header}
    answer = shared.daemon.get("/v1/me", headers=headers)
    assert answer.status in (401, 431), answer
    if answer.status == 401:
        refused(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_of_another_instance_is_refused_and_not_repeated_in_the_answer(shared, stranger):
    answer = shared.daemon.get("/v1/me", token=stranger)
    refused(answer, 401, "unauthenticated")
    assert stranger[5:] not in answer.text
    assert stranger[5:] not in shared.daemon.log()


def test_a_revoked_token_is_refused_at_once_on_every_daemon(world):
    second = world.another()
    token = world.token("coordinator")
    for daemon in world.daemons:
        check(daemon.get("/v1/me", token=token))
    tokens = world.items("administrator", "/v1/accounts/coordinator/tokens")
    path = f"/v1/accounts/coordinator/tokens/{tokens[-1]['token_id']}"
    gone = check(world.as_role("administrator", "DELETE", path))
    assert gone["revoked_at"] is not None
    for daemon in (second, world.daemon):
        problem = refused(daemon.get("/v1/me", token=token), 401, "unauthenticated")
        assert "revoked" in problem["detail"]
    check(second.get("/v1/me", token=world.tokens["coordinator"]))
    assert check(world.as_role("administrator", "DELETE", path)) == gone, "revoking again changes nothing"


def test_a_disabled_account_is_refused_at_once_on_every_daemon_and_comes_back(world):
    second = world.another()
    token = world.tokens["coordinator"]
    check(second.get("/v1/me", token=token))
    tag = world.get("administrator", "/v1/accounts/coordinator").headers["etag"]
    answer = world.as_role("administrator", "PATCH", "/v1/accounts/coordinator", {"disabled": True},
                           headers={"If-Match": tag})
    assert check(answer)["disabled_at"] is not None
    for daemon in (second, world.daemon):
        assert "disabled" in refused(daemon.get("/v1/me", token=token), 401, "unauthenticated")["detail"]
    answer = world.post("administrator", "/v1/accounts/coordinator/tokens", {"name": "one more"})
    assert "disabled" in refused(answer, 409, "refused")["detail"]
    tag = world.get("administrator", "/v1/accounts/coordinator").headers["etag"]
    check(world.as_role("administrator", "PATCH", "/v1/accounts/coordinator", {"disabled": False}, headers={"If-Match": tag}))
    check(second.get("/v1/me", token=token))


def test_an_expired_token_is_refused(world):
    world.cluster.sql(world.database, "UPDATE rctd.token SET created_at = now() - interval '2 days', "
                                      "expires_at = now() - interval '1 second' WHERE account_id = "
                                      "(SELECT account_id FROM rctd.account WHERE name = 'coordinator')")
    problem = refused(world.get("coordinator", "/v1/me"), 401, "unauthenticated")
    assert "expired" in problem["detail"]


def test_a_guesser_is_slowed_down_on_every_daemon_and_others_are_not(world, stranger):
    second = world.another()
    statuses = [world.daemon.get("/v1/me", token=stranger).status for _ in range(40)]
    assert statuses[:30] == [401] * 30, "a person who mistypes is not locked out"
    assert statuses[-1] == 429
    answer = second.get("/v1/me", token=stranger)
    refused(answer, 429, "rate-limited")
    assert int(answer.headers["retry-after"]) > 0
    for daemon in world.daemons:
        check(daemon.get("/v1/me", token=world.tokens["coordinator"]))


def test_me_says_who_and_in_which_roles(world):
    check(world.post("administrator", "/v1/trials", {"trial": "second", "title": "Another"}))
    for role, bounds in (("researcher", {"trial": "second", "county": "north"}), ("administrator", {})):
        check(world.post("administrator", "/v1/accounts/coordinator/grants", {"role": role, "reason": "Test", **bounds}))
    me = check(world.get("coordinator", "/v1/me"))
    assert (me["name"], me["display"], me["organisation"]) == ("coordinator", "Coordinator", "")
    assert me["roles"] == [
        {"role": "administrator", "trial": None, "county": None, "site": None, "purpose": None},
        {"role": "coordinator", "trial": "gems", "county": None, "site": None, "purpose": None},
        {"role": "researcher", "trial": "second", "county": "north", "site": None, "purpose": None}]
    assert me["token_expires_at"].endswith("Z")
    token = world.items("administrator", "/v1/accounts/coordinator/tokens")[0]
    assert token["expires_at"] == me["token_expires_at"] and token["last_used_at"] is not None
    unused = world.items("administrator", "/v1/accounts/researcher/tokens")[0]
    assert unused["last_used_at"] is None


ADMINISTRATION = [
    ("GET", "/v1/accounts", None), ("GET", "/v1/accounts/coordinator", None),
    ("POST", "/v1/accounts", {"name": "mallory", "display": "M"}),
    ("GET", "/v1/accounts/coordinator/tokens", None), ("POST", "/v1/accounts/administrator/tokens", {"name": "t"}),
    ("GET", "/v1/accounts/coordinator/grants", None),
    ("POST", "/v1/accounts/coordinator/grants", {"role": "administrator", "reason": "Mine"}),
    ("POST", "/v1/trials", {"trial": "mine", "title": "Mine"}),
    ("GET", "/v1/audit", None), ("GET", "/v1/audit/heads", None),
]


@pytest.mark.parametrize("role", ROLES)
def test_no_role_on_a_trial_administers_the_instance(shared, role):
    for method, path, body in ADMINISTRATION:
        refused(shared.as_role(role, method, path, body), 403, "forbidden")
    assert check(shared.get("administrator", "/v1/accounts/coordinator"))["roles"] == [
        {"role": "coordinator", "trial": "gems", "county": None, "site": None, "purpose": None}]


def test_an_administrator_does_nothing_in_a_trial(world):
    code = world.workplaces(1)[0]
    for method, path, body in [
            ("POST", f"{world.path}/allocations", {"workplace": code, "scheme": "main"}),
            ("POST", f"{world.path}/phases/main/close", {"reason": "Mine"}),
            ("GET", f"{world.path}/allocations", None), ("GET", f"{world.path}/audit", None),
            ("GET", f"{world.path}/protocols/1", None), ("GET", f"{world.path}/workplaces", None)]:
        refused(world.as_role("administrator", method, path, body), 403, "forbidden")


def test_an_account_without_a_role_learns_nothing_of_trials_that_are_there(world):
    check(world.post("administrator", "/v1/accounts", {"name": "guest", "display": "Guest"}))
    token = world.token("guest")
    there = world.daemon.get(world.path, token=token)
    elsewhere = world.daemon.get("/v1/trials/nothing", token=token)
    assert (there.status, elsewhere.status) == (403, 403)
    assert there.json()["detail"].replace("gems", "*") == elsewhere.json()["detail"].replace("nothing", "*")
    assert check(world.daemon.get("/v1/trials", token=token))["items"] == []
    assert check(world.daemon.get("/v1/me", token=token))["roles"] == []


def grant(world, account, **body):
    return world.post("administrator", f"/v1/accounts/{account}/grants", {"reason": "Test", **body})


def revoke(world, account, role, status=200):
    held = [item for item in world.items("administrator", f"/v1/accounts/{account}/grants")
            if item["role"] == role and item["revoked_at"] is None]
    answer = world.as_role("administrator", "DELETE", f"/v1/accounts/{account}/grants/{held[0]['grant']}")
    assert answer.status == status, answer
    return answer.json()


def test_who_defines_the_sequence_never_enrols(world):
    problem = refused(grant(world, "coordinator", role="trial-manager", trial="gems"), 409, "refused")
    assert "does not enrol" in problem["detail"]
    problem = refused(grant(world, "trial-manager", role="coordinator", trial="gems"), 409, "refused")
    assert "does not enrol" in problem["detail"]
    revoke(world, "trial-manager", "trial-manager")
    problem = refused(grant(world, "trial-manager", role="coordinator", trial="gems"), 409, "refused")
    assert "locked a protocol" in problem["detail"]
    check(world.allocate(world.workplaces(1)[0]), 201)
    revoke(world, "coordinator", "coordinator")
    problem = refused(grant(world, "coordinator", role="trial-manager", trial="gems"), 409, "refused")
    assert "allocated" in problem["detail"]


@pytest.mark.parametrize("role, bounds", [("statistician", {"trial": "gems"}), ("auditor", {"trial": "gems"}), ("auditor", {})])
def test_who_can_read_the_block_sizes_never_enrols(shared, role, bounds):
    name = f"reader-{role}-{len(bounds)}"
    check(shared.post("administrator", "/v1/accounts", {"name": name, "display": "Reader"}))
    problem = refused(grant(shared, "coordinator", role=role, **bounds), 409, "refused")
    assert "does not enrol" in problem["detail"]
    check(grant(shared, name, role=role, **bounds), 201)
    problem = refused(grant(shared, name, role="coordinator", trial="gems", county="north"), 409, "refused")
    assert "statistician or auditor" in problem["detail"]
    revoke(shared, name, role)
    check(grant(shared, name, role="coordinator", trial="gems"), 201)


def test_two_administrators_cannot_together_make_one_account_both(world):
    second = world.another()
    for n in range(8):
        name = f"both{n}"
        check(world.post("administrator", "/v1/accounts", {"name": name, "display": "Both"}))
        other = {"role": "trial-manager", "trial": "gems"} if n % 2 else {"role": "auditor"}
        wanted = ((world.daemon, {"role": "coordinator", "trial": "gems"}), (second, other))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda pair: pair[0].post(
                f"/v1/accounts/{name}/grants", {"reason": "Test", **pair[1]},
                token=world.tokens["administrator"], key=key()), wanted))
        assert sorted(answer.status for answer in answers) == [201, 409], answers
        assert len(check(world.get("administrator", f"/v1/accounts/{name}"))["roles"]) == 1


def test_a_role_taken_back_is_gone_at_once_on_every_daemon_and_stays_in_the_list(world):
    second = world.another()
    check(second.get(f"{world.path}/workplaces", token=world.tokens["researcher"]))
    gone = revoke(world, "researcher", "researcher")
    assert gone["revoked_at"] is not None
    refused(second.get(f"{world.path}/workplaces", token=world.tokens["researcher"]), 403, "forbidden")
    assert world.items("administrator", "/v1/accounts/researcher/grants") == [gone]
    check(grant(world, "researcher", role="researcher", trial="gems"), 201)
    check(second.get(f"{world.path}/workplaces", token=world.tokens["researcher"]))


@pytest.mark.parametrize("body, wanted", [
    ({}, ["/reason", "/role"]),
    ({"role": "king", "reason": "x"}, ["/role"]),
    ({"role": "coordinator", "reason": "x"}, ["/trial"]),
    ({"role": "coordinator", "trial": "nothing", "reason": "x"}, ["/trial"]),
    ({"role": "administrator", "trial": "gems", "reason": "x"}, ["/trial"]),
    ({"role": "statistician", "trial": "gems", "county": "north", "reason": "x"}, ["/county"]),
    ({"role": "auditor", "site": "a", "county": "b", "reason": "x"}, ["/county", "/site"]),
    ({"role": "auditor", "trial": "gems", "reason": " "}, ["/reason"]),
    ({"role": "researcher", "trial": "gems", "county": " ", "reason": "x"}, ["/county"]),
    ({"role": "researcher", "trial": "gems", "reason": "x", "until": "2030-01-01"}, ["/until"]),
])
def test_a_role_that_cannot_be_given_names_the_field(shared, body, wanted):
    problem = refused(shared.post("administrator", "/v1/accounts/researcher/grants", body), 422, "invalid-fields")
    assert pointers(problem) == wanted


def test_a_role_is_not_given_twice(shared):
    assert "already" in refused(grant(shared, "researcher", role="researcher", trial="gems"), 409, "conflict")["detail"]


@pytest.mark.parametrize("body, wanted", [
    ({}, ["/display", "/name"]),
    ({"name": "Anna", "display": "Anna"}, ["/name"]),
    ({"name": "rctd", "display": "The daemon"}, ["/name"]),
    ({"name": "database:postgres", "display": "A superuser"}, ["/name"]),
    ({"name": "a" * 64, "display": "Long"}, ["/name"]),
    ({"name": "anna", "display": "  "}, ["/display"]),
    ({"name": "anna", "display": "Anna", "password": "secret"}, ["/password"]),
    ({"name": "anna", "display": "An\u0000na"}, None),
])
def test_an_account_that_cannot_be_made_names_the_field(shared, body, wanted):
    answer = shared.post("administrator", "/v1/accounts", body)
    if wanted is None:
        refused(answer, 400, "malformed-request")
    else:
        assert pointers(refused(answer, 422, "invalid-fields")) == wanted


@pytest.mark.parametrize("body, wanted", [
    ({}, ["/name"]),
    ({"name": " "}, ["/name"]),
    ({"name": "t", "days": 0}, ["/days"]),
    ({"name": "t", "days": 367}, ["/days"]),
    ({"name": "t", "days": "90"}, ["/days"]),
    ({"name": "t", "expires_at": "2020-01-01T00:00:00Z"}, ["/expires_at"]),
    ({"name": "t", "expires_at": "2999-01-01T00:00:00Z"}, ["/expires_at"]),
    ({"name": "t", "expires_at": "tomorrow"}, ["/expires_at"]),
    ({"name": "t", "expires_at": "2027-01-01T00:00:00Z", "days": 3}, ["/expires_at"]),
])
def test_a_token_that_cannot_be_made_names_the_field(shared, body, wanted):
    problem = refused(shared.post("administrator", "/v1/accounts/coordinator/tokens", body), 422, "invalid-fields")
    assert pointers(problem) == wanted


def test_the_secret_of_a_token_is_in_its_first_answer_and_nowhere_else(world):
    made = world.post("administrator", "/v1/accounts/coordinator/tokens", {"name": "desk"}, key="the key of this request")
    token = check(made, 201)["token"]
    assert re.fullmatch(r"rctd_[A-Za-z0-9_-]{43}[0-9a-f]{6}", token)
    check(world.daemon.get("/v1/me", token=token))
    world.daemon.get("/v1/me", token=token[:-1] + "x")
    dump = subprocess.run([f"{harness.pg_bin()}/pg_dump", "--inserts", "-d", world.cluster.superuser(world.database)],
                          check=True, capture_output=True, text=True).stdout
    assert "coordinator" in dump
    listed = world.get("administrator", "/v1/accounts/coordinator/tokens").text
    trail = world.get("administrator", "/v1/audit?limit=1000").text
    assert '"desk' in listed and 'desk' in trail
    for place in (dump, listed, trail, world.daemon.log(), world.cluster.log()):
        assert token[5:48] not in place
    stored = world.cluster.sql(world.database, "SELECT encode(hash, 'hex') FROM rctd.token WHERE name = 'desk'")
    assert stored not in listed and stored not in trail


def test_a_tokens_name_is_used_once_until_it_is_revoked(world):
    path = "/v1/accounts/coordinator/tokens"
    first = check(world.post("administrator", path, {"name": "desk"}), 201)
    assert "desk" in refused(world.post("administrator", path, {"name": "desk"}), 409, "conflict")["detail"]
    check(world.as_role("administrator", "DELETE", f"{path}/{first['token_id']}"))
    check(world.post("administrator", path, {"name": "desk"}), 201)


def test_what_is_not_there_is_said_to_be_not_there(shared):
    for path in ("/v1/accounts/nobody", "/v1/accounts/nobody/tokens", "/v1/accounts/nobody/grants", "/v1/accounts/%27"):
        refused(shared.get("administrator", path), 404, "not-found")
    other = shared.items("administrator", "/v1/accounts/researcher/tokens")[0]["token_id"]
    for end in ("tokens/x", f"tokens/{other}", "grants/x", "grants/019386f2-5a0e-7cc3-9f42-0d6a3c1b7e55"):
        refused(shared.as_role("administrator", "DELETE", f"/v1/accounts/coordinator/{end}"), 404, "not-found")
    check(shared.get("researcher", "/v1/me"))


def test_a_change_needs_the_tag_of_what_was_read(world):
    path = "/v1/accounts/coordinator"
    tag = world.get("administrator", path).headers["etag"]
    refused(world.as_role("administrator", "PATCH", path, {"display": "A"}), 428, "precondition-required")
    refused(world.as_role("administrator", "PATCH", path, {"display": "A"}, headers={"If-Match": '"v99"'}), 412, "stale")
    refused(world.as_role("administrator", "PATCH", path, {"display": "A"}, headers={"If-Match": "v1"}), 400, "malformed-request")
    problem = refused(world.as_role("administrator", "PATCH", path, {}, headers={"If-Match": tag}), 422, "invalid-fields")
    assert "nothing" in problem["detail"]
    answer = world.as_role("administrator", "PATCH", path, {"display": "Coordinator"}, headers={"If-Match": tag})
    assert check(answer) and answer.headers["etag"] == tag, "what is changed to what it was keeps its tag"
    answer = world.as_role("administrator", "PATCH", path, {"display": "Anna", "organisation": "Region"}, headers={"If-Match": tag})
    assert (check(answer)["display"], check(answer)["organisation"]) == ("Anna", "Region")
    assert answer.headers["etag"] != tag
    refused(world.as_role("administrator", "PATCH", path, {"display": "B"}, headers={"If-Match": tag}), 412, "stale")
    assert check(world.get("administrator", path))["display"] == "Anna"


def test_of_two_who_change_an_account_at_once_one_is_told(world):
    second = world.another()
    path = "/v1/accounts/coordinator"
    for n in range(10):
        tag = world.get("administrator", path).headers["etag"]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda daemon: daemon.patch(
                path, {"display": f"Name {n} of {daemon.port}"}, token=world.tokens["administrator"],
                headers={"If-Match": tag}), (world.daemon, second)))
        assert sorted(answer.status for answer in answers) == [200, 412], answers
        winner = next(answer for answer in answers if answer.status == 200).json()
        assert check(world.get("administrator", path))["display"] == winner["display"]


def test_the_last_administrator_stays(shared):
    problem = refused(shared.as_role("administrator", "PATCH", "/v1/accounts/admin", {"disabled": True},
                                    headers={"If-Match": "*"}), 409, "refused")
    assert "last administrator" in problem["detail"]
    problem = revoke(shared, "admin", "administrator", 409)
    assert "last administrator" in problem["detail"]
    check(shared.get("administrator", "/v1/accounts"))


def test_two_administrators_who_remove_each_other_leave_one(world):
    second = world.another()
    names = ["admin", "other"]
    check(world.post("administrator", "/v1/accounts", {"name": "other", "display": "Other"}))
    tokens = {"admin": world.tokens["administrator"], "other": world.token("other")}
    left = "admin"
    for _ in range(6):
        fallen = next(name for name in names if name != left)
        check(world.daemon.post(f"/v1/accounts/{fallen}/grants", {"role": "administrator", "reason": "Again"},
                                token=tokens[left], key=key()), 201)
        held = {name: next(item["grant"] for item in check(world.daemon.get(
            f"/v1/accounts/{name}/grants?limit=1000", token=tokens[left]))["items"] if item["revoked_at"] is None) for name in names}
        pairs = (("admin", "other", world.daemon), ("other", "admin", second))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda pair: pair[2].delete(
                f"/v1/accounts/{pair[1]}/grants/{held[pair[1]]}", token=tokens[pair[0]]), pairs))
        done = [pair[0] for pair, answer in zip(pairs, answers) if answer.status == 200]
        assert len(done) == 1, answers
        assert [answer.status for answer in answers if answer.status != 200][0] in (403, 409)
        left = done[0]


def test_the_first_administrator_comes_once(cluster):
    with World(cluster, protocol=None) as world:
        path = f"{world.daemon.directory}/second.token"
        done = harness.run_rctd("--config", world.daemon.config, "--first-administrator", "mallory", "--token-file", path,
                                check=False)
        assert done.returncode != 0 and "administrator already" in done.stderr
        assert not os.path.exists(path)
        refused(world.get("administrator", "/v1/accounts/mallory"), 404, "not-found")


def test_two_first_administrators_at_once_are_one(cluster):
    with harness.Daemon(cluster.database(), cluster) as daemon:
        def make(name):
            return harness.run_rctd("--config", daemon.config, "--first-administrator", name, "--token-file",
                                    f"{daemon.directory}/{name}.token", check=False).returncode
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            statuses = list(pool.map(make, [f"root{n}" for n in range(6)]))
        assert statuses.count(0) == 1, statuses
        count = cluster.sql(daemon.database, "SELECT count(*) FROM rctd.account")
        assert count == "1"


def test_a_long_list_of_accounts_comes_page_by_page_without_a_gap(world):
    names = sorted(["admin", *ROLES, *(f"person{n:02d}" for n in range(25))])
    for name in names:
        if name.startswith("person"):
            check(world.post("administrator", "/v1/accounts", {"name": name, "display": "P"}))
    seen, path = [], "/v1/accounts?limit=7"
    while path:
        answer = world.get("administrator", path)
        page = check(answer)
        assert len(page["items"]) <= 7
        seen += [item["name"] for item in page["items"]]
        link = answer.headers.get("link")
        assert (link is None) == (page["next"] is None)
        path = link and re.fullmatch(r'<(.*)>; rel="next"', link).group(1)
    assert seen == names
    for query in ("limit=0", "limit=1001", "limit=x", "after=%21", "colour=red"):
        refused(world.get("administrator", f"/v1/accounts?{query}"), 422, "invalid-fields")
    refused(world.get("administrator", "/v1/accounts/coordinator/tokens?after=YWJj"), 422, "invalid-fields")
