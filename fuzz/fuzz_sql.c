/* fuzz_sql.c - statements: any text is answered or refused, in bounded time and memory. The engine is a handful of spans. */
#include "base/clock.h"
#include "engine/scan.h"
#include "engine/series.h"
#include "engine/tags.h"
#include "engine/traces.h"
#include "fuzz.h"
#include "sql/format.h"

enum { SPANS = 4, MEMORY = 8 << 20 };
static const uint64_t TIMEOUT_NS = 20000000;

static struct attr attributes[] = {
    {STR_INIT("a"), {.type = VALUE_INT, .integer = 7}},
    {STR_INIT("b.c"), {.type = VALUE_STRING, .string = STR_INIT("x")}}};
static const struct resource resource = {.service_name = STR_INIT("s")};
static const struct scope scope = {.name = STR_INIT("lib")};
static struct span spans[SPANS];

static void make_spans(void)
{
    for (uint8_t i = 0; i < SPANS; i++)
        spans[i] = (struct span){.trace_id = {{[15] = 1 + i / 2}},
                                 .span_id = {{[7] = i + 1}},
                                 .name = STR_INIT("n"),
                                 .start_ns = 1000u * i,
                                 .end_ns = 1000u * i + 5,
                                 .attrs = {attributes, i % 3},
                                 .resource = &resource,
                                 .scope = &scope};
}

/* ---- The engine ---- */

struct engine_scan {
    const struct scan_query *query;
    struct vector vectors[SCAN_FIELDS_MAX];
    struct value values[SCAN_FIELDS_MAX][SPANS];
    int64_t ints[SCAN_FIELDS_MAX][SPANS];
    struct field fields[SCAN_FIELDS_MAX];
    uint32_t count, numbers[SPANS];
    bool done;
};

static bool is_int(enum field_kind kind)
{
    return kind == FIELD_START || kind == FIELD_DURATION || kind == FIELD_KIND ||
           kind == FIELD_STATUS;
}

int engine_scan_open(struct engine *engine, struct engine_query *q, const struct scan_query *query,
                     struct engine_scan **ret, struct err *err)
{
    struct engine_scan *s = arena_calloc(q->arena, 1, sizeof *s);
    struct arena scratch;
    (void)engine;
    if (!s)
        return err_set(err, ERR_TOO_LARGE, "memory");
    arena_init(&scratch, MEMORY);
    for (uint32_t n = 0; n < SPANS; n++) {
        if (spans[n].start_ns < query->start_ns || spans[n].start_ns > query->end_ns ||
            !expr_matches(query->filter, &spans[n], &scratch))
            continue;
        for (uint32_t f = 0; f < query->field_count; f++) {
            struct expr e = {.op = EXPR_FIELD, .field = query->fields[f]};
            struct span_view view = {.span = &spans[n]};
            s->values[f][s->count] = expr_value(&e, &view, q->arena);
            s->ints[f][s->count] = s->values[f][s->count].integer;
        }
        s->numbers[s->count++] = n;
    }
    for (uint32_t f = 0; f < query->field_count; f++)
        s->vectors[f] =
            (struct vector){.kind = is_int(query->fields[f].kind) ? VECTOR_INTS : VECTOR_VALUES,
                            .ints = s->ints[f],
                            .values = s->values[f]};
    arena_release(&scratch);
    *ret = s;
    return 0;
}

int engine_scan_next(struct engine_scan *s, struct scan_rows *ret, struct err *err)
{
    (void)err;
    if (s->done || !s->count)
        return 0;
    s->done = true;
    *ret = (struct scan_rows){s->count, s->vectors};
    return 1;
}

int engine_scan_span(struct engine_scan *s, uint32_t row, struct arena *arena, struct span *ret,
                     struct err *err)
{
    (void)arena;
    (void)err;
    *ret = spans[s->numbers[row]];
    return 0;
}

void engine_scan_close(struct engine_scan *s)
{
    (void)s;
}

int engine_trace(struct engine *engine, struct engine_query *q, struct trace_id id,
                 struct span_batch *ret, struct err *err)
{
    size_t first = 0;
    (void)engine;
    (void)q;
    while (first < SPANS && !trace_id_eq(spans[first].trace_id, id))
        first++;
    if (first == SPANS)
        return err_set(err, ERR_NOT_FOUND, "no trace");
    *ret = (struct span_batch){.spans = &spans[first], .span_count = 2};
    return 0;
}

int engine_search(struct engine *engine, struct engine_query *q, const struct trace_query *query,
                  struct trace_summary_list *ret, struct err *err)
{
    static struct trace_summary traces[] = {{.root_service = STR_INIT("s"), .span_count = 2},
                                            {.root_name = STR_INIT("n"), .end_ns = 9}};
    (void)engine;
    (void)q;
    (void)err;
    *ret = (struct trace_summary_list){traces, query->limit < 2 ? query->limit : 2};
    return 0;
}

/* The second span of each trace is the first one's child. */
static int light_trace(size_t first, engine_traces_fn *fn, void *user, struct err *err)
{
    struct light_span light[2];
    const struct light_trace trace = {spans[first].trace_id, light, 2};
    for (uint32_t i = 0; i < 2; i++)
        light[i] = (struct light_span){.span_id = spans[first + i].span_id,
                                       .start_ns = spans[first + i].start_ns,
                                       .duration_ns = 5,
                                       .service = resource.service_name,
                                       .name = spans[first + i].name,
                                       .parent = i ? 0 : NO_PARENT};
    return fn(&trace, user, err);
}

int engine_traces(struct engine *engine, struct engine_query *q, const struct traces_query *query,
                  engine_traces_fn *fn, void *user, struct err *err)
{
    const struct expr *condition = query->query->search->stages->spansets->condition;
    struct arena scratch;
    int code = 0;
    (void)engine;
    (void)q;
    arena_init(&scratch, MEMORY);
    for (size_t n = 0; n < SPANS && code == 0; n += 2) {
        if (spans[n + 1].start_ns >= query->start_ns && spans[n + 1].start_ns <= query->end_ns &&
            expr_matches(condition, &spans[n + 1], &scratch))
            code = light_trace(n, fn, user, err);
    }
    arena_release(&scratch);
    return code;
}

int engine_light_trace(struct engine *engine, struct engine_query *q, struct trace_id id,
                       engine_traces_fn *fn, void *user, struct err *err)
{
    (void)engine;
    (void)q;
    for (size_t n = 0; n < SPANS; n += 2) {
        if (trace_id_eq(spans[n].trace_id, id))
            return light_trace(n, fn, user, err);
    }
    return err_set(err, ERR_NOT_FOUND, "no trace");
}

int engine_operation_stats(struct engine *engine, struct engine_query *q, struct str service,
                           uint64_t start_ns, uint64_t end_ns, struct operation_stats_list *ret,
                           struct err *err)
{
    static struct operation_stats stats[] = {{.service = STR_INIT("s"), .span_count = 4}};
    (void)engine, (void)q, (void)service, (void)start_ns, (void)end_ns, (void)err;
    *ret = (struct operation_stats_list){stats, 1};
    return 0;
}

int engine_keys(struct engine *engine, struct engine_query *q, const struct tag_query *query,
                struct tag_key_list *ret, struct err *err)
{
    static struct tag_key keys[] = {{STR_INIT("a"), SCOPE_SPAN}, {STR_INIT("b.c"), SCOPE_SPAN}};
    (void)engine, (void)q, (void)query, (void)err;
    *ret = (struct tag_key_list){keys, 2};
    return 0;
}

void engine_stats(struct engine *engine, struct engine_stats *ret)
{
    (void)engine;
    *ret = (struct engine_stats){.head_spans = SPANS};
}

/* ---- The target ---- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct engine_query q = {.arena = &arena, .deadline_ns = clock_monotonic_ns() + TIMEOUT_NS};
    struct sql_query query = {.q = &q,
                              .text = str_make(data, size),
                              .now_ns = 1,
                              .heap_bytes_max = MEMORY,
                              .temp_bytes_max = MEMORY,
                              .rows_max = 100};
    struct sql_result result;
    struct sql_writer writer;
    struct sql_sink sink;
    struct err err = {0};
    struct buf out;
    int code;
    make_spans();
    arena_init(&arena, MEMORY);
    buf_init(&out, MEMORY);
    sink = sql_writer_init(&writer, size & 1 ? SQL_JSON : SQL_CSV, &arena, &out);
    code = sql_run(&query, &sink, &result, &err);
    FUZZ_CHECK(code == 0 || err.msg[0]);
    FUZZ_CHECK(err.offset <= size);
    FUZZ_CHECK(result.row_count <= 100);
    buf_release(&out);
    arena_release(&arena);
    return 0;
}
