"""People withdraw while a dispatcher sends them reminders and an interviewer books appointments with them. What
was committed first is what PostgreSQL says (track_commit_timestamp), not what a clock of this test makes of it: no
attempt to send and no appointment is committed after the withdrawal of its person, and nothing reaches the
receiver without such an attempt. The same race is run once with a rctd.objections() that has none, so that it is
seen to fail."""
import concurrent.futures
import csv
import datetime
import io
import random
import threading

import harness
import pytest
from receiver import Receiver
from world import World, check, key

PROTOCOL = """\
trial: gems
title: {en: "Gems at work"}
registration: none
time_zone: Europe/Stockholm
languages: [en]
calendar: {working_hours: Mon-Sun 00:00-24:00}
participant:
  attributes:
    sex: {levels: [woman, man]}
consent:
  forms:
    participation: {by: participant, version: 1, languages: [en], scopes: [participate, questionnaires, interview, pass-on-contact]}
  required_before_allocation: {participant: [participation/participate]}
  required_before_data: {participant: [participation/participate]}
arms:
  opal: {label: {en: "Opalescent programme"}}
  jade: {label: {en: "Jadeite leaflet"}}
phases:
  main:
    target: {participants: 5000}
    scheme: {unit: participant, method: permuted-block, ratio: {opal: 1, jade: 1}, blocks: [4]}
instruments:
  mood: {items: 3, range: [1, 5], scores: {sum: all}, missing: none}
tasks:
  form: {kind: questionnaire, anchor: allocation, at: 5d, window: [-5d, 20d], instruments: [mood]}
  talk: {kind: interview, anchor: allocation, at: 5d, window: [-5d, 20d]}
reminders:
  questionnaire:
    - {at: window-open, channel: email, template: invitation}
"""
PEOPLE = 1000
CLIENTS = 6

# How they go: each of these ends reminders of the questionnaire and the interview.
WAYS = (
    ("withdrawals", {"stops": ["everything"], "how": "phone"}),
    ("withdrawals", {"stops": ["contact"], "how": "link"}),
    ("withdrawals", {"stops": ["questionnaires", "interviews"], "how": "paper"}),
    ("consents", {"form": "participation", "version": 1, "decision": "withdrawn", "signed_at": "2026-11-01T09:00:00Z", "how": "phone"}),
)
STOPS_ONLY = WAYS[1:3]

# The first moment at which somebody's no was committed; and what was sent or booked, and when that was.
ORDER = """
CREATE TEMP VIEW gone AS
SELECT unit_id, min(at) AS at FROM (
    SELECT unit_id, pg_xact_commit_timestamp(xmin) AS at FROM rctd.stop
    UNION ALL SELECT unit_id, pg_xact_commit_timestamp(xmin) FROM rctd.consent WHERE decision = 'withdrawn') said GROUP BY unit_id;
CREATE TEMP VIEW did AS
SELECT 'sent' AS what, r.unit_id, r.reminder_id::text AS id, pg_xact_commit_timestamp(a.xmin) AS at
  FROM rctd.reminder_attempt a JOIN rctd.reminder r USING (trial_id, reminder_id)
UNION ALL
SELECT 'booked', substr(a.stream, 6)::uuid, a.object_id, pg_xact_commit_timestamp(a.xmin)
  FROM rctd.audit a WHERE a.object_kind = 'booking' AND a.old IS NULL;
"""


@pytest.fixture(scope="module", name="ordered")
def fixture_ordered():
    with harness.Cluster(settings={"max_connections": "200", "track_commit_timestamp": "on"}) as made:
        yield made


class Race(World):
    """Participants with a reminder that is due, once there is somewhere to send it, and an interview that the
    interviewer has claimed."""

    def __init__(self, cluster, count):
        super().__init__(cluster, PROTOCOL)
        self.receiver = Receiver([])
        self.people = self._register(count)
        self._consent()
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            for answer in pool.map(self._allocate, self.people):
                check(answer, 201)
        self._claim()

    def _register(self, count):
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["sex"])
        writer.writerows([("woman", "man")[n % 2]] for n in range(count))
        check(self.post("coordinator", f"{self.path}/participants/import", out.getvalue(), headers={"Content-Type": "text/csv"}))
        return [row[0] for row in self.cluster.rows(self.database, "SELECT code FROM rctd.unit ORDER BY code")]

    def _consent(self):
        self.cluster.sql(self.database, """
            INSERT INTO rctd.consent (trial_id, unit_id, ordinal, consent_id, form, form_version, language, decision, scopes,
                                      decided_at, decided_by, how, protocol_version, recorded_at, recorded_by)
            SELECT u.trial_id, u.unit_id, 1, gen_random_uuid(), 'participation', 1, 'en', 'given',
                   '{"participate": true, "questionnaires": true, "interview": true, "pass-on-contact": true}',
                   now() - interval '60 days', 'participant', 'link', 1, now(), a.account_id
              FROM rctd.unit u, rctd.account a WHERE a.name = 'coordinator'""")

    def _allocate(self, code):
        return self.allocate_person(code, scheme="main")

    def _claim(self):
        self.cluster.sql(self.database, """
            INSERT INTO rctd.task_claim (trial_id, claim_id, task_id, unit_id, account_id, claimed_at)
            SELECT t.trial_id, gen_random_uuid(), t.task_id, t.unit_id, a.account_id, rctd.clock()
              FROM rctd.task t, rctd.account a WHERE t.task = 'talk' AND a.name = 'interviewer'""")
        self.talks = dict(self.cluster.rows(self.database, """
            SELECT u.code, t.task_id FROM rctd.task t JOIN rctd.unit u USING (trial_id, unit_id) WHERE t.task = 'talk'"""))

    def receive(self):
        made = check(self.post("trial-manager", f"{self.path}/endpoints", {"url": self.receiver.url}, key=None), 201)
        self.receiver.secrets.append(made["secret"])

    def withdraw(self, number, code, ways, daemons):
        what, body = ways[number % len(ways)]
        return daemons[number % len(daemons)].request("POST", f"{self.path}/participants/{code}/{what}", body,
                                                      token=self.tokens["coordinator"], key=key())

    def book(self, number, code, daemons):
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3, minutes=number)
        return daemons[(number + 1) % len(daemons)].request(
            "POST", f"{self.path}/tasks/{self.talks[code]}/bookings", {"at": at.strftime("%Y-%m-%dT%H:%M:%SZ")},
            token=self.tokens["interviewer"], key=key())

    def run(self, ways):
        """Everybody withdraws and is booked at the same moment, while reminders leave. How many were booked."""
        daemons = [self.daemon, self.another()]
        order = random.Random(20261122).sample(self.people, len(self.people))
        some, gone, begun = len(order) // 20, [], threading.Event()

        def go(number, code):
            check(self.withdraw(number, code, ways, daemons), 201)
            gone.append(code)

        def both(number, code):
            """The first is booked after leaving, the second before; the others race. Messages leave when some are gone,
            and who is behind waits for the first of them: so each way out has its case, whatever the machine does."""
            if number == some:
                harness.wait_until(lambda: len(gone) >= some, "those before to leave")
                self.receive()
                harness.wait_until(lambda: self.receiver.requests, "a message")
                begun.set()
            elif number > some:
                begun.wait(harness.WAIT_SECONDS)
            if number == 0:
                go(number, code)
            booked = bookers.submit(self.book, number, code, daemons)
            if number == 1:
                booked.result()
            if number > 0:
                go(number, code)
            return booked.result().status

        with self.receiver, concurrent.futures.ThreadPoolExecutor(CLIENTS) as leavers, \
                concurrent.futures.ThreadPoolExecutor(CLIENTS) as bookers:
            statuses = list(leavers.map(both, range(len(order)), order))
            assert set(statuses) <= {201, 409}, sorted(set(statuses))
            harness.wait_until(self.is_quiet, "the dispatcher to have nothing left")
        return statuses.count(201)

    def is_quiet(self):
        return self.cluster.sql(self.database, """
            SELECT NOT EXISTS (SELECT FROM rctd.reminder WHERE state = 'scheduled')
               AND NOT EXISTS (SELECT FROM rctd.reminder_attempt a WHERE NOT EXISTS (SELECT FROM rctd.reminder_result o
                               WHERE (o.trial_id, o.reminder_id, o.attempt) = (a.trial_id, a.reminder_id, a.attempt)))""") == "t"

    def too_late(self):
        """What was sent or booked after its person's no: rows of what, id."""
        return self.cluster.rows(self.database, ORDER + """
            SELECT d.what, d.id FROM did d JOIN gone g USING (unit_id) WHERE d.at > g.at ORDER BY 1, 2""")

    def count(self, query):
        return int(self.cluster.sql(self.database, query))


def test_nothing_is_sent_or_booked_after_a_withdrawal(ordered):
    with Race(ordered, PEOPLE) as race:
        booked = race.run(WAYS)
        assert race.too_late() == []
        arrived = {ident.removeprefix("msg_") for ident in race.receiver.taken}
        attempted = {row[0] for row in race.cluster.rows(race.database, "SELECT DISTINCT reminder_id FROM rctd.reminder_attempt")}
        assert arrived <= attempted, "something arrived that no attempt stands for"
        assert all(status == 204 for _, _, status in race.receiver.requests)
        assert race.count("SELECT count(*) FROM rctd.booking WHERE state = 'planned'") == 0
        assert race.count("SELECT count(*) FROM rctd.task WHERE task = 'talk' AND state = 'planned'") == 0
        assert race.count("SELECT count(*) FROM rctd.task_claim WHERE state = 'held'") == 0
        assert race.count("SELECT count(*) FROM rctd.audit WHERE object_kind = 'booking' AND old IS NULL") == booked
        stopped = race.count("SELECT count(*) FROM rctd.reminder WHERE state = 'cancelled'")
        print(f"\n{PEOPLE} withdrawals: {len(arrived)} reminders came before, {stopped} were stopped; "
              f"{booked} appointments came before, {PEOPLE - booked} were refused")
        assert arrived and stopped, "there was no race with the dispatcher"
        assert 0 < booked < PEOPLE, "there was no race with the interviewer"


def test_the_race_is_lost_where_nobody_asks(ordered):
    with Race(ordered, 100) as race:
        race.cluster.sql(race.database, """
            CREATE OR REPLACE FUNCTION rctd.objections(in_trial uuid, in_units uuid[], in_actions text[])
                RETURNS TABLE (unit_id uuid, action text, objection text)
                LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
                AS 'BEGIN RETURN QUERY SELECT q.u, q.a, NULL::text FROM unnest(in_units, in_actions) q (u, a); END'""")
        race.run(STOPS_ONLY)
        lost = [what for what, _ in race.too_late()]
        assert "sent" in lost and "booked" in lost
