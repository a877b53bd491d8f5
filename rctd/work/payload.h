/*
 * payload.h: the body of a reminder's webhook. It is thin: pseudonym, kind of task, window,
 * channel, language, template; no name, no contact detail, no arm, no health data. The same
 * reminder has the same bytes at every attempt.
 */
#ifndef RCTD_WORK_PAYLOAD_H
#define RCTD_WORK_PAYLOAD_H

#include "store/reminder.h"

/* The body, in the arena; `trial` is the trial's name. */
const char *payload_of_reminder(
    struct arena *arena, const char *trial, const struct sql_reminder_check_row *row);

#define PAYLOAD_ID_SIZE 48

/* The webhook-id: the same at every attempt, by which a receiver knows what it has had. Returns
 * `out`. */
const char *payload_id(struct uuid reminder_id, char out[PAYLOAD_ID_SIZE]);

#endif
