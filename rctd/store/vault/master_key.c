/*
 * master_key.c: holds a master key against the names of the keys that the database is sealed under.
 * A key that opens some of it is taken: the rest lies under another, and each opening says so.
 */
#include "store/vault/master_key.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

bool
master_key_hold(struct tx *tx, void *data)
{
    struct master_key *held = data;
    struct sql_master_keys_rows rows;
    if (!sql_master_keys(tx, &rows))
        return false;
    held->opens = rows.count == 0;
    held->expected[0] = '\0';
    for (size_t i = 0; i < rows.count; i++) {
        size_t length = strlen(held->expected);
        held->opens = held->opens || text_equal(rows.rows[i].key_id, seal_key_id(held->key));
        snprintf(held->expected + length, sizeof held->expected - length, "%s%s",
            i == 0 ? "" : " or ", rows.rows[i].key_id);
    }
    return true;
}
