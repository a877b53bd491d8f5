/*
 * unblinding.c: calls the functions of the database that tell arms, and says in words why they
 * refuse.
 */
#include "store/conduct/unblinding.h"

#include "base/text.h"

static bool
explain_ask(struct tx *tx, const struct unblinding_ask *ask)
{
    tx_explain(tx, "unblinding_allocated", ERROR_REFUSED,
        "%s has not been allocated: there is no arm to tell", ask->code);
    return tx_explain(tx, "unblinding_key", ERROR_KEY_REUSED,
        "This Idempotency-Key was used for another unblinding; use a new key for a new request");
}

bool
unblinding_emergency(struct tx *tx, const struct unblinding_ask *ask, struct sql_unblind_rows *told)
{
    return sql_unblind(tx,
               &(struct sql_unblind){.trial_id = ask->trial_id,
                   .unblinding_id = ask->unblinding_id,
                   .unit_id = ask->unit_id,
                   .reason = ask->reason,
                   .key = ask->key},
               told) ||
           explain_ask(tx, ask);
}

bool
unblinding_request(struct tx *tx, const struct unblinding_ask *ask)
{
    return sql_unblinding_ask(tx,
               &(struct sql_unblinding_ask){.trial_id = ask->trial_id,
                   .unblinding_id = ask->unblinding_id,
                   .unit_id = ask->unit_id,
                   .reason = ask->reason,
                   .key = ask->key},
               NULL) ||
           explain_ask(tx, ask);
}

bool
unblinding_read(struct tx *tx, struct uuid trial_id, const char *scope, struct uuid unblinding_id,
    struct sql_unblinding_list_row *row)
{
    char text[UUID_TEXT_SIZE];
    struct sql_unblinding_list_rows rows;
    *row = (struct sql_unblinding_list_row){0};
    if (!sql_unblinding_list(tx,
            &(struct sql_unblinding_list){.trial_id = trial_id,
                .scope = scope,
                .most = 1,
                .unblinding_id = {true, unblinding_id}},
            &rows))
        return false;
    if (rows.count == 0)
        return tx_fail(tx, ERROR_NOT_FOUND, "There is no unblinding %s for you",
            uuid_text(unblinding_id, text));
    *row = rows.rows[0];
    return true;
}

static bool
check_decision(struct tx *tx, const struct sql_unblinding_list_row *asked, enum role role,
    struct uuid account_id)
{
    if (text_equal(asked->kind, "emergency"))
        return tx_fail(tx, ERROR_REFUSED,
            "That was an emergency: the arm of %s was told at once, and there is nothing to decide",
            asked->code);
    if (asked->decision != NULL)
        return tx_fail(tx, ERROR_REFUSED, "%s has decided on it already: %s", asked->decided_by,
            asked->decision);
    if (uuid_equal(asked->account_id, account_id))
        return tx_fail(tx, ERROR_REFUSED,
            "You have asked for this arm yourself; another person decides on it");
    if (text_equal(asked->role, role_name(role)))
        return tx_fail(tx, ERROR_REFUSED, "%s asked as %s: a statistician decides on it",
            asked->account, asked->role);
    return true;
}

bool
unblinding_decide(struct tx *tx, struct uuid trial_id, const struct sql_unblinding_list_row *asked,
    bool approved, enum role role, struct uuid account_id, const char *reason)
{
    return check_decision(tx, asked, role, account_id) &&
           (sql_unblinding_decision_insert(tx,
                &(struct sql_unblinding_decision_insert){.trial_id = trial_id,
                    .unblinding_id = asked->unblinding_id,
                    .decision = approved ? "approved" : "refused",
                    .role = role_name(role),
                    .account_id = account_id,
                    .reason = reason},
                NULL) ||
               tx_explain(tx, "unblinding_decision_pkey", ERROR_REFUSED,
                   "Somebody else has decided on it at this moment"));
}

bool
unblinding_tell(struct tx *tx, struct uuid trial_id, struct uuid unblinding_id,
    struct uuid account_id, struct sql_unblinding_arm_rows *told)
{
    struct sql_unblinding_list_row asked;
    if (!unblinding_read(tx, trial_id, NULL, unblinding_id, &asked))
        return false;
    if (!uuid_equal(asked.account_id, account_id))
        return tx_fail(tx, ERROR_FORBIDDEN,
            "The arm is told to %s, who asked for it, and to nobody "
            "else",
            asked.account);
    if (text_equal(asked.kind, "planned") && asked.decision == NULL)
        return tx_fail(tx, ERROR_REFUSED,
            "Nobody has approved it yet: it takes a %s, who is not you",
            text_equal(asked.role, "trial-manager") ? "statistician"
                                                    : "trial manager or a statistician");
    if (text_equal(asked.decision, "refused"))
        return tx_fail(tx, ERROR_REFUSED, "%s has refused it", asked.decided_by);
    return sql_unblinding_arm(tx,
        &(struct sql_unblinding_arm){.trial_id = trial_id, .unblinding_id = unblinding_id}, told);
}

bool
unblinding_told(struct tx *tx, struct uuid trial_id, struct uuid account_id, struct uuid unit_id,
    const char *code, const char *source, struct uuid *knowledge_id)
{
    struct sql_arm_told_row row;
    if (!sql_arm_told(tx,
            &(struct sql_arm_told){.trial_id = trial_id,
                .account_id = account_id,
                .unit_id = unit_id,
                .source = source},
            &row)) {
        tx_explain(tx, "arm_told_by", ERROR_FORBIDDEN,
            "Coordinators and trial managers write down what others were told");
        return tx_explain(tx, "unblinding_allocated", ERROR_REFUSED,
            "%s has not been allocated: there is no arm to know", code);
    }
    *knowledge_id = row.knowledge_id;
    return true;
}
