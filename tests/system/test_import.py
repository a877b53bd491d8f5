"""People from a table with who they are: all of them or none, every faulty row told and no value repeated; sealed in
the vault, one row of the trail each; and others are served meanwhile."""
import concurrent.futures
import csv
import json
import os
import pty
import random
import subprocess

import harness
import identity
from locks import locked, waiting
import pytest
from trail import tamper, verify
from world import WITH_PEOPLE, World, check, key, text_of

PROTOCOL = WITH_PEOPLE.replace("participant:\n", """\
participant:
  identity: {type: se-personnummer, required: yes, store: vault}
  contact: [name, phone, email, address]
""")
HEADER = "workplace,from,sex,birth_year,identity,name,phone,email,address"
NEUTRAL = "this person cannot be registered in this trial"


@pytest.fixture(name="people")
def people_fixture(cluster):
    with World(cluster, PROTOCOL, phases=("main", "people")) as world:
        world.workplaces(16)
        yield world


def numbers(count, seed=1):
    """So many people, each once."""
    dice = random.Random(seed)
    made = {}
    while len(made) < count:
        written, normal = identity.make_personal(dice, 2026)
        made.setdefault(normal, written)
    return list(made.values())


def row(n, number):
    return (f"W{1 + n % 16:04d},2020-01-{1 + n % 28:02d},{('woman', 'man')[n % 2]},{1960 + n % 40},{number},Vera Quill{n},"
            f'070-{n:07d},vera{n}@quill.example,"Longstreet {n}, Town"')


def table(written, first=0):
    return "\n".join([HEADER, *(row(first + n, number) for n, number in enumerate(written))]) + "\n"


def bring(world, text, query="", **more):
    return world.post("coordinator", f"{world.path}/participants/import{query}", text.encode(),
                      headers={"Content-Type": "text/csv"}, **more)


def count(world, sql):
    return int(world.cluster.sql(world.database, f"SELECT count(*) FROM {sql}"))


def settings(world, tmp_path):
    return {**os.environ, "RCTD_URL": f"http://127.0.0.1:{world.daemon.port}", "RCTD_TOKEN": world.tokens["coordinator"],
            "HOME": str(tmp_path)}


def test_a_registration_is_one_row_of_the_trail_and_what_is_stored_is_what_it_says(people):
    assert check(bring(people, table(numbers(40))))["imported"] == 40
    trail = people.cluster.rows(people.database, """SELECT a.object_kind, a.new FROM rctd.audit a
        JOIN rctd.participant p ON a.stream = 'unit:' || p.unit_id""")
    assert [kind for kind, _ in trail] == ["registration"] * 40
    for _, new in trail:
        assert set(json.loads(new)) == {"unit", "participant", "employment", "identity"}
        assert "quill" not in new.lower() and "Longstreet" not in new and "number_hash" not in new
    assert verify(people)[:2] == (0, {})
    tamper(people, "UPDATE rctd.employment SET from_on = from_on - 1 WHERE ctid IN (SELECT ctid FROM rctd.employment LIMIT 1)")
    status, findings, _ = verify(people)
    assert status == 8 and len(findings) == 1


def test_who_comes_in_from_a_table_is_in_the_vault_and_nowhere_else(people):
    written = numbers(5)
    check(bring(people, table(written)))
    assert count(people, "rctd_vault.identity WHERE number_hash IS NOT NULL") == 5
    dump = subprocess.run([f"{harness.pg_bin()}/pg_dump", "-d", people.cluster.superuser(people.database)],
                          capture_output=True, text=True, check=True).stdout
    ways = [way for number in written for way in (number[2:], f"{number[2:8]}-{number[8:]}")]
    for secret in ["Quill", "quill.example", "Longstreet", *ways]:
        assert secret not in dump
    reader = people.account("vault-reader", "identity-reader", purpose="verification")
    code = people.items("coordinator", f"{people.path}/participants")[0]["code"]
    told = people.daemon.request("POST", f"{people.path}/participants/{code}/identity/readings", {"purpose": "verification", "reason": "identity-check"},
                                 token=reader, key=key())
    if told.status == 201:
        assert told.json()["identity"]["name"].startswith("Vera Quill")


def test_a_number_that_stands_twice_is_told_with_both_lines_however_it_is_written(people):
    normal = identity.personal("19850101-2382", 2026)
    text = table(["850101-2382", *numbers(2), "19850101 2382"])
    told = bring(people, text).json()["errors"]
    assert [(e["pointer"], e["line"], e["detail"]) for e in told] == [("identity", 5, "the same number stands in line 2")]
    assert normal == "198501012382" and count(people, "rctd.participant") == 0


def test_who_is_registered_already_is_refused_in_words_that_tell_nothing(people):
    written = numbers(30)
    check(bring(people, table(written[:10])))
    for query in ("?dry_run=true", ""):
        told = bring(people, table(written[5:], first=90), query)
        assert told.status == 422
        assert [(e["line"], e["detail"], e["remedy"]) for e in told.json()["errors"]] == [
            (line, NEUTRAL, "ask the trial office") for line in range(2, 7)]
        said = text_of(told)
        assert "W0" not in said and "2026" not in said
    assert count(people, "rctd.participant") == 10


def test_every_faulty_row_is_told_and_no_value_repeated(people, tmp_path):
    """20,000 faulty rows of 20,000, of every kind; the tool shows them all, on lines or in a file."""
    dice = random.Random(5)
    rows, kinds = [], ["number", "workplace", "from", "sex", "mixed"]
    for n, written in enumerate(numbers(20000, seed=9)):
        good = row(n, written)
        wrong = {
            "number": lambda: good.replace(written, written[:-1] + str((int(written[-1]) + 1 + dice.randrange(8)) % 10)),
            "workplace": lambda: good.replace(good[:5], "W0999"),
            "from": lambda: good.replace(",2020-01", ",2020-13"),
            "sex": lambda: good.replace(",woman,", ",w,").replace(",man,", ",m,"),
            "mixed": lambda: ",".join([written, "2020-01-01", "man", "1980", "W0001", "a", "1", "b", '"c"']),
        }[kinds[n % 5]]
        rows.append(wrong())
    text = "\n".join([HEADER, *rows]) + "\n"
    told = bring(people, text)
    assert told.status == 422 and {e["line"] for e in told.json()["errors"]} == set(range(2, 20002))
    assert all(e["column"] > 0 for e in told.json()["errors"])
    places = [(e["line"], e["column"]) for e in told.json()["errors"]]
    assert places == sorted(places)
    body = json.dumps([(e["detail"], e.get("remedy"), e["pointer"]) for e in told.json()["errors"]])
    for n in range(0, 20000, 97):
        cells = next(csv.reader([rows[n]]))
        for secret in cells[:1] * (n % 5 == 4) + cells[4:]:
            assert len(secret) < 6 or secret not in body, secret
    path, faults = tmp_path / "people.csv", tmp_path / "faults.csv"
    path.write_text(text, encoding="utf-8")
    command = [harness.RCTCTL, "participant", "import", people.trial, str(path)]
    ran = subprocess.run(command, env=settings(people, tmp_path), capture_output=True, text=True, check=False)
    assert ran.returncode == 6, ran.stderr[:500]
    lines = {int(line.split(":")[1]) for line in ran.stderr.splitlines() if line.startswith(str(path))}
    assert lines == set(range(2, 20002))
    ran = subprocess.run([*command, "--faults", str(faults)], env=settings(people, tmp_path), capture_output=True, text=True, check=False)
    assert ran.returncode == 6 and len(ran.stderr.splitlines()) == 1 and str(faults) in ran.stderr
    with open(faults, encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert {int(one["line"]) for one in listed} == set(range(2, 20002))
    assert list(listed[0]) == ["line", "column", "field", "fault", "remedy"]
    assert {(one["column"], one["field"]) for one in listed} <= set(zip("ABCDEFGHIJKLMN", HEADER.split(",")))


def test_a_file_without_a_header_does_not_have_its_first_person_repeated(people):
    told = bring(people, row(0, "198501012382") + "\n" + row(1, "19850101-2382") + "\n")
    assert told.status == 422
    for secret in ("8501012382", "Vera", "quill", "Longstreet", "070-"):
        assert secret not in text_of(told)
    told = bring(people, HEADER + "\n" + row(1, "850101-2382") + ",Anna Tell,x\n")
    assert told.status == 422 and "Anna" not in told.text and "850101" not in text_of(told)


def test_columns_that_the_protocol_does_not_ask_for_are_no_columns(cluster):
    with World(cluster, WITH_PEOPLE, phases=("main", "people")) as world:
        world.workplaces(16)
        told = bring(world, "workplace,sex,birth_year,identity,name\nW0001,man,1980,850101-2382,Anna Tell\n")
        assert told.status == 422 and {e["pointer"] for e in told.json()["errors"]} == {"identity", "name"}
        assert "Anna" not in told.text and "850101" not in text_of(told)


def test_two_imports_of_the_same_people_at_once_register_them_once(people):
    written = numbers(2000, seed=3)
    other = people.another()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        def send(daemon):
            return daemon.request("POST", f"{people.path}/participants/import", table(written).encode(), token=people.tokens["coordinator"],
                                  key=key(), headers={"Content-Type": "text/csv"})
        answers = list(pool.map(send, (people.daemon, other)))
    assert sorted(answer.status for answer in answers)[0] == 200
    assert count(people, "rctd.participant") == 2000
    refused = max(answers, key=lambda answer: answer.status)
    assert refused.status in (409, 429) and "cannot be registered in this trial" in refused.text, refused


def test_others_are_served_while_a_table_comes_in(people):
    """Health checks, lists and an allocation of another workplace are answered while it works, and while it stands."""
    text = table(numbers(12000, seed=4)).replace("W0016", "W0015")

    def served():
        assert people.daemon.get("/healthz").status == 200
        check(people.get("coordinator", f"{people.path}/workplaces?limit=1"))

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with locked(people, "LOCK TABLE rctd.participant IN SHARE MODE"):
            coming = pool.submit(bring, people, text)
            while not waiting(people):
                served()
            served()
            check(people.allocate("W0016"), 201)
        while not coming.done():
            served()
        assert check(coming.result())["imported"] == 12000


def test_who_is_on_which_line_has_a_code_that_is_told_to_who_sent_the_table(people, tmp_path):
    """By --out and by the API: who has the paper form finds the code, and nobody overwrites the file."""
    written = numbers(60, seed=8)
    path, out = tmp_path / "people.csv", tmp_path / "codes.csv"
    command = [harness.RCTCTL, "participant", "import", people.trial, str(path), "--key", "again", "--out"]

    def run(*arguments):
        return subprocess.run([*command, *map(str, arguments)], env=settings(people, tmp_path), capture_output=True, text=True, check=False)

    path.write_text(table(written[:-1] + ["850101-2383"]), encoding="utf-8")
    assert run(out).returncode == 6 and not out.exists(), "nobody came in, and nothing is left behind"
    path.write_text(table(written), encoding="utf-8")
    assert run(out, "--dry-run").returncode == 2 and not out.exists()
    ran = run(out)
    assert ran.returncode == 0 and str(out) in ran.stdout, ran.stderr
    assert out.stat().st_mode & 0o777 == 0o600
    listed = list(csv.DictReader(out.open(encoding="utf-8")))
    assert list(listed[0]) == ["line", "code", "workplace"] and [int(one["line"]) for one in listed] == list(range(2, 62))
    stored = {one["code"]: one for one in people.items("coordinator", f"{people.path}/participants")}
    assert len(stored) == 60
    for n, one in enumerate(listed):
        card = stored[one["code"]]
        assert (card["workplace"], card["employed_from"]) == (one["workplace"], f"2020-01-{1 + n % 28:02d}")
        assert card["attributes"]["birth_year"] == str(1960 + n % 40)
    assert run(out).returncode == 4 and list(csv.DictReader(out.open(encoding="utf-8"))) == listed, "it is not overwritten"
    again = tmp_path / "again.csv"
    assert run(again).returncode == 0 and again.read_text() == out.read_text(), "the same key, the same codes"
    assert count(people, "rctd.participant") == 60
    made = check(bring(people, table(numbers(3, seed=21))))
    assert {one["code"] for one in people.items("coordinator", f"{people.path}/participants")} - set(stored) == set(made["codes"])
    assert check(bring(people, table(numbers(3, seed=22)), "?dry_run=true"))["codes"] is None


def test_a_terminal_is_told_that_it_goes_on(people, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(table(numbers(6000, seed=6)), encoding="utf-8")
    master, slave = pty.openpty()
    ran = subprocess.Popen([harness.RCTCTL, "participant", "import", people.trial, str(path)], env=settings(people, tmp_path),
                           stdout=subprocess.PIPE, stderr=slave, text=True)
    os.close(slave)
    seen = b""
    try:
        while chunk := os.read(master, 4096):
            seen += chunk
    except OSError:
        pass
    assert ran.wait() == 0 and "6000 participants imported" in ran.stdout.read()
    os.close(master)
    assert b"rctd checks the file and registers, " in seen


def test_more_rows_than_one_import_takes_are_refused_before_they_are_read(people):
    told = bring(people, "workplace\n" + "W0001\n" * 200001)
    assert told.status == 422 and "more than 200000 rows" in told.text
