"""A trial whose participants are given one-time links."""
from world import WITH_PEOPLE

TEXT = "Du tillfrågas om att delta i forskning.\n\nDet är frivilligt.\n"
PROTOCOL = WITH_PEOPLE.replace(
    "participation: {by: participant, version: 1, languages: [en], scopes: [participate]}",
    "participation: {by: participant, version: 1, languages: [en], scopes: [participate]}\n"
    "    optional: {by: participant, version: 1, languages: [en], scopes: [questionnaires, sms], legal_basis: \"GDPR 6(1)(e)\"}")
AMENDED = PROTOCOL.replace("optional: {by: participant, version: 1", "optional: {by: participant, version: 2")
NEUTRAL = "This link does not work, or does not work any more; ask who sent it for a new one"


def follow(world, step, token, **body):
    return world.daemon.request("POST", f"{world.path}/links/{step}", {"token": token, **body})
