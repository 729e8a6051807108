/* Spans that go into columns as bytes, along the template of one before, give the same columns as spans that are decoded. */
#include "store/columns.h"

#include "fixture.h"
#include "wire/otlp_pb.h"

enum { ROWS = 20000, KEYS = 7, ATTRIBUTES_MAX = 12 };

static const char *const keys[KEYS] = {"a",         "http.route",  "url.path", "server.port",
                                       "cache.hit", "shop.cpu_ms", "ids"};

/* Mostly one type for each key, and few or many different values. */
static struct value random_value(struct rng *r, struct arena *a, uint32_t key)
{
    static struct value one = {.type = VALUE_INT, .integer = 7};
    switch (rng_below(r, 30) ? key : rng_below(r, KEYS + 1)) {
    case 1:
        return (struct value){VALUE_STRING, {.string = arena_printf(a, "/r/%u", rng_below(r, 5))}};
    case 2:
        return (struct value){
            VALUE_STRING,
            {.string = arena_printf(a, "%0*u", (int)rng_below(r, 200), rng_below(r, 1u << 30))}};
    case 3: return (struct value){VALUE_INT, {.integer = (int64_t)rng_next(r) >> rng_below(r, 64)}};
    case 4: return (struct value){VALUE_BOOL, {.boolean = rng_below(r, 2)}};
    case 5: return (struct value){VALUE_DOUBLE, {.number = rng_below(r, 1000) / 8.0}};
    case 6: return (struct value){VALUE_ARRAY, {.array = {&one, rng_below(r, 2)}}};
    case 7: return (struct value){.type = VALUE_EMPTY};
    default: return (struct value){VALUE_STRING, {.string = STR("")}};
    }
}

static struct attrs random_attrs(struct rng *r, struct arena *a)
{
    struct attrs attrs = {arena_calloc(a, ATTRIBUTES_MAX, sizeof(struct attr)), 0};
    for (uint32_t key = 0; key < KEYS; key++) {
        uint32_t times = rng_below(r, 12) == 0 ? rng_below(r, 3) : key != 6;
        for (uint32_t i = 0; i < times && attrs.count < ATTRIBUTES_MAX; i++)
            attrs.items[attrs.count++] = (struct attr){str_of(keys[key]), random_value(r, a, key)};
    }
    return attrs;
}

static void add_others(struct rng *r, struct arena *a, struct span *span)
{
    span->event_count = rng_below(r, 20) ? rng_below(r, 3) : 10;
    span->events = arena_calloc(a, span->event_count + 1, sizeof *span->events);
    for (uint32_t i = 0; i < span->event_count; i++)
        span->events[i] = (struct span_event){
            .time_ns = span->start_ns + i, .name = STR("e"), .attrs = random_attrs(r, a)};
    span->link_count = rng_below(r, 20) ? rng_below(r, 2) : 10;
    span->links = arena_calloc(a, span->link_count + 1, sizeof *span->links);
    for (uint32_t i = 0; i < span->link_count; i++)
        span->links[i] = (struct span_link){.flags = i, .attrs = random_attrs(r, a)};
}

static struct span random_span(struct rng *r, struct arena *a, uint32_t row)
{
    static const char *const names[] = {"GET /", "SELECT", "a long name of a span"};
    struct span span = {.name = str_of(names[rng_below(r, 3)]),
                        .kind = (enum span_kind)rng_below(r, 3),
                        .status_code = (enum status_code)rng_below(r, 3),
                        .start_ns = 1000000 + row,
                        .end_ns = 1000000 + row + rng_below(r, 1000),
                        .flags = rng_below(r, 4) ? 0x101 : 0,
                        .attrs = random_attrs(r, a)};
    span.trace_id.bytes[0] = (uint8_t)(1 + row / 5 % 255);
    span.trace_id.bytes[1] = (uint8_t)(row / 5 / 255);
    memcpy(span.span_id.bytes, &(uint64_t){row + 1}, SPAN_ID_BYTES);
    if (rng_below(r, 3) == 0)
        add_others(r, a, &span);
    switch (rng_below(r, 30)) { /* what is rare */
    case 0: span.end_ns = span.start_ns - 1; break;
    case 1: span.trace_state = STR("k=v"); break;
    case 2: span.status_message = STR("no"); break;
    case 3: span.dropped_attributes_count = 1; break;
    case 4: span.dropped_events_count = 2; break;
    case 5: span.dropped_links_count = 3; break;
    default: break;
    }
    return span;
}

static void add_both(struct columns *whole, struct columns *bytes, const struct span *span,
                     struct arena *kept, struct arena *scratch, uint32_t scope)
{
    struct columns_row row = {.trace_id = span->trace_id,
                              .span_id = span->span_id,
                              .parent_id = span->parent_span_id,
                              .start_ns = span->start_ns,
                              .duration_ns = span_duration_ns(span),
                              .resource = 3};
    struct buf out;
    struct str message;
    columns_add(whole, span, 3, scope, false);
    buf_init(&out, 0);
    otlp_pb_encode_span(span, &out);
    message = arena_str(kept, buf_str(&out));
    buf_release(&out);
    row.name = columns_name(bytes, span->name, false);
    assert_int_equal(columns_add_message(bytes, &row,
                                         (uint32_t)span->kind | (uint32_t)span->status_code << 8,
                                         scope, message, scratch, NULL),
                     0);
}

static void check_column(const struct column *x, const struct column *y)
{
    assert_int_equal(x->count, y->count);
    assert_int_equal(x->key.table, y->key.table);
    assert_int_equal(x->key.scope, y->key.scope);
    assert_int_equal(x->key.type, y->key.type);
    assert_true(str_eq(x->key.name, y->key.name));
    for (size_t i = 0; i < x->count; i++) {
        assert_int_equal(x->rows[i], y->rows[i]);
        if (column_has_strings(x->key.type))
            assert_true(str_eq(x->strings.items[x->values[i]], y->strings.items[y->values[i]]));
        else
            assert_int_equal(x->values[i], y->values[i]);
    }
}

static void check_same(const struct columns *x, const struct columns *y)
{
    assert_false(x->failed || y->failed);
    assert_int_equal(x->count, y->count);
    assert_int_equal(x->trace_count, y->trace_count);
    for (size_t i = 0; i < x->count; i++)
        check_column(&x->items[i], &y->items[i]);
    for (int t = 0; t < TABLE_COUNT; t++) {
        assert_int_equal(x->rows[t], y->rows[t]);
        assert_int_equal(x->shapes[t].count, y->shapes[t].count);
        assert_memory_equal(x->templates[t], y->templates[t], x->rows[t] * sizeof *x->templates[t]);
    }
    for (uint32_t i = 0; i < x->rows[TABLE_SPANS]; i++) {
        assert_int_equal(x->start_ns[i], y->start_ns[i]);
        assert_int_equal(x->duration_ns[i], y->duration_ns[i]);
        assert_int_equal(x->name[i], y->name[i]);
        assert_int_equal(x->first_event[i], y->first_event[i]);
        assert_int_equal(x->first_link[i], y->first_link[i]);
        assert_true(span_id_eq(x->span_id[i], y->span_id[i]));
    }
}

static void test_bytes_are_like_spans(void **state)
{
    struct columns whole, bytes;
    struct arena kept, made, scratch;
    struct rng rng = {.state = 1};
    (void)state;
    columns_init(&whole);
    columns_init(&bytes);
    arena_init(&kept, 0);
    arena_init(&made, 0);
    arena_init(&scratch, 0);
    for (uint32_t row = 0; row < ROWS; row++) {
        struct span span;
        arena_reset(&made);
        span = random_span(&rng, &made, row);
        add_both(&whole, &bytes, &span, &kept, &scratch, rng_below(&rng, 2));
    }
    check_same(&whole, &bytes);
    columns_release(&whole);
    columns_release(&bytes);
    arena_release(&kept);
    arena_release(&made);
    arena_release(&scratch);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_bytes_are_like_spans)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
