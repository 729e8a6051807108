/* operations.c - the tables operations and services: how often, how well, how long.
 *
 * operations(since, until) and services(since, until) look at the spans that start in that time: nanoseconds, or what
 * time() takes. */
#include <stdlib.h>

#include "engine/series.h"
#include "sql/lists.h"
#include "sql/subquery.h"
#include "sql/times.h"
#include "sql/values.h"

enum {
    SERVICE,
    NAME,
    KIND,
    SPANS,
    ERRORS,
    DURATION_SUM,
    DURATION_MAX,
    P50,
    P75,
    P90,
    P95,
    P99,
    SINCE,
    UNTIL
};
enum {
    S_SERVICE,
    S_OPERATIONS,
    S_SPANS,
    S_ERRORS,
    S_DURATION_SUM,
    S_DURATION_MAX,
    S_SINCE,
    S_UNTIL
};

#define TEXT_COLUMN(name)                                \
    {                                                    \
        STR_INIT(name), "TEXT", FORM_TEXT, {0}, 0, false \
    }
#define NUMBER_COLUMN(name)                                    \
    {                                                          \
        STR_INIT(name), "INTEGER", FORM_ELEMENT, {0}, 0, false \
    }
#define ARGUMENT(name)                                 \
    {                                                  \
        STR_INIT(name), "", FORM_ELEMENT, {0}, 0, true \
    }

static const struct column operation_columns[] = {
    [SERVICE] = TEXT_COLUMN("service"),
    [NAME] = TEXT_COLUMN("name"),
    [KIND] = TEXT_COLUMN("kind"),
    [SPANS] = NUMBER_COLUMN("span_count"),
    [ERRORS] = NUMBER_COLUMN("error_count"),
    [DURATION_SUM] = NUMBER_COLUMN("duration_sum"),
    [DURATION_MAX] = NUMBER_COLUMN("duration_max"),
    [P50] = NUMBER_COLUMN("p50"),
    [P75] = NUMBER_COLUMN("p75"),
    [P90] = NUMBER_COLUMN("p90"),
    [P95] = NUMBER_COLUMN("p95"),
    [P99] = NUMBER_COLUMN("p99"),
    [SINCE] = ARGUMENT("since"),
    [UNTIL] = ARGUMENT("until"),
};

static const struct column service_columns[] = {
    [S_SERVICE] = TEXT_COLUMN("service"),
    [S_OPERATIONS] = NUMBER_COLUMN("operation_count"),
    [S_SPANS] = NUMBER_COLUMN("span_count"),
    [S_ERRORS] = NUMBER_COLUMN("error_count"),
    [S_DURATION_SUM] = NUMBER_COLUMN("duration_sum"),
    [S_DURATION_MAX] = NUMBER_COLUMN("duration_max"),
    [S_SINCE] = ARGUMENT("since"),
    [S_UNTIL] = ARGUMENT("until"),
};

static int connect_operations(sqlite3 *db, void *user, int argc, const char *const *argv,
                              sqlite3_vtab **ret, char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    return table_connect(db, user, operation_columns,
                         sizeof operation_columns / sizeof *operation_columns, ret);
}

static int connect_services(sqlite3 *db, void *user, int argc, const char *const *argv,
                            sqlite3_vtab **ret, char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    return table_connect(db, user, service_columns,
                         sizeof service_columns / sizeof *service_columns, ret);
}

/* The plan: a bit for each of service, since, until, in the order of the arguments. */
static int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    const struct table *t = (struct table *)vtab;
    bool operations = t->columns == operation_columns;
    const int wanted[] = {0, operations ? SINCE : S_SINCE, operations ? UNTIL : S_UNTIL};
    int args = 0;
    for (int n = 0; n < 3; n++) {
        int i = push_equal(info, wanted[n]);
        if (i < 0)
            continue;
        if (n == 0 && strcmp(sqlite3_vtab_collation(info, i), "BINARY") != 0)
            continue;
        info->aConstraintUsage[i].argvIndex = ++args;
        info->aConstraintUsage[i].omit = n > 0; /* arguments have no value of their own */
        info->idxNum |= 1 << n;
    }
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &info->aConstraint[i];
        if (!c->usable && (c->iColumn == wanted[1] || c->iColumn == wanted[2]))
            return SQLITE_CONSTRAINT; /* an argument that is not known yet */
    }
    /* two sides of an OR cost twice as much, and their rows could not be told apart */
    info->estimatedCost = 1000 + table_spans(t->context) * 0.02;
    info->estimatedRows = info->idxNum & 1 ? 20 : 400;
    return SQLITE_OK;
}

static int read_time(const struct sql_context *context, sqlite3_value *v, uint64_t *ret,
                     struct err *err)
{
    int64_t ns;
    if (sqlite3_value_type(v) == SQLITE_INTEGER) {
        ns = sqlite3_value_int64(v);
    } else {
        struct str text = str_make(sqlite3_value_text(v), (size_t)sqlite3_value_bytes(v));
        if (!time_parse(text, context->now_ns, &ns))
            return err_set(err, ERR_INVALID,
                           "\"%.*s\" is no time: nanoseconds, an RFC 3339 time or 'now-1h'",
                           (int)(text.n < 60 ? text.n : 60), text.p ? text.p : "");
    }
    *ret = ns < 0 ? 0 : (uint64_t)ns;
    return 0;
}

static int fill(struct list_cursor *c, int plan, sqlite3_value **argv,
                struct operation_stats_list *list, struct err *err)
{
    struct sql_context *context = list_context(&c->base);
    struct engine_query sub = subquery(context->q, &c->arena);
    struct str service = {NULL, 0};
    uint64_t range[2] = {0, UINT64_MAX};
    int arg = 0, code;
    if (plan & 1) {
        sqlite3_value *v = argv[arg++];
        service =
            arena_str(&c->arena, str_make(sqlite3_value_text(v), (size_t)sqlite3_value_bytes(v)));
        if (sqlite3_value_type(v) == SQLITE_NULL)
            return 0;
    }
    for (int n = 0; n < 2; n++) {
        if (plan & 2 << n)
            TRY(read_time(context, argv[arg++], &range[n], err));
    }
    code = engine_operation_stats(context->engine, &sub, service, range[0], range[1], list, err);
    subquery_settle(context->q, &sub);
    return code;
}

static int filter_operations(sqlite3_vtab_cursor *cursor, int flags, const char *plan, int argc,
                             sqlite3_value **argv)
{
    struct list_cursor *c = (struct list_cursor *)cursor;
    struct operation_stats_list list = {0};
    struct err err = {0};
    int code;
    (void)plan;
    (void)argc;
    arena_reset(&c->arena);
    code = fill(c, flags, argv, &list, &err);
    c->items = list.items;
    c->count = code < 0 ? 0 : list.count;
    c->at = 0;
    return table_result(list_context(cursor), code, &err);
}

static int column_of_operation(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int number)
{
    const struct list_cursor *c = (struct list_cursor *)cursor;
    const struct operation_stats *o = (const struct operation_stats *)c->items + c->at;
    const uint64_t numbers[] = {[SPANS] = o->span_count,
                                [ERRORS] = o->error_count,
                                [DURATION_SUM] = o->duration_sum_ns,
                                [DURATION_MAX] = o->duration_max_ns,
                                [P50] = o->p50_ns,
                                [P75] = o->p75_ns,
                                [P90] = o->p90_ns,
                                [P95] = o->p95_ns,
                                [P99] = o->p99_ns};
    if (number == SERVICE)
        result_str(ctx, o->service);
    else if (number == NAME)
        result_str(ctx, o->name);
    else if (number == KIND)
        sqlite3_result_text(ctx, span_kind_name(o->kind), -1, SQLITE_STATIC);
    else if (number <= P99)
        sqlite3_result_int64(ctx, clamp_ns(numbers[number]));
    return SQLITE_OK;
}

struct service_stats {
    struct str name;
    uint64_t operations, spans, errors, duration_sum_ns, duration_max_ns;
};

/* Operations come by service. */
static int filter_services(sqlite3_vtab_cursor *cursor, int flags, const char *plan, int argc,
                           sqlite3_value **argv)
{
    struct list_cursor *c = (struct list_cursor *)cursor;
    struct operation_stats_list list = {0};
    struct service_stats *items = NULL, *s = NULL;
    struct err err = {0};
    int code;
    (void)plan;
    (void)argc;
    arena_reset(&c->arena);
    c->count = c->at = 0;
    code = fill(c, flags, argv, &list, &err);
    if (code == 0)
        items = arena_calloc(&c->arena, list.count + 1, sizeof *items);
    if (code == 0 && !items)
        code = ERR_NOMEM;
    for (size_t i = 0; code == 0 && i < list.count; i++) {
        const struct operation_stats *o = &list.items[i];
        if (!s || !str_eq(s->name, o->service)) {
            s = &items[c->count++];
            s->name = o->service;
        }
        s->operations++;
        s->spans += o->span_count;
        s->errors += o->error_count;
        s->duration_sum_ns += o->duration_sum_ns;
        if (o->duration_max_ns > s->duration_max_ns)
            s->duration_max_ns = o->duration_max_ns;
    }
    c->items = items;
    return table_result(list_context(cursor), code, &err);
}

static int column_of_service(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int number)
{
    const struct list_cursor *c = (struct list_cursor *)cursor;
    const struct service_stats *s = (const struct service_stats *)c->items + c->at;
    switch (number) {
    case S_SERVICE: result_str(ctx, s->name); break;
    case S_OPERATIONS: sqlite3_result_int64(ctx, clamp_ns(s->operations)); break;
    case S_SPANS: sqlite3_result_int64(ctx, clamp_ns(s->spans)); break;
    case S_ERRORS: sqlite3_result_int64(ctx, clamp_ns(s->errors)); break;
    case S_DURATION_SUM: sqlite3_result_int64(ctx, clamp_ns(s->duration_sum_ns)); break;
    case S_DURATION_MAX: sqlite3_result_int64(ctx, clamp_ns(s->duration_max_ns)); break;
    default: break;
    }
    return SQLITE_OK;
}

const sqlite3_module operations_module =
    LIST_MODULE(connect_operations, best_index, filter_operations, column_of_operation);
const sqlite3_module services_module =
    LIST_MODULE(connect_services, best_index, filter_services, column_of_service);
