/*
 * housekeeping.c: cleans tables and walks the ends of streams.
 */
#include "store/housekeeping.h"

#include "db/statement.h"

#include <string.h>

#define PAGE 1000

bool
housekeeping_clean(struct tx *tx, int64_t *deleted)
{
    int64_t answers;
    int64_t attempts;
    bool done = sql_idempotency_clean(tx, &answers) && sql_failed_attempt_clean(tx, &attempts);
    *deleted = done ? answers + attempts : 0;
    return done;
}

static bool
walk_trial(struct tx *tx, struct uuid trial_id,
    void (*visit)(const struct stream_head *head, void *data), void *data)
{
    const char *after = "";
    struct sql_head_page_rows page;
    do {
        if (!sql_head_page(tx,
                &(struct sql_head_page){.trial_id = trial_id, .after = after, .most = PAGE}, &page))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            const struct sql_head_page_row *row = &page.rows[i];
            struct stream_head head = {
                .trial_id = trial_id, .stream = row->stream, .sequence = row->sequence};
            if (row->hash.size != sizeof head.hash.bytes)
                return tx_fail(tx, ERROR_INTERNAL, "A hash of the trail is not 32 bytes long");
            memcpy(head.hash.bytes, row->hash.data, sizeof head.hash.bytes);
            visit(&head, data);
            after = row->stream;
        }
    } while (page.count == PAGE);
    return true;
}

bool
housekeeping_heads(
    struct tx *tx, void (*visit)(const struct stream_head *head, void *data), void *data)
{
    struct sql_head_trials_rows trials;
    if (!sql_head_trials(tx, &trials))
        return false;
    for (size_t i = 0; i < trials.count; i++)
        if (!walk_trial(tx, trials.rows[i].trial_id, visit, data))
            return false;
    return true;
}
