"""Answers held against the description that the daemon gives of itself."""
import jsonschema


def schema_of(document, path, method, status):
    route = document["paths"][path][method]
    answer = route["responses"].get(str(status)) or route["responses"].get("default")
    assert answer is not None, f"{method} {path} describes no answer {status}"
    while "$ref" in answer:
        answer = resolve(document, answer["$ref"])
    return next(iter(answer["content"].values()))["schema"] if "content" in answer else None


def resolve(document, reference):
    found = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/")]
    return found


def hold(document, schema, body, what):
    whole = {**schema, "components": document["components"]}
    errors = list(jsonschema.Draft202012Validator(whole).iter_errors(body))
    assert not errors, f"{what}: {errors[0].message} at {list(errors[0].absolute_path)}"
