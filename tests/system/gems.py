"""The trial of most tests, and others made of it. Its arms have names that stand nowhere else, so that a test can look
for them in every answer."""

PROTOCOL = """\
trial: gems
title: {en: "Gems at work"}
registration: none
time_zone: Europe/Stockholm
languages: [en]
calendar: {working_hours: Mon-Sun 09:00-18:00}
workplace:
  identifiers:
    number: {type: pattern, pattern: "^[0-9]{6}$", required: true}
  attributes:
    sector: {levels: [public, private]}
    employees: {type: integer, min: 1, max: 100000}
    size: {from: employees, bands: {"1-9": [1, 9], "10-49": [10, 49], "50-249": [50, 249], "250-": [250, 100000]}}
    county: {levels: [north, south]}
arms:
  opal: {label: {en: "Opalescent programme"}}
  jade: {label: {en: "Jadeite programme"}}
  onyx: {label: {en: "Onychite leaflet"}}
phases:
  main:
    target: {workplaces: 5000}
    scheme:
      unit: workplace
      method: permuted-block
      ratio: {opal: 2, jade: 1, onyx: 1}
      strata: [sector, size]
      blocks: [4, 8]
instruments:
  mood: {items: 3, range: [1, 5], scores: {sum: all}, missing: none}
tasks:
  talk: {kind: session, arms: [opal, jade], anchor: allocation, at: 10d, window: [-2d, 2d]}
  form: {kind: questionnaire, anchor: allocation, at: 30d, window: [-5d, 5d], instruments: [mood]}
  call: {kind: questionnaire, arms: [opal], anchor: allocation, at: 40d, window: [-5d, 5d], instruments: [mood]}
reminders:
  questionnaire:
    - {at: window-open, channel: email, template: invitation}
"""

# The same trial with a phase of its own in which people are allocated one by one.
WITH_PEOPLE = PROTOCOL.replace("arms:\n", """\
participant:
  attributes:
    sex: {levels: [woman, man]}
    birth_year: {type: integer, min: 1900, max: 2026}
  eligible:
    - {id: age, need: "age between 18 and 66"}
    - {id: employed, ask: "Employed here for three months or more", need: yes}
  flags: {late_career: "age >= 55"}
consent:
  forms:
    participation: {by: participant, version: 1, languages: [en], scopes: [participate]}
  required_before_allocation: {participant: [participation/participate]}
arms:
""").replace("instruments:\n", """\
  people:
    target: {participants: 500}
    scheme:
      unit: participant
      method: minimisation
      ratio: {opal: 1, jade: 1, onyx: 1}
      factors: {sex: 1}
      p: 0.8
      measure: range
instruments:
""")

ARM_WORDS = ("opal", "jade", "onyx", "Opalescent", "Jadeite", "Onychite")
ARMS = ("opal", "jade", "onyx")
RATIO = (2, 1, 1)
BLOCKS = (4, 8)
EMPLOYEES = {"1-9": 5, "10-49": 20, "50-249": 90, "250-": 400}

# Workplaces that need answers, an agreement and a locked roster.
WITH_FORMS = """\
trial: gems
title: {en: Forms}
registration: none
time_zone: Europe/Stockholm
languages: [en]
workplace:
  identifiers: {number: {type: pattern, pattern: "^[0-9]{6}$", required: true}}
  attributes: {sector: {levels: [public, private]}, employees: {type: integer}, county: {levels: [north, south]}}
  eligible:
    - {id: manager, ask: "Own manager", need: yes}
    - {id: staff, need: "employees >= 10"}
consent:
  forms:
    employer: {by: workplace, version: 1, languages: [en], scopes: [participate]}
  required_before_allocation: {workplace: [employer/participate]}
arms: {opal: {label: {en: Opal}}, jade: {label: {en: Jade}}}
phases:
  pilot: {scheme: {unit: workplace, method: permuted-block, ratio: {opal: 1, jade: 1}, blocks: [2, 4]}}
  main:
    excludes: [pilot]
    scheme: {unit: workplace, method: permuted-block, ratio: {opal: 1, jade: 1}, strata: [sector], blocks: [2, 4], roster_lock: true}
tasks:
  visit: {kind: session, anchor: allocation, at: 10d, window: [-2d, 2d]}
"""
