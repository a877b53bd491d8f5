/*
 * test_protocol_fault.c: each mistake that somebody can make in a protocol is told at its place,
 * with what would be right, and without faults that only follow from it.
 */
#include "../check_main.h"
#include "protocol_case.h"

/* A piece of the WORK TOGETHER protocol, the mistake instead of it, and what is told. */
static const struct {
    const char *right;
    const char *wrong;
    const char *told;
} mistakes[] = {
    /* What is wrong beside an unknown method or unit is told in the same run. */
    {"method: permuted-block\n      ratio: {updated: 1, existing: 1, control: 1}\n      strata: "
     "[sector, size]\n      blocks: [3, 6]",
        "method: blocks\n      ratio: {updated: 1, existing: 1, control: 1}\n      strata: "
        "[sector, employees]\n      blocks: [3, 4]",
        "79:15: phases.rct.scheme.method: `blocks` is not taken here; known here: simple, "
        "permuted-block, biased-coin, big-stick, biased-coin-limit, block-urn, urn, maximal, "
        "minimisation, constrained, nonrandom-comparison\n"
        "81:24: phases.rct.scheme.strata[1]: `employees` has no levels; stratify on an attribute "
        "with levels, or on bands of it\n"
        "82:19: phases.rct.scheme.blocks[1]: a block of 4 cannot hold the ratio, which adds up to "
        "3; write 3, 6, ...\n"},
    {"trial: work-together\n", "trial: Work Together\n",
        "4:8: trial: `Work Together` cannot be a name; use a-z, 0-9, _ . and -, beginning with a "
        "letter or digit, 63 at most\n"},
    {"trial: work-together\n", "", "4:1: the key `trial` is missing; add trial: ...\n"},
    {"  en: \"WORK TOGETHER: an", "  fi: \"WORK TOGETHER: an",
        "6:3: title.fi: `fi` is not a language of this protocol; known here: sv, en\n"},
    {"registration: none", "registration:",
        "8:1: registration: nothing is written here; write a value, or remove the key\n"},
    {"time_zone: Europe/Stockholm", "time_zone: Europe/Stockholm\ncontamination: forbid",
        "10:16: contamination: `forbid` is not taken here; known here: acknowledge, refuse\n"},
    {"time_zone: Europe/Stockholm", "time_zone: Europe/Stokholm",
        "9:12: time_zone: there is no time zone `Europe/Stokholm`; did you mean "
        "`Europe/Stockholm`?\n"},
    {"time_zone: Europe/Stockholm", "time_zone: Asia/Stockholm",
        "9:12: time_zone: there is no time zone `Asia/Stockholm`; write Area/City, such as "
        "Europe/Stockholm\n"},
    {"time_zone: Europe/Stockholm", "time_zone: [Europe/Stockholm]",
        "9:12: time_zone: a list stands where one value is needed; write one value\n"},
    {"languages: [sv, en]", "languages: [sv, en, sv]",
        "10:21: languages[2]: `sv` stands here twice; write it once\n"},
    {"languages: [sv, en]", "languages: [sv, en, Swedish]",
        "10:21: languages[2]: `Swedish` is no code of a language; write a code such as sv, en or "
        "pt-BR\n"},
    {"Mon-Fri 09:00-18:00", "Fri-Mon 09:00-18:00",
        "13:18: calendar.working_hours: `Fri-Mon 09:00-18:00` are no working hours; write Mon-Fri "
        "09:00-18:00\n"},
    {"Mon-Fri 09:00-18:00", "Mon-Fri 18:00-09:00",
        "13:18: calendar.working_hours: `Mon-Fri 18:00-09:00` are no working hours; write Mon-Fri "
        "09:00-18:00\n"},
    {"holidays: SE ", "holidays: ../SE",
        "14:13: calendar.holidays: there is no list of holidays `../SE`; known here: SE, none\n"},
    {"holidays: SE ", "holidays: SV ",
        "14:13: calendar.holidays: there is no list of holidays `SV`; did you mean `SE`?\n"},
    {"[28, 29, 30, 31]", "[28, 54]",
        "15:25: calendar.pause_iso_weeks[1]: `54` is out of range; 1 to 53\n"},
    {"[28, 29, 30, 31]", "28",
        "15:3: calendar.pause_iso_weeks: a list of numbers is needed; write [A, B], or a line with "
        "- for each\n"},
    {"{type: se-orgnr, required: true}", "{type: se-orgnr, required: perhaps}",
        "19:53: workplace.identifiers.organisation_number.required: `perhaps` is neither yes nor "
        "no; write true or false\n"},
    {"{type: se-orgnr, required: true}", "{type: se-orgno, required: true}",
        "19:33: workplace.identifiers.organisation_number.type: `se-orgno` is not a type of number "
        "for this; did you mean `se-orgnr`?\n"},
    {"{type: se-orgnr, required: true}", "{type: pattern}",
        "19:5: workplace.identifiers.organisation_number: the pattern is missing; add pattern: "
        "\"^[0-9]{8}$\"\n"},
    {"{type: se-cfar}", "{type: pattern, pattern: \"^[0-9\"}",
        "20:51: workplace.identifiers.establishment.pattern: this is no pattern: missing "
        "terminating ] for character class; write a regular expression (PCRE2), such as "
        "\"^[A-U]$\"\n"},
    {"{type: se-cfar}", "{type: se-cfar, pattern: \"^[0-9]\"}",
        "20:36: workplace.identifiers.establishment.pattern: the type se-cfar brings its own form; "
        "write type: pattern, or remove it\n"},
    {"{type: se-cfar}", "{type: se-cfar, store: vault}",
        "20:36: workplace.identifiers.establishment.store: `store` is for the identity numbers of "
        "people; remove it\n"},
    {"sector: {levels: [public, private]}", "sector: {levels: [public, public]}",
        "22:31: workplace.attributes.sector.levels[1]: `public` stands here twice; write it "
        "once\n"},
    {"sector: {levels: [public, private]}", "sector: {levels: [Public, private]}",
        "22:23: workplace.attributes.sector.levels[0]: `Public` cannot be a name; use a-z, 0-9, _ "
        ". and -, beginning with a letter or digit, 63 at most\n"},
    {"sector: {levels: [public, private]}", "sector: {levels: [public, private], max: 3}",
        "22:41: workplace.attributes.sector.max: `max` means nothing without type: integer; remove "
        "it\n"},
    {"sector: {levels: [public, private]}", "sector: {}",
        "22:5: workplace.attributes.sector: it is not said which values this attribute has; write "
        "one of levels, type, from (with bands) or pattern\n"},
    {"sector: {levels: [public, private]}", "sector: {levels: [public, private], type: integer}",
        "22:5: workplace.attributes.sector: it is said in more than one way which values this "
        "attribute has; write one of levels, type, from (with bands) or pattern\n"},
    {"employees: {type: integer, min: 1, max: 100000}",
        "employees: {type: integer, min: 10, max: 1}",
        "23:46: workplace.attributes.employees.max: max is less than min; write the larger number "
        "as max\n"},
    {"employees: {type: integer, min: 1, max: 100000}", "employees: {type: number}",
        "23:23: workplace.attributes.employees.type: `number` is not taken here; known here: "
        "integer, boolean\n"},
    {"from: employees", "from: sector",
        "24:18: workplace.attributes.size.from: `sector` is not a number among these attributes; "
        "known here: employees\n"},
    {"\"10-49\": [10, 49]", "\"10-49\": [49, 10]",
        "24:46: workplace.attributes.size.bands.10-49: the range is empty; write the lower end "
        "first\n"},
    {"\"10-49\": [10, 49]", "\"10-49\": 10",
        "24:46: workplace.attributes.size.bands.10-49: a range is needed here; write [LOW, HIGH] "
        "with whole numbers\n"},
    {", bands: {\"10-49\": [10, 49], \"50-249\": [50, 249]}", "",
        "24:5: workplace.attributes.size: the bands are missing; add bands: {\"LOW-HIGH\": [LOW, "
        "HIGH]}\n"},
    {"pattern: \"^[A-U]$\"", "pattern: \"^[A-U$\"",
        "26:32: workplace.attributes.industry.pattern: this is no pattern: missing terminating ] "
        "for character class; write a regular expression (PCRE2), such as \"^[A-U]$\"\n"},
    {"need: \"employees >= 10\"", "need: \"employees >= ten\"",
        "30:39: workplace.eligible[2].need: `employees` is compared with `ten`, which is no "
        "number; write a number\n"},
    {"need: \"employees >= 10\"", "need: \"employees\"",
        "30:26: workplace.eligible[2].need: `employees` cannot stand alone; it is a number: "
        "compare it with = != < <= > >= between or in\n"},
    {"need: \"employees >= 10\"", "need: \"(employees >= 10\"",
        "30:42: workplace.eligible[2].need: a parenthesis is not closed; write )\n"},
    {"need: \"employees >= 10\"", "need: \"employees => 10\"",
        "30:37: workplace.eligible[2].need: a value is missing here; write a number, a level or "
        "text in quotes\n"},
    {"need: \"employees >= 10\"", "need: \"employees ~ '^1'\"",
        "30:36: workplace.eligible[2].need: `employees` cannot be compared in this way; it is a "
        "number: compare it with = != < <= > >= between or in\n"},
    {"need: \"employees >= 10\"", "need: \"sector = publik\"",
        "30:35: workplace.eligible[2].need: `sector` has no level `publik`; did you mean "
        "`public`?\n"},
    {"need: \"employees >= 10\"", "need: \"employees >= 10 and\"",
        "30:45: workplace.eligible[2].need: the name of an attribute is missing here; write NAME "
        "COMPARISON VALUE, such as employees >= 10\n"},
    {"need: \"employees >= 10\"", "need: \"employees >= 10 sector\"",
        "30:42: workplace.eligible[2].need: this does not belong here; join comparisons with and "
        "or or\n"},
    {"{id: contract, ask: ", "{id: own-manager, ask: ",
        "29:7: workplace.eligible[1]: there is a rule `own-manager` already; give every rule an id "
        "of its own\n"},
    {"ask: \"Closure or merger announced\", ", "",
        "32:7: workplace.eligible[4]: there is no question to be answered with no; add ask: "
        "\"...\" in plain words\n"},
    {"contact: [name, phone, email]", "contact: [name, fax]",
        "36:19: participant.contact[1]: `fax` is not taken here; known here: name, phone, email, "
        "address\n"},
    {"store: vault", "store: safe",
        "35:44: participant.identity.store: `safe` is not taken here; known here: vault, hash\n"},
    {"age between 18 and 66", "age between 18",
        "45:38: participant.eligible[0].need: the second number of between is missing; write "
        "between A and B\n"},
    {"born in (europe, other)", "born in (europe, others)",
        "49:42: participant.flags.under_represented: `born` has no level `others`; did you mean "
        "`other`?\n"},
    {"born in (europe, other)", "born in europe, other",
        "49:33: participant.flags.under_represented: the list of values is missing; write in (a, "
        "b)\n"},
    {"~ '^[59]'\"\n\nconsent", "~ '^[59'\"\n\nconsent",
        "50:49: participant.flags.high_risk: this is no pattern: missing terminating ] for "
        "character class\n"},
    {"by: workplace, version: 1", "by: employer, version: 1",
        "54:25: consent.forms.employer.by: `employer` is not taken here; known here: workplace, "
        "participant\n"},
    {"by: workplace, version: 1, languages: [sv, en]",
        "by: workplace, version: 0, languages: [sv, fi]",
        "54:45: consent.forms.employer.version: `0` is out of range; 1 to 10000\n"
        "54:64: consent.forms.employer.languages[1]: `fi` is not a language of this protocol; "
        "known here: sv, en\n"},
    {"scopes: [participate, paid-time]", "scopes: [participate, participate]",
        "54:91: consent.forms.employer.scopes[1]: `participate` stands here twice; write it "
        "once\n"},
    {"{participant: [participation/participate]}", "{participant: [employer/participate]}",
        "59:40: consent.required_before_data.participant[0]: `employer/participate` is not a "
        "FORM/SCOPE that a participant signs; known here: contact/..., participation/..., "
        "optional/...\n"},
    {"{workplace: [employer/participate]}", "{workplaces: [employer/participate]}",
        "58:32: consent.required_before_allocation.workplaces: the key `workplaces` is not known "
        "here; did you mean `workplace`?\n"},
    {"{by: workplace, version: 1,", "{by: workplace, version: 1, from: 2026-02-29,",
        "54:54: consent.forms.employer.from: `2026-02-29` is not a day that exists; write the day "
        "as YYYY-MM-DD, such as 2026-11-22\n"},
    {"{by: workplace, version: 1,",
        "{by: workplace, version: 1, reconsent: {who: some, waits: "
        "[interviews, allocate]},",
        "54:48: consent.forms.employer.reconsent: the key `within` is missing; add within: 21d\n"
        "54:65: consent.forms.employer.reconsent.who: `some` is not taken here; known here: all, "
        "not-allocated\n"
        "54:79: consent.forms.employer.reconsent.waits[0]: `interviews` is not an action that can "
        "wait; did you mean `interview`?\n"
        "54:91: consent.forms.employer.reconsent.waits[1]: `allocate` is not an action that can "
        "wait; known here: data, intervention, interview, audio, contact, sms, linkage, "
        "future-contact\n"},
    {"{by: workplace, version: 1,",
        "{by: workplace, version: 1, reconsent: {who: all, within: 0d, waits: [data, data]},",
        "54:78: consent.forms.employer.reconsent.within: `0d` is out of range; 1d to 3650d\n"
        "54:96: consent.forms.employer.reconsent.waits[1]: `data` stands here twice; write it "
        "once\n"},
    {"{by: workplace, version: 1,", "{by: workplace, version: 1, texts: {fi: abc, sv: abc},",
        "54:56: consent.forms.employer.texts.fi: `fi` is not a language of this form; known here: "
        "sv, en\n"
        "54:69: consent.forms.employer.texts.sv: this is no SHA-256: 64 digits of 0-9 and a-f; "
        "write what sha256sum says of the text's file\n"},
    {"  required_before_data:",
        "  required_for: {interviw: [optional/interview], sms: "
        "[optional/smss], allocate: [employer/participate]}\n"
        "  required_before_data:",
        "59:18: consent.required_for.interviw: `interviw` is not an action; did you mean "
        "`interview`?\n"
        "59:56: consent.required_for.sms[0]: `optional/smss` is not a FORM/SCOPE of this protocol; "
        "did you mean `optional/sms`?\n"
        "59:72: consent.required_for.allocate: what an allocation needs stands under "
        "required_before_allocation; write it there\n"},
    {"  required_before_data:", "  legal_basis:\n  required_before_data:",
        "59:3: consent.legal_basis: nothing is written here; write a value, or remove the key\n"},
    {"control:  {label: {en: \"Health information\", sv: \"Hälsoinformation\"}}", "control: {}",
        "64:3: arms.control: the key `label` is missing; add label: ...\n"},
    {"excludes: [feasibility]", "excludes: [rct]",
        "76:15: phases.rct.excludes: a phase cannot exclude itself; name other phases\n"},
    {"excludes: [feasibility]", "excludes: [pilot]",
        "76:16: phases.rct.excludes[0]: `pilot` is not a phase; known here: feasibility, rct\n"},
    {"target: {workplaces: 72,", "target: {workplaces: 0,",
        "75:26: phases.rct.target.workplaces: `0` is out of range; 1 to 1000000\n"},
    {"      unit: workplace\n      method: permuted-block\n      ratio: {updated: 1, existing: 1, "
     "control: 1}\n      strata",
        "      unit: clinic\n      method: permuted-block\n      ratio: {updated: 1, existing: 1, "
        "control: 1}\n      strata",
        "78:13: phases.rct.scheme.unit: `clinic` is not taken here; known here: workplace, "
        "participant\n"},
    {"      method: permuted-block\n      ratio: {updated: 1, existing: 1, control: 1}\n      "
     "strata",
        "      method: permuted-blocks\n      ratio: {updated: 1, existing: 1, control: 1}\n      "
        "strata",
        "79:15: phases.rct.scheme.method: `permuted-blocks` is not taken here; did you mean "
        "`permuted-block`?\n"},
    {"      ratio: {updated: 1, existing: 1, control: 1}\n      strata",
        "      ratio: {updated: 1, existing: 1, kontrol: 1}\n      strata",
        "80:40: phases.rct.scheme.ratio.kontrol: `kontrol` is not an arm; did you mean "
        "`control`?\n"},
    {"      ratio: {updated: 1, existing: 1, control: 1}\n      strata",
        "      ratio: {updated: 1}\n      strata",
        "80:14: phases.rct.scheme.ratio: there is nothing to choose between; name two arms or "
        "more\n"},
    {"      ratio: {updated: 1, existing: 1, control: 1}\n      strata",
        "      ratio: {updated: 2, existing: 1.5, control: 1}\n      strata",
        "80:37: phases.rct.scheme.ratio.existing: `1.5` is no whole number; write digits only\n"},
    {"      ratio: {updated: 1, existing: 1, control: 1}\n      strata", "      strata",
        "77:5: phases.rct.scheme: the method permuted-block needs the key `ratio`; add ratio: "
        "...\n"},
    {"strata: [sector, size]", "strata: [sector, sector]",
        "81:24: phases.rct.scheme.strata[1]: `sector` stands here twice; write it once\n"},
    {"strata: [sector, size]", "strata: [sector, born]",
        "81:24: phases.rct.scheme.strata[1]: `born` is not an attribute of workplaces; known here: "
        "sector, employees, size, county, industry\n"},
    {"blocks: [3, 6]", "blocks: [3, 4, 0]",
        "82:19: phases.rct.scheme.blocks[1]: a block of 4 cannot hold the ratio, which adds up to "
        "3; write 3, 6, ...\n"
        "82:22: phases.rct.scheme.blocks[2]: `0` is out of range; 1 to 1000\n"},
    {"blocks: [3, 6]", "blocks: []",
        "82:7: phases.rct.scheme.blocks: the list of numbers is empty; write one or more\n"},
    {"blocks: [3, 6]", "p: 0.7\n      blocks: [3, 6]",
        "82:7: phases.rct.scheme.p: `p` means nothing to the method permuted-block; remove it, or "
        "choose the method that it belongs to\n"},
    {"      blocks: [3, 6]\n", "",
        "77:5: phases.rct.scheme: the method permuted-block needs the key `blocks`; add blocks: "
        "...\n"},
    {"roster_lock: true", "roster_locked: true",
        "83:7: phases.rct.scheme.roster_locked: the key `roster_locked` is not known here; did you "
        "mean `roster_lock`?\n"},
    {"method: permuted-block\n      ratio: {updated: 1, existing: 1, control: 1}\n      blocks: "
     "[6]",
        "method: big-stick\n      ratio: {updated: 1, existing: 1, control: 1}\n      limit: 3",
        "72:14: phases.feasibility.scheme.ratio: the method big-stick is for two arms in equal "
        "numbers; name two arms with the same number, or choose another method\n"},
    {"method: permuted-block\n      ratio: {updated: 1, existing: 1, control: 1}\n      blocks: "
     "[6]",
        "method: minimisation\n      ratio: {updated: 1, existing: 1, control: 1}\n      p: 1.5\n  "
        "    factors: {sector: 1, employees: 1}",
        "73:10: phases.feasibility.scheme.p: `1.5` is out of range; 0.5 to 1\n"
        "74:28: phases.feasibility.scheme.factors.employees: `employees` has no levels; choose an "
        "attribute with levels, or bands of it\n"},
    {"{items: 12, range: [1, 7],", "{items: 12,",
        "86:3: instruments.smbm-12: the range of the items is missing; add range: [LOW, HIGH]\n"},
    {"scores: {sum: all, mean: all, fatigue: mean 1-6",
        "scores: {sum: all, mean: all, fatigue: median 1-6",
        "86:78: instruments.smbm-12.scores.fatigue: `median 1-6` is no score of 12 items; write "
        "sum all, mean all, or mean 1-12\n"},
    {"cutoff: {sum: 19}", "cutoff: {total: 19}",
        "87:67: instruments.keds.cutoff.total: `total` is not a score of this instrument; known "
        "here: sum\n"},
    {"cutoff: {sum: 19}, missing: none", "cutoff: {sum: 19}, missing: 9",
        "87:86: instruments.keds.missing: all items could be missing; write none, or less than the "
        "number of items\n"},
    {"exposure: {fields:", "exposure: {items: 2, fields:",
        "89:3: instruments.exposure: the range of the items is missing; add range: [LOW, HIGH]\n"
        "89:24: instruments.exposure.fields: there are items already; write either items or "
        "fields\n"},
    {"took_course: {type: boolean}", "took_course: {type: bool}",
        "89:80: instruments.exposure.fields.took_course.type: `bool` is not taken here; known "
        "here: integer, boolean\n"},
    {"kind: session", "kind: sesion",
        "93:15: tasks.hpa.kind: `sesion` is not taken here; did you mean `session`?\n"},
    {"anchor: allocation, at: 21d", "anchor: randomisation, at: 21d",
        "93:78: tasks.hpa.anchor: `randomisation` is not taken here; known here: allocation, "
        "phase-start\n"},
    {"anchor: allocation, at: 21d", "anchor: allocation",
        "93:3: tasks.hpa: it is not said when; add at: 91d, or every: 28d with times: 13\n"},
    {"at: 21d, window: [-14d, 14d]", "at: 21d, window: [14d, -14d]",
        "93:108: tasks.hpa.window[0]: `14d` is out of range; -20000d to 0d\n"
        "93:113: tasks.hpa.window[1]: `-14d` is out of range; 0d to 20000d\n"},
    {"at: 21d, window: [-14d, 14d]", "at: 21d, window: 14d",
        "93:107: tasks.hpa.window: a window has a first and a last day; write [-14d, 14d]\n"},
    {"arms: [updated, existing]", "arms: [updated, exsting]",
        "93:59: tasks.hpa.arms[1]: `exsting` is not an arm; did you mean `existing`?\n"},
    {"every: 28d, times: 13", "every: 28d",
        "97:3: tasks.sms: the key `times` is missing; write every: 28d and times: 13 together\n"},
    {"scope: sms", "scope: smss",
        "97:111: tasks.sms.scope: `smss` is not a scope of a consent form; did you mean `sms`?\n"},
    {"instruments: [sick-leave]", "instruments: [sickleave]",
        "97:130: tasks.sms.instruments[0]: `sickleave` is not an instrument; did you mean "
        "`sick-leave`?\n"},
    {"sample: {workplaces: 12}", "sample: {workplaces: 12, participants: 3}",
        "99:41: tasks.interview-manager.sample: a sample is of participants or of workplaces; "
        "write {participants: 24} or {workplaces: 12}\n"},
    {"spread: [arm, sex,", "spread: [arms, sex,",
        "98:96: tasks.interview-employee.sample.spread[0]: `arms` is not the word arm, an "
        "attribute or a flag of participants; did you mean `arm`?\n"},
    {"sample: {workplaces: 12}", "sample: {workplaces: 12, spread: [sector, sexx]}",
        "99:83: tasks.interview-manager.sample.spread[1]: `sexx` is not the word arm, an "
        "attribute or a flag of workplaces; known here: arm, sector, employees, size, county, "
        "industry\n"},
    {"phase: feasibility, size: [4, 8]", "phase: pilot, size: [8, 4]",
        "100:43: tasks.co-creation.phase: `pilot` is not a phase; known here: feasibility, rct\n"
        "100:56: tasks.co-creation.size: the range is empty; write the lower end first\n"},
    {"kind: focus-group", "kind: interview",
        "100:54: tasks.co-creation.size: `size` means nothing for the kind interview; remove it\n"},
    {"hpa: {kind: session, unit: participant", "hpa: {kind: session, unit: participants",
        "93:30: tasks.hpa.unit: `participants` is not taken here; did you mean `participant`?\n"},
    {"sms: {kind: message, unit: participant", "sms: {kind: message, unit: workplace",
        "97:109: tasks.sms.scope: the scope sms is signed by participants, and this is a task of "
        "workplaces; write unit: participant, or a scope that a workplace signs\n"},
    {"{kind: focus-group, phase", "{kind: focus-group, unit: participant, phase",
        "100:42: tasks.co-creation.unit: a focus group is one task of a workplace, with many "
        "participants; leave it out\n"},
    {"stamp: programme-version", "stamp: version",
        "93:127: tasks.hpa.stamp: `version` is not taken here; known here: programme-version\n"},
    {"primary: true", "primary: maybe",
        "96:149: tasks.t12.primary: `maybe` is neither yes nor no; write true or false\n"},
    {"  questionnaire:\n    - {at", "  questionaire:\n    - {at",
        "103:3: reminders.questionaire: `questionaire` is not a kind of task; did you mean "
        "`questionnaire`?\n"},
    {"{after: 7d, channel: email", "{after: 3d, channel: email",
        "106:7: reminders.questionnaire[2]: this step is not later than the one before it; write "
        "the steps in the order in which they are sent\n"},
    {"{after: 7d, channel: email, template: nudge}", "{after: 7d, channel: email}",
        "106:7: reminders.questionnaire[2]: a message needs the key `template`; add template: "
        "NAME\n"},
    {"channel: phone, task: call", "channel: phone, template: call",
        "108:7: reminders.questionnaire[4]: a phone step needs the key `task`; add task: call\n"
        "108:7: reminders.questionnaire[4]: `template` means nothing for a phone step; remove "
        "template\n"},
    {"{at: window-open, channel", "{channel",
        "104:7: reminders.questionnaire[0]: it is not said when; write at: window-open, or after: "
        "3d\n"},
    {"{of: approached, green", "{of: asked, green",
        "111:31: progression.workplaces-accepting.of: `asked` is not taken here; known here: "
        "approached, invited, eligible, consenting, allocated\n"},
    {"workplaces-accepting:", "workplaces-agreeing:",
        "111:3: progression.workplaces-agreeing: it is not said what `workplaces-agreeing` "
        "measures; add flag: or task:, or use a known name: workplaces-accepting, "
        "employees-consenting, baseline-before-reveal, contamination\n"},
    {"green: \">= 50%\", amber: \">= 30%\"", "green: \"50%\", amber: \">= 30%\"",
        "111:50: progression.workplaces-accepting.green: `50%` is no limit; write \">= 50%\"\n"},
    {"green: \"<= 10%\", amber: \"<= 20%\"", "green: \"<= 10%\", amber: \">= 20%\"",
        "117:51: progression.contamination.amber: green and amber point in different directions; "
        "compare both with >=, or both with <=\n"},
    {"{task: t3,", "{task: t4,",
        "115:33: progression.retention-t3.task: `t4` is not a task; did you mean `t0`?\n"},
    {"flag: under_represented or high_risk", "flag: under_represented or high_risks",
        "113:54: progression.target-group-share.flag: there is no attribute `high_risks`; did you "
        "mean `high_risk`?\n"},
    {"sweden: 0.80", "sweden: 0.70",
        "121:15: representation.reference.born: the shares add up to 0.9; let them add up to 1 "
        "(100%)\n"},
    {"sweden: 0.80, ", "",
        "121:15: representation.reference.born: the share of `sweden` is missing; give every level "
        "a share, 0 where there are none\n"},
    {"sweden: 0.80", "sverige: 0.80",
        "121:22: representation.reference.born.sverige: `sverige` is not a level of `born`; known "
        "here: sweden, nordic, europe, other\n"},
    {"{born: {sweden", "{shoe_size: {sweden",
        "121:15: representation.reference.shoe_size: `shoe_size` is not an attribute of "
        "participants; known here: sex, birth_year, occupation, education, born, shift_work, "
        "age\n"},
    {"tolerance: 5 ", "tolerance: 500 ",
        "122:14: representation.tolerance: `500` is out of range; 0 to 100\n"},
    {"at_least: 20%", "at_least: 120%",
        "124:43: representation.targets[0].at_least: `120%` is out of range; 0% to 100%\n"},
    {"at_least: 36", "at_least: 36%",
        "126:48: representation.targets[2].at_least: `36%` is no whole number; write digits "
        "only\n"},
    {"share: \"born != sweden\"", "workplaces: \"size = large\", share: \"born != sweden\"",
        "124:7: representation.targets[0]: a target is about a share of participants or a number "
        "of workplaces; write share: \"...\" of participants, or workplaces: \"...\"\n"},
    {"cycle-test: {serious: false}", "cycle-test: {serius: false}",
        "130:18: safety.events.cycle-test.serius: the key `serius` is not known here; did you mean "
        "`serious`?\n"},
    {"systolic >= 180 or", "systolic >= high or",
        "131:62: safety.events.blood-pressure.threshold: `systolic` is compared with `high`, which "
        "is no number; write a number\n"},
    {"[24, 48, 72]", "[24, 72, 48]",
        "135:26: dsmb.meets_at.workplaces: a meeting is not later than the one before it; write "
        "them in rising order\n"},
    {"meets_at: {workplaces", "meets_at: {sites",
        "135:3: dsmb.meets_at: meetings are counted in workplaces or in participants; write "
        "{workplaces: [24, 48]} or {participants: [...]}\n"},
    {"suppress_below: 5", "suppress_below: five",
        "136:19: dsmb.suppress_below: `five` is no whole number; write digits only\n"},
    {"arms:\n  updated", "arms: &arms\n  updated",
        "61:7: arms: anchors (&name) are not taken; remove it, and write the text out where it is "
        "meant\n"},
    {"{updated: 1, existing: 1, control: 1}\n      strata", "*ratio\n      strata",
        "80:14: phases.rct.scheme.ratio: aliases (*name) are not taken; write the text out where "
        "it is meant\n"},
    {"version: SNI2007", "version: !!str SNI2007",
        "26:45: workplace.attributes.industry.version: tags (!name) are not taken; remove it; put "
        "the value in quotes if it is a text\n"},
    {"workplace:\n  identifiers", "trial: again\nworkplace:\n  identifiers",
        "17:1: trial: the key `trial` stands here twice, first in line 4; keep one of the two\n"},
    {"    sector: {levels: [public, private]}\n",
        "    sector: {levels: [public, private]}\n    sector: {levels: [a, b]}\n",
        "23:5: workplace.attributes.sector: the key `sector` stands here twice, first in line 22; "
        "keep one of the two\n"},
    {"dsmb:", "signatures: [lock, sign, lock]\ndsmb:",
        "134:20: signatures[1]: `sign` is not an action that is signed; known here: lock, reveal, "
        "unblind, dsmb-release\n"
        "134:26: signatures[2]: `lock` stands here twice; write it once\n"},
    {"dsmb:", "signatures: lock\ndsmb:",
        "134:1: signatures: a list of actions that are signed is needed; write [A, B], or a line "
        "with "
        "- for each\n"},
    {"dsmb:",
        "screening: {people: {declined: [x]}, participant: {declined: [No time], asked: "
        "[x]}}\ndsmb:",
        "134:13: screening.people: the key `people` is not known here; known here: workplace, "
        "participant\n"
        "134:63: screening.participant.declined[0]: `No time` cannot be a name; use a-z, 0-9, _ . "
        "and -, "
        "beginning with a letter or digit, 63 at most\n"
        "134:73: screening.participant.asked: the key `asked` is not known here; known here: "
        "declined, "
        "not_approached\n"},
    {"dsmb:", "screening: {workplace: {declined: [costs, not-said]}}\ndsmb:",
        "134:43: screening.workplace.declined[1]: `not-said` is a reason of every list already; "
        "leave it out\n"},
    {"employer:      {by: workplace, version: 1, languages: [sv, en]",
        "employer:      {by: workplace, version: 1, languages: [sv, sv]",
        "54:64: consent.forms.employer.languages[1]: `sv` stands here twice; write it once\n"},
    {"{workplace: [employer/participate]}",
        "{workplace: [employer/participate, employer/participate]}",
        "58:66: consent.required_before_allocation.workplace[1]: `employer/participate` stands "
        "here "
        "twice; write it once\n"},
    {"optional:      {by: participant,", "optional:      {by: person,",
        "57:25: consent.forms.optional.by: `person` is not taken here; known here: workplace, "
        "participant\n"},
    {"optional:      {by: participant,", "optional:      {",
        "57:5: consent.forms.optional: the key `by` is missing; add by: workplace or "
        "participant\n"},
    {"  identity: {type: se-personnummer, store: vault}\n",
        "  identity: {type: se-personnummer, checksum: luhn}\n",
        "35:37: participant.identity.checksum: the type se-personnummer brings its own checksum; "
        "write type: pattern, or remove it\n"},
    {"interview-manager:  {kind: interview, sample: {workplaces: 12}",
        "interview-manager:  {kind: interview, unit: workplace, sample: {participants: 12}",
        "99:58: tasks.interview-manager.sample: this is a task of workplaces, and a sample of "
        "participants would draw nobody; write workplaces: NUMBER\n"},
    {"dsmb:", "---\ndsmb:", "134:1: a second document starts here; keep one document in a file\n"},
    {"participant:\n", "particpants:\n",
        "34:1: particpants: the key `particpants` is not known here; did you mean "
        "`participant`?\n"},
    {"blocks: [3, 6]", "block: [3, 6]",
        "82:7: phases.rct.scheme.block: the key `block` is not known here; did you mean "
        "`blocks`?\n"},
    {"anchor: allocation, at: 91d", "anchor: allocation, att: 91d",
        "94:69: tasks.t3.att: the key `att` is not known here; did you mean `at`?\n"},
    {"{items: 12, range", "{item: 12, range",
        "86:13: instruments.smbm-12.item: the key `item` is not known here; did you mean "
        "`items`?\n"},
    {"  identity: {type: se-personnummer, store: vault}\n",
        "  identity: {type: pattern, pattern: \"^x\", checksum: no-fn}\n",
        "35:54: participant.identity.checksum: `no-fn` is not a checksum; did you mean "
        "`no-fnr`?\n"},
    {"  identity: {type: se-personnummer, store: vault}\n", "  identity: {type: se-orgnr}\n",
        "35:20: participant.identity.type: `se-orgnr` is not a type of number for this; known "
        "here: se-personnummer, pattern\n"},
    {"scheme:\n      unit: workplace\n      method: permuted-block\n      ratio: {updated: 1, "
     "existing: 1, control: 1}\n      blocks: [6]",
        "schemas: {a: {unit: workplace, method: simple, ratio: {updated: 1}}}",
        "69:5: phases.feasibility.schemas: the key `schemas` is not known here; did you mean "
        "`schemes`?\n"
        "69:59: phases.feasibility.schemas.a.ratio: there is nothing to choose between; name two "
        "arms or more\n"},
    {"suppress_below: 5",
        "suppress_below: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: "
        "{a: 1}}}}}}}}}}}}}}}}}}}",
        "136:91: dsmb.suppress_below.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: nested too deep; at most "
        "20 levels are taken\n"},
};

START_TEST(a_mistake_is_told_where_it_stands)
{
    const char *right = file_text(WORK_TOGETHER);
    ck_assert_ptr_null(parse_text(replaced(right, mistakes[_i].right, mistakes[_i].wrong)));
    ck_assert_str_eq(fault_lines(), mistakes[_i].told);
}
END_TEST

#define TWO "ratio: {a: 1, b: 1}"
#define SECTOR "factors: {sector: 1}"

/* A scheme as line 19 of a protocol, and what is told. */
static const struct {
    const char *scheme;
    const char *told;
} schemes[] = {
    {"method: minimisation, " TWO ", " SECTOR ", form: sorted, p: 0.8",
        "19:96: phases.main.scheme.form: `sorted` is not taken here; known here: plain, "
        "biased-coin, ranked\n"},
    {"method: minimisation, " TWO ", " SECTOR ", ranked: [0.8, 0.2]",
        "18:5: phases.main.scheme: the method minimisation needs the key `p`; add p: ...\n19:90: "
        "phases.main.scheme.ranked: `ranked` belongs to the form ranked; add form: ranked, or "
        "remove it\n"},
    {"method: minimisation, " TWO ", " SECTOR ", p: 0.8, ranked: [0.8, 0.2]",
        "19:98: phases.main.scheme.ranked: `ranked` belongs to the form ranked; add form: ranked, "
        "or remove it\n"},
    {"method: minimisation, " TWO ", " SECTOR ", form: ranked",
        "18:5: phases.main.scheme: the form ranked needs the key `ranked`; add ranked: [0.6, 0.3, "
        "0.1]\n"},
    {"method: minimisation, " TWO ", " SECTOR ", form: ranked, ranked: [0.2, 0.8]",
        "19:118: phases.main.scheme.ranked[1]: a later rank is never more probable than an earlier "
        "one; write them falling\n"},
    {"method: minimisation, " TWO ", " SECTOR ", form: ranked, ranked: [0.8, 0.1]",
        "19:112: phases.main.scheme.ranked: the probabilities add up to 0.9; change them until "
        "they add up to 1\n"},
    {"method: minimisation, " TWO ", " SECTOR ", form: ranked, ranked: [0.6, 0.3, 0.1]",
        "19:112: phases.main.scheme.ranked: 3 probabilities for 2 arms; write 2 of them\n"},
    {"method: minimisation, " TWO ", " SECTOR ", form: ranked, ranked: 0.8",
        "19:104: phases.main.scheme.ranked: a list of probabilities is needed; write [A, B], or a "
        "line with - for each\n"},
    {"method: minimisation, " TWO ", " SECTOR ", form: ranked, ranked: [1.2, -0.2]",
        "19:113: phases.main.scheme.ranked[0]: `1.2` is out of range; 0% to 100%\n"},
    {"method: minimisation, ratio: {a: 2, b: 1}, " SECTOR ", form: ranked, ranked: [0.8, 0.2]",
        "19:54: phases.main.scheme.ratio: ranked probabilities are for arms in equal numbers; give "
        "every arm the same number, or write form: biased-coin\n"},
    {"method: minimisation, " TWO ", " SECTOR ", form: ranked, ranked: [0.8, 0.2], p: 0.8",
        "18:5: phases.main.scheme: the form ranked has no p; remove p, or the form\n"},
    {"method: minimisation, " TWO ", " SECTOR ", form: plain",
        "18:5: phases.main.scheme: the method minimisation needs the key `p`; add p: ...\n"},
    {"method: minimisation, " TWO ", factors: {sector: {weight: 2, mean: 1}}, p: 0.8",
        "19:86: phases.main.scheme.factors.sector: minimisation knows nothing of a factor but its "
        "weight; write sector: 1\n"},
    {"method: minimisation, " TWO ", factors: {sector: 0}, p: 0.8",
        "19:86: phases.main.scheme.factors.sector: `0` is out of range; 0.001 to 1000\n"},
    {"method: minimisation, " TWO ", " SECTOR ", p: 0.8, strata: [size]",
        "19:98: phases.main.scheme.strata: `strata` means nothing to the method minimisation; "
        "remove it, or choose the method that it belongs to\n"},
    {"method: simple, " TWO ", form: plain",
        "19:62: phases.main.scheme.form: `form` means nothing to the method simple; remove it, or "
        "choose the method that it belongs to\n"},
    {"method: simple, " TWO ", predictability: 0%",
        "19:78: phases.main.scheme.predictability: `0%` is out of range; 1% to 100%\n"},
    {"method: simple, " TWO ", predictability: 101%",
        "19:78: phases.main.scheme.predictability: `101%` is out of range; 1% to 100%\n"},
    {"method: constrained, " TWO ", factors: {beds: {as: ordinal}}",
        "19:83: phases.main.scheme.factors.beds: `beds` has no levels in an order; leave `as` "
        "out\n"},
    {"method: constrained, " TWO ", factors: {sector: {as: numeric}}",
        "19:90: phases.main.scheme.factors.sector.as: `numeric` is not taken here; known here: "
        "categorical, ordinal\n"},
    {"method: constrained, " TWO ", factors: {beds: {mean: 0}}",
        "19:90: phases.main.scheme.factors.beds.mean: `0` is out of range; 1e-06 to 1e+12\n"},
    {"method: constrained, " TWO ", factors: {beds: {total: -5, wieght: 2}}",
        "19:91: phases.main.scheme.factors.beds.total: `-5` is out of range; 1e-06 to "
        "1e+12\n19:95: phases.main.scheme.factors.beds.wieght: the key `wieght` is not known here; "
        "did you mean `weight`?\n"},
    {"method: constrained, " TWO ", factors: {rooms: 1}",
        "19:77: phases.main.scheme.factors.rooms: `rooms` is not an attribute of the unit; known "
        "here: sector, beds, size, county\n"},
    {"method: constrained, " TWO ", " SECTOR ", accept: 0%",
        "19:97: phases.main.scheme.accept: `0%` is out of range; 0.0001% to 100%\n"},
    {"method: constrained, " TWO ", " SECTOR ", enumerate: 0",
        "19:100: phases.main.scheme.enumerate: `0` is out of range; 1 to 10000000\n"},
    {"method: constrained, " TWO ", " SECTOR ", strata: [beds]",
        "19:98: phases.main.scheme.strata[0]: `beds` has no levels; stratify on an attribute with "
        "levels, or on bands of it\n"},
    {"method: constrained, " TWO, "18:5: phases.main.scheme: the method constrained needs the key "
                                  "`factors`; add factors: ...\n"},
    {"method: block-urn, ratio: {a: 2, b: 1}, size: 4",
        "18:5: phases.main.scheme: a block of 4 cannot hold the ratio, which adds up to 3; write "
        "size: 3, 6, ...\n"},
    {"method: block-urn, " TWO,
        "18:5: phases.main.scheme: the method block-urn needs the key `size`; add size: ...\n"},
    {"method: maximal, " TWO ", limit: 3, length: 1",
        "19:81: phases.main.scheme.length: `1` is out of range; 2 to 1000\n"},
    {"method: maximal, " TWO ", limit: 3, length: 9, balanced_end: yes",
        "18:5: phases.main.scheme: a block of 9 cannot end in balance; write length: 8, or leave "
        "balanced_end out\n"},
    {"method: urn, ratio: {a: 2, b: 1}, alpha: 1, beta: 1",
        "19:45: phases.main.scheme.ratio: the method urn is for arms in equal numbers; give every "
        "arm the same number, or choose another method\n"},
    {"method: urn, " TWO ", alpha: 1, beta: 0",
        "19:75: phases.main.scheme.beta: `0` is out of range; 1 to 100000\n"},
    {"method: biased-coin, " TWO ", p: 0.4",
        "19:70: phases.main.scheme.p: `0.4` is out of range; 0.5 to 1\n"},
    {"method: nonrandom-comparison, " TWO,
        "18:5: phases.main.scheme: the method nonrandom-comparison needs the key `arms`; add arms: "
        "...\n19:55: phases.main.scheme.ratio: `ratio` means nothing to the method "
        "nonrandom-comparison; remove it, or choose the method that it belongs to\n"},
};

START_TEST(a_design_that_cannot_be_is_told_where_it_stands)
{
    ck_assert_ptr_null(parse_text(one_scheme(40, schemes[_i].scheme)));
    ck_assert_str_eq(fault_lines(), schemes[_i].told);
}
END_TEST

START_TEST(quoted_words_are_still_what_they_say)
{
    const char *right = file_text(WORK_TOGETHER);
    right = replaced(right, "required: true", "required: \"yes\"");
    right = replaced(right, "blocks: [3, 6]", "blocks: ['3', \"6\"]");
    const struct protocol *protocol = parse_text(right);
    ck_assert_msg(protocol != NULL, "%s", fault_lines());
    ck_assert(protocol->subjects[PROTOCOL_WORKPLACE].identifiers[0].required);
    ck_assert_uint_eq(protocol->schemes[1].design.blocks[1], 6);
}
END_TEST

START_TEST(a_broken_section_does_not_hide_the_next)
{
    const char *text = file_text(WORK_TOGETHER);
    text = replaced(text, "sector: {levels: [public, private]}", "sector: *x");
    text = replaced(text, "suppress_below: 5", "suppress_below: 0");
    ck_assert_ptr_null(parse_text(text));
    ck_assert_uint_eq(faults.total, 2);
    ck_assert_str_eq(faults.items[0].pointer, "workplace.attributes.sector");
    ck_assert_str_eq(faults.items[1].pointer, "dsmb.suppress_below");
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/protocol_fault");
    TCase *test_case = tcase_create("faults");
    tcase_add_checked_fixture(test_case, protocol_case_start, protocol_case_end);
    tcase_add_loop_test(
        test_case, a_design_that_cannot_be_is_told_where_it_stands, 0, (int)COUNT_OF(schemes));
    tcase_add_loop_test(test_case, a_mistake_is_told_where_it_stands, 0,
        (int)(sizeof mistakes / sizeof mistakes[0]));
    tcase_add_test(test_case, quoted_words_are_still_what_they_say);
    tcase_add_test(test_case, a_broken_section_does_not_hide_the_next);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
