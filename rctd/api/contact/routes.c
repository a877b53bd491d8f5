/*
 * routes.c: the rows for tasks, reminders, endpoints and notices.
 */
#include "api/routes.h"

#include "api/handlers.h"

#define TASK TRIAL "/tasks/{task}"

/* clang-format off */
static const struct route rows[] = {
    { HTTP_GET, "/v1/me/notices", "any", .list = LIST_BY_ID, .query = notice_query, .answer = notice_answer,
        .status = 200, .id = "notice.list", .summary = "What you must hear of, the newest first", .handler = notice_list },
    { HTTP_POST, "/v1/me/notices/{notice}/read", "any", .key = KEY_UNUSED, .answer = notice_answer, .status = 200,
        .id = "notice.read", .summary = "Mark a notice as read", .handler = notice_mark_read },
    { HTTP_GET, TRIAL "/tasks", "task.read", .list = LIST_BY_TEXT, .query = task_query, .answer = task_answer,
        .status = 200, .id = "task.list", .summary = "Planned contacts", .handler = task_list },
    { HTTP_GET, TRIAL "/queue", "task.work", .list = LIST_BY_TEXT, .query = task_queue_query, .answer = task_work_answer,
        .status = 200, .id = "task.queue", .summary = "Interviews, groups, calls and sessions that are yours or may be",
        .handler = task_queue },
    { HTTP_POST, TASK "/claim", "task.work", .answer = task_work_answer, .status = 200, .id = "task.claim",
        .summary = "Take a task: nobody else has it until it is released or ends", .handler = task_claim },
    { HTTP_DELETE, TASK "/claim", "task.work", .key = KEY_UNUSED, .answer = task_work_answer, .status = 200,
        .id = "task.release", .summary = "Give a task back; its appointments end", .handler = task_release },
    { HTTP_POST, TASK "/bookings", "task.work", .body = BODY_JSON, .key = KEY_REQUIRED, .fields = booking_new, .answer = task_work_answer,
        .status = 201, .id = "booking.add", .summary = "Book an appointment inside the window, with a person or a group",
        .handler = booking_add },
    { HTTP_DELETE, TASK "/bookings", "task.work", .key = KEY_UNUSED, .query = booking_end, .answer = task_work_answer,
        .status = 200, .id = "booking.cancel", .summary = "Cancel an appointment", .handler = booking_cancel },
    { HTTP_POST, TASK "/outcome", "task.work", .body = BODY_JSON, .key = KEY_REQUIRED, .fields = outcome_new, .answer = task_work_answer,
        .status = 200, .id = "task.outcome", .summary = "Log an attempt, or end a task as done or missed", .handler = task_outcome },
    { HTTP_GET, TASK "/contacts", "task.read", .list = LIST_BY_PLACE, .answer = contact_answer, .status = 200,
        .id = "contact.list", .summary = "Attempts and outcome of a task", .handler = contact_list },
    { HTTP_GET, TRIAL "/reminders", "reminder.read", .list = LIST_BY_ID, .query = reminder_query,
        .answer = reminder_answer, .status = 200, .id = "reminder.list", .summary = "Reminders with every attempt",
        .handler = reminder_list },
    { HTTP_POST, TRIAL "/reminders/{reminder}/replay", "reminder.write", .key = KEY_REQUIRED, .answer = reminder_answer,
        .status = 200, .id = "reminder.replay", .summary = "Send a dead reminder again", .handler = reminder_replay },
    { HTTP_GET, TRIAL "/endpoints", "endpoint.read", .list = LIST_BY_ID, .answer = endpoint_answer, .status = 200,
        .id = "endpoint.list", .summary = "Where reminders go, never the secrets", .handler = endpoint_list },
    { HTTP_POST, TRIAL "/endpoints", "endpoint.write", .body = BODY_JSON, .key = KEY_UNUSED, .fields = endpoint_new,
        .answer = endpoint_made, .status = 201, .id = "endpoint.add",
        .summary = "Add an endpoint; its secret is shown this once", .handler = endpoint_add },
    { HTTP_PATCH, TRIAL "/endpoints/{endpoint}", "endpoint.write", .body = BODY_JSON, .key = KEY_UNUSED,
        .flags = ROUTE_IF_MATCH | ROUTE_ETAG, .fields = endpoint_change, .answer = endpoint_answer, .status = 200,
        .id = "endpoint.change", .summary = "Disable or enable an endpoint", .handler = endpoint_patch },
    { HTTP_POST, TRIAL "/endpoints/{endpoint}/rotate", "endpoint.write", .key = KEY_UNUSED, .answer = endpoint_made,
        .status = 200, .id = "endpoint.rotate", .summary = "A new secret; both sign for 24 hours", .handler = endpoint_rotate },
};
/* clang-format on */

const struct route_table routes_contact = {.routes = rows, .count = COUNT_OF(rows)};
