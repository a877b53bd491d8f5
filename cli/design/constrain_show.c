/*
 * constrain_show.c: JSON and CSV for programs.
 */
#include "cli/design/constrain_show.h"

#include "base/text.h"
#include "cli/design/constrain_pairs.h"
#include "cli/design/constrain_people.h"
#include "cli/table.h"

#include <jansson.h>
#include <stdio.h>

static json_t *
pair_list(struct arena *arena, const struct constrain_result *result, enum pair_kind kind)
{
    struct constrain_pairs pairs = constrain_pairs(arena, result, kind);
    json_t *list = json_array();
    for (size_t i = 0; i < pairs.count; i++)
        json_array_append_new(list, json_pack("[ss]", pairs.items[i].first, pairs.items[i].second));
    return list;
}

const char *
constrain_arm_of(const struct constrain_result *result, size_t row, const char **id)
{
    size_t unit = result->input->place[row];
    *id = result->input->problem->ids[unit];
    return result->input->arms[result->arms[unit]];
}

static void
add_choice(json_t *json, const struct constrain_result *result)
{
    const struct constrained_problem *problem = result->input->problem;
    json_t *list = json_array();
    json_object_set_new(json, "metric", json_string(problem->metric == SCORE_L1 ? "l1" : "l2"));
    json_object_set_new(json, "cutoff", json_real(problem->accept));
    json_object_set_new(json, "label", json_string(result->label));
    json_object_set_new(json, "batch", json_integer(result->batch));
    json_object_set_new(json, "chosen", json_integer((json_int_t)result->chosen));
    json_object_set_new(json, "score", json_real(constrained_score(result->set, result->chosen)));
    for (size_t row = 0; row < problem->units; row++) {
        const char *id, *arm = constrain_arm_of(result, row, &id);
        json_array_append_new(list, json_pack("{ssss}", "id", id, "arm", arm));
    }
    json_object_set_new(json, "assignment", list);
}

static void
show_json(struct session *session, const struct constrain_result *result)
{
    const struct constrained_summary *summary = constrained_summary(result->set);
    json_t *json = session_keep(session, json_object()), *quantiles = json_object();
    char key[16];
    for (size_t i = 0; i < CONSTRAINED_QUANTILES; i++) {
        snprintf(key, sizeof key, "%g", constrained_quantile_of[i]);
        json_object_set_new(quantiles, key, json_real(summary->quantiles[i]));
    }
    json_object_set_new(json, "assignments", json_integer((json_int_t)summary->assignments));
    json_object_set_new(json, "enumerated", json_boolean(summary->enumerated));
    json_object_set_new(json, "accepted", json_integer((json_int_t)summary->accepted));
    json_object_set_new(json, "cutoff_score", json_real(summary->cutoff_score));
    json_object_set_new(json, "min", json_real(summary->min));
    json_object_set_new(json, "mean", json_real(summary->mean));
    json_object_set_new(json, "sd", json_real(summary->sd));
    json_object_set_new(json, "quantiles", quantiles);
    json_object_set_new(json, "max", json_real(summary->max));
    for (enum pair_kind kind = 0; kind < PAIR_KINDS; kind++)
        json_object_set_new(
            json, constrain_pair_names[kind], pair_list(session->arena, result, kind));
    if (result->drawn)
        add_choice(json, result);
    table_json(json);
}

static void
write_row(struct csv_writer *writer, const char *first, const char *second, const char *third)
{
    csv_write(writer, first);
    csv_write(writer, second);
    if (third != NULL)
        csv_write(writer, third);
    csv_end_row(writer);
}

static void
write_number(struct arena *arena, struct csv_writer *writer, const char *name, double number)
{
    write_row(writer, name, "", arena_printf(arena, "%.15g", number));
}

static void
write_summary(
    struct session *session, const struct constrain_result *result, struct csv_writer *writer)
{
    const struct constrained_summary *summary = constrained_summary(result->set);
    struct arena *arena = session->arena;
    write_row(writer, "statistic", "of", "value");
    write_number(arena, writer, "assignments", (double)summary->assignments);
    write_row(writer, "enumerated", "", summary->enumerated ? "yes" : "no");
    write_number(arena, writer, "accepted", (double)summary->accepted);
    write_number(arena, writer, "cutoff_score", summary->cutoff_score);
    write_number(arena, writer, "min", summary->min);
    write_number(arena, writer, "mean", summary->mean);
    write_number(arena, writer, "sd", summary->sd);
    for (size_t i = 0; i < CONSTRAINED_QUANTILES; i++)
        write_row(writer, "quantile", arena_printf(arena, "%g", constrained_quantile_of[i]),
            arena_printf(arena, "%.15g", summary->quantiles[i]));
    write_number(arena, writer, "max", summary->max);
    for (enum pair_kind kind = 0; kind < PAIR_KINDS; kind++) {
        struct constrain_pairs pairs = constrain_pairs(arena, result, kind);
        for (size_t i = 0; i < pairs.count; i++)
            write_row(
                writer, constrain_pair_names[kind], pairs.items[i].first, pairs.items[i].second);
    }
}

static void
show_csv(struct session *session, const struct constrain_result *result)
{
    struct text text;
    struct csv_writer writer;
    text_init(&text, session->arena);
    csv_writer_init(&writer, &text);
    if (!result->drawn)
        write_summary(session, result, &writer);
    for (size_t row = 0; result->drawn && row < result->input->problem->units; row++) {
        const char *id, *arm = constrain_arm_of(result, row, &id);
        if (row == 0)
            write_row(&writer, "id", "arm", NULL);
        write_row(&writer, id, arm, NULL);
    }
    fwrite(text.bytes, 1, text.length, stdout);
}

void
constrain_show(struct session *session, const struct constrain_result *result)
{
    if (session->output == OUTPUT_JSON) {
        show_json(session, result);
        return;
    }
    if (session->output == OUTPUT_CSV) {
        show_csv(session, result);
        return;
    }
    constrain_people(session->arena, result);
}
