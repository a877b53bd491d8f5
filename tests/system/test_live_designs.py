"""Every design through the daemon: the ledger is what its seed and its units give, one after another, also when
16 clients ask two daemons at once; what a second implementation in plain Python (tests/golden) computes from
the ledger's rows is what they say."""
import concurrent.futures
import itertools
import json
import threading

import allocation
import constrained
from designs import MINIMISED, PROTOCOL, STRATUM_METHODS, assert_batches, assert_minimised, assert_verified, assert_whole, batch, compare, dry_run, rctctl, rows_of, seed_and_label
import harness
from kills import allocate_through_kills, same_again
import pytest
from shapes import hold, schema_of
from world import WITH_PEOPLE, World, check, key


@pytest.fixture
def designs(cluster):
    with World(cluster, protocol=PROTOCOL) as made:
        yield made


TOO_LARGE = "employees is 500000, which lies outside of every band of size"


def giant(world):
    """A workplace that is in no band of size."""
    return check(world.import_table("name,number,sector,employees,county\nGiant,900001,private,500000,north\n"))["first"]


@pytest.mark.parametrize("name", STRATUM_METHODS)
def test_a_stratum_of_any_method_is_the_sequence_of_its_seed(designs, name):
    method, ratio, parameters = STRATUM_METHODS[name]
    codes = designs.workplaces(32)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for answer in pool.map(lambda code: designs.allocate(code, f"main.{name}"), codes):
            told = check(answer, 201)
            assert told["arm"] in ratio and told["randomised"] is True and "method" not in told
    rows = rows_of(designs, name)
    for stratum in ("sector=private", "sector=public"):
        mine = [row for row in rows if row["stratum"] == stratum]
        assert [row["position"] for row in mine] == list(range(1, 17))
        expected = allocation.sequence(*seed_and_label(designs, name), *[stratum, method, ratio, parameters])
        assert [row["arm"] for row in mine] == list(itertools.islice(expected, 16))
        counts = {arm: 0 for arm in ("opal", "jade", "onyx")}
        for row in mine:
            shown = row["decision"]["counts"]
            assert shown == [counts[arm] for arm in list(counts)[:len(shown)]] and row["method"] == method
            counts[row["arm"]] += 1
    assert_whole(designs)
    assert_verified(designs, name)


@pytest.mark.parametrize("scheme", MINIMISED)
def test_16_clients_on_two_daemons_minimise_as_one_client_would(designs, scheme):
    second = designs.another()
    codes = designs.workplaces(320)

    def client(number):
        daemon = (designs.daemon, second)[number % 2]
        return [check(designs.allocate(code, f"main.{scheme}", daemon=daemon), 201) for code in codes[number::16]]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(itertools.chain.from_iterable(pool.map(client, range(16))))
    rows = assert_minimised(designs, scheme, 320)
    for answer in answers:
        row = rows[answer["position"] - 1]
        assert (answer["arm"], answer["workplace"], answer["stratum"]) == (row["arm"], row["unit"], "")
        assert "decision" not in answer
    assert_whole(designs)
    assert_verified(designs, scheme)


def test_an_error_amid_others_leaves_nothing_in_the_tally(designs):
    """A batch of waiting requests in which one fails is undone as a whole: what it had counted is gone."""
    codes = designs.workplaces(120)
    wanted = [code for n, code in enumerate(codes) for code in ([code, f"W9{n:03d}"] if n % 3 == 0 else [code])]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = [answer.status for answer in pool.map(lambda code: designs.allocate(code, "main.minimised"), wanted)]
    assert statuses.count(201) == 120 and statuses.count(404) == 40
    assert_minimised(designs, "minimised", 120)


def test_a_tally_is_counted_again_where_the_ledger_is_another(designs):
    """The database is set back to an earlier hour, as after a failover that lost its end: what was counted is dropped."""
    codes = designs.workplaces(30)
    for code in codes[:10]:
        check(designs.allocate(code, "main.minimised"), 201)
    designs.cluster.sql(designs.database, """
        SET session_replication_role = replica;
        DELETE FROM rctd.audit d USING rctd.allocation l WHERE d.stream = 'stratum:' || l.stream_key AND l.position > 6 AND d.sequence > 6;
        DELETE FROM rctd.allocation WHERE position > 6;""")
    for code in codes[10:]:
        check(designs.allocate(code, "main.minimised"), 201)
    assert_minimised(designs, "minimised", 26)


def test_an_amendment_amid_minimisation_loses_no_count(designs):
    second = designs.another()
    codes = designs.workplaces(100)
    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        def client(number):
            for n in range(number, 90, 8):
                check(designs.allocate(codes[n], "main.minimised", daemon=(designs.daemon, second)[n % 2]), 201)

        waiting = [pool.submit(client, number) for number in range(8)]
        for title in ("First", "Second", "Third"):
            pool.submit(designs.lock, designs.protocol.replace("Gems at work", title)).result()
        for future in waiting:
            future.result()
    for n, code in enumerate(codes[90:]):  # more versions than a worker keeps
        designs.lock(designs.protocol.replace("Gems at work", f"Title {n}"))
        check(designs.allocate(code, "main.minimised"), 201)
    assert_minimised(designs, "minimised", 100)


def test_a_daemon_killed_while_it_minimises_loses_no_answer_and_counts_on(designs):
    codes = designs.workplaces(600)
    answered = allocate_through_kills(designs, codes, "main.minimised", 8)
    assert len(answered) == len(codes)
    rows = assert_minimised(designs, "minimised", len(codes))
    for code, told in same_again(designs, answered, "main.minimised", 60):
        assert rows[told["position"] - 1]["unit"] == code
    assert_whole(designs)


def test_a_missing_level_is_told_in_words_and_a_dry_run_shows_levels_but_no_arm(designs):
    known = designs.workplaces(1)[0]
    unknown = giant(designs)
    path = f"{designs.path}/allocations/dry-run"
    shown = check(designs.post("coordinator", path, {"workplace": known, "scheme": "main.minimised"}))
    assert (shown["stratum"], shown["levels"], shown["eligible"]) == ("", {"sector": "public", "size": "1-9"}, True)
    blank = check(designs.post("coordinator", path, {"workplace": unknown, "scheme": "main.minimised"}))
    assert blank["levels"] is None and blank["eligible"] is False
    assert blank["missing"] == [f"employees: {TOO_LARGE}"]
    refused = designs.allocate(unknown, "main.minimised")
    assert refused.status == 409 and TOO_LARGE in refused.text, refused
    assert rows_of(designs, "minimised") == []


def test_16_clients_on_two_daemons_allocate_batches_one_after_another(designs):
    second = designs.another()
    codes = designs.workplaces(96)
    shares = [codes[n * 6:n * 6 + 6] for n in range(16)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: check(batch(designs, shares[n], daemon=(designs.daemon, second)[n % 2]), 201), range(16)))
    assert sorted(answer["batch"] for answer in answers) == list(range(1, 17))
    rows = assert_batches(designs, "at-once", [6] * 16)
    for answer in answers:
        mine = [row for row in rows if row["decision"]["batch"] == answer["batch"]]
        units = [row["unit"] for row in mine]
        assert units == sorted(units) == [made["workplace"] for made in answer["allocations"]]
        assert [row["arm"] for row in mine] == [made["arm"] for made in answer["allocations"]]
        assert [row["position"] for row in mine] == [made["position"] for made in answer["allocations"]]
        assert [row["arm"] for row in mine].count("opal") == 3
        assert {row["decision"]["chosen"] for row in mine} == {answer["chosen"]}
        assert all(made["receipt"] for made in answer["allocations"])
    assert_whole(designs)
    assert_verified(designs, "at-once")


def test_a_batch_is_allocated_as_a_whole_or_not_at_all(designs):
    codes = designs.workplaces(8)
    blank = giant(designs)
    refused = batch(designs, [*codes, blank])
    assert refused.status == 409, refused
    assert [(e["pointer"], e["detail"]) for e in refused.json()["errors"]] == [("/units/8", f"{blank}: employees: {TOO_LARGE}")]
    assert [r["workplace"] for r in designs.items("auditor", f"{designs.path}/attempts")] == [blank]
    unknown = batch(designs, [*codes, "W9999"])
    assert unknown.status == 404 and "W9999" in unknown.text, unknown
    twice = batch(designs, [*codes, codes[0]])
    assert twice.status == 422 and twice.json()["errors"][0]["pointer"] == "/units/8", twice
    assert batch(designs, codes, key=None).status == 400
    assert rows_of(designs, "at-once") == []
    made = check(batch(designs, codes), 201)
    assert (made["batch"], made["assignments"], made["enumerated"], len(made["allocations"])) == (1, 70, True, 8)
    again = batch(designs, codes)
    assert again.status == 409 and "Allocated in main.at-once already" in again.text, again
    assert len(rows_of(designs, "at-once")) == 8


def test_a_batch_repeated_with_its_key_gives_the_same_answer_and_another_request_is_refused(designs):
    codes = designs.workplaces(16)
    its_key = key()
    gate = threading.Barrier(12)
    second = designs.another()

    def client(number):
        gate.wait()
        return batch(designs, codes[:8], key=its_key, daemon=(designs.daemon, second)[number % 2])

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(client, range(12)))
    assert {answer.status for answer in answers} <= {201, 409}
    told = {answer.body for answer in answers if answer.status == 201}
    assert len(told) == 1 and len(rows_of(designs, "at-once")) == 8
    assert batch(designs, codes[:8], key=its_key).body in told
    other = batch(designs, codes[8:], key=its_key)
    assert other.status == 422 and other.json()["type"].endswith("idempotency-key-reused"), other
    alone = designs.allocate(codes[8], "main.minimised", key=its_key)
    assert alone.status == 422, alone
    assert len(rows_of(designs, "at-once")) == 8 and rows_of(designs, "minimised") == []


def test_a_sampled_batch_in_strata_balances_each_stratum(designs):
    codes = designs.workplaces(16)
    made = check(batch(designs, codes, "main.by-sector"), 201)
    assert made["enumerated"] is False and made["assignments"] >= 400
    for sector in ("public", "private"):
        mine = sorted(row["arm"] for row in rows_of(designs, "by-sector") if row["attributes"]["sector"] == sector)
        assert mine == ["jade"] * 2 + ["onyx"] * 2 + ["opal"] * 4
    assert_batches(designs, "by-sector", [16])
    assert_verified(designs, "by-sector")


def test_a_batchs_dry_run_shows_how_many_ways_there_are_and_never_which(designs):
    codes = designs.workplaces(8)
    shown = check(dry_run(designs, codes))
    assert shown["eligible"] is True and shown["missing"] == []
    assert (shown["assignments"], shown["enumerated"]) == (70, True)
    assert any("Only" in warning for warning in shown["warnings"])
    assert {unit["workplace"] for unit in shown["units"]} == set(codes)
    assert all(pair["together"] <= 0.25 or pair["together"] >= 0.75 for pair in shown["pairs"])
    text = json.dumps(shown)
    assert not any(word in text for word in ("opal", "jade", "onyx", "chosen", "arm\""))
    assert rows_of(designs, "at-once") == []
    records = designs.items("auditor", f"{designs.path}/attempts")
    assert sorted(record["workplace"] for record in records) == sorted(codes)
    blank = giant(designs)
    told = check(dry_run(designs, [*codes, blank]))
    assert told["eligible"] is False and told["assignments"] is None
    assert [unit["workplace"] for unit in told["units"] if not unit["eligible"]] == [blank]


def test_a_batch_that_would_hold_up_all_others_is_refused(designs):
    codes = designs.workplaces(30)
    shown = check(dry_run(designs, codes, "main.absurd"))
    assert shown["eligible"] is False and "more than others can wait for" in shown["missing"][0]
    refused = batch(designs, codes, "main.absurd")
    assert refused.status == 409 and "more than others can wait for" in refused.text and "`sample`" in refused.text, refused
    assert designs.ledger() == []
    assert check(batch(designs, codes[:8], "main.absurd"), 201)["assignments"] == 70


def test_schemes_send_each_other_to_the_right_route(designs):
    codes = designs.workplaces(4)
    alone = designs.allocate(codes[0], "main.at-once")
    assert alone.status == 409 and "/allocations/batch" in alone.text and "--all" in alone.text, alone
    together = batch(designs, codes, "main.minimised")
    assert together.status == 409 and "one workplace at a time" in together.text, together
    chosen = designs.post("coordinator", f"{designs.path}/allocations",
                          {"workplace": codes[0], "scheme": "main.minimised", "arm": "opal", "reason": "Please"})
    assert chosen.status == 422 and "nobody chooses" in chosen.text, chosen
    assert designs.ledger() == []


def test_who_is_not_randomised_has_a_reason_says_so_and_is_counted_apart(designs):
    codes = designs.workplaces(6)
    for wrong, pointer in (({}, "/arm"), ({"arm": "jade"}, "/reason"), ({"arm": "opal", "reason": "Wants"}, "/arm"),
                           ({"arm": "jade", "reason": ""}, "/reason")):
        refused = compare(designs, codes[0], **wrong)
        assert refused.status == 422 and refused.json()["errors"][0]["pointer"] == pointer, refused
    made = check(compare(designs, codes[0], arm="jade", reason="The neighbour"), 201)
    assert (made["arm"], made["randomised"], made["position"]) == ("jade", False, 1)
    check(compare(designs, codes[1], arm="onyx", reason="Another"), 201)
    check(designs.allocate(codes[2], "main.minimised"), 201)
    assert [(row["arm"], row["decision"]) for row in rows_of(designs, "neighbours")] == [
        ("jade", {"reason": "The neighbour"}), ("onyx", {"reason": "Another"})]
    listed = designs.items("coordinator", f"{designs.path}/allocations")
    assert sorted((item["scheme"], item["randomised"]) for item in listed) == [
        ("main.minimised", True), ("main.neighbours", False), ("main.neighbours", False)]
    for role in ("researcher", "coordinator"):
        told = check(designs.get(role, f"{designs.path}/recruitment"))
        assert (told["allocated"], told["not_randomised"]) == (1, 2)
        (phase,) = told["phases"]
        assert (phase["allocated"], phase["not_randomised"], phase["share"]) == (1, 2, 1 / 500)
    assert check(designs.get("researcher", f"{designs.path}/phases"))["items"][0]["allocated"] == 1
    assert_whole(designs)


def test_a_comparison_needs_no_seed(cluster):
    with World(cluster, protocol=PROTOCOL) as designs:
        codes = designs.workplaces(2)
        bare = harness.Daemon(designs.database, cluster, config={"master_key_file": None})
        try:
            body = {"workplace": codes[0], "scheme": "main.neighbours", "arm": "jade", "reason": "The neighbour"}
            token = designs.tokens["coordinator"]
            check(bare.request("POST", f"{designs.path}/allocations", body, token=token, key=key()), 201)
            for scheme in ("main.minimised", "main.simple"):
                assert designs.allocate(codes[1], scheme, daemon=bare).status == 503
            assert batch(designs, codes, daemon=bare).status == 503
        finally:
            bare.stop()
        assert len(designs.ledger()) == 1


def test_rctctl_allocates_everybody_who_waits_at_once(designs):
    codes = designs.workplaces(8)
    check(designs.allocate(codes[0], "main.minimised"), 201)
    shown = rctctl(designs, "allocate", "gems", "--scheme", "main.at-once", "--all", "--dry-run")
    assert "7 units together: can be allocated" in shown and "35 assignments" in shown
    assert rows_of(designs, "at-once") == []
    made = rctctl(designs, "allocate", "gems", "--scheme", "main.at-once", "--all", "--yes", "--csv")
    rows = rows_of(designs, "at-once")
    assert [row["unit"] for row in rows] == codes[1:]
    assert all(f"{row['unit']}," in made and row["arm"] in made for row in rows)
    refused = rctctl(designs, "allocate", "gems", *codes[1:3], "--scheme", "main.at-once", "--yes", status=4)
    again = rctctl(designs, "allocate", "gems", "--scheme", "main.at-once", "--all", "--yes", "--csv", status=4)
    assert again == ""
    assert "Allocated in main.at-once already" in refused


def test_everybody_at_once_repeated_with_the_key_of_a_lost_answer_gives_that_answer(designs):
    designs.workplaces(8)
    words = ("allocate", "gems", "--scheme", "main.at-once", "--all", "--yes", "--json", "--key", key())
    made = json.loads(rctctl(designs, *words))
    assert json.loads(rctctl(designs, *words)) == made
    assert len(rows_of(designs, "at-once")) == 8


def test_rctctl_records_a_comparison_with_its_reason(designs):
    code = designs.workplaces(1)[0]
    rctctl(designs, "allocate", "gems", code, "--scheme", "main.neighbours", "--yes", status=6)
    made = json.loads(rctctl(designs, "allocate", "gems", code, "--scheme", "main.neighbours", "--arm", "jade",
                             "--reason", "The neighbour", "--yes", "--json"))
    assert (made["arm"], made["randomised"]) == ("jade", False)
    assert "RANDOMISED" in rctctl(designs, "ledger", "list", "gems")


def test_answers_about_batches_and_comparisons_have_the_shape_that_is_described(designs):
    document = check(designs.get("coordinator", "/openapi.json"))
    codes = designs.workplaces(8)
    route = "/v1/trials/{trial}/allocations"
    for path, body in (("", {"workplace": codes[0], "scheme": "main.neighbours", "arm": "jade", "reason": "The neighbour"}),
                       ("", {"workplace": codes[0], "scheme": "main.minimised"}),
                       ("/dry-run", {"workplace": codes[1], "scheme": "main.minimised"}),
                       ("/batch/dry-run", {"scheme": "main.at-once", "units": codes}),
                       ("/batch/dry-run", {"scheme": "main.at-once", "units": [*codes, giant(designs)]}),
                       ("/batch", {"scheme": "main.at-once", "units": codes})):
        answer = designs.post("coordinator", f"{designs.path}/allocations{path}", body)
        assert answer.status in (200, 201), answer
        hold(document, schema_of(document, route + path, "post", answer.status), answer.json(), path)


PEOPLE_AT_ONCE = WITH_PEOPLE.replace("""\
      method: minimisation
      ratio: {opal: 1, jade: 1, onyx: 1}
      factors: {sex: 1}
      p: 0.8
      measure: range
""", """\
      method: constrained
      ratio: {opal: 1, jade: 1}
      factors: {birth_year: 1, sex: 2}
""")


def test_people_are_allocated_at_once_whichever_way_their_codes_are_written(cluster):
    with World(cluster, protocol=PEOPLE_AT_ONCE, phases=("main", "people")) as designs:
        designs.workplaces(1)
        codes = designs.people(12)
        (late,) = designs.people(1, ready=False)
        refused = batch(designs, [*codes, late], "people")
        assert refused.status == 409 and all(e["detail"].startswith(f"{late}: ") for e in refused.json()["errors"]), refused
        assert batch(designs, [*codes, codes[0].lower()], "people").status == 422
        assert batch(designs, [*codes, "W0001"], "people").status == 404
        rctctl(designs, "allocate", "gems", "--scheme", "people", "--all", "--yes", status=4)
        made = check(batch(designs, [f"{code[:4]}-{code[4:]}".lower() for code in codes], "people"), 201)
        assert [item["participant"] for item in made["allocations"]] == sorted(codes)
        rows = json.loads(designs.cluster.sql(designs.database, """
            SELECT json_agg(r ORDER BY position) FROM (
                SELECT l.position, l.arm, u.code AS unit, u.attributes FROM rctd.allocation l JOIN rctd.unit u USING (trial_id, unit_id)) r"""))
        units = [{"id": row["unit"], "birth_year": float(row["attributes"]["birth_year"]), "sex": row["attributes"]["sex"]} for row in rows]
        factors = {"birth_year": {"kind": "number"}, "sex": {"kind": "categorical", "levels": ["woman", "man"], "weight": 2}}
        expected = constrained.Problem(units, factors, [1, 1]).allocate(bytes.fromhex(designs.seed("people")), "gems/people", 1)
        assert [row["arm"] for row in rows] == [("opal", "jade")[arm] for arm in expected["arms"]]
        assert [item["arm"] for item in made["allocations"]] == [row["arm"] for row in rows]
