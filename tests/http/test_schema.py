"""What /openapi.json says of a body and what rctd takes are the same: both verdicts are compared over bodies
made at random from right and wrong parts. The schema is judged here by a small evaluator of the keywords
that rctd writes; a keyword that it does not know fails the test."""
import datetime
import json
import random
import re
import uuid

from http_program import running

WORKPLACES = ["W0001", "W", "Å" * 20, "Å" * 21, "", "W\n1", "W\u00851", 7, None, ["W1"]]
PARTS = {
    "workplace": WORKPLACES,
    "head_count": [1, 10000, 0, 10001, 1.0, 1.5, "1", None, -1, 10**18],
    "share": [0, -5, 1.25, 1e300, None, "1", True],
    "how": ["paper", "link", None, "fax", "", 1],
    "sure": [True, False, None, 0, "true"],
    "id": [str(uuid.uuid4()), str(uuid.uuid4()).upper(), "1234", "", None, 5],
    "at": ["2026-11-22T08:30:00Z", "2026-11-22T08:30:00.25+01:00", "2026-11-22T08:30:00",
           "2026-11-22 08:30:00Z", "2026-02-30T08:30:00Z", "2026-11-22", "", None],
    "day": ["2026-11-22", "2028-02-29", "2026-02-29", "2026-1-2", "", None, 20261122],
    "trial": ["work-together", "w", "a" * 63, "a" * 64, "Work", "-a", "", None],
    "note": ["", "a\nb\tc\r\n", "\u0007", "x" * 2000, "x" * 2001, "Zażółć", None],
    "tags": [[], ["a"], ["a", "b", "c"], ["a", "b", "c", "d"], [1], ["x" * 201], "a", None, {}],
    "people": [[], [{"name": "A"}], [{"name": ""}], [{}], [{"name": "A", "born": None}],
               [{"name": "A", "born": "2000-02-30"}], [{"name": "A", "age": 3}], {"name": "A"}, [[]]],
    "boss": [None, {"name": "A"}, {}, {"name": "A" * 41}, [], "A"],
    "answers": [{}, {"E1": True}, {"E1": 1}, {"": True}, {"a\n": True}, {"x" * 201: True},
                {str(n): False for n in range(5)}, {str(n): False for n in range(6)}, []],
    "attributes": [{}, {"sex": "woman", "note": ""}, {"sex": 1}, {"sex": None}, {"": "a"}, {"a": "x" * 200}, {"a": "x" * 201},
                   {"a": "b\n"}, {str(n): "v" for n in range(3)}, [], "a", None],
    "unknown": [1, None],
}


def is_kind(value, kind):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "integer": number and value == int(value),
        "number": number,
        "string": isinstance(value, str),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }[kind]


def is_format(text, name):
    try:
        if name == "uuid":
            return re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is not None
        if name == "date":
            return len(text) == 10 and bool(datetime.date.fromisoformat(text))
        zoned = re.fullmatch(r"(\S{10})T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text)
        return zoned is not None and bool(datetime.datetime.fromisoformat(text))
    except ValueError:
        return False


CHECKS = {
    "type": lambda v, s, a: any(is_kind(v, kind) for kind in ([a] if isinstance(a, str) else a)),
    "enum": lambda v, s, a: v in a and not isinstance(v, bool),
    "minimum": lambda v, s, a: not is_kind(v, "number") or v >= a,
    "maximum": lambda v, s, a: not is_kind(v, "number") or v <= a,
    "minLength": lambda v, s, a: not isinstance(v, str) or len(v) >= a,
    "maxLength": lambda v, s, a: not isinstance(v, str) or len(v) <= a,
    "pattern": lambda v, s, a: not isinstance(v, str) or re.search(a[:-1] + r"\Z", v) is not None,
    "format": lambda v, s, a: not isinstance(v, str) or is_format(v, a),
    "minItems": lambda v, s, a: not isinstance(v, list) or len(v) >= a,
    "maxItems": lambda v, s, a: not isinstance(v, list) or len(v) <= a,
    "items": lambda v, s, a: not isinstance(v, list) or all(fits(item, a) for item in v),
    "minProperties": lambda v, s, a: not isinstance(v, dict) or len(v) >= a,
    "maxProperties": lambda v, s, a: not isinstance(v, dict) or len(v) <= a,
    "required": lambda v, s, a: not isinstance(v, dict) or all(name in v for name in a),
    "properties": lambda v, s, a: not isinstance(v, dict)
    or all(fits(v[name], a[name]) for name in v if name in a),
    "propertyNames": lambda v, s, a: not isinstance(v, dict) or all(fits(name, a) for name in v),
    "additionalProperties": lambda v, s, a: not isinstance(v, dict)
    or all(fits(v[name], a) if a else False for name in v if name not in s.get("properties", {})),
    "description": lambda v, s, a: True,
}


def fits(value, schema):
    return all(CHECKS[keyword](value, schema, argument) for keyword, argument in schema.items())


def bodies(chance):
    """Each part alone beside a right workplace, then mixtures."""
    for name, values in PARTS.items():
        for value in values:
            yield {"workplace": "W0001", name: value}
    for _ in range(400):
        names = chance.sample(sorted(PARTS), chance.randint(0, 6))
        yield {name: chance.choice(PARTS[name][:2] if chance.random() < 0.7 else PARTS[name])
               for name in names} | ({"workplace": "W0001"} if chance.random() < 0.9 else {})


def test_the_schema_and_the_validator_never_differ():
    verdicts = {True: 0, False: 0}
    with running() as server:
        document = json.loads(server.ask("GET", "/openapi.json")[1])
        media = document["paths"]["/v1/echo"]["post"]["requestBody"]["content"]["application/json"]
        client = server.client()
        for body in bodies(random.Random(20261122)):
            client.request("POST", "/v1/echo", json.dumps(body), {"Content-Type": "application/json"})
            answer = client.getresponse()
            content = answer.read()
            wanted = fits(body, media["schema"])
            assert answer.status == (200 if wanted else 422), (body, content)
            verdicts[wanted] += 1
        client.close()
    assert min(verdicts.values()) > 100, "both verdicts must have been tried"
