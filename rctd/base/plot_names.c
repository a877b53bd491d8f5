/*
 * plot_names.c: tries places around each mark, the near ones first, and takes the one that covers
 * least.
 */
#include "base/plot_names.h"

#include <math.h>

#define RINGS 8
#define LEADER_POINTS 16

static double
overlap(const struct plot_box *a, const struct plot_box *b)
{
    double width = fmin(a->x + a->width, b->x + b->width) - fmax(a->x, b->x);
    double height = fmin(a->y + a->height, b->y + b->height) - fmax(a->y, b->y);
    return width > 0 && height > 0 ? width * height : 0;
}

/* What names and their leaders must not cover: the marks, and the names that stand already. */
struct taken {
    struct plot_box boxes[2 * PLOT_SERIES_MAX];
    size_t count;
};

/* Where a name stands away from its mark, a thin line leads from the one to the other. */
struct leader {
    bool drawn;
    double from_y;
    double to_x;
    double to_y;
};

static struct leader
leader_of(const struct plot_box *box, double x, double y)
{
    double to_y = y < box->y ? box->y : box->y + box->height;
    bool beside = y >= box->y && y <= box->y + box->height;
    return (struct leader){.drawn = !beside && fabs(to_y - y) >= 8,
        .from_y = y + (to_y > y ? 5 : -5),
        .to_x = fmin(fmax(x, box->x), box->x + box->width),
        .to_y = to_y};
}

/* How many points of the leader lie in a box. */
static size_t
crossing(const struct leader *leader, double x, const struct plot_box *box)
{
    size_t inside = 0;
    for (int i = 1; leader->drawn && i < LEADER_POINTS; i++) {
        double along = (double)i / LEADER_POINTS;
        struct plot_box point = {x + along * (leader->to_x - x) - 0.5,
            leader->from_y + along * (leader->to_y - leader->from_y) - 0.5, 1, 1};
        inside += overlap(box, &point) > 0;
    }
    return inside;
}

/* How badly a name of the mark at x, y would stand there: what it and its leader cover, and what
 * sticks out of the panel. */
static double
badness(const struct plot_box *ground, const struct taken *taken, const struct plot_box *box,
    double x, double y)
{
    struct leader leader = leader_of(box, x, y);
    struct plot_box inside = {ground->x + 3, ground->y, ground->width - 3, ground->height - 1};
    double bad = box->width * box->height - overlap(box, &inside);
    for (size_t i = 0; i < taken->count; i++)
        bad += overlap(box, &taken->boxes[i]) + 2 * (double)crossing(&leader, x, &taken->boxes[i]);
    return bad;
}

/* Rings of places around the mark at x, y, the near ones first. */
static struct plot_box
find_room(const struct plot_box *ground, const struct taken *taken, double x, double y,
    struct plot_box room)
{
    static const int sides[][2] = {
        {1, 0}, {-1, 0}, {0, -1}, {0, 1}, {1, -1}, {-1, -1}, {1, 1}, {-1, 1}};
    struct plot_box best = room;
    double least = INFINITY;
    for (int ring = 0; ring < RINGS; ring++)
        for (size_t i = 0; i < COUNT_OF(sides); i++) {
            int across = sides[i][0];
            int down = sides[i][1];
            if (down == 0 && ring > 0)
                continue;
            struct plot_box box = {x + (across - 1) / 2.0 * room.width + across * 7,
                y + (down - 1) / 2.0 * room.height + down * (5 + ring * room.height), room.width,
                room.height};
            double bad = badness(ground, taken, &box, x, y) + ring * 0.5 + (double)i * 0.01;
            if (bad < least) {
                least = bad;
                best = box;
            }
        }
    return best;
}

static void
draw_leader(const struct plot_pen *pen, const struct plot_box *box, double x, double y)
{
    struct leader leader = leader_of(box, x, y);
    if (!leader.drawn)
        return;
    cairo_set_source_rgb(pen->cairo, 0.6, 0.6, 0.6);
    plot_segment(pen, 0.6, x, leader.from_y, leader.to_x, leader.to_y);
}

void
plot_names(const struct plot_pen *pen, const struct plot_box *ground, const struct plot_name *names,
    size_t count)
{
    struct taken taken = {.count = 0};
    for (size_t i = 0; i < count; i++)
        taken.boxes[taken.count++] = (struct plot_box){names[i].x - 5, names[i].y - 5, 10, 10};
    for (size_t i = 0; i < count; i++) {
        const struct plot_name *name = &names[i];
        struct plot_box box = find_room(
            ground, &taken, name->x, name->y, plot_measure(pen, name->text, PLOT_TEXT_SMALL, 0));
        taken.boxes[taken.count++] = box;
        draw_leader(pen, &box, name->x, name->y);
        plot_ink(pen);
        plot_write_text(pen, name->text, PLOT_TEXT_SMALL, 0, box.x, box.y);
    }
}
