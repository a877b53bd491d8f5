"""/openapi.json is sound OpenAPI 3.1; the check of it is shown to see damage."""
import copy
import json
import re

import pytest


def resolve(document, reference):
    place = document
    assert reference.startswith("#/"), reference
    for step in reference[2:].split("/"):
        assert step in place, f"{reference} leads nowhere"
        place = place[step]
    return place


def walk(node, visit):
    visit(node)
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        walk(child, visit)


TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}


def check_schema(schema):
    kinds = schema.get("type", [])
    assert set([kinds] if isinstance(kinds, str) else kinds) <= TYPES
    assert "nullable" not in schema
    if kinds == "array":
        check_schema(schema["items"])
    for name in schema.get("required", []):
        assert name in schema["properties"], f"{name} is required but not described"
    for part in list(schema.get("properties", {}).values()) + schema.get("allOf", []):
        check_schema(part)
    if "pattern" in schema:
        re.compile(schema["pattern"])
    if "null" in kinds and "enum" in schema:
        assert None in schema["enum"], "null is allowed by the type but not by the enum"


def check_operation(document, path, operation, seen):
    assert operation["operationId"] not in seen
    seen.add(operation["operationId"])
    assert operation["summary"] and operation["description"]
    assert isinstance(operation["x-rctd-roles"], list)
    for requirement in operation["security"]:
        assert set(requirement) <= set(document["components"]["securitySchemes"])
    parameters = [
        resolve(document, item["$ref"]) if "$ref" in item else item for item in operation["parameters"]
    ]
    named = [(item["in"], item["name"]) for item in parameters]
    assert len(named) == len(set(named))
    for item in parameters:
        assert item["in"] in ("path", "query", "header")
        check_schema(item["schema"])
    in_path = {name for place, name in named if place == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", path)), f"{path} and its parameters differ"
    assert all(item.get("required") is True for item in parameters if item["in"] == "path")
    if "requestBody" in operation:
        for media in operation["requestBody"]["content"].values():
            check_schema(media["schema"])
            assert media["schema"]["type"] != "object" or not media["schema"]["additionalProperties"]
    statuses = set(operation["responses"])
    assert any(status.startswith("2") for status in statuses)
    assert {"400", "500", "503"} <= statuses
    assert ("401" in statuses) == bool(operation["security"])
    for status, answer in operation["responses"].items():
        answer = resolve(document, answer["$ref"]) if "$ref" in answer else answer
        assert answer["description"]
        for kind, media in answer.get("content", {}).items():
            check_schema(media["schema"])
            assert status < "400" or kind == "application/problem+json"


def check_openapi(document):
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] and document["info"]["version"]
    walk(document, lambda node: isinstance(node, dict) and "$ref" in node
         and isinstance(node["$ref"], str) and resolve(document, node["$ref"]))
    seen = set()
    for path, item in document["paths"].items():
        assert path.startswith("/")
        assert set(item) <= {"get", "put", "post", "patch", "delete"}
        for operation in item.values():
            check_operation(document, path, operation, seen)
    for status, answer in document["components"]["responses"].items():
        assert set(answer["content"]) == {"application/problem+json"}
        narrowed = answer["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]
        assert str(narrowed["status"]["const"]) == status
        assert narrowed["type"]["enum"]


def openapi(server):
    return json.loads(server.ask("GET", "/openapi.json")[1])


def test_the_document_is_sound_openapi(server):
    document = openapi(server)
    check_openapi(document)
    change = document["paths"]["/v1/things/{thing}"]["patch"]
    assert {"412", "428", "413", "415", "422", "409", "404", "429"} <= set(change["responses"])
    assert {"$ref": "#/components/parameters/If-Match"} in change["parameters"]
    key = next(item for item in document["paths"]["/v1/keyed"]["post"]["parameters"]
               if item["name"] == "Idempotency-Key")
    assert key["required"] is True
    listing = document["paths"]["/v1/things"]["get"]["responses"]["200"]
    page = listing["content"]["application/json"]["schema"]
    assert page["properties"]["next"]["type"] == ["string", "null"]
    types = document["components"]["schemas"]["problem"]["properties"]["type"]["enum"]
    assert "urn:rctd:problem:method-not-allowed" in types


def damage_reference(document):
    document["paths"]["/v1/ping"]["get"]["responses"]["400"] = {"$ref": "#/components/responses/4000"}


def damage_parameter(document):
    document["paths"]["/v1/things/{thing}"]["get"]["parameters"] = []


def damage_null(document):
    fields = document["paths"]["/v1/echo"]["post"]["requestBody"]["content"]["application/json"]
    fields["schema"]["properties"]["how"]["enum"].remove(None)


def damage_open_body(document):
    fields = document["paths"]["/v1/echo"]["post"]["requestBody"]["content"]["application/json"]
    fields["schema"]["additionalProperties"] = True


def damage_id(document):
    document["paths"]["/v1/ping"]["get"]["operationId"] = "echo"


def damage_security(document):
    document["paths"]["/v1/me"]["get"]["security"] = [{"basic": []}]


def damage_nullable(document):
    fields = document["paths"]["/v1/echo"]["post"]["requestBody"]["content"]["application/json"]
    fields["schema"]["properties"]["how"]["nullable"] = True


@pytest.mark.parametrize(
    "damage",
    [damage_reference, damage_parameter, damage_null, damage_open_body, damage_id, damage_security,
     damage_nullable],
)
def test_the_check_of_the_document_sees_damage(server, damage):
    document = copy.deepcopy(openapi(server))
    damage(document)
    with pytest.raises(AssertionError):
        check_openapi(document)
