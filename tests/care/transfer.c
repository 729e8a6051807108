/* Out of one store, into another, and out again: the same bytes. And what is said of input that is no good. */
#include <fcntl.h>
#include <zlib.h>
#include <zstd.h>

#include "care/export.h"
#include "care/import.h"
#include "fixture.h"
#include "wire/otlp_pb.h"

static const struct care_watcher nobody;

/* The caller frees. */
static struct str export_all(struct store *s, const struct export_format *format,
                             const struct trace_filter *filter)
{
    static const struct trace_filter all;
    struct trace_list list;
    struct export_counts counts;
    struct err err = {0};
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    assert_int_equal(trace_list_of_store(s, filter ? filter : &all, &nobody, &list, &err), 0);
    struct trace_reader *reader = trace_reader_new(s);
    if (export_traces(&list, trace_reader_read, reader, format, out, &nobody, &counts, &err) < 0)
        fail_msg("%s", err.msg);
    trace_reader_free(reader);
    fclose(out);
    assert_int_equal(counts.bytes, n);
    assert_int_equal(counts.traces, list.count);
    trace_list_release(&list);
    return str_make(text, n);
}

static int to_store(void *user, struct str request, uint64_t spans, struct err *err)
{
    struct span_batch batch;
    struct arena arena;
    int rc;
    arena_init(&arena, 0);
    assert_int_equal(otlp_pb_decode(request, NULL, &arena, &batch, err), 0);
    assert_int_equal(batch.span_count, spans);
    rc = append_wait(user, batch.spans, batch.span_count);
    arena_release(&arena);
    return rc;
}

static void count_bad(void *user, const char *words)
{
    (void)user, (void)words;
}

static int import_text(struct store *s, struct str text, bool skip, struct import_counts *counts,
                       struct err *err)
{
    struct import_target to = {to_store, count_bad, s, skip};
    FILE *f = tmpfile();
    int rc;
    assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
    rewind(f);
    *counts = (struct import_counts){0};
    rc = import_file(fileno(f), "in.json", &to, &nobody, counts, err);
    fclose(f);
    return rc;
}

/* ---- Spans with everything ---- */

static struct value any(struct rng *r, struct arena *arena, unsigned depth)
{
    struct value v = {.type = (enum value_type)rng_below(r, depth < 3 ? 8 : 5)};
    switch (v.type) {
    case VALUE_STRING: v.string = arena_printf(arena, "v\xc3\xa9\n%u", rng_below(r, 50)); break;
    case VALUE_BYTES: v.string = arena_printf(arena, "\xff\x01%u", rng_below(r, 50)); break;
    case VALUE_BOOL: v.boolean = rng_below(r, 2); break;
    case VALUE_INT: v.integer = (int64_t)rng_next(r); break;
    case VALUE_DOUBLE: v.number = rng_below(r, 1000) / 7.0; break;
    case VALUE_ARRAY:
        v.array.count = rng_below(r, 3);
        v.array.items = arena_calloc(arena, v.array.count, sizeof *v.array.items);
        for (uint32_t i = 0; i < v.array.count; i++)
            v.array.items[i] = any(r, arena, depth + 1);
        break;
    case VALUE_KVLIST:
        v.kvlist.count = rng_below(r, 3);
        v.kvlist.items = arena_calloc(arena, v.kvlist.count, sizeof *v.kvlist.items);
        for (uint32_t i = 0; i < v.kvlist.count; i++) {
            v.kvlist.items[i].key = arena_printf(arena, "k%u", i);
            v.kvlist.items[i].value = any(r, arena, depth + 1);
        }
        break;
    default: break;
    }
    return v;
}

static struct attrs some_attrs(struct rng *r, struct arena *arena)
{
    struct attrs a = {.count = rng_below(r, 4)};
    a.items = arena_calloc(arena, a.count, sizeof *a.items);
    for (uint32_t i = 0; i < a.count; i++) {
        a.items[i].key = arena_printf(arena, "key.%u", i);
        a.items[i].value = any(r, arena, 0);
    }
    return a;
}

static void dress(struct rng *r, struct arena *arena, struct span *s)
{
    s->attrs = some_attrs(r, arena);
    s->trace_state = rng_below(r, 2) ? STR("a=b") : STR("");
    s->status_message = rng_below(r, 3) ? STR("") : STR("out of stock");
    s->flags = rng_below(r, 3) ? 0x101 : 0;
    s->dropped_events_count = rng_below(r, 2);
    s->event_count = rng_below(r, 3);
    s->events = arena_calloc(arena, s->event_count, sizeof *s->events);
    for (uint32_t i = 0; i < s->event_count; i++)
        s->events[i] = (struct span_event){
            .time_ns = s->start_ns + i, .name = STR("thing"), .attrs = some_attrs(r, arena)};
    s->link_count = rng_below(r, 3);
    s->links = arena_calloc(arena, s->link_count, sizeof *s->links);
    for (uint32_t i = 0; i < s->link_count; i++)
        s->links[i] = (struct span_link){.trace_id = test_trace_id(i + 7),
                                         .span_id = {{1, 2, (uint8_t)(i + 1)}},
                                         .attrs = some_attrs(r, arena)};
}

enum { DRESSED = 60, DRESSED_SPANS = 9 };

/* Traces whose spans come in several batches, some into parts, some into the log. */
static void fill(struct store *s)
{
    struct rng r = {42};
    struct arena arena;
    arena_init(&arena, 0);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t t = 0; t < DRESSED; t++) {
            struct span spans[DRESSED_SPANS / 3];
            for (uint32_t i = 0; i < COUNT(spans); i++) {
                test_span(&arena, t, round * (uint32_t)COUNT(spans) + i, &spans[i]);
                dress(&r, &arena, &spans[i]);
            }
            assert_int_equal(append_wait(s, spans, COUNT(spans)), 0);
        }
        if (round < 2)
            assert_int_equal(store_seal_now(s, NULL), 0);
    }
    arena_release(&arena);
}

static struct store *open_new(char **dir)
{
    struct store *s;
    *dir = temp_dir();
    struct engine_options options = test_options(*dir);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    return s;
}

static void drop(struct store *s, char *dir)
{
    store_close(s);
    temp_dir_remove(dir);
}

static void test_round_trips(void **state)
{
    static const struct export_format *const formats[] = {&export_otlp_json, &export_otlp_pb};
    char *dir, *other;
    struct store *s = open_new(&dir);
    (void)state;
    fill(s);
    for (size_t f = 0; f < COUNT(formats); f++) {
        struct store *t = open_new(&other);
        struct str first = export_all(s, formats[f], NULL), second;
        struct import_counts counts;
        struct err err = {0};
        if (import_text(t, first, false, &counts, &err) < 0)
            fail_msg("%s", err.msg);
        assert_int_equal(counts.spans, DRESSED * DRESSED_SPANS);
        for (int sealed = 0; sealed < 2; sealed++) {
            second = export_all(t, formats[f], NULL);
            assert_true(str_eq(first, second));
            free((void *)(uintptr_t)second.p);
            assert_int_equal(store_seal_now(t, NULL), 0);
        }
        free((void *)(uintptr_t)first.p);
        drop(t, other);
    }
    drop(s, dir);
}

/* What Zipkin cannot say is lost the first time, and nothing after that. */
static void test_zipkin(void **state)
{
    char *dir, *other, *third;
    struct store *s = open_new(&dir), *t = open_new(&other), *u = open_new(&third);
    struct import_counts counts;
    struct err err = {0};
    struct str a, b, c;
    (void)state;
    fill(s);
    a = export_all(s, &export_zipkin, NULL);
    if (import_text(t, a, false, &counts, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(counts.spans, DRESSED * DRESSED_SPANS);
    b = export_all(t, &export_zipkin, NULL);
    assert_int_equal(import_text(u, b, false, &counts, NULL), 0);
    c = export_all(u, &export_zipkin, NULL);
    assert_true(str_eq(b, c));
    assert_non_null(memmem(a.p, a.n, "\"serviceName\":\"cart\"", 20));
    free((void *)(uintptr_t)a.p);
    free((void *)(uintptr_t)b.p);
    free((void *)(uintptr_t)c.p);
    drop(s, dir);
    drop(t, other);
    drop(u, third);
}

static uint64_t lines_of(struct store *s, const struct trace_filter *f)
{
    struct str text = export_all(s, &export_otlp_json, f);
    uint64_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    free((void *)(uintptr_t)text.p);
    return n;
}

static void test_filters(void **state)
{
    char *dir;
    struct store *s = open_new(&dir);
    struct trace_id ids[] = {test_trace_id(3), test_trace_id(5), test_trace_id(1000)};
    uint64_t base = 1700000000000000000u;
    (void)state;
    fill(s);
    assert_int_equal(lines_of(s, &(struct trace_filter){.ids = ids, .id_count = 3}), 2);
    assert_int_equal(lines_of(s, &(struct trace_filter){.start_ns = base + 50 * 1000000}), 10);
    assert_int_equal(lines_of(s, &(struct trace_filter){.end_ns = base + 9 * 1000000}), 10);
    assert_int_equal(lines_of(s, &(struct trace_filter){.service = STR("nobody")}), 0);
    assert_true(lines_of(s, &(struct trace_filter){.service = STR("cart")}) > DRESSED / 2);
    drop(s, dir);
}

/* ---- Input ---- */

#define ID       "0102030405060708090a0b0c0d0e0f10"
#define SPAN(id) "{\"traceId\":\"" ID "\",\"spanId\":\"" id "\",\"name\":\"n\"}"
#define OTLP(id) \
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" SPAN("00000000000000" id) "]}]}]}"
#define ZIPKIN(id) "{\"traceId\":\"" ID "\",\"id\":\"" id "\",\"timestamp\":1}"
#define JAEGER(id)                                                                              \
    "{\"traceID\":\"" ID "\",\"spans\":[{\"traceID\":\"" ID "\",\"spanID\":\"" id               \
    "\",\"operationName\":\"o\",\"processID\":\"p1\"}],\"processes\":{\"p1\":{\"serviceName\":" \
    "\"s\"}}}"

static void test_inputs(void **state)
{
    static const struct {
        const char *text;
        uint64_t spans, bad;
        const char *words; /* of the first error */
    } cases[] = {
        {"", 0, 0, NULL},
        {OTLP("01") "\n" OTLP("02") "\n", 2, 0, NULL},
        {OTLP("01") OTLP("02"), 2, 0, NULL},
        {"\n\n  " OTLP("01") "\n\n", 1, 0, NULL},
        {"{\n\"resourceSpans\"\n: [ ] }\n" OTLP("02"), 1, 0, NULL},
        {OTLP("01") "\n{\"resourceSpans\":[}\n" OTLP("02") "\n", 2, 1, "in.json: line 2"},
        {OTLP("01") "\n{\"resourceSpans\":\n\n[{\"scopeSpans\":7}]}\n" OTLP("02"), 2, 1,
         "in.json: line 4"},
        {OTLP("01") "\nnonsense\n" OTLP("02") "\n", 2, 1, "in.json: line 2"},
        {OTLP("01") "\n{\"resourceSpans\":[{", 1, 1, "in.json: line 2"},
        {"[" ZIPKIN("01") "," ZIPKIN("02") "]", 2, 0, NULL},
        {ZIPKIN("01"), 1, 0, NULL},
        {"[\n  " ZIPKIN("01") ",\n  " ZIPKIN("02") "\n]\n", 2, 0, NULL},
        {"[{\n\"traceId\":\"" ID "\",\n\"id\":\"01\"\n}\n]", 1, 0, NULL},
        {"[\n" ZIPKIN("01") ",\n{\"traceId\":7},\n" ZIPKIN("02") "\n]", 2, 1, "in.json: line 3"},
        {"[\n" ZIPKIN("01") ",\n{\"traceId\":\"xyz\"}]", 1, 1, "not an id in hexadecimal"},
        {"[\n" ZIPKIN("01") ",\n{\"id\":\"ff\"}]", 1, 0, NULL},
        {"{\"data\":[" JAEGER("01") "," JAEGER("02") "]}", 2, 0, NULL},
        {JAEGER("01"), 1, 0, NULL},
        {"{\"data\":[" JAEGER("01") ",\n7]}", 0, 1, "in.json: line 2"},
        {"hello", 0, 1, "neither OTLP nor"},
        {"\x0a\x05zzzzz", 0, 1, "record 1"},
        {"\x01\x02\x03", 0, 1, "neither OTLP nor"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int skip = 0; skip < 2; skip++) {
            char *dir;
            struct store *s = open_new(&dir);
            struct import_counts counts;
            struct err err = {0};
            int rc = import_text(s, str_of(cases[i].text), skip, &counts, &err);
            if (cases[i].words && !skip) {
                CHECK(rc == ERR_INVALID, cases[i].text);
                CHECK(strstr(err.msg, cases[i].words), err.msg);
            } else if (skip && rc == 0) {
                CHECK(counts.spans == cases[i].spans, cases[i].text);
                CHECK(total_rows(s) == cases[i].spans, cases[i].text);
            } else if (!cases[i].words) {
                CHECK(rc == 0, cases[i].text);
            }
            CHECK(!skip || counts.bad == cases[i].bad, cases[i].text);
            drop(s, dir);
        }
    }
}

static struct str gzip_of(struct str text)
{
    z_stream z = {0};
    unsigned char *out = malloc(text.n + 1000);
    deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (unsigned char *)(uintptr_t)text.p;
    z.avail_in = (uInt)text.n;
    z.next_out = out;
    z.avail_out = (uInt)text.n + 1000;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return str_make(out, z.total_out);
}

static void test_packed(void **state)
{
    char *dir;
    struct store *s = open_new(&dir);
    struct str plain, packed[2];
    struct import_counts counts;
    struct err err = {0};
    size_t n;
    (void)state;
    fill(s);
    plain = export_all(s, &export_otlp_json, NULL);
    packed[0] = gzip_of(plain);
    n = ZSTD_compressBound(plain.n);
    packed[1].p = malloc(n);
    packed[1].n = ZSTD_compress((void *)(uintptr_t)packed[1].p, n, plain.p, plain.n, 3);
    for (size_t i = 0; i < COUNT(packed); i++) {
        char *other;
        struct store *t = open_new(&other);
        struct str twice = {malloc(2 * packed[i].n), 2 * packed[i].n}, back;
        assert_int_equal(import_text(t, packed[i], false, &counts, &err), 0);
        assert_int_equal(counts.spans, DRESSED * DRESSED_SPANS);
        back = export_all(t, &export_otlp_json, NULL);
        assert_true(str_eq(plain, back));
        free((void *)(uintptr_t)back.p);
        /* two files, one behind the other */
        memcpy((void *)(uintptr_t)twice.p, packed[i].p, packed[i].n);
        memcpy((void *)(uintptr_t)(twice.p + packed[i].n), packed[i].p, packed[i].n);
        assert_int_equal(import_text(t, twice, false, &counts, &err), 0);
        assert_int_equal(counts.spans, 2 * DRESSED * DRESSED_SPANS);
        free((void *)(uintptr_t)twice.p);
        /* cut anywhere: said, not crashed */
        for (size_t cut = 1; cut < packed[i].n; cut += 1 + packed[i].n / 50) {
            char *third;
            struct store *u = open_new(&third);
            assert_int_equal(import_text(u, str_make(packed[i].p, cut), true, &counts, &err),
                             ERR_INVALID);
            drop(u, third);
        }
        free((void *)(uintptr_t)packed[i].p);
        drop(t, other);
    }
    free((void *)(uintptr_t)plain.p);
    drop(s, dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips), cmocka_unit_test(test_zipkin),
        cmocka_unit_test(test_filters),     cmocka_unit_test(test_inputs),
        cmocka_unit_test(test_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
