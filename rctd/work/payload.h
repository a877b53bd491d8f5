/*
 * payload.h: the body of a reminder's webhook. It is thin: pseudonym, kind of task, window,
 * channel, language, template; no name, no arm, no health data. The same reminder has the same
 * bytes at every attempt. Only an endpoint that was made for contact details gets any: what its
 * channel needs, as it is in the vault at that moment.
 */
#ifndef RCTD_WORK_PAYLOAD_H
#define RCTD_WORK_PAYLOAD_H

#include "store/contact/reminder.h"

/* The body, in the arena; `trial` is the trial's name. `contact` is the phone number or e-mail
 * address for an endpoint that gets it, NULL where there is none; it is looked at only there. */
const char *payload_of_reminder(struct arena *arena, const char *trial,
    const struct sql_reminder_check_row *row, const char *contact);

#define PAYLOAD_ID_SIZE 48

/* The webhook-id: the same at every attempt, by which a receiver knows what it has had. Returns
 * `out`. */
const char *payload_id(struct uuid reminder_id, char out[PAYLOAD_ID_SIZE]);

#endif
