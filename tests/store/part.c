/* Random spans made into columns, written, read back row by row; two parts merged and read back. Traces lie across groups,
 * columns are dense and sparse, with and without dictionaries. CAIRN_TEST_SEED chooses another run. */
#include "fixture.h"
#include "store/part_page.h"
#include "store/part_write.h"
#include "wire/otlp_pb.h"

enum { SPANS = 20000, KEYS = 60 };

static uint64_t seed(void)
{
    const char *text = getenv("CAIRN_TEST_SEED");
    return text ? strtoull(text, NULL, 10) : 1;
}

struct made {
    struct arena arena;
    struct span *spans;
    uint32_t count;
};

#define text(m, ...) arena_printf(&(m)->arena, __VA_ARGS__)

static struct value random_value(struct made *m, struct rng *rng, uint32_t key)
{
    struct value v = {.type = VALUE_STRING};
    struct value *items;
    switch (key % 7) {
    case 0: v.string = text(m, "value %u", rng_below(rng, 5)); break;
    case 1: v.string = text(m, "SELECT %u FROM t", rng_below(rng, 1000000)); break;
    case 2:
        v = (struct value){.type = VALUE_INT, .integer = (int64_t)rng_below(rng, 600) - 3};
        break;
    case 3: v = (struct value){.type = VALUE_DOUBLE, .number = rng_below(rng, 9999) / 100.0}; break;
    case 4: v = (struct value){.type = VALUE_BOOL, .boolean = rng_below(rng, 2)}; break;
    case 5: v.string = (struct str){NULL, 0}; break;
    default:
        items = arena_calloc(&m->arena, 2, sizeof *items);
        items[0] = (struct value){.type = VALUE_INT, .integer = rng_below(rng, 9)};
        v = (struct value){.type = VALUE_ARRAY, .array = {items, rng_below(rng, 3)}};
        if (rng_below(rng, 4) == 0)
            v = (struct value){.type = VALUE_EMPTY};
    }
    return v;
}

/* Few keys often, many rarely; sometimes one twice, with another type. */
static struct attrs random_attrs(struct made *m, struct rng *rng, uint32_t most)
{
    uint32_t n = rng_below(rng, most + 1);
    struct attrs attrs = {arena_calloc(&m->arena, n + 1, sizeof(struct attr)), 0};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t key = rng_below(rng, 20) ? rng_below(rng, 8) : 8 + rng_below(rng, KEYS);
        attrs.items[attrs.count].key = text(m, "key.%u", key);
        attrs.items[attrs.count++].value =
            random_value(m, rng, rng_below(rng, 30) ? key : rng_below(rng, 7));
    }
    return attrs;
}

static void random_events(struct made *m, struct rng *rng, struct span *s)
{
    s->event_count = rng_below(rng, 3);
    s->events = arena_calloc(&m->arena, s->event_count + 1, sizeof *s->events);
    for (uint32_t i = 0; i < s->event_count; i++)
        s->events[i] = (struct span_event){
            .time_ns = rng_below(rng, 5) ? s->start_ns + rng_below(rng, 9999) : rng_below(rng, 3),
            .name =
                rng_below(rng, 4) ? text(m, "event %u", rng_below(rng, 3)) : (struct str){NULL, 0},
            .attrs = random_attrs(m, rng, 3),
            .dropped_attributes_count = rng_below(rng, 9) ? 0 : 4,
        };
}

static void random_links(struct made *m, struct rng *rng, struct span *s)
{
    s->link_count = rng_below(rng, 2);
    s->links = arena_calloc(&m->arena, s->link_count + 1, sizeof *s->links);
    for (uint32_t i = 0; i < s->link_count; i++) {
        struct span_link *l = &s->links[i];
        memset(l->trace_id.bytes, 1 + (int)rng_below(rng, 200), sizeof l->trace_id);
        memset(l->span_id.bytes, 1 + (int)rng_below(rng, 200), sizeof l->span_id);
        l->flags = rng_below(rng, 3);
        l->trace_state = rng_below(rng, 5) ? (struct str){NULL, 0} : STR("a=b");
        l->attrs = random_attrs(m, rng, 2);
    }
}

static void random_span_of(struct made *m, struct rng *rng, uint32_t trace, uint32_t i,
                           struct span *s)
{
    *s = (struct span){.resource = NULL};
    memcpy(s->trace_id.bytes + 12, &trace, 4);
    s->trace_id.bytes[0] = 1;
    memcpy(s->span_id.bytes, &i, 4);
    s->span_id.bytes[7] = 1;
    if (rng_below(rng, 10)) {
        uint32_t parent = i - rng_below(rng, 400);
        memcpy(s->parent_span_id.bytes, &parent, 4);
        s->parent_span_id.bytes[7] = 1;
    }
    s->name = text(m, "operation %u", rng_below(rng, 12));
    s->kind = rng_below(rng, 6);
    s->status_code = rng_below(rng, 3);
    s->status_message = rng_below(rng, 9) ? (struct str){NULL, 0} : STR("broken");
    s->start_ns = 1700000000000000000u + i * 1000 - rng_below(rng, 5000);
    s->end_ns = rng_below(rng, 20) ? s->start_ns + rng_below(rng, 1u << 30) : s->start_ns - 5;
    if (rng_below(rng, 500) == 0)
        s->end_ns = 0;
    s->flags = rng_below(rng, 2) ? 0x101 : 0;
    s->trace_state = rng_below(rng, 30) ? (struct str){NULL, 0} : STR("vendor=1");
    s->attrs = random_attrs(m, rng, 9);
    s->dropped_attributes_count = rng_below(rng, 40) ? 0 : 2;
    s->dropped_events_count = rng_below(rng, 40) ? 0 : 3;
    s->dropped_links_count = rng_below(rng, 40) ? 0 : 1;
    random_events(m, rng, s);
    random_links(m, rng, s);
}

/* Traces of 1 to 3,000 spans, one after the other. */
static void make(struct made *m, uint64_t seed, uint32_t first_trace)
{
    struct rng rng = {seed};
    uint32_t trace = first_trace, left = 0;
    arena_init(&m->arena, 0);
    m->count = SPANS;
    m->spans = arena_calloc(&m->arena, SPANS, sizeof *m->spans);
    for (uint32_t i = 0; i < SPANS; i++) {
        if (!left--) {
            left = rng_below(&rng, rng_below(&rng, 20) ? 30 : 3000);
            trace++;
        }
        random_span_of(m, &rng, trace, i, &m->spans[i]);
    }
    assert_false(arena_failed(&m->arena));
}

static const struct part_strings_in strings = {
    .services = (const struct str[]){STR_INIT("shop")},
    .resources = (const struct str[]){STR_INIT("")},
    .scopes = (const struct str[]){STR_INIT("")},
    .resource_service = (const uint32_t[]){0},
    .service_count = 1,
    .resource_count = 1,
    .scope_count = 1,
};

static struct part *write_part(const struct columns *c, const char *dir, const char *name)
{
    struct manifest_part identity;
    struct part *p;
    char path[600];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(part_write(c, &strings, path, 1, NULL, &identity, NULL), 0);
    assert_int_equal(part_open(path, 1, &identity, &p, NULL), 0);
    assert_int_equal(p->row_count, c->rows[TABLE_SPANS]);
    return p;
}

static struct part *part_of(const struct made *m, const char *dir, const char *name)
{
    struct columns c;
    struct part *p;
    columns_init(&c);
    for (uint32_t i = 0; i < m->count; i++)
        columns_add(&c, &m->spans[i], 0, 0, i % 2);
    p = write_part(&c, dir, name);
    columns_release(&c);
    return p;
}

static void check_row(struct page_reader *r, struct part *p, uint32_t row, const struct span *want,
                      struct arena *arena)
{
    static const struct resource resource;
    static const struct scope scope;
    struct span got = {.resource = &resource, .scope = &scope}, expected = *want;
    expected.resource = &resource;
    expected.scope = &scope;
    arena_reset(arena);
    assert_int_equal(page_span(r, p, row, arena, row % 2, &got, NULL), 0);
    assert_int_equal(part_trace_of_row(p, row, &got.trace_id, NULL), 0);
    if (!span_eq(&expected, &got))
        fail_msg("row %u is not what was stored", row);
}

/* All rows in order; then some here and there with a reader that has hardly room for one. */
static void check_part(struct part *p, const struct made *m, uint32_t first)
{
    struct page_reader *r = page_reader_new(64 << 20), *small = page_reader_new(1);
    struct rng rng = {5};
    struct arena arena;
    arena_init(&arena, 0);
    for (uint32_t i = 0; i < m->count; i++)
        check_row(r, p, first + i, &m->spans[i], &arena);
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t k = rng_below(&rng, m->count);
        check_row(small, p, first + k, &m->spans[k], &arena);
    }
    arena_release(&arena);
    page_reader_free(r);
    page_reader_free(small);
}

static void test_round_trip(void **state)
{
    char *dir = temp_dir();
    struct made m;
    struct part *p;
    uint32_t dense = 0, sparse = 0, dictionaries = 0, plain = 0;
    (void)state;
    make(&m, seed(), 0);
    p = part_of(&m, dir, "1");
    for (uint32_t i = 0; i < p->column_count; i++) {
        const struct part_column *c = &p->columns[i];
        dense += !c->sparse;
        sparse += c->sparse;
        dictionaries += c->string_count != 0;
        plain += column_has_strings(c->key.type) && !c->string_count;
    }
    assert_true(dense && sparse && dictionaries && plain);
    check_part(p, &m, 0);
    part_unref(p);
    arena_release(&m.arena);
    temp_dir_remove(dir);
}

/* Every trace is found, and one that is not there is not. */
static void test_traces(void **state)
{
    char *dir = temp_dir();
    struct trace_id none = {{9}};
    uint32_t first, end;
    struct made m;
    struct part *p;
    (void)state;
    make(&m, seed() + 1, 0);
    p = part_of(&m, dir, "1");
    for (uint32_t i = 0; i < m.count; i++) {
        assert_int_equal(part_trace_rows(p, m.spans[i].trace_id, &first, &end, NULL), 0);
        assert_true(first <= i && i < end);
        assert_true(trace_id_eq(m.spans[first].trace_id, m.spans[end - 1].trace_id));
    }
    assert_int_equal(part_trace_rows(p, none, &first, &end, NULL), 0);
    assert_int_equal(first, end);
    part_unref(p);
    arena_release(&m.arena);
    temp_dir_remove(dir);
}

static void copy_all(struct page_reader *r, struct part *p, const struct made *m,
                     struct columns *to)
{
    struct part_copier *copier = part_copier_new(r, p, to);
    for (uint32_t i = 0; i < m->count; i++)
        assert_int_equal(part_copy_row(copier, i, m->spans[i].trace_id, 0, 0, NULL), 0);
    part_copier_free(copier);
}

static void test_merge(void **state)
{
    char *dir = temp_dir();
    struct page_reader *r = page_reader_new(64 << 20);
    struct part *a, *b, *both;
    struct made m, n;
    struct columns c;
    (void)state;
    make(&m, seed() + 2, 0);
    make(&n, seed() + 3, 1000000);
    a = part_of(&m, dir, "1");
    b = part_of(&n, dir, "2");
    columns_init(&c);
    copy_all(r, a, &m, &c);
    copy_all(r, b, &n, &c);
    both = write_part(&c, dir, "3");
    columns_release(&c);
    check_part(both, &m, 0);
    check_part(both, &n, m.count);
    part_unref(a);
    part_unref(b);
    part_unref(both);
    page_reader_free(r);
    arena_release(&m.arena);
    arena_release(&n.arena);
    temp_dir_remove(dir);
}

/* As deep as a request's values may be. */
static struct value deepest(struct made *m)
{
    static const struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    struct value v = {.type = VALUE_INT, .integer = 1};
    for (uint32_t depth = 0; depth < limits.value_depth_max; depth++) {
        struct value *item = arena_calloc(&m->arena, 1, sizeof *item);
        *item = v;
        v = (struct value){.type = VALUE_ARRAY, .array = {item, 1}};
    }
    return v;
}

/* More keys than a part has columns: what has no column of its own comes back behind what has. */
static void test_many_keys(void **state)
{
    enum { KEYS_EACH = 7, ROWS = COLUMNS_MAX / KEYS_EACH + 500 };
    char *dir = temp_dir();
    struct columns c;
    struct made m;
    struct part *p;
    (void)state;
    arena_init(&m.arena, 0);
    m.count = ROWS;
    m.spans = arena_calloc(&m.arena, ROWS, sizeof *m.spans);
    columns_init(&c);
    for (uint32_t i = 0; i < ROWS; i++) {
        struct span *s = &m.spans[i];
        s->trace_id.bytes[0] = s->span_id.bytes[7] = 1;
        s->attrs = (struct attrs){arena_calloc(&m.arena, KEYS_EACH + 2, sizeof(struct attr)), 0};
        s->attrs.items[s->attrs.count++] =
            (struct attr){STR_INIT("http.route"), {.type = VALUE_STRING, .string = STR("/")}};
        for (uint32_t k = 0; k < KEYS_EACH; k++)
            s->attrs.items[s->attrs.count++] = (struct attr){
                text(&m, "user.%u", i * KEYS_EACH + k), {.type = VALUE_INT, .integer = (int64_t)i}};
        if (i == ROWS - 1)
            s->attrs.items[s->attrs.count++] = (struct attr){STR_INIT("deep"), deepest(&m)};
        columns_add(&c, s, 0, 0, true);
    }
    assert_true(c.count >= COLUMNS_MAX && c.count < COLUMNS_MAX + 20);
    p = write_part(&c, dir, "1");
    columns_release(&c);
    check_part(p, &m, 0);
    part_unref(p);
    arena_release(&m.arena);
    temp_dir_remove(dir);
}

/* A file of another version is refused, and says which. */
static void test_other_version(void **state)
{
    char *dir = temp_dir(), path[600];
    struct made m;
    struct err err;
    struct part *p;
    FILE *f;
    (void)state;
    make(&m, seed(), 0);
    m.count = 1;
    p = part_of(&m, dir, "1");
    part_unref(p);
    arena_release(&m.arena);
    snprintf(path, sizeof path, "%s/1", dir);
    f = fopen(path, "r+");
    assert_non_null(f);
    assert_int_equal(fseek(f, 8, SEEK_SET), 0);
    fputc(9, f);
    fclose(f);
    assert_int_equal(part_open(path, 1, NULL, &p, &err), ERR_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "version 9"));
    temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_traces),
        cmocka_unit_test(test_merge),         cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_other_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
