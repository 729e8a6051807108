/* What each shape promises: how many spans, how deep, how wide, in which services, with valid ids and parents that exist;
 * seen through the decoder, as a server sees it. */
#include "load/gen.h"
#include "test.h"
#include "wire/otlp_pb.h"

enum { START_S = 1790000000 };
static const uint64_t START_NS = START_S * 1000000000ull;

/* One span, as far as these tests look. */
struct seen {
    struct trace_id trace;
    struct span_id id, parent;
    uint64_t start_ns, end_ns;
    char service[32];
    unsigned depth, children;
    bool depth_known;
};

struct all {
    struct seen *spans;
    size_t count, requests, traces, services, events, links, errors;
    unsigned depth_max, children_max;
};

static int by_id(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    int c = memcmp(x->trace.bytes, y->trace.bytes, TRACE_ID_BYTES);
    return c ? c : memcmp(x->id.bytes, y->id.bytes, SPAN_ID_BYTES);
}

static void take(struct all *all, const struct span *s)
{
    struct seen *seen = &all->spans[all->count++];
    struct str service = s->resource->service_name;
    assert_false(trace_id_is_zero(s->trace_id));
    assert_false(span_id_is_zero(s->span_id));
    assert_true(service.n > 0 && service.n < sizeof seen->service);
    assert_true(s->name.n > 0);
    assert_true(s->start_ns >= START_NS && s->end_ns >= s->start_ns);
    *seen = (struct seen){.trace = s->trace_id,
                          .id = s->span_id,
                          .parent = s->parent_span_id,
                          .start_ns = s->start_ns,
                          .end_ns = s->end_ns};
    memcpy(seen->service, service.p, service.n);
    all->events += s->event_count;
    all->links += s->link_count;
    all->errors += s->status_code == STATUS_ERROR;
}

static struct seen *find(struct all *all, const struct seen *child)
{
    struct seen key = {.trace = child->trace, .id = child->parent};
    return bsearch(&key, all->spans, all->count, sizeof key, by_id);
}

/* The parents must be there. Walks up until a known depth, then down again. */
static unsigned depth_of(struct all *all, struct seen *s)
{
    struct seen *at = s;
    unsigned steps = 0, base;
    while (!at->depth_known && !span_id_is_zero(at->parent)) {
        struct seen *parent = find(all, at);
        assert_non_null(parent);
        assert_true(parent->start_ns <= at->start_ns);
        at = parent;
        steps++;
        assert_true(steps <= all->count);
    }
    base = at->depth_known ? at->depth : 0;
    for (unsigned i = 0; i <= steps; i++, s = find(all, s)) {
        s->depth = base + steps - i;
        s->depth_known = true;
        if (s == at)
            break;
    }
    return base + steps;
}

static int by_service(const void *a, const void *b)
{
    return strcmp(((const struct seen *)a)->service, ((const struct seen *)b)->service);
}

static void measure(struct all *all)
{
    qsort(all->spans, all->count, sizeof *all->spans, by_service);
    for (size_t i = 0; i < all->count; i++)
        all->services += i == 0 || by_service(&all->spans[i - 1], &all->spans[i]) != 0;
    qsort(all->spans, all->count, sizeof *all->spans, by_id);
    for (size_t i = 0; i < all->count; i++) {
        struct seen *s = &all->spans[i];
        assert_true(i == 0 || by_id(s - 1, s) < 0); /* no id twice */
        unsigned depth = depth_of(all, s);
        all->depth_max = depth > all->depth_max ? depth : all->depth_max;
        if (span_id_is_zero(s->parent)) {
            all->traces++;
        } else {
            struct seen *parent = find(all, s);
            if (++parent->children > all->children_max)
                all->children_max = parent->children;
        }
    }
}

static struct all collect(const struct load_gen_options *o)
{
    struct all all = {.spans = calloc(o->spans, sizeof *all.spans)};
    struct load_gen *gen;
    struct arena arena;
    struct buf b;
    size_t n;
    assert_non_null(all.spans);
    assert_int_equal(load_gen_new(o, &gen, NULL), 0);
    arena_init(&arena, 0);
    buf_init(&b, 0);
    while ((n = load_gen_encode(gen, &b)) > 0) {
        struct span_batch batch;
        struct err err = {0};
        if (otlp_pb_decode(buf_str(&b), NULL, &arena, &batch, &err) < 0)
            fail_msg("request %zu: %s", all.requests, err.msg);
        assert_int_equal(batch.span_count, n);
        assert_int_equal(batch.rejected_spans, 0);
        assert_true(n <= o->batch && all.count + n <= o->spans);
        for (size_t i = 0; i < n; i++) {
            assert_ptr_equal(batch.spans[i].resource, batch.spans[0].resource);
            take(&all, &batch.spans[i]);
        }
        all.requests++;
        arena_reset(&arena);
        buf_clear(&b);
    }
    assert_int_equal(all.count, o->spans);
    measure(&all);
    load_gen_free(gen);
    arena_release(&arena);
    buf_release(&b);
    return all;
}

static void test_shapes(void **state)
{
    static const struct {
        const char *name;
        struct load_gen_options o;
        size_t traces, services; /* 0 = not checked */
        unsigned depth, children;
    } cases[] = {
        {"tracegen", {LOAD_TRACEGEN, .spans = 1000}, 500, 1, 1, 1},
        {"tracegen, ten",
         {LOAD_TRACEGEN, .spans = 1000, .trace_spans = 10, .services = 5},
         100,
         5,
         1,
         9},
        {"tracegen, cut", {LOAD_TRACEGEN, .spans = 1001}, 501, 1, 1, 1},
        {"deep", {LOAD_DEEP, .spans = 3000}, 3, 8, 999, 1},
        {"deep, ten thousand", {LOAD_DEEP, .spans = 10000, .trace_spans = 10000}, 1, 8, 9999, 1},
        {"deep, one", {LOAD_DEEP, .spans = 7, .trace_spans = 1}, 7, 1, 0, 0},
        {"wide", {LOAD_WIDE, .spans = 2000}, 2, 8, 1, 999},
        {"wide, large",
         {LOAD_WIDE, .spans = 50000, .trace_spans = 50000, .services = 3},
         1,
         3,
         1,
         49999},
        {"huge", {LOAD_HUGE, .spans = 100000, .trace_spans = 100000}, 1, 8, 6, 8},
        {"huge, cut", {LOAD_HUGE, .spans = 5000}, 1, 8, 5, 8},
        {"huge, many services",
         {LOAD_HUGE, .spans = 585, .trace_spans = 585, .services = 20},
         1,
         20,
         3,
         8},
        {"shop", {LOAD_SHOP, .spans = 30000}, 0, 20, 0, 0},
        {"shop, services", {LOAD_SHOP, .spans = 30000, .services = 45}, 0, 45, 0, 0},
        {"shop, few", {LOAD_SHOP, .spans = 3}, 1, 0, 0, 0},
    };
    static const size_t batches[] = {512, 1, 10, 1000};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct load_gen_options o = cases[i].o;
        o.start_ns = START_NS;
        o.seed = i;
        o.batch = batches[i % COUNT(batches)];
        struct all all = collect(&o);
        CHECK(all.requests >= (o.spans + o.batch - 1) / o.batch, cases[i].name);
        CHECK(!cases[i].traces || all.traces == cases[i].traces, cases[i].name);
        CHECK(!cases[i].services || all.services == cases[i].services, cases[i].name);
        if (o.shape != LOAD_SHOP) {
            CHECK(all.depth_max == cases[i].depth, cases[i].name);
            CHECK(all.children_max == cases[i].children, cases[i].name);
        }
        free(all.spans);
    }
}

static void test_shop(void **state)
{
    struct load_gen_options o = {LOAD_SHOP, .seed = 7, .start_ns = START_NS, .batch = 512,
                                 .spans = 100000};
    struct all all = collect(&o);
    size_t size = 1;
    (void)state;
    /* log-uniform between 5 and 60: about 20 on average */
    assert_in_range(all.traces, 100000 / 40, 100000 / 10);
    assert_in_range(all.errors, 9000, 13000); /* 11 % */
    assert_int_equal(all.events, all.errors);
    assert_in_range(all.links, 4000, 6000);
    assert_true(all.depth_max > 4);
    for (size_t i = 1; i <= all.count; i++) { /* sorted by trace; the last one made may be cut */
        if (i < all.count && trace_id_eq(all.spans[i].trace, all.spans[i - 1].trace)) {
            size++;
            continue;
        }
        assert_true(size <= 60);
        size = 1;
    }
    free(all.spans);
}

/* ---- names ---- */

static char *conventions(void)
{
    static char text[4 << 20];
    FILE *f = fopen(SOURCE_DIR "/tools/semconv/conventions.tsv", "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static void check_keys(const char *text, const struct attrs *attrs)
{
    for (uint32_t i = 0; i < attrs->count; i++) {
        char row[80];
        struct str key = attrs->items[i].key;
        const char *at, *end;
        if (str_starts(key, STR("shop.")) || str_starts(key, STR("tree.")))
            continue; /* our own */
        snprintf(row, sizeof row, "\nattribute\t%.*s\t", STR_ARG(key));
        at = strstr(text, row);
        CHECK(at, row);
        end = at + 1 + strcspn(at + 1, "\n");
        CHECK(memcmp(end - 4, "\t-\t-", 4) == 0, row); /* not deprecated */
    }
}

static void test_semantic_conventions(void **state)
{
    static const enum load_shape shapes[] = {LOAD_SHOP, LOAD_DEEP, LOAD_WIDE, LOAD_HUGE};
    const char *text = conventions();
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct load_gen_options o = {shapes[i], .start_ns = START_NS, .batch = 100, .spans = 3000};
        struct load_gen *gen;
        const struct span *spans;
        size_t count;
        assert_int_equal(load_gen_new(&o, &gen, NULL), 0);
        while (load_gen_next(gen, &spans, &count) == 0 && count) {
            check_keys(text, &spans->resource->attrs);
            for (size_t s = 0; s < count; s++) {
                check_keys(text, &spans[s].attrs);
                for (uint32_t e = 0; e < spans[s].event_count; e++)
                    check_keys(text, &spans[s].events[e].attrs);
            }
        }
        load_gen_free(gen);
    }
}

/* ---- Jaeger's tracegen ---- */

static void test_tracegen(void **state)
{
    struct load_gen_options o = {LOAD_TRACEGEN, .start_ns = START_NS, .batch = 200, .spans = 200};
    struct load_gen *gen;
    const struct span *spans;
    size_t count, children = 0;
    (void)state;
    assert_int_equal(load_gen_new(&o, &gen, NULL), 0);
    assert_int_equal(load_gen_next(gen, &spans, &count), 0);
    assert_int_equal(count, 200);
    check_str(spans[0].resource->service_name, "tracegen", "service");
    for (size_t i = 0; i < count; i++) {
        bool child = i % 2;
        char key[16], value[16];
        check_str(spans[i].name, child ? "child-span-00" : "lets-go", "name");
        assert_int_equal(spans[i].kind, child ? SPAN_KIND_CLIENT : SPAN_KIND_SERVER);
        assert_int_equal(spans[i].attrs.count, child ? 11 : 2);
        assert_int_equal(spans[i].end_ns - spans[i].start_ns, 123000);
        for (uint32_t a = 0; child && a < 11; a++, children++) {
            snprintf(key, sizeof key, "attr_%02zu", children % 97);
            snprintf(value, sizeof value, "val_%02zu", children % 1000);
            check_str(spans[i].attrs.items[a].key, key, key);
            check_str(spans[i].attrs.items[a].value.string, value, value);
        }
    }
    load_gen_free(gen);
}

/* ---- options ---- */

static void test_refusals(void **state)
{
    static const struct load_gen_options cases[] = {
        {LOAD_SHOP, .batch = 0},
        {LOAD_SHOP, .batch = LOAD_BATCH_MAX + 1},
        {LOAD_SHOP, .batch = 1, .services = LOAD_SERVICES_MAX + 1},
        {LOAD_SHOP, .batch = 1, .trace_spans = 5},
        {LOAD_HUGE, .batch = 1, .trace_spans = LOAD_TRACE_SPANS_MAX + 1ull},
        {(enum load_shape)LOAD_SHAPES, .batch = 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct load_gen *gen = NULL;
        struct err err = {0};
        assert_int_equal(load_gen_new(&cases[i], &gen, &err), ERR_INVALID);
        assert_true(err.msg[0]);
        assert_null(gen);
    }
    load_gen_free(NULL);
}

/* Without a number of spans: what waits comes out when the run is over, and then nothing. */
static void test_finish(void **state)
{
    struct load_gen_options o = {LOAD_SHOP, .start_ns = START_NS, .batch = 50};
    struct load_gen *gen;
    const struct span *spans;
    size_t count, partial = 0;
    (void)state;
    assert_int_equal(load_gen_new(&o, &gen, NULL), 0);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(load_gen_next(gen, &spans, &count), 0);
        assert_int_equal(count, 50);
    }
    load_gen_finish(gen);
    while (load_gen_next(gen, &spans, &count) == 0 && count)
        partial += count < 50;
    assert_in_range(partial, 40, 80);
    assert_int_equal(load_gen_next(gen, &spans, &count), 0);
    assert_int_equal(count, 0);
    load_gen_free(gen);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),   cmocka_unit_test(test_shop),
        cmocka_unit_test(test_tracegen), cmocka_unit_test(test_semantic_conventions),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
