"""No identity number in what people write: every text of every body that /openapi.json describes, addresses, keys and
files refuse it, in each form that it is written in; and neither the answer nor the log, the trail or a table has it."""
import re

from crawl import body_for, fill, values
from crowd import Crowd
import pytest
from world import check, key

# Skatteverket's test numbers.
FORMS = ("850101-2382", "198501012382", "8501012382", "19850101 2382", "1985-01-01-2382", "850101\u20132382", "850101+2382")
NUMBER = "850101-2382"
# What somebody would see of it; the digits of ids and digests are no trace.
TRACES = re.compile(r"(?<![0-9a-f])(?:19)?850101(?![0-9a-f])|0101-2382|01012382")
ROLES = ("administrator", "trial-manager", "coordinator", "interviewer", "researcher", "statistician", "auditor", "contact", "dispatcher")
# What goes into the vault, and passwords, which stand nowhere.
EXEMPT = {"identity", "signature", "password", "current"}


@pytest.fixture(scope="module", name="crowd")
def crowd_fixture(cluster):
    with Crowd(cluster) as world:
        yield world


def has_trace(text):
    return TRACES.findall(text)


def places(schema, document, prefix=()):
    """Where a body of this schema holds text of somebody's own."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" and "properties" in schema:
        for name, part in schema["properties"].items():
            if name not in EXEMPT:
                yield from places(part, document, prefix + (name,))
    elif kind == "object":
        more = schema.get("additionalProperties", {})
        if isinstance(more, dict) and more.get("type") == "string":
            yield prefix + ("{}",)
    elif kind == "array":
        yield from places(schema.get("items", {}), document, prefix + (0,))
    elif kind == "string" and "enum" not in schema and schema.get("format") not in ("uuid", "date", "date-time", "moment"):
        yield prefix


def put(value, place, text):
    """A body with the text at that place."""
    if not place:
        return text
    if place[0] == "{}":
        return {**(value if isinstance(value, dict) else {}), "note": text}
    if place[0] == 0:
        return [put(value[0] if value else {}, place[1:], text)]
    whole = dict(value) if isinstance(value, dict) else {}
    whole[place[0]] = put(whole.get(place[0], {}), place[1:], text)
    return whole


def writes(world):
    document = check(world.get("administrator", "/openapi.json"))
    found = values(world)
    for route, methods in sorted(document["paths"].items()):
        for method, row in sorted(methods.items()):
            schema = row.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            if schema is None:
                continue
            path = fill(route, found)[0][0]
            roles = [role for role in ROLES if role in row.get("x-rctd-roles", ROLES) or (
                role == "contact" and "identity-reader" in row.get("x-rctd-roles", ()))]
            for place in places(schema, document):
                yield roles[0] if roles else None, method.upper(), path, put(body_for(schema, world, document)[0], place, f"see {NUMBER} there"), place


def test_every_text_of_every_body_refuses_an_identity_number_and_does_not_repeat_it(crowd):
    seen, forgotten = 0, []
    for role, method, path, body, place in writes(crowd):
        answer = crowd.daemon.request(method, path, body, token=crowd.tokens[role] if role else None,
                                      key=key() if method == "POST" else None, headers={"If-Match": '"1"'} if method == "PATCH" else None)
        seen += 1
        assert has_trace(answer.text) == [], f"{method} {path} repeats it: {answer}"
        if answer.status not in (422, 412, 428, 401) or (answer.status == 422 and "identity number" not in answer.text):
            forgotten.append(f"{method} {path} {place}: {answer}")
    assert seen > 60 and not forgotten, "\n".join(forgotten)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_refused_in_texts_addresses_and_keys(crowd, form):
    ask = {"workplace": crowd.codes[0], "reason": f"Called ({form}), ill"}
    answer = crowd.post("interviewer", f"{crowd.path}/unblindings", ask)
    assert answer.status == 422 and answer.json()["errors"][0]["pointer"] == "/reason" and has_trace(answer.text) == []
    assert form not in answer.text
    in_address = form.replace(" ", "%20").replace("+", "%2B").replace("\u2013", "%E2%80%93")
    for path in (f"{crowd.path}/workplaces?q={in_address}", f"{crowd.path}/participants/{in_address}", f"/v1/trials/{in_address}",
                 f"{crowd.path}/workplaces?{in_address}=1"):
        answer = crowd.get("coordinator", path)
        assert answer.status == 400 and "identity number" in answer.text and form not in answer.text and has_trace(answer.text) == []
    if " " not in form and form.isascii():
        answer = crowd.post("interviewer", f"{crowd.path}/unblindings", {**ask, "reason": "x"}, key=f"call-{form}")
        assert answer.status == 400 and form not in answer.text


def test_a_field_that_nobody_takes_does_not_come_back_by_its_name(crowd):
    answer = crowd.post("interviewer", f"{crowd.path}/unblindings", {"workplace": crowd.codes[0], "reason": "x", NUMBER: "1"})
    assert answer.status == 422 and has_trace(answer.text) == [] and '"/..."' in answer.text


def test_a_file_with_a_number_where_none_belongs_is_refused(crowd):
    table = f"name,number,sector,employees,county\nAt {NUMBER},777001,public,20,north\n"
    answer = crowd.import_table(table)
    assert answer.status == 422 and "identity number" in answer.text and has_trace(answer.text) == []
    people = f"workplace,sex,birth_year\n{crowd.codes[0]},{NUMBER},1980\n"
    answer = crowd.post("coordinator", f"{crowd.path}/participants/import", people, headers={"Content-Type": "text/csv"})
    assert answer.status == 422 and has_trace(answer.text) == []


def test_a_number_is_taken_where_it_belongs(crowd):
    check(crowd.post("coordinator", f"{crowd.path}/participants", {
        "workplace": crowd.codes[0], "attributes": {"sex": "woman", "birth_year": "1985"}, "identity": {"number": NUMBER, "name": "Anna"}}), 201)


def test_neither_log_nor_trail_nor_any_table_has_one(crowd):
    assert has_trace(crowd.daemon.log()) == []
    tables = crowd.cluster.rows(crowd.database, "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname LIKE 'rctd%'")
    for (table,) in tables:
        found = crowd.cluster.sql(crowd.database, f"SELECT count(*) FROM {table} t WHERE t::text ~ '850101-?2382'")
        assert found == "0", f"{table} has the number"
