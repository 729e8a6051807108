/* The skeleton's bytes, read back by a small decoder written from docs/api-native.md alone. */
#include "api/skeleton.h"

#include "spans.h"
#include "test.h"

/* What a reader sees; arrays point into the bytes. */
struct reader {
    uint32_t n, s, string_bytes, e;
    uint64_t start_ns, end_ns;
    const uint8_t *trace_id, *ids;
    uint32_t flags_word, spans;
    const uint32_t *offsets, *parent, *name, *service, *event_row, *event_name;
    const char *strings;
    const double *start, *duration, *event_time;
    const uint16_t *flags;
};

static const void *take(const unsigned char *base, size_t *at, size_t size)
{
    size_t aligned = (*at + 7) / 8 * 8;
    for (; *at < aligned; ++*at)
        assert_int_equal(base[*at], 0);
    *at += size;
    return base + aligned;
}

static void read_skeleton(const struct buf *b, struct reader *r)
{
    const unsigned char *p = b->p;
    uint16_t version, header;
    size_t at = 64;
    assert_true(b->n >= 64);
    assert_memory_equal(p, "CRNS", 4);
    memcpy(&version, p + 4, 2);
    memcpy(&header, p + 6, 2);
    assert_int_equal(version, 1);
    assert_int_equal(header, 64);
    memcpy(&r->n, p + 8, 4);
    memcpy(&r->s, p + 12, 4);
    memcpy(&r->string_bytes, p + 16, 4);
    memcpy(&r->e, p + 20, 4);
    memcpy(&r->start_ns, p + 24, 8);
    memcpy(&r->end_ns, p + 32, 8);
    r->trace_id = p + 40;
    memcpy(&r->flags_word, p + 56, 4);
    memcpy(&r->spans, p + 60, 4);
    r->offsets = take(p, &at, 4 * ((size_t)r->s + 1));
    r->strings = take(p, &at, r->string_bytes);
    r->start = take(p, &at, 8 * (size_t)r->n);
    r->duration = take(p, &at, 8 * (size_t)r->n);
    r->parent = take(p, &at, 4 * (size_t)r->n);
    r->name = take(p, &at, 4 * (size_t)r->n);
    r->service = take(p, &at, 4 * (size_t)r->n);
    r->flags = take(p, &at, 2 * (size_t)r->n);
    r->ids = take(p, &at, 8 * (size_t)r->n);
    r->event_row = take(p, &at, 4 * (size_t)r->e);
    r->event_time = take(p, &at, 8 * (size_t)r->e);
    r->event_name = take(p, &at, 4 * (size_t)r->e);
    assert_int_equal(at, b->n);
    assert_int_equal(r->offsets[0], 0);
    assert_int_equal(r->offsets[r->s], r->string_bytes);
}

static void check_text(const struct reader *r, uint32_t number, const char *want)
{
    assert_true(number < r->s);
    check_str(
        str_make(r->strings + r->offsets[number], r->offsets[number + 1] - r->offsets[number]),
        want, want);
}

static void make(const struct span *spans, uint32_t n, struct buf *out, struct reader *r)
{
    struct arena arena;
    struct tree tree;
    arena_init(&arena, 0);
    buf_init(out, 0);
    assert_true(tree_build(spans, n, &arena, &tree));
    assert_int_equal(skeleton_write(spans, &tree, &arena, out), 0);
    assert_false(out->failed);
    arena_release(&arena);
    read_skeleton(out, r);
    assert_int_equal(r->n, n);
    assert_int_equal(r->spans, n);
    assert_int_equal(r->flags_word, 0);
}

static void test_columns(void **state)
{
    struct attr hub_name, shop_name, attrs[1] = {test_int("k", 1)};
    struct resource hub = test_resource(&hub_name, "hub"), shop = test_resource(&shop_name, "shop");
    struct span_event events[2] = {{.time_ns = 1500, .name = STR("exception")},
                                   {.time_ns = 900, .name = STR("early")}};
    struct span_link link = {.flags = 0};
    struct span spans[] = {
        test_span(7, 1, 0, "root", 1000, 5000), test_span(7, 2, 1, "call", 1200, 300),
        test_span(7, 3, 77, "lost", 1100, 100), test_span(7, 4, 1, "call", 1100, 0)};
    struct buf out;
    struct reader r;
    (void)state;
    for (int i = 0; i < 4; i++)
        spans[i].resource = i == 1 ? &shop : &hub;
    spans[0].kind = SPAN_KIND_SERVER;
    spans[0].attrs = (struct attrs){attrs, 1};
    spans[1].kind = SPAN_KIND_CLIENT;
    spans[1].status_code = STATUS_ERROR;
    spans[1].events = events;
    spans[1].event_count = 2;
    spans[1].links = &link;
    spans[1].link_count = 1;
    spans[3].end_ns = 50; /* before its start */
    make(spans, 4, &out, &r);
    assert_int_equal(r.start_ns, 1000);
    assert_int_equal(r.end_ns, 6000);
    assert_int_equal(r.trace_id[15], 7);
    /* root, then its children by start: 4 (1100), 2 (1200); then the orphan 3 */
    static const uint8_t ids[] = {1, 4, 2, 3};
    static const uint32_t parents[] = {0xffffffff, 0, 0, 0xfffffffe};
    static const double starts[] = {0, 100, 200, 100}, durations[] = {5000, 0, 300, 100};
    static const uint16_t flags[] = {2 | 1 << 6, 1 << 7, 3 | 2 << 3 | 1 << 5, 0};
    static const char *const names[] = {"root", "call", "call", "lost"};
    static const char *const services[] = {"hub", "hub", "shop", "hub"};
    for (uint32_t row = 0; row < 4; row++) {
        assert_int_equal(r.ids[8 * row + 7], ids[row]);
        assert_int_equal(r.parent[row], parents[row]);
        assert_true(r.start[row] == starts[row]);
        assert_true(r.duration[row] == durations[row]);
        assert_int_equal(r.flags[row], flags[row]);
        check_text(&r, r.name[row], names[row]);
        check_text(&r, r.service[row], services[row]);
    }
    assert_int_equal(r.name[1], r.name[2]); /* a string stands once */
    assert_int_equal(r.e, 2);
    assert_int_equal(r.event_row[0], 2);
    assert_int_equal(r.event_row[1], 2);
    assert_true(r.event_time[0] == 500);
    assert_true(r.event_time[1] == -100); /* before the trace's start */
    check_text(&r, r.event_name[0], "exception");
    check_text(&r, r.event_name[1], "early");
    buf_release(&out);
}

static void test_empty(void **state)
{
    struct buf out;
    struct reader r;
    (void)state;
    make(NULL, 0, &out, &r);
    assert_int_equal(r.s, 0);
    buf_release(&out);
}

/* Shapes a browser must open: a deep chain, a wide fan, each with an orphan and a circle at the end. */
static void check_shape(uint32_t n, bool chain)
{
    struct span *spans = malloc((n + 3) * sizeof *spans);
    struct buf out;
    struct reader r;
    assert_non_null(spans);
    for (uint32_t i = 0; i < n; i++)
        spans[i] = test_span(1, i + 1, chain ? i : i != 0, i % 2 ? "odd" : "even", 1000 + i, 1);
    spans[n] = test_span(1, n + 1, 999999999, "orphan", 5000000, 1);
    spans[n + 1] = test_span(1, n + 2, n + 3, "circle", 5000001, 1);
    spans[n + 2] = test_span(1, n + 3, n + 2, "circle", 5000002, 1);
    make(spans, n + 3, &out, &r);
    assert_int_equal(r.s, n > 1 ? 5 : 4); /* even, odd, orphan, circle and the empty service */
    for (uint32_t row = 1; row < n; row++)
        assert_int_equal(r.parent[row], chain ? row - 1 : 0);
    assert_int_equal(r.parent[n], 0xfffffffe);
    assert_int_equal(r.parent[n + 1], 0xfffffffe);
    assert_int_equal(r.parent[n + 2], n + 1);
    buf_release(&out);
    free(spans);
}

static void test_shapes(void **state)
{
    (void)state;
    check_shape(5000, true);
    check_shape(50000, false);
    check_shape(1, true);
}

/* A string table that grows: every name differs. */
static void test_many_strings(void **state)
{
    enum { N = 5000 };
    static char names[N][16];
    static struct span spans[N];
    struct buf out;
    struct reader r;
    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "name %u", i);
        spans[i] = test_span(1, i + 1, i != 0, names[i], 1000 + i, 1);
    }
    make(spans, N, &out, &r);
    assert_int_equal(r.s, N + 1);
    for (uint32_t row = 0; row < N; row++)
        check_text(&r, r.name[row], names[row]);
    buf_release(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_many_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
