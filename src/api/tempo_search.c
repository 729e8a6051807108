/* tempo_search.c - /api/search and StreamingQuerier.Search: from a query, or tags and durations, to traces with the spans
 * that matched. */
#include "api/search.h"
#include "api/tempo.h"
#include "api/tempo_json.h"
#include "api/tempo_params.h"
#include "api/tempo_pb.h"

/* --- what to search for --- */

static const struct expr *text_is(struct arena *arena, enum field_kind kind, struct str text)
{
    return expr_compare(arena, EXPR_EQ, (struct field){.kind = kind},
                        (struct value){.type = VALUE_STRING, .string = text});
}

/* Tags that stand for fields; all others are attributes, wherever they are. */
static void add_tag(struct search_filter *f, struct str key, struct str value)
{
    static const struct {
        struct str key;
        enum field_kind kind;
    } fields[] = {
        {STR_INIT("name"), FIELD_NAME},
        {STR_INIT("root.name"), FIELD_ROOT_NAME},
        {STR_INIT("root.service.name"), FIELD_ROOT_SERVICE},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (str_eq(key, fields[i].key)) {
            search_and(f, text_is(f->arena, fields[i].kind, value));
            return;
        }
    }
    if (str_eq(key, STR("status.code")))
        key = STR("span.status");
    search_tag(f, key, value);
}

static const struct expr *duration_bound(struct arena *arena, enum expr_op op, uint64_t ns)
{
    int64_t literal = ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
    return expr_compare(arena, op, (struct field){.kind = FIELD_TRACE_DURATION},
                        (struct value){.type = VALUE_INT, .integer = literal});
}

/* NULL = any. */
static const struct expr *duration_condition(const struct tempo_search *s, struct arena *arena)
{
    const struct expr *e = NULL;
    if (s->min_duration_ns > 0)
        e = duration_bound(arena, EXPR_GE, s->min_duration_ns);
    if (s->max_duration_ns < UINT64_MAX)
        e = expr_and(arena, e, duration_bound(arena, EXPR_LE, s->max_duration_ns));
    return e;
}

static const struct traceql *of_tags(const struct tempo_search *s, struct arena *arena)
{
    struct search_filter f = {.arena = arena, .expr = duration_condition(s, arena)};
    for (uint32_t i = 0; i < s->tag_count; i++)
        add_tag(&f, s->tags[i].key, s->tags[i].value.string);
    return arena_failed(arena) ? NULL : traceql_of(f.expr, arena);
}

/* q | { traceDuration >= ... }. NULL when the arena is full. */
static const struct traceql *narrowed(const struct traceql *q, const struct expr *condition,
                                      struct arena *arena)
{
    const struct traceql *by_duration = traceql_of(condition, arena);
    uint32_t n = q->search->stage_count;
    struct stage *stages = arena_calloc(arena, n + 1, sizeof *stages);
    struct spanset_expr *filter = arena_alloc(arena, sizeof *filter);
    struct pipeline *pipeline = arena_alloc(arena, sizeof *pipeline);
    struct traceql *ret = arena_alloc(arena, sizeof *ret);
    if (!by_duration || !stages || !filter || !pipeline || !ret)
        return NULL;
    memcpy(stages, q->search->stages, n * sizeof *stages);
    *filter = *by_duration->search->stages[0].spansets;
    filter->number = q->filter_count;
    stages[n] = (struct stage){.kind = STAGE_SPANSETS, .spansets = filter};
    *pipeline = (struct pipeline){stages, n + 1};
    *ret = *q;
    ret->search = pipeline;
    ret->filter_count++;
    return ret;
}

static int compile(const struct tempo_search *s, struct arena *arena, const struct traceql **ret,
                   struct err *err)
{
    const struct expr *duration;
    if (s->query.n == 0) {
        *ret = of_tags(s, arena);
        return *ret ? 0 : ERR_NOMEM;
    }
    TRY(tempo_traceql(s->query, arena, ret, err));
    if (!(*ret)->search)
        return err_set(err, ERR_INVALID,
                       "invalid TraceQL query: a metrics query is for /api/metrics/query_range");
    duration = duration_condition(s, arena);
    if (duration)
        *ret = narrowed(*ret, duration, arena);
    return *ret && !arena_failed(arena) ? 0 : ERR_NOMEM;
}

static int search(struct call *c, const struct tempo_search *s, struct spanset_list *ret,
                  struct err *err)
{
    struct spansets_query query = {.start_ns = s->start_ns,
                                   .end_ns = s->end_ns,
                                   .limit = s->limit,
                                   .spans_per_set = s->spans_per_set};
    TRY(compile(s, &c->arena, &query.query, err));
    return engine_spansets(c->api->engine, &c->query, &query, ret, err);
}

/* --- forms --- */

int tempo_search_http(struct call *c, struct err *err)
{
    struct tempo_search s;
    struct spanset_list found;
    TRY(tempo_params_search(c->req, &c->arena, c->api->search_limit_max, &s, err));
    TRY(search(c, &s, &found, err));
    tempo_json_search(&c->json, &found, c->query.spans_scanned, &c->arena);
    return 0;
}

int tempo_search_grpc(struct call *c, struct err *err)
{
    struct tempo_search s;
    struct spanset_list found;
    TRY(tempo_pb_search_request(c->req->body, &c->arena, c->api->search_limit_max, &s, err));
    TRY(search(c, &s, &found, err));
    tempo_pb_search(&c->out, &found, c->query.spans_scanned, &c->arena);
    return 0;
}
