/* traces.c - the table traces: every trace a row, newest first, computed from all of its spans.
 *
 * What a WHERE says of the root goes down as a condition on any span of the trace: the root is one. */
#include <stdlib.h>

#include "base/json_writer.h"
#include "sql/lists.h"
#include "sql/subquery.h"
#include "sql/values.h"

enum {
    TRACE_ID,
    ROOT_SERVICE,
    ROOT_NAME,
    START,
    END,
    DURATION,
    SPANS,
    ERRORS,
    SERVICES,
    SERVICE_COUNT
};
enum { TRACES_MAX = 4000000 };
enum { PLAN_LIMIT = 256 };

static const struct column columns[] = {
    [TRACE_ID] = {STR_INIT("trace_id"), "TEXT", FORM_ID, {.kind = FIELD_TRACE_ID}, 0, false},
    [ROOT_SERVICE] =
        {STR_INIT("root_service"), "TEXT", FORM_TEXT, {.kind = FIELD_SERVICE}, 0, false},
    [ROOT_NAME] = {STR_INIT("root_name"), "TEXT", FORM_TEXT, {.kind = FIELD_NAME}, 0, false},
    [START] = {STR_INIT("start_time"), "INTEGER", FORM_INT, {.kind = FIELD_START}, 0, false},
    [END] = {STR_INIT("end_time"), "INTEGER", FORM_ELEMENT, {0}, 0, false},
    [DURATION] = {STR_INIT("duration"), "INTEGER", FORM_ELEMENT, {0}, 0, false},
    [SPANS] = {STR_INIT("span_count"), "INTEGER", FORM_ELEMENT, {0}, 0, false},
    [ERRORS] = {STR_INIT("error_count"), "INTEGER", FORM_ELEMENT, {0}, 0, false},
    [SERVICES] = {STR_INIT("services"), "TEXT", FORM_ELEMENT, {0}, 0, false},
    [SERVICE_COUNT] = {STR_INIT("service_count"), "INTEGER", FORM_ELEMENT, {0}, 0, false},
};

static int connect(sqlite3 *db, void *user, int argc, const char *const *argv, sqlite3_vtab **ret,
                   char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    return table_connect(db, user, columns, sizeof columns / sizeof *columns, ret);
}

/* A LIMIT that nothing but the order stands in front of. */
static int only_limit(const sqlite3_index_info *info)
{
    int limit = -1;
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_LIMIT ||
            !info->aConstraint[i].usable)
            return -1;
        limit = i;
    }
    return limit;
}

static int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    int limit, code = push_best_index((struct table *)vtab, info, false);
    if (code != SQLITE_OK)
        return code;
    if (info->nOrderBy == 1 && info->aOrderBy[0].iColumn == START && info->aOrderBy[0].desc)
        info->orderByConsumed = 1;
    limit = only_limit(info);
    if (limit >= 0 && (info->nOrderBy == 0 || info->orderByConsumed)) {
        info->aConstraintUsage[limit].argvIndex = 1;
        info->idxNum |= PLAN_LIMIT;
    }
    if (!(info->idxNum & PLAN_TRACE))
        info->estimatedCost *= 4;
    else
        info->estimatedRows = 1;
    return SQLITE_OK;
}

/* ---- One trace ---- */

struct tally {
    struct service_summary *items;
    uint32_t count;
};

static bool count_service(struct tally *t, const struct span *s, struct arena *arena, size_t *cap)
{
    uint32_t i = 0;
    while (i < t->count && !str_eq(t->items[i].name, s->resource->service_name))
        i++;
    if (i == t->count) {
        struct service_summary *items =
            arena_grow(arena, t->items, t->count, cap, t->count + 1u, sizeof *items);
        if (!items)
            return false;
        t->items = items;
        t->items[t->count++] =
            (struct service_summary){arena_str(arena, s->resource->service_name), 0, 0};
    }
    t->items[i].span_count++;
    t->items[i].error_count += s->status_code == STATUS_ERROR;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct service_summary *)a)->name,
                   ((const struct service_summary *)b)->name);
}

/* What the engine's search would say of the trace. */
static struct trace_summary *summarize(const struct cached_trace *t, struct arena *arena)
{
    struct trace_summary *sum = arena_calloc(arena, 1, sizeof *sum);
    const struct span *root = NULL;
    struct tally services = {0};
    size_t cap = 0;
    if (!sum)
        return NULL;
    sum->trace_id = t->id;
    sum->start_ns = UINT64_MAX;
    for (size_t i = 0; i < t->batch.span_count; i++) {
        const struct span *s = &t->batch.spans[i];
        uint64_t end = s->start_ns + span_duration_ns(s);
        if (!root || (!span_id_is_zero(root->parent_span_id) && span_id_is_zero(s->parent_span_id)))
            root = s;
        sum->start_ns = s->start_ns < sum->start_ns ? s->start_ns : sum->start_ns;
        sum->end_ns = end > sum->end_ns ? end : sum->end_ns;
        sum->span_count++;
        sum->error_count += s->status_code == STATUS_ERROR;
        if (!count_service(&services, s, arena, &cap))
            return NULL;
    }
    qsort(services.items, services.count, sizeof *services.items, by_name);
    sum->root_service = arena_str(arena, root->resource->service_name);
    sum->root_name = arena_str(arena, root->name);
    sum->services = services.items;
    sum->service_count = services.count;
    return sum;
}

static int look_up(struct list_cursor *c, struct trace_id id, struct err *err)
{
    struct cached_trace *t;
    TRY(trace_cache_get(&list_context(&c->base)->traces, id, &t, err));
    if (t->batch.span_count) {
        c->items = summarize(t, &c->arena);
        c->count = 1;
    }
    trace_cache_unpin(t);
    return c->count && !c->items ? ERR_NOMEM : 0;
}

/* ---- All of them ---- */

static int search(struct list_cursor *c, const struct pushed *p, uint32_t limit, struct err *err)
{
    struct sql_context *context = list_context(&c->base);
    struct engine_query sub = subquery(context->q, &c->arena);
    struct trace_query query = {.filter = p->filter,
                                .start_ns = p->start_ns,
                                /* the root may start behind the trace's first span */
                                .end_ns = p->filter ? UINT64_MAX : p->end_ns,
                                .limit = limit};
    struct trace_summary_list list = {0};
    int code = engine_search(context->engine, &sub, &query, &list, err);
    subquery_settle(context->q, &sub);
    if (code < 0 && arena_failed(&c->arena))
        return err_set(err, ERR_TOO_LARGE,
                       "the list of traces needs more than %zu MiB of memory; narrow start_time",
                       c->arena.max_bytes >> 20);
    TRY(code);
    if (list.count == TRACES_MAX)
        return err_set(err, ERR_TOO_LARGE, "there are more than %d traces; narrow start_time",
                       TRACES_MAX);
    c->items = list.items;
    c->count = list.count;
    return 0;
}

static int fill(struct list_cursor *c, int flags, const char *plan, int argc, sqlite3_value **argv,
                struct err *err)
{
    uint32_t limit = TRACES_MAX;
    struct pushed p = {.end_ns = UINT64_MAX};
    if (flags & PLAN_LIMIT) {
        int64_t n = sqlite3_value_int64(argv[0]);
        limit = n >= 0 && n < TRACES_MAX ? (uint32_t)n : TRACES_MAX;
    } else if (push_read((struct table *)c->base.pVtab, plan, argc, argv, &c->arena, &p) < 0) {
        return err_set(err, ERR_TOO_LARGE, "the statement's conditions need too much memory");
    }
    if (p.nothing || limit == 0)
        return 0;
    if (flags & PLAN_TRACE)
        return p.by_trace ? look_up(c, p.trace_id, err) : 0;
    return search(c, &p, limit, err);
}

static sqlite3_int64 number_of(const struct list_cursor *c)
{
    const struct trace_summary *t = (const struct trace_summary *)c->items + c->at;
    return row_number(t->trace_id, (struct span_id){{0}}, 0);
}

static int filter(sqlite3_vtab_cursor *cursor, int flags, const char *plan, int argc,
                  sqlite3_value **argv)
{
    struct list_cursor *c = (struct list_cursor *)cursor;
    struct err err = {0};
    arena_reset(&c->arena);
    c->items = NULL;
    c->count = c->at = 0;
    c->number = number_of;
    return table_result(list_context(cursor), fill(c, flags, plan, argc, argv, &err), &err);
}

static void result_services(sqlite3_context *ctx, const struct trace_summary *t)
{
    struct json_writer w;
    struct buf out;
    buf_init(&out, SQL_CELL_BYTES_MAX);
    json_init(&w, &out, 0);
    json_array_begin(&w);
    for (uint32_t i = 0; i < t->service_count; i++)
        json_str(&w, t->services[i].name);
    json_array_end(&w);
    if (out.failed)
        sqlite3_result_error_toobig(ctx);
    else
        result_str(ctx, buf_str(&out));
    buf_release(&out);
}

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int number)
{
    const struct list_cursor *c = (struct list_cursor *)cursor;
    const struct trace_summary *t = (const struct trace_summary *)c->items + c->at;
    uint64_t duration = t->end_ns > t->start_ns ? t->end_ns - t->start_ns : 0;
    switch (number) {
    case TRACE_ID: result_id(ctx, t->trace_id.bytes, TRACE_ID_BYTES); break;
    case ROOT_SERVICE: result_str(ctx, t->root_service); break;
    case ROOT_NAME: result_str(ctx, t->root_name); break;
    case START: sqlite3_result_int64(ctx, clamp_ns(t->start_ns)); break;
    case END: sqlite3_result_int64(ctx, clamp_ns(t->end_ns)); break;
    case DURATION: sqlite3_result_int64(ctx, clamp_ns(duration)); break;
    case SPANS: sqlite3_result_int64(ctx, t->span_count); break;
    case ERRORS: sqlite3_result_int64(ctx, t->error_count); break;
    case SERVICE_COUNT: sqlite3_result_int64(ctx, t->service_count); break;
    default: result_services(ctx, t); break;
    }
    return SQLITE_OK;
}

const sqlite3_module traces_module = LIST_MODULE(connect, best_index, filter, column);
