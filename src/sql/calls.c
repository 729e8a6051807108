/* calls.c - the table calls: every span with the span that called it, side by side, from one pass over whole traces.
 *
 * What a WHERE says of the called span goes down as a filter on it. The calls of a window of time are in memory at once;
 * when they are too many, the window becomes shorter: a row belongs to the window in which its called span starts. */
#include <stdlib.h>

#include "engine/traces.h"
#include "sql/push.h"
#include "sql/subquery.h"
#include "sql/values.h"

enum {
    TRACE_ID,
    PARENT_SPAN_ID,
    SPAN_ID,
    PARENT_SERVICE,
    PARENT_NAME,
    PARENT_KIND,
    PARENT_STATUS,
    PARENT_START,
    PARENT_DURATION,
    CHILD_SERVICE,
    CHILD_NAME,
    CHILD_KIND,
    CHILD_STATUS,
    START,
    DURATION
};

static const struct column columns[] = {
    [TRACE_ID] = {STR_INIT("trace_id"), "TEXT", FORM_ID, {.kind = FIELD_TRACE_ID}, 0, false},
    [PARENT_SPAN_ID] =
        {STR_INIT("parent_span_id"), "TEXT", FORM_PARENT, {.kind = FIELD_PARENT_ID}, 0, false},
    [SPAN_ID] = {STR_INIT("span_id"), "TEXT", FORM_ID, {.kind = FIELD_SPAN_ID}, 0, false},
    [PARENT_SERVICE] = {STR_INIT("parent_service"), "TEXT", FORM_ELEMENT, {0}, 0, false},
    [PARENT_NAME] = {STR_INIT("parent_name"), "TEXT", FORM_ELEMENT, {0}, 0, false},
    [PARENT_KIND] = {STR_INIT("parent_kind"), "TEXT", FORM_ELEMENT, {0}, 0, false},
    [PARENT_STATUS] = {STR_INIT("parent_status"), "TEXT", FORM_ELEMENT, {0}, 0, false},
    [PARENT_START] = {STR_INIT("parent_start_time"), "INTEGER", FORM_ELEMENT, {0}, 0, false},
    [PARENT_DURATION] = {STR_INIT("parent_duration"), "INTEGER", FORM_ELEMENT, {0}, 0, false},
    [CHILD_SERVICE] =
        {STR_INIT("child_service"), "TEXT", FORM_TEXT, {.kind = FIELD_SERVICE}, 0, false},
    [CHILD_NAME] = {STR_INIT("child_name"), "TEXT", FORM_TEXT, {.kind = FIELD_NAME}, 0, false},
    [CHILD_KIND] = {STR_INIT("child_kind"), "TEXT", FORM_KIND, {.kind = FIELD_KIND}, 0, false},
    [CHILD_STATUS] =
        {STR_INIT("child_status"), "TEXT", FORM_STATUS, {.kind = FIELD_STATUS}, 0, false},
    [START] = {STR_INIT("start_time"), "INTEGER", FORM_INT, {.kind = FIELD_START}, 0, false},
    [DURATION] = {STR_INIT("duration"), "INTEGER", FORM_INT, {.kind = FIELD_DURATION}, 0, false},
};

struct side {
    struct span_id id;
    uint64_t start_ns, duration_ns;
    uint32_t service, name; /* of the cursor's strings */
    uint8_t kind, status;
};

struct call {
    struct trace_id trace_id;
    struct side parent, child;
};

enum { BLOCK_CALLS = 500, CALLS_MIN = 1000, FIRST_SLOTS = 256 };

struct block {
    struct block *next;
    uint32_t count;
    struct call items[BLOCK_CALLS];
};

struct string {
    struct str given, kept; /* the engine's, and a copy */
};

struct cursor {
    sqlite3_vtab_cursor base;
    struct pushed pushed;
    struct arena plan; /* the filter */
    uint64_t from_ns;  /* the window starts here */
    uint64_t width_ns; /* of the next one */
    bool last;         /* none after this window */

    struct arena arena; /* of the window: all that follows */
    struct block *first, *tail;
    size_t count, count_max;
    uint64_t earliest_ns, latest_ns; /* of the called spans */
    struct string *strings;
    uint32_t string_count;
    size_t string_cap;
    uint32_t *slots; /* string + 1 by its pointer */
    uint32_t slot_mask;

    const struct block *block; /* the row; NULL at the end */
    uint32_t at;
    sqlite3_int64 number;
};

static struct sql_context *context_of(const sqlite3_vtab_cursor *cursor)
{
    return ((struct table *)cursor->pVtab)->context;
}

static int connect(sqlite3 *db, void *user, int argc, const char *const *argv, sqlite3_vtab **ret,
                   char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    return table_connect(db, user, columns, sizeof columns / sizeof *columns, ret);
}

/* Whole traces are looked at. */
static int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    int code = push_best_index((struct table *)vtab, info, false);
    if (!(info->idxNum & PLAN_TRACE))
        info->estimatedCost *= 4;
    return code;
}

static int open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret)
{
    struct sql_context *context = ((struct table *)vtab)->context;
    struct cursor *c = sqlite3_malloc(sizeof *c);
    if (!c)
        return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    table_arena_init(context, &c->arena);
    arena_init(&c->plan, c->arena.max_bytes);
    c->count_max = context->group_bytes_max / sizeof(struct call);
    if (c->count_max < CALLS_MIN)
        c->count_max = CALLS_MIN;
    *ret = &c->base;
    return SQLITE_OK;
}

static int close(sqlite3_vtab_cursor *cursor)
{
    struct cursor *c = (struct cursor *)cursor;
    table_arena_release(context_of(cursor), &c->arena);
    arena_release(&c->plan);
    sqlite3_free(c);
    return SQLITE_OK;
}

/* ---- Strings: one copy of each, in a hash table by the engine's pointer ---- */

static uint32_t *slot_of(const struct cursor *c, struct str s)
{
    uint64_t hash = (uint64_t)(uintptr_t)s.p * 0x9e3779b97f4a7c15u;
    for (uint32_t i = (uint32_t)(hash >> 32) & c->slot_mask;; i = (i + 1) & c->slot_mask) {
        const struct str *given = c->slots[i] ? &c->strings[c->slots[i] - 1].given : NULL;
        if (!given || (given->p == s.p && given->n == s.n))
            return &c->slots[i];
    }
}

static bool grow_slots(struct cursor *c)
{
    uint32_t slots = c->slots ? 2 * (c->slot_mask + 1) : FIRST_SLOTS;
    c->slots = arena_calloc(&c->arena, slots, sizeof *c->slots);
    c->slot_mask = slots - 1;
    for (uint32_t i = 0; c->slots && i < c->string_count; i++)
        *slot_of(c, c->strings[i].given) = i + 1;
    return c->slots != NULL;
}

/* What the arena refuses, collect() sees in the end. */
static uint32_t intern(struct cursor *c, struct str s)
{
    struct string *strings;
    uint32_t *slot;
    if ((!c->slots || 2 * c->string_count > c->slot_mask) && !grow_slots(c))
        return 0;
    slot = slot_of(c, s);
    if (*slot)
        return *slot - 1;
    strings = arena_grow(&c->arena, c->strings, c->string_count, &c->string_cap,
                         c->string_count + 1u, sizeof *strings);
    if (!strings)
        return 0;
    c->strings = strings;
    strings[c->string_count] = (struct string){s, arena_str(&c->arena, s)};
    *slot = ++c->string_count;
    return *slot - 1;
}

/* ---- A window ---- */

enum { FULL = 1 };

static struct call *add(struct cursor *c)
{
    struct block *b = c->tail;
    if (!b || b->count == BLOCK_CALLS) {
        b = arena_alloc(&c->arena, sizeof *b);
        if (!b)
            return NULL;
        b->next = NULL;
        b->count = 0;
        *(c->tail ? &c->tail->next : &c->first) = b;
        c->tail = b;
    }
    c->count++;
    return &b->items[b->count++];
}

static struct side side_of(struct cursor *c, const struct light_span *s)
{
    return (struct side){.id = s->span_id,
                         .start_ns = s->start_ns,
                         .duration_ns = s->duration_ns,
                         .service = intern(c, s->service),
                         .name = intern(c, s->name),
                         .kind = s->kind,
                         .status = s->status};
}

/* engine_traces_fn */
static int add_trace(const struct light_trace *t, void *user, struct err *err)
{
    struct cursor *c = user;
    uint64_t end_ns = c->pushed.end_ns;
    (void)err;
    for (uint32_t i = 0; i < t->span_count; i++) {
        const struct light_span *s = &t->spans[i];
        struct call *call;
        if (s->parent == NO_PARENT || s->start_ns < c->from_ns || s->start_ns > end_ns)
            continue;
        if (c->count == c->count_max || !(call = add(c)))
            return FULL;
        *call = (struct call){t->trace_id, side_of(c, &t->spans[s->parent]), side_of(c, s)};
        if (arena_failed(&c->arena))
            return FULL;
        c->earliest_ns = s->start_ns < c->earliest_ns ? s->start_ns : c->earliest_ns;
        c->latest_ns = s->start_ns > c->latest_ns ? s->start_ns : c->latest_ns;
    }
    return 0;
}

static void forget(struct cursor *c)
{
    arena_reset(&c->arena);
    c->first = c->tail = NULL;
    c->block = NULL;
    c->at = 0;
    c->count = 0;
    c->earliest_ns = UINT64_MAX;
    c->latest_ns = 0;
    c->strings = NULL;
    c->string_count = 0;
    c->string_cap = 0;
    c->slots = NULL;
}

/* The calls from from_ns to pushed.end_ns; FULL when there are more than fit. */
static int collect(struct cursor *c, struct err *err)
{
    struct sql_context *context = context_of(&c->base);
    struct engine_query sub = subquery(context->q, &c->arena);
    const struct spanset_expr called = {.op = SPANSET_FILTER, .condition = c->pushed.filter};
    const struct stage stage = {.kind = STAGE_SPANSETS, .spansets = &called};
    const struct pipeline pipeline = {&stage, 1};
    const struct traceql search = {.search = &pipeline, .filter_count = 1};
    const struct traces_query query = {&search, c->from_ns, c->pushed.end_ns, UINT32_MAX};
    int code;
    forget(c);
    if (c->pushed.by_trace) {
        code = engine_light_trace(context->engine, &sub, c->pushed.trace_id, add_trace, c, err);
        code = code == ERR_NOT_FOUND ? 0 : code;
    } else {
        code = engine_traces(context->engine, &sub, &query, add_trace, c, err);
    }
    subquery_settle(context->q, &sub);
    c->block = c->first;
    return code;
}

/* Later calls first, as the engine's walk has them. What did not fit says how much may. */
static int next_window(struct cursor *c, struct err *err)
{
    uint64_t first_ns = c->pushed.start_ns, end_ns = c->pushed.end_ns;
    int code;
    c->from_ns = end_ns - first_ns > c->width_ns ? end_ns - c->width_ns : first_ns;
    while ((code = collect(c, err)) == FULL) {
        if (c->pushed.by_trace || c->earliest_ns >= c->latest_ns)
            return err_set(err, ERR_TOO_LARGE,
                           "the calls of one %s need more than %zu MiB of memory",
                           c->pushed.by_trace ? "trace" : "nanosecond",
                           c->count_max * sizeof(struct call) >> 20);
        c->width_ns = (c->latest_ns - c->earliest_ns) / 2;
        c->from_ns = c->latest_ns - c->width_ns;
    }
    TRY(code);
    if (c->count < c->count_max / 2)
        c->width_ns = c->width_ns < UINT64_MAX / 2 ? 2 * c->width_ns + 1 : UINT64_MAX;
    c->last = c->pushed.by_trace || c->from_ns <= first_ns;
    c->pushed.end_ns = c->from_ns - !c->last;
    return 0;
}

static int next(sqlite3_vtab_cursor *cursor)
{
    struct cursor *c = (struct cursor *)cursor;
    struct err err = {0};
    int code = 0;
    c->number++;
    if (c->block && ++c->at == c->block->count) {
        c->block = c->block->next;
        c->at = 0;
    }
    while (code == 0 && !c->block && !c->last)
        code = next_window(c, &err);
    return table_result(context_of(cursor), code, &err);
}

static int filter(sqlite3_vtab_cursor *cursor, int flags, const char *plan, int argc,
                  sqlite3_value **argv)
{
    struct cursor *c = (struct cursor *)cursor;
    struct err err = {0};
    int code;
    forget(c);
    arena_reset(&c->plan);
    code = push_read((struct table *)cursor->pVtab, plan, argc, argv, &c->plan, &c->pushed);
    if (code < 0)
        code = err_set(&err, ERR_TOO_LARGE, "the statement's conditions need too much memory");
    c->last = code < 0 || c->pushed.nothing || (flags & PLAN_TRACE && !c->pushed.by_trace);
    c->width_ns = UINT64_MAX;
    return code < 0 ? table_result(context_of(cursor), code, &err) : next(cursor);
}

/* ---- Rows ---- */

static int eof(sqlite3_vtab_cursor *cursor)
{
    return ((struct cursor *)cursor)->block == NULL;
}

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int number)
{
    const struct cursor *c = (struct cursor *)cursor;
    const struct call *call = &c->block->items[c->at];
    const struct side *s =
        number >= PARENT_SERVICE && number <= PARENT_DURATION ? &call->parent : &call->child;
    switch (number) {
    case TRACE_ID: result_id(ctx, call->trace_id.bytes, TRACE_ID_BYTES); break;
    case PARENT_SPAN_ID: result_id(ctx, call->parent.id.bytes, SPAN_ID_BYTES); break;
    case SPAN_ID: result_id(ctx, s->id.bytes, SPAN_ID_BYTES); break;
    case PARENT_SERVICE:
    case CHILD_SERVICE: result_str(ctx, c->strings[s->service].kept); break;
    case PARENT_NAME:
    case CHILD_NAME: result_str(ctx, c->strings[s->name].kept); break;
    case PARENT_KIND:
    case CHILD_KIND:
        sqlite3_result_text(ctx, span_kind_name((enum span_kind)s->kind), -1, SQLITE_STATIC);
        break;
    case PARENT_STATUS:
    case CHILD_STATUS: sqlite3_result_text(ctx, status_text(s->status), -1, SQLITE_STATIC); break;
    case PARENT_START:
    case START: sqlite3_result_int64(ctx, clamp_ns(s->start_ns)); break;
    default: sqlite3_result_int64(ctx, clamp_ns(s->duration_ns)); break;
    }
    return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret)
{
    const struct cursor *c = (struct cursor *)cursor;
    const struct call *call = &c->block->items[c->at];
    *ret = row_number(call->trace_id, call->child.id, 0);
    return SQLITE_OK;
}

const sqlite3_module calls_module = {
    .xConnect = connect,
    .xBestIndex = best_index,
    .xDisconnect = table_disconnect,
    .xOpen = open,
    .xClose = close,
    .xFilter = filter,
    .xNext = next,
    .xEof = eof,
    .xColumn = column,
    .xRowid = rowid,
};
