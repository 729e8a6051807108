/* waterfall.c - three columns: service, tree with names, bars over time with the duration in front.
 *
 * The label column is as wide as it has to be and no wider than it may; the bars get the rest. A deep tree keeps
 * the last levels of its branches and says how deep it is in front of them. */
#include "cli/waterfall.h"

#include <stdlib.h>

#include "api/tree.h"
#include "base/err.h"
#include "cli/term.h"
#include "cli/units.h"

enum {
    GAP = 1,
    INDENT = 3, /* cells of one level's branch */
    DURATION_CELLS = 8,
    SERVICE_CELLS_MAX = 18,
    BAR_CELLS_MIN = 20,
    DEPTH_CELLS = 5, /* "⋯123 " in front of a cut tree */
    KEY_CELLS_MAX = 28,
};

#define SGR_RESET ""
#define SGR_BOLD  "1"
#define SGR_DIM   "2"
#define SGR_RED   "31"
#define SGR_ERROR "1;31"

/* Colours that are readable on dark and light ground; red is for errors. */
static const char *const palette[] = {"36", "32", "33", "34", "35", "96", "92", "94", "95", "93"};
enum { PALETTE_COUNT = sizeof palette / sizeof *palette };

struct service {
    struct str name;
    const char *sgr;
};

struct waterfall {
    const struct span *spans;
    const struct waterfall_options *options;
    struct tree tree;
    struct buf *out;
    struct arena *arena;
    uint32_t shown; /* rows */
    uint64_t start_ns, end_ns;
    uint32_t errors;
    struct service *services;
    uint32_t service_count;
    size_t services_cap;
    uint32_t *service_of; /* row -> service */
    bool *has_next;       /* row -> a later row has the same parent */
    bool *open;           /* depth -> the branch at this depth goes on below */
    unsigned service_cells, label_cells, bar_cells, levels_max;
};

static const struct span *row_span(const struct waterfall *w, uint32_t row)
{
    return &w->spans[w->tree.span[row]];
}

static bool is_row(uint32_t parent)
{
    return parent < TREE_ORPHAN;
}

static void style(struct waterfall *w, const char *sgr)
{
    term_sgr(w->out, w->options->colors, sgr);
}

static void put(struct waterfall *w, const char *text)
{
    buf_put_str(w->out, str_of(text));
}

static unsigned put_cells(struct waterfall *w, struct str s, unsigned max)
{
    return term_put(w->out, s, max);
}

/* --- measuring --- */

static bool number_services(struct waterfall *w)
{
    w->service_of = arena_alloc(w->arena, w->tree.count * sizeof *w->service_of);
    if (!w->service_of)
        return false;
    for (uint32_t row = 0; row < w->tree.count; row++) {
        struct str name = row_span(w, row)->resource->service_name;
        uint32_t i = 0;
        while (i < w->service_count && !str_eq(w->services[i].name, name))
            i++;
        if (i == w->service_count) {
            w->services =
                arena_grow(w->arena, w->services, i, &w->services_cap, i + 1, sizeof *w->services);
            if (!w->services)
                return false;
            w->services[i] = (struct service){name, palette[i % PALETTE_COUNT]};
            w->service_count++;
        }
        w->service_of[row] = i;
    }
    return true;
}

static void measure_time(struct waterfall *w)
{
    w->start_ns = UINT64_MAX;
    for (uint32_t row = 0; row < w->tree.count; row++) {
        const struct span *s = row_span(w, row);
        uint64_t end = s->end_ns > s->start_ns ? s->end_ns : s->start_ns;
        w->start_ns = s->start_ns < w->start_ns ? s->start_ns : w->start_ns;
        w->end_ns = end > w->end_ns ? end : w->end_ns;
        w->errors += s->status_code == STATUS_ERROR;
    }
}

static bool find_siblings(struct waterfall *w)
{
    uint32_t n = w->tree.count, depth_max = 0;
    bool *seen = arena_calloc(w->arena, n, sizeof *seen);
    w->has_next = arena_calloc(w->arena, n, sizeof *w->has_next);
    if (!seen || !w->has_next)
        return false;
    for (uint32_t row = n; row-- > 0;) {
        uint32_t parent = w->tree.parent[row];
        depth_max = w->tree.depth[row] > depth_max ? w->tree.depth[row] : depth_max;
        if (is_row(parent)) {
            w->has_next[row] = seen[parent];
            seen[parent] = true;
        }
    }
    w->open = arena_calloc(w->arena, (size_t)depth_max + 2, sizeof *w->open);
    return w->open != NULL;
}

static unsigned branch_cells(const struct waterfall *w, uint32_t depth)
{
    return depth <= w->levels_max ? depth * INDENT : DEPTH_CELLS + w->levels_max * INDENT;
}

/* Cells of the label of a row (and of its events), if it may be as wide as it likes. */
static unsigned wanted_cells(const struct waterfall *w, uint32_t row)
{
    const struct span *s = row_span(w, row);
    unsigned branches = branch_cells(w, w->tree.depth[row]);
    unsigned wanted = branches + (s->status_code == STATUS_ERROR ? 2 : 0) + term_cells(s->name);
    for (uint32_t i = 0; w->options->events && i < s->event_count; i++) {
        unsigned cells = branches + 4 + term_cells(s->events[i].name);
        wanted = cells > wanted ? cells : wanted;
    }
    return wanted;
}

static void lay_out(struct waterfall *w)
{
    unsigned width = w->options->width, room, label_max;
    if (width < WATERFALL_WIDTH_MIN)
        width = WATERFALL_WIDTH_MIN;
    for (uint32_t i = 0; i < w->service_count; i++) {
        unsigned cells = term_cells(w->services[i].name);
        w->service_cells = cells > w->service_cells ? cells : w->service_cells;
    }
    if (w->service_cells > SERVICE_CELLS_MAX)
        w->service_cells = SERVICE_CELLS_MAX;
    if (w->service_cells > width / 6)
        w->service_cells = width / 6;
    room = width - w->service_cells - 2 * GAP - DURATION_CELLS - 2 * GAP;
    label_max = room - BAR_CELLS_MIN;
    if (label_max > room * 3 / 5)
        label_max = room * 3 / 5;
    w->levels_max = (label_max * 3 / 4 - DEPTH_CELLS) / INDENT;
    for (uint32_t row = 0; row < w->shown; row++) {
        unsigned cells = wanted_cells(w, row);
        w->label_cells = cells > w->label_cells ? cells : w->label_cells;
    }
    if (w->label_cells > label_max)
        w->label_cells = label_max;
    w->bar_cells = room - w->label_cells;
}

/* --- pieces of a line --- */

/* The branches in front of what stands at this depth. node: the last one leads to a span, else lines only pass by. */
static unsigned put_branches(struct waterfall *w, uint32_t depth, bool node, bool has_next)
{
    uint32_t first = 1;
    if (depth > w->levels_max) {
        char deep[24];
        snprintf(deep, sizeof deep, "⋯%-4u", depth);
        put(w, node ? deep : "     ");
        first = depth - w->levels_max + 1;
    }
    for (uint32_t d = first; d <= depth; d++) {
        if (d == depth && node)
            put(w, has_next ? "├─ " : "└─ ");
        else
            put(w, w->open[d] ? "│  " : "   ");
    }
    return branch_cells(w, depth);
}

static void put_duration(struct waterfall *w, const char *text)
{
    unsigned cells = term_cells(str_of(text));
    term_pad(w->out, cells < DURATION_CELLS ? DURATION_CELLS - cells : 0);
    put(w, text);
}

/* Half cells from the left that ns after the start lie at. */
static uint64_t half_cells(const struct waterfall *w, uint64_t ns, bool round_up)
{
    uint64_t total = w->end_ns - w->start_ns, halves = 2ull * w->bar_cells;
    double at = total ? (double)ns / (double)total * (double)halves : 0;
    uint64_t floor = (uint64_t)at;
    return round_up && (double)floor < at ? floor + 1 : floor;
}

static void put_bar(struct waterfall *w, const struct span *s)
{
    uint64_t end_ns = s->end_ns > s->start_ns ? s->end_ns : s->start_ns;
    uint64_t first = half_cells(w, s->start_ns - w->start_ns, false);
    uint64_t last = half_cells(w, end_ns - w->start_ns, true);
    if (first >= 2ull * w->bar_cells)
        first = 2ull * w->bar_cells - 1;
    if (last <= first)
        last = first + 1;
    term_pad(w->out, (unsigned)(first / 2));
    for (uint64_t half = first; half < last;) {
        bool left = half % 2 == 0, right = !left || half + 1 < last;
        put(w, left && right ? "━" : left ? "╸" : "╺");
        half += left ? 2 : 1;
    }
}

static void end_line(struct waterfall *w)
{
    while (w->out->n && w->out->p[w->out->n - 1] == ' ')
        w->out->n--;
    buf_put_byte(w->out, '\n');
}

/* --- lines --- */

/* Lines below a span begin here: its branches, and the line to its children if it has any. */
static unsigned begin_detail(struct waterfall *w, uint32_t row)
{
    bool has_children = row + 1 < w->tree.count && w->tree.parent[row + 1] == row;
    unsigned used;
    term_pad(w->out, w->service_cells + 2 * GAP);
    style(w, SGR_DIM);
    used = put_branches(w, w->tree.depth[row], false, false);
    put(w, has_children && w->tree.depth[row] < w->levels_max ? "│ " : "  ");
    style(w, SGR_RESET);
    return used + 2;
}

static unsigned room_after(const struct waterfall *w, unsigned used)
{
    unsigned all = w->label_cells + 2 * GAP + DURATION_CELLS + w->bar_cells;
    return used < all ? all - used : 0;
}

static void put_attributes(struct waterfall *w, uint32_t row, const struct attrs *attrs,
                           unsigned indent)
{
    unsigned key_cells = 0;
    for (uint32_t i = 0; i < attrs->count; i++) {
        unsigned cells = term_cells(attrs->items[i].key);
        key_cells = cells > key_cells ? cells : key_cells;
    }
    if (key_cells > KEY_CELLS_MAX)
        key_cells = KEY_CELLS_MAX;
    for (uint32_t i = 0; i < attrs->count; i++) {
        unsigned used = begin_detail(w, row) + indent, key;
        term_pad(w->out, indent);
        style(w, SGR_DIM);
        key = put_cells(w, attrs->items[i].key, KEY_CELLS_MAX);
        style(w, SGR_RESET);
        term_pad(w->out, key_cells - key + 2);
        put_cells(w, value_text(&attrs->items[i].value, w->arena),
                  room_after(w, used + key_cells + 2));
        end_line(w);
    }
}

static void put_event(struct waterfall *w, uint32_t row, const struct span_event *e)
{
    char at[UNITS_BYTES], offset[UNITS_BYTES + 1];
    unsigned used = begin_detail(w, row), cells, name_max;
    bool inside = e->time_ns >= w->start_ns && e->time_ns <= w->end_ns;
    name_max = w->label_cells > used + 2 ? w->label_cells - used - 2 : 0;
    style(w, str_eq(e->name, STR("exception")) ? SGR_RED : SGR_DIM);
    put(w, "◆ ");
    cells = used + 2 + put_cells(w, e->name, name_max);
    term_pad(w->out, w->label_cells > cells ? w->label_cells - cells : 0);
    format_duration(at, inside ? e->time_ns - w->start_ns : 0);
    snprintf(offset, sizeof offset, "@%s", at);
    term_pad(w->out, GAP);
    put_duration(w, inside ? offset : "outside");
    if (inside) {
        uint64_t cell = half_cells(w, e->time_ns - w->start_ns, false) / 2;
        term_pad(w->out, GAP + (unsigned)(cell < w->bar_cells ? cell : w->bar_cells - 1));
        put(w, "◆");
    }
    style(w, SGR_RESET);
    end_line(w);
    if (w->options->attributes)
        put_attributes(w, row, &e->attrs, 2);
}

static void put_message(struct waterfall *w, uint32_t row, struct str message)
{
    unsigned used = begin_detail(w, row);
    style(w, SGR_RED);
    put_cells(w, message, room_after(w, used));
    style(w, SGR_RESET);
    end_line(w);
}

static void put_service(struct waterfall *w, uint32_t row)
{
    uint32_t number = w->service_of[row];
    unsigned cells;
    /* the same as in the line above: shown, but quietly */
    if (row && w->service_of[row - 1] == number)
        style(w, SGR_DIM);
    style(w, w->services[number].sgr);
    cells = put_cells(w, w->services[number].name, w->service_cells);
    style(w, SGR_RESET);
    term_pad(w->out, w->service_cells - cells + 2 * GAP);
}

static void put_label(struct waterfall *w, uint32_t row)
{
    const struct span *s = row_span(w, row);
    bool error = s->status_code == STATUS_ERROR;
    unsigned used;
    style(w, SGR_DIM);
    used = put_branches(w, w->tree.depth[row], true, w->has_next[row]);
    style(w, SGR_RESET);
    if (error) {
        style(w, SGR_ERROR);
        put(w, "✗ ");
        used += 2;
    }
    used += put_cells(w, s->name, w->label_cells > used ? w->label_cells - used : 0);
    if (error)
        style(w, SGR_RESET);
    term_pad(w->out, w->label_cells > used ? w->label_cells - used : 0);
}

static void put_row(struct waterfall *w, uint32_t row)
{
    const struct span *s = row_span(w, row);
    bool error = s->status_code == STATUS_ERROR;
    char duration[UNITS_BYTES];
    w->open[w->tree.depth[row]] = w->has_next[row];
    put_service(w, row);
    put_label(w, row);
    format_duration(duration, span_duration_ns(s));
    term_pad(w->out, GAP);
    put_duration(w, duration);
    term_pad(w->out, GAP);
    style(w, error ? SGR_RED : w->services[w->service_of[row]].sgr);
    put_bar(w, s);
    style(w, SGR_RESET);
    end_line(w);
    if (error && s->status_message.n)
        put_message(w, row, s->status_message);
    if (w->options->attributes)
        put_attributes(w, row, &s->attrs, 0);
    for (uint32_t i = 0; w->options->events && i < s->event_count; i++)
        put_event(w, row, &s->events[i]);
}

/* --- around the rows --- */

static void put_header(struct waterfall *w)
{
    char text[UNITS_BYTES], id[2 * TRACE_ID_BYTES + 1];
    const struct span *first = row_span(w, 0);
    for (int i = 0; i < TRACE_ID_BYTES; i++)
        snprintf(id + 2 * i, 3, "%02x", first->trace_id.bytes[i]);
    style(w, SGR_BOLD);
    put_cells(w, first->resource->service_name, 40);
    put(w, first->resource->service_name.n ? "  " : "");
    put_cells(w, first->name, w->options->width > 60 ? w->options->width - 44 : 16);
    style(w, SGR_RESET);
    format_time(text, w->start_ns);
    buf_printf(w->out, "\n%s  %s\n", id, text);
    format_duration(text, w->end_ns - w->start_ns);
    put(w, text);
    format_plural(text, w->tree.count, "span", "spans");
    buf_printf(w->out, ", %s", text);
    format_plural(text, w->service_count, "service", "services");
    buf_printf(w->out, ", %s", text);
    if (w->errors) {
        format_plural(text, w->errors, "error", "errors");
        put(w, ", ");
        style(w, SGR_ERROR);
        put(w, text);
        style(w, SGR_RESET);
    }
    if (w->tree.orphan_count) {
        format_plural(text, w->tree.orphan_count, "orphan", "orphans");
        buf_printf(w->out, ", %s", text);
    }
    put(w, "\n\n");
}

/* Times over the bars: a mark every so many cells, the last one flush right. */
static void put_axis(struct waterfall *w)
{
    uint64_t total = w->end_ns - w->start_ns;
    unsigned parts = total == 0 ? 0 : w->bar_cells >= 60 ? 4 : w->bar_cells >= 26 ? 2 : 1, at = 0;
    char text[UNITS_BYTES];
    term_pad(w->out, w->service_cells + 2 * GAP + w->label_cells + GAP + DURATION_CELLS + GAP);
    style(w, SGR_DIM);
    for (unsigned i = 0; i <= parts; i++) {
        unsigned place = 0, cells;
        if (i == 0)
            snprintf(text, sizeof text, "0");
        else
            format_duration(text, i == parts ? total : total / parts * i);
        cells = term_cells(str_of(text));
        if (i && i == parts)
            place = w->bar_cells > cells ? w->bar_cells - cells : 0;
        else if (i)
            place = w->bar_cells * i / parts - cells / 2;
        if (place < at + (i != 0))
            continue;
        term_pad(w->out, place - at);
        put(w, text);
        at = place + cells;
    }
    style(w, SGR_RESET);
    end_line(w);
}

/* The row from which on there are only orphans and what is below them. */
static uint32_t first_orphan(const struct waterfall *w)
{
    uint32_t row = 0;
    while (row < w->tree.count && w->tree.parent[row] != TREE_ORPHAN)
        row++;
    return row;
}

static void put_orphans_line(struct waterfall *w)
{
    char text[UNITS_BYTES];
    format_plural(text, w->tree.orphan_count, "span whose parent", "spans whose parent");
    style(w, SGR_DIM);
    buf_printf(w->out, "── %s is not in the trace ──", text);
    style(w, SGR_RESET);
    end_line(w);
}

static void put_rest(struct waterfall *w)
{
    char rest[UNITS_BYTES], all[UNITS_BYTES];
    format_count(rest, w->tree.count - w->shown);
    format_count(all, w->tree.count);
    buf_printf(w->out, "… %s of %s spans are not shown; --all shows them\n", rest, all);
}

int waterfall_write(const struct span *spans, uint32_t count,
                    const struct waterfall_options *options, struct arena *arena, struct buf *out)
{
    struct waterfall w = {.spans = spans, .options = options, .out = out, .arena = arena};
    uint32_t orphans;
    if (count == 0)
        return 0;
    if (!tree_build(spans, count, arena, &w.tree) || !number_services(&w) || !find_siblings(&w))
        return ERR_NOMEM;
    w.shown = count < options->rows_max ? count : options->rows_max;
    measure_time(&w);
    lay_out(&w);
    put_header(&w);
    put_axis(&w);
    orphans = first_orphan(&w);
    for (uint32_t row = 0; row < w.shown; row++) {
        if (row == orphans)
            put_orphans_line(&w);
        put_row(&w, row);
    }
    if (w.shown < count)
        put_rest(&w);
    return arena_failed(arena) ? ERR_NOMEM : 0;
}
