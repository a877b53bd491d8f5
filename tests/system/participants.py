"""A trial whose people are allocated one by one beside their workplaces."""
from world import check, key

PROTOCOL = """\
trial: gems
title: {en: "Gems at work"}
registration: none
time_zone: Europe/Stockholm
languages: [en, sv]
workplace:
  identifiers:
    number: {type: pattern, pattern: "^[0-9]{6}$", required: true}
  attributes:
    sector: {levels: [public, private]}
    employees: {type: integer, min: 1, max: 100000}
    county: {levels: [north, south]}
participant:
  attributes:
    sex: {levels: [woman, man]}
    birth_year: {type: integer, min: 1900, max: 2026}
    generation: {from: age, bands: {young: [0, 39], old: [40, 150]}}
    born: {levels: [sweden, elsewhere]}
    shift_work: {type: boolean}
  eligible:
    - {id: age, need: "age between 18 and 66"}
    - {id: employed, ask: "Employed here for three months or more", need: yes}
  flags:
    under_represented: "born = elsewhere"
    high_risk: "shift_work"
consent:
  forms:
    employer: {by: workplace, version: 1, languages: [en], scopes: [participate]}
    participation: {by: participant, version: 2, languages: [en, sv], scopes: [participate, questionnaires]}
  required_before_allocation: {workplace: [employer/participate], participant: [participation/participate]}
arms:
  opal: {label: {en: "Opalescent programme"}}
  jade: {label: {en: "Jadeite programme"}}
  onyx: {label: {en: "Onychite leaflet"}}
phases:
  main:
    target: {workplaces: 50, participants: 500}
    schemes:
      sites: {unit: workplace, method: permuted-block, ratio: {opal: 1, jade: 1}, strata: [sector], blocks: [2, 4]}
      people: {unit: participant, method: minimisation, ratio: {opal: 1, jade: 1, onyx: 1}, factors: {sex: 1, generation: 2}, p: 0.8, measure: range}
      blocked: {unit: participant, method: permuted-block, ratio: {opal: 2, jade: 1}, strata: [sex, generation], blocks: [3, 6]}
      teams: {unit: participant, method: constrained, ratio: {opal: 1, jade: 1}, factors: {age: 1, sex: 1}, accept: 0.5}
      volunteers: {unit: participant, method: nonrandom-comparison, arms: [jade, onyx]}
tasks:
  talk: {kind: session, arms: [opal, jade], anchor: allocation, at: 10d, window: [-2d, 2d]}
  form: {kind: interview, anchor: allocation, at: 30d, window: [-5d, 5d]}
"""
PERSON = {"sex": "woman", "birth_year": "1980", "born": "elsewhere", "shift_work": "no"}
CONSENT = {"form": "participation", "version": 2, "decision": "given", "scopes": {"participate": True, "questionnaires": False},
           "signed_at": "2026-01-10T09:00:00Z", "how": "link"}


def add(world, workplace="W0001", token=None, attributes=None, **more):
    body = {"workplace": workplace, "attributes": {**PERSON, **(attributes or {})}, **more}
    return world.daemon.request("POST", f"{world.path}/participants", body, token=token or world.tokens["coordinator"], key=key())


def answer(world, code, **answers):
    return world.post("coordinator", f"{world.path}/participants/{code}/answers", {"answers": answers or {"employed": True}})


def consent(world, code, role="coordinator", **changes):
    return world.post(role, f"{world.path}/participants/{code}/consents", {**CONSENT, **changes})


def allocate(world, code, scheme="main.people", daemon=None, **more):
    more.setdefault("key", key())
    return (daemon or world.daemon).request("POST", f"{world.path}/allocations", {"participant": code, "scheme": scheme},
                                            token=world.tokens["coordinator"], **more)


def ready(world, workplace="W0001", **attributes):
    """The code of somebody who may be allocated."""
    code = check(add(world, workplace, attributes=attributes), 201)["code"]
    check(answer(world, code))
    check(consent(world, code), 201)
    return code
