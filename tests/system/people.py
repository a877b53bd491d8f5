"""A trial that keeps identities: its protocol, a person in it, readers for each purpose."""
import random

import identity
from world import check, key

PROTOCOL = """\
trial: gems
title: {en: "Gems at work"}
registration: none
time_zone: Europe/Stockholm
languages: [en]
workplace:
  identifiers:
    number: {type: pattern, pattern: "^[0-9]{6}$", required: true}
  attributes:
    sector: {levels: [public, private]}
    employees: {type: integer, min: 1, max: 100000}
    county: {levels: [north, south]}
participant:
  identity: {type: se-personnummer, store: STORE}
  contact: [name, phone, email, address]
  attributes:
    sex: {levels: [woman, man]}
consent:
  forms:
    participation: {by: participant, version: 1, languages: [en], scopes: [participate, pass-on-contact, register-linkage]}
  required_before_data: {participant: [participation/participate]}
  required_before_allocation: {participant: [participation/participate]}
arms:
  opal: {label: {en: Opal}}
  jade: {label: {en: Jade}}
phases:
  main:
    target: {workplaces: 10, participants: 500}
    schemes:
      main: {unit: workplace, method: permuted-block, ratio: {opal: 1, jade: 1}, strata: [sector], blocks: [2, 4]}
      people: {unit: participant, method: permuted-block, ratio: {opal: 1, jade: 1}, blocks: [2, 4]}
"""
VAULT = PROTOCOL.replace("STORE", "vault")
ANNA = {"number": "850101-2382", "name": "Anna Vävare-Quist", "phone": "+46 70 174 06 05",
        "email": "anna.vavare@example.se", "address": "Väverivägen 17\n702 10 Örebro"}
NEUTRAL = "This person cannot be registered in this trial; ask the trial office"


def numbers(count, seed=1):
    """So many different right numbers, as YYYYMMDDNNNN."""
    source, made = random.Random(seed), set()
    while len(made) < count:
        nine = f"{source.randrange(50, 100):02d}{source.randrange(1, 13):02d}{source.randrange(1, 29):02d}{source.randrange(1000):03d}"
        made.add(f"19{nine}{identity.luhn_digit(nine)}")
    return sorted(made)


class People:
    """A trial that keeps identities, with readers for each purpose."""

    def __init__(self, world):
        self.world = world
        self.path = f"{world.path}/participants"
        if "contact" not in world.tokens:
            for purpose in ("contact", "linkage", "verification", "safety"):
                world.tokens[purpose] = world.account(f"reader-{purpose}", "identity-reader", purpose=purpose)
        world.workplaces(16)

    def register(self, identity=None, workplace="W0001", daemon=None, **more):
        body = {"workplace": workplace, "attributes": {"sex": "woman"}}
        if identity is not None:
            body["identity"] = identity
        more.setdefault("key", key())
        return (daemon or self.world.daemon).request("POST", self.path, body, token=self.world.tokens["coordinator"], **more)

    def add(self, identity=None, **more):
        return check(self.register(identity, **more), 201)["code"]

    def consent(self, code, **scopes):
        answers = {"participate": True, "pass-on-contact": True, "register-linkage": True}
        answers.update({name.replace("_", "-"): value for name, value in scopes.items()})
        return check(self.world.post("coordinator", f"{self.path}/{code}/consents", {
            "form": "participation", "version": 1, "decision": "given", "scopes": answers,
            "signed_at": "2026-01-10T09:00:00Z", "how": "link"}), 201)

    def read(self, code, purpose, role=None, reason="interview"):
        return self.world.post(role or purpose, f"{self.path}/{code}/identity/readings",
                               {"purpose": purpose, "reason": reason})

    def change(self, code, **identity):
        return self.world.post("coordinator", f"{self.path}/{code}/identity", {"identity": identity})
