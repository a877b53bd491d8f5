"""A protocol that keeps how people are reached, and has no form that asks them for it: who agreed to nothing is
reached by nobody, and what nobody was asked for is done with nobody."""
import os
import subprocess

import harness
import pytest
from world import World, check, said

with open(os.path.join(harness.ROOT, "etc/protocols/e-h-work.yaml"), encoding="utf-8") as file:
    SHIPPED = file.read().replace("contact: [name, email]", "contact: [name, phone, email]")
SAID = "required_for: {contact: [participation/participate]}"
SILENT = "".join(line for line in SHIPPED.splitlines(keepends=True) if SAID not in line)
OFFICE = "audio", "contact", "interview", "sms"


@pytest.fixture(scope="module")
def world(cluster):
    with World(cluster, protocol=SILENT, trial="e-h-work") as made:
        made.tokens["contact"] = made.account("caller", "identity-reader", purpose="contact")
        yield made


def person(world, number):
    return check(world.post("coordinator", f"{world.path}/participants", {
        "attributes": {"country": "country-1", "sex": "woman", "birth_year": "1980", "employer": "public"},
        "identity": {"number": f"SE{number}", "name": "Ann Quist", "phone": "+46 70 174 06 05"}}), 201)["code"]


def consent(world, code, participate=True, questionnaires=True):
    check(world.post("coordinator", f"{world.path}/participants/{code}/consents", {
        "form": "participation", "version": 1, "decision": "given", "signed_at": "2026-02-01T09:00:00Z", "how": "paper",
        "scopes": {"participate": participate, "questionnaires": questionnaires}}), 201)


def may(world, code):
    return {row["action"]: row["objection"] for row in world.items("coordinator", f"{world.path}/participants/{code}/permissions")}


def read(world, code):
    return world.post("contact", f"{world.path}/participants/{code}/identity/readings", {"purpose": "contact", "reason": "interview"})


def test_who_agreed_to_nothing_is_reached_by_nobody(world):
    code = person(world, 100001)
    told = may(world, code)
    assert {told[action] for action in OFFICE} == {"never-asked"}
    assert told["linkage"] == told["future-contact"] == "not-in-protocol"
    for action in told.keys() - {"allocate"}:
        listed = world.items("coordinator", f"{world.path}/permissions?action={action}&allowed=true")
        assert code not in [row["code"] for row in listed], action
    refused = read(world, code)
    assert refused.status == 409 and "Quist" not in refused.text


def test_who_takes_part_is_reached_but_not_for_what_nobody_was_asked(world):
    code = person(world, 100002)
    consent(world, code)
    told = may(world, code)
    assert {told[action] for action in OFFICE + ("data",)} == {None}
    assert told["linkage"] == told["future-contact"] == "not-in-protocol"
    assert check(read(world, code), 201)["identity"]["name"] == "Ann Quist"
    consent(world, code, questionnaires=False)
    told = may(world, code)
    assert told["contact"] == told["linkage"] == "withdrawn" and told["future-contact"] == "not-in-protocol"


def test_an_amendment_says_who_is_reached_and_asked_again(cluster):
    with World(cluster, protocol=SILENT, trial="e-h-work") as world:
        silent, agreed = person(world, 100003), person(world, 100004)
        consent(world, agreed)
        world.lock(SHIPPED.replace(SAID, "required_for: {contact: [], future-contact: [participation/participate]}"))
        assert (may(world, silent)["contact"], may(world, silent)["future-contact"]) == (None, "never-asked")
        assert (may(world, agreed)["future-contact"], may(world, agreed)["linkage"]) == (None, "not-in-protocol")


@pytest.mark.parametrize("document, advice", [
    (SHIPPED, ""), (SILENT, "participant.contact: no form asks people whether they may be contacted"),
    (SHIPPED.replace("kind: questionnaire, anchor: allocation, at: 365d", "kind: register, unit: participant, anchor: allocation, at: 365d"),
     "tasks.t12: no form asks people for it, so it is done with nobody")])
def test_a_check_tells_what_no_form_asks_people_for(tmp_path, document, advice):
    file = tmp_path / "p.yaml"
    file.write_text(document, encoding="utf-8")
    done = subprocess.run([harness.RCTCTL, "protocol", "check", str(file)], capture_output=True, text=True, check=False)
    told = said(done) + done.stderr
    assert advice in told and ("no form asks" in told) is (advice != "")
