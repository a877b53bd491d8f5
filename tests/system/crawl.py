"""Every request that /openapi.json describes, with what there is and with what there is not."""
import re

from world import ARM_WORDS, check, key


def get_routes(world):
    document = check(world.get("administrator", "/openapi.json"))
    return sorted(path for path, methods in document["paths"].items() if "get" in methods)


def paths_of(world, path):
    """Every way to fill a path's braces: with what there is, and with what there is not."""
    values = {
        "trial": [world.trial, "none"],
        "workplace": ["W0001", "W9999"],
        "participant": [item["code"] for item in world.items("coordinator", f"{world.path}/participants")[:2]] + ["P2222223"],
        "allocation": [world.items("coordinator", f"{world.path}/allocations")[0]["allocation"], key()],
        "version": ["1", "7"],
        "account": ["coordinator", "nobody"],
        "phase": ["main", "people"], "scheme": ["main", "people", "none"], "token": [key()], "grant": [key()], "endpoint": [key()], "reminder": [key()],
        "task": [item["task_id"] for item in world.items("coordinator", f"{world.path}/tasks?workplace=W0001")[:2]] + [key()],
    }
    paths = [path]
    for name in re.findall(r"\{(\w+)\}", path):
        paths = [p.replace("{" + name + "}", value) for p in paths for value in values.get(name, [key()])]
    return paths


def words_in(text):
    return [word for word in ARM_WORDS if re.search(rf"(?i)(?<![a-z]){word}(?![a-z])", text)]


NOBODY = "019386f2-5a0e-7cc3-9f42-0d6a3c1b7e55"


def values(world):
    """For each parameter of a path what it can stand for: what everybody may see, what only some arms have, and
    what is not there; in the same order in each world."""
    # Which arm nobody happens to be in, and so which task nobody has, may differ between the worlds.
    tasks = [(world.tasks("coordinator", name) or [{"task_id": NOBODY}])[0]["task_id"] for name in ("meeting", "talk", "extra")]
    ledger = sorted(world.items("coordinator", f"{world.path}/allocations"), key=lambda item: item["workplace"] or "X")
    return {
        "trial": [world.trial, "none"], "workplace": [world.codes[0], world.codes[8], world.codes[25], "W9999"],
        "participant": [world.persons[0], world.persons[3], world.persons[21], "P2222223"],
        "allocation": [ledger[0]["allocation"], ledger[10]["allocation"], NOBODY], "version": ["1", "7"], "account": ["coordinator", "nobody"],
        "phase": ["main"], "scheme": ["main", "people", "none"], "task": tasks + [NOBODY], "unblinding": [world.asked, NOBODY],
        "measure": [item["measure"] for item in world.items("coordinator", f"{world.path}/measures")[:1]] + [NOBODY],
        "deviation": [item["deviation"] for item in world.items("coordinator", f"{world.path}/deviations")[:1]] + [NOBODY],
        "reminder": [item["reminder_id"] for item in world.items("coordinator", f"{world.path}/reminders")[:1] if "reminder_id" in item] + [NOBODY],
        "staff": ["M014", "M099"], "form": ["participation", "none"], "language": ["en", "sv"], "notice": [item["notice"] for item in world.items("interviewer", "/v1/me/notices")[:1]] + [NOBODY],
    }


def fill(path, found):
    paths = [(path, ())]
    for name in re.findall(r"\{(\w+)\}", path):
        options = found.get(name, [NOBODY])
        paths = [(p.replace("{" + name + "}", value, 1), marks + (n,)) for p, marks in paths for n, value in enumerate(options)]
    return paths


def body_for(schema, world, document):
    """A body that looks right: every field, by its name or else by its schema."""
    known = {"workplace": world.codes[0], "participant": world.persons[0], "scheme": "main", "reason": "Because", "trial": "another",
             "name": "somebody", "role": "researcher", "days": 1, "account": "researcher", "form": "participation", "version": 1,
             "language": "en", "signed_by": "A. Director", "url": "http://127.0.0.1:9/hook", "kind": None, "units": world.codes[24:26],
             "instrument": "mood", "values": {"1": "2", "2": "2", "3": "2"}, "attributes": {"sex": "man"}, "answers": {"employed": True},
             "scopes": {"participate": True}, "source": "participant", "guess": "onyx", "revealed": False, "outcome": "done",
             "purpose": "contact", "participants": [world.persons[0]], "at": None, "document": "trial: gems\n"}

    def make(name, part):
        while "$ref" in part:
            part = document["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
        if known.get(name) is not None:
            return known[name]
        if "enum" in part:
            return part["enum"][0]
        kind = part.get("type")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            return {n: make(n, p) for n, p in part.get("properties", {}).items()}
        if kind == "array":
            return [make(name + "-item", part.get("items", {}))]
        if part.get("format") == "date-time":
            return "2026-11-25T12:00:00Z" if name == "at" else "2026-11-01T12:00:00Z"
        if part.get("format") == "date":
            return "2026-11-01"
        if part.get("format") == "uuid":
            return NOBODY
        return {"boolean": True, "integer": part.get("minimum", 1), "number": 1}.get(kind, "text")

    properties = schema.get("properties", {})
    required = set(schema.get("required", []))
    whole = {name: make(name, part) for name, part in properties.items() if name not in ("signature", "identity", "supersedes", "expires_at")}
    one_unit = {name: value for name, value in whole.items() if name != "participant" or "workplace" not in whole}
    person = {name: value for name, value in whole.items() if name != "workplace" or "participant" not in whole}
    least = {name: value for name, value in whole.items() if name in required}
    bodies = []
    for body in (least, one_unit, person):
        if body not in bodies:
            bodies.append(body)
    return bodies
