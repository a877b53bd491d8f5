/*
 * key_escrow.c: stores a sealed master key and gives it back, still sealed.
 */
#include "store/vault/key_escrow.h"

#include "base/text.h"

#include <string.h>

bool
key_escrow_keep(struct tx *tx, void *data)
{
    const struct key_escrow *wanted = data;
    struct error error = ERROR_CLEAR;
    struct escrow escrow;
    if (!escrow_seal(wanted->key, wanted->first, wanted->second, &escrow, &error))
        return tx_fail(tx, error.code, "%s", error.detail);
    const char *sealed_to = arena_printf(tx_arena(tx), "%s%s%s", escrow.sealed_to[0],
        escrow.seals > 1 ? " " : "", escrow.seals > 1 ? escrow.sealed_to[1] : "");
    return sql_key_escrow_insert(tx,
        &(struct sql_key_escrow_insert){.key_id = escrow.key_id,
            .sealed_to = sealed_to,
            .sealed = escrow_text(tx_arena(tx), &escrow)},
        NULL);
}

bool
key_escrow_texts(struct tx *tx, void *data)
{
    struct sql_key_escrow_list_rows rows;
    struct text text;
    text_init(&text, tx_arena(tx));
    if (!sql_key_escrow_list(tx, &rows))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        struct escrow escrow;
        const char *sealed = rows.rows[i].sealed;
        if (!escrow_parse(&sealed, sealed + strlen(sealed), &escrow))
            return tx_fail(tx, ERROR_INTERNAL, "A sealed master key of the database is not whole");
        escrow.in_use = rows.rows[i].in_use;
        text_printf(&text, "%s", escrow_text(tx_arena(tx), &escrow));
    }
    *(const char **)data = text.bytes;
    return true;
}
