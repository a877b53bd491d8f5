"""A trial with everything in it: allocations of workplaces and people, identities, stops, measures, interviewers at
work, merged workplaces, shared staff, errors, unblindings. Two of them differ in their seeds, and so in their arms,
and in nothing else that anybody did."""
import json
import re

import identity
from world import WITH_PEOPLE, World, at, check

PROTOCOL = WITH_PEOPLE.replace("participant:\n", """\
participant:
  identity: {type: se-personnummer, store: vault}
  contact: [name, phone]
""").replace("""by: participant, version: 1, languages: [en], scopes: [participate]}
""", """by: participant, version: 1, languages: [en], scopes: [participate, interview, pass-on-contact, register-linkage]}
    employer: {by: workplace, version: 1, languages: [en], scopes: [later]}
  required_before_data: {participant: [participation/participate]}
  required_for: {future-contact: [employer/later]}
""").replace("  form: {kind: questionnaire,", "  form: {kind: questionnaire, unit: participant,")
TASKS = """\
  meeting: {kind: interview, unit: participant, anchor: allocation, at: 10d, window: [-10d, 20d], assessor: {blinded: true}}
  extra: {kind: interview, unit: participant, arms: [jade], anchor: allocation, at: 10d, window: [-10d, 20d]}
"""
PROTOCOL = PROTOCOL.replace("reminders:\n", TASKS + "reminders:\n")
READERS = ("contact", "linkage", "verification", "safety")
BLINDED = ("researcher", "interviewer", "dispatcher", "administrator", "contact", "safety")


def number(n):
    """The n-th of some right identity numbers."""
    nine = f"{60 + n // 28 % 40:02d}05{1 + n % 28:02d}{n % 1000:03d}"
    return f"19{nine}{identity.luhn_digit(nine)}"


class Crowd(World):
    """`persons` has the participants' codes in the order of their registration."""

    def __init__(self, cluster):
        super().__init__(cluster, protocol=PROTOCOL, phases=(), arguments=("--rehearsal",), config={})
        self.persons = []
        for name, role in (("ivan", "interviewer"), ("marta", "trial-manager")):
            self.tokens[name] = self.account(name, role)
        for purpose in READERS:
            self.tokens[purpose] = self.account(f"reader-{purpose}", "identity-reader", purpose=purpose)
        for phase in ("main", "people"):
            check(self.post("trial-manager", f"{self.path}/phases/{phase}/open", {"reason": "Test"}))
        self.codes = self.workplaces(28)
        self.enrol()
        self.allocate_in_turn()
        self.work()
        self.go_wrong()
        self.unblind()

    def enrol(self):
        for n in range(28):
            workplace = self.codes[n % 7] if n < 21 else self.codes[25]
            code = check(self.post("coordinator", f"{self.path}/participants", {
                "workplace": workplace, "attributes": {"sex": ("woman", "man")[n % 2], "birth_year": str(1965 + n)},
                "identity": {"number": number(n), "name": f"Person {n}", "phone": f"+4670174{n:04d}"}}), 201)["code"]
            self.persons.append(code)
            check(self.post("coordinator", f"{self.path}/participants/{code}/answers", {"answers": {"employed": True}}))
            check(self.post("coordinator", f"{self.path}/participants/{code}/consents", {
                "form": "participation", "version": 1, "decision": "given",
                "scopes": {"participate": True, "interview": n % 5 != 4, "pass-on-contact": True, "register-linkage": n % 2 == 0},
                "signed_at": "2026-01-10T09:00:00Z", "how": "link"}), 201)
        # Two workplaces of every stratum, so that the coach surely serves both arms.
        for code in self.codes[:16]:
            check(self.post("coordinator", f"{self.path}/workplaces/{code}/staff", {"staff": "M014", "kind": "coach"}), 200, 201)

        check(self.post("coordinator", f"{self.path}/workplaces/{self.codes[0]}/roster-lock", {"head_count": 5}))
        check(self.post("trial-manager", f"{self.path}/consent-texts", {
            "form": "participation", "version": 1, "language": "en", "text": "You take part in a study of work."}), 200, 201)
        check(self.post("coordinator", f"{self.path}/participants/{self.persons[0]}/links", {"form": "participation"}, key=None), 201)

    def allocate_in_turn(self):
        check(self.post("coordinator", f"{self.path}/allocations/dry-run", {"workplace": self.codes[0], "scheme": "main"}))
        for code in self.codes[:24]:
            body = {"workplace": code, "scheme": "main"}
            answer = self.post("coordinator", f"{self.path}/allocations", body)
            if answer.status == 409 and "acknowledge" in answer.text:
                answer = self.post("coordinator", f"{self.path}/allocations", {**body, "acknowledge": True})
            check(answer, 201)
        for code in self.persons[21:27]:
            check(self.allocate_person(code), 201)
        assert self.allocate(self.codes[0]).status == 409 and self.allocate_person(self.persons[21]).status == 409
        late = check(self.post("coordinator", f"{self.path}/participants", {
            "workplace": self.codes[0], "attributes": {"sex": "woman", "birth_year": "1980"}}), 201)["code"]
        self.persons.append(late)

    def tasks(self, role, name):
        """Tasks of that name, in the order of the people's registration."""
        order = {code: n for n, code in enumerate(self.persons + self.codes)}
        found = [item for item in self.items(role, f"{self.path}/tasks") if item["task"] == name]
        return sorted(found, key=lambda item: order[item["participant"] or item["workplace"]])

    def work(self):
        """Appointments and outcomes of what everybody may see, and of what only some arms have."""
        for n, task in enumerate(self.tasks("interviewer", "meeting")[:6]):
            path = f"{self.path}/tasks/{task['task_id']}"
            claimed = self.post("ivan", f"{path}/claim")
            if claimed.status == 409:
                continue
            if self.post("ivan", f"{path}/bookings", {"at": at(2 + n)}).status == 201 and n % 2 == 0:
                check(self.post("ivan", f"{path}/outcome", {"outcome": "done", "guess": "opal", "revealed": n == 2}))
        for name in ("talk", "extra"):
            for task in self.tasks("coordinator", name)[:3]:
                path = f"{self.path}/tasks/{task['task_id']}"
                if self.post("coordinator", f"{path}/claim").status == 200:
                    self.post("coordinator", f"{path}/bookings", {"at": at(3)})
        for code in self.persons[:3]:
            check(self.post("coordinator", f"{self.path}/participants/{code}/measures", {
                "instrument": "mood", "collected_at": "2026-11-20T09:00:00Z", "values": {"1": "2", "2": "3", "3": "4"}}), 201)
        check(self.post("coordinator", f"{self.path}/participants/{self.persons[3]}/withdrawals",
                        {"stops": ["intervention", "interviews"], "how": "phone"}), 200, 201)
        check(self.post("coordinator", f"{self.path}/participants/{self.persons[4]}/withdrawals", {"stops": ["everything"], "how": "link"}), 200, 201)
        check(self.post("contact", f"{self.path}/participants/{self.persons[1]}/identity/readings",
                        {"purpose": "contact", "reason": "interview", "reference": "KS-2026/17"}), 201)

        check(self.post("trial-manager", f"{self.path}/participants/{self.persons[5]}/erasure", {
            "requested_by": "participant", "how": "phone", "reason": "objection"}), 200, 201)

    def go_wrong(self):
        ledger = {item["workplace"]: item for item in self.items("coordinator", f"{self.path}/allocations") if item["workplace"]}
        made = check(self.post("coordinator", f"{self.path}/allocations/{ledger[self.codes[10]]['allocation']}/deviations", {
            "kind": "wrong-stratum", "reason": "Opal and jade were told", "arm_known": True, "values": {"employees": "400"}}), 201)
        check(self.post("statistician", f"{self.path}/deviations/{made['deviation']}/decisions", {"primary_set": True, "reason": "opal"}), 201)
        check(self.post("coordinator", f"{self.path}/workplaces/{self.codes[8]}/changes", {
            "kind": "merged", "other": self.codes[9], "reason": "One owner"}), 200, 201)
        check(self.post("coordinator", f"{self.path}/workplaces/import?dry_run=true", self.table(2, 100), headers={"Content-Type": "text/csv"}))

    def unblind(self):
        body = {"workplace": self.codes[11], "reason": "Taken ill"}
        check(self.post("ivan", f"{self.path}/unblindings/emergency", body), 201)
        self.asked = check(self.post("interviewer", f"{self.path}/unblindings", body), 201)["unblinding"]
        check(self.post("statistician", f"{self.path}/unblindings/{self.asked}/decisions", {"decision": "approved", "reason": "9.3"}), 201)
        check(self.post("coordinator", f"{self.path}/knowledge", {"workplace": self.codes[12], "source": "other", "account": "researcher"}), 201)
        check(self.post("administrator", "/v1/rehearsal/advance", {"days": 2}))
        check(self.post("coordinator", f"{self.path}/participants/{self.persons[8]}/employments", {"workplace": self.codes[10]}), 200, 201)

    def arms(self):
        """Arm by unit; people by their number, since their codes are drawn."""
        names = {code: f"P#{n}" for n, code in enumerate(self.persons)}
        return {names.get(code, code): arm for code, arm in self.cluster.rows(
            self.database, "SELECT u.code, l.arm FROM rctd.allocation l JOIN rctd.unit u USING (trial_id, unit_id)")}

    def plain(self, answer):
        """An answer without what differs between any two trials: ids, codes of people, the moments at which
        something was done, digests; lists in an order of their own."""
        text = f"{answer.status} {answer.headers.get('content-type')} {sorted(set(answer.headers) - {'link'})}\n"
        try:
            body = json.loads(answer.text) if answer.text else None
        except ValueError:
            body = answer.text
        return text + self.neutral(json.dumps(in_order(body, self.neutral), indent=0, sort_keys=True))

    def neutral(self, text):
        names = {code: f"P#{n}" for n, code in enumerate(self.persons)}
        text = re.sub(r"\bP[2-9A-HJ-NP-Y]{7}\b", lambda m: names.get(m.group(), "P#"), text)
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)
        text = re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", text)
        text = re.sub(r"\brctd_[\w-]{20,}", "TOKEN", text)
        text = re.sub(r"\b([A-Z0-9]{4}-){3}[A-Z0-9]{4}\b", "CODE", text)
        text = re.sub(r'("next": )"[^"]*"', r"\1CURSOR", text)
        text = re.sub(r'(name\\*": \\*")[0-9a-f]{8}\\*"', r"\1TOKEN", text)
        return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(?!000000)\d{1,6}(Z|\+00:00)", "MOMENT", text)


def in_order(value, neutral):
    """The same with each list sorted by what its items say."""
    if isinstance(value, dict):
        return {neutral(name): in_order(item, neutral) for name, item in value.items()}
    if isinstance(value, list):
        return sorted((in_order(item, neutral) for item in value), key=lambda item: neutral(json.dumps(item, sort_keys=True)))
    return value
