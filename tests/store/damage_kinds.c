/* A part with every kind of column, cut and flipped at every byte: each trace comes back as it was sent, or the damage is
 * reported; every query ends; sealing the part's rows again ends too. CAIRN_TEST_LONG: every bit. */
#include "fixture.h"
#include "mem_fs.h"
#include "query/query.h"
#include "query/series.h"
#include "store/seal.h"
#include "store/store_int.h"

enum { TRACES = 12 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STEP = 11 }; /* each byte costs ten times as much */
#else
enum { STEP = 1 };
#endif

#define PART "/data/parts/00000001.part"

static struct attr attr_of(const char *key, struct value v)
{
    return (struct attr){str_of(key), v};
}

static struct attrs all_types(struct arena *arena, uint32_t n)
{
    struct attr *a = arena_calloc(arena, 9, sizeof *a);
    struct value *items = arena_calloc(arena, 2, sizeof *items);
    struct attr *pairs = arena_calloc(arena, 1, sizeof *pairs);
    items[0] = (struct value){.type = VALUE_INT, .integer = n};
    items[1] = (struct value){.type = VALUE_STRING, .string = STR("x")};
    pairs[0] = attr_of("inner", items[0]);
    a[0] = attr_of("text", (struct value){.type = VALUE_STRING,
                                          .string = arena_printf(arena, "value %u", n % 3)});
    a[1] = attr_of("query", (struct value){.type = VALUE_STRING,
                                           .string = arena_printf(arena, "SELECT %u", n * 77)});
    a[2] = attr_of("number", (struct value){.type = VALUE_INT, .integer = (int64_t)n * 1000 - 5});
    a[3] = attr_of("ratio", (struct value){.type = VALUE_DOUBLE, .number = n / 8.0});
    a[4] = attr_of("flag", (struct value){.type = VALUE_BOOL, .boolean = n % 2});
    a[5] = attr_of("list", (struct value){.type = VALUE_ARRAY, .array = {items, 2}});
    a[6] = attr_of("map", (struct value){.type = VALUE_KVLIST, .kvlist = {pairs, 1}});
    a[7] = attr_of("bytes", (struct value){.type = VALUE_BYTES, .string = STR("\0\1\2")});
    a[8] = attr_of("text", (struct value){.type = VALUE_INT, .integer = 1}); /* a key twice */
    return (struct attrs){a, n % 4 == 3 ? 0 : 9 - n % 4};
}

static void rich_span(struct arena *arena, uint32_t trace, struct span *s)
{
    test_span(arena, trace, 0, s);
    s->attrs = all_types(arena, trace);
    s->flags = trace % 2 ? 0x101 : 0;
    s->trace_state = trace % 3 ? (struct str){NULL, 0} : STR("vendor=1");
    s->status_message = trace % 5 ? (struct str){NULL, 0} : STR("broken");
    s->dropped_attributes_count = trace % 4;
    s->dropped_events_count = trace % 2;
    if (trace == 7)
        s->end_ns = s->start_ns - 9;
    s->event_count = trace % 3;
    s->events = arena_calloc(arena, 3, sizeof *s->events);
    for (uint32_t i = 0; i < s->event_count; i++)
        s->events[i] = (struct span_event){
            .time_ns = s->start_ns + i, .name = STR("event"), .attrs = all_types(arena, trace + i)};
    s->link_count = trace % 2;
    s->links = arena_calloc(arena, 1, sizeof *s->links);
    s->links[0] = (struct span_link){.trace_id = test_trace_id(99),
                                     .span_id = s->span_id,
                                     .trace_state = STR("a=b"),
                                     .attrs = all_types(arena, trace + 1),
                                     .flags = 1};
}

static void count_kept(int result, const struct err *err, void *user)
{
    (void)err;
    *(uint32_t *)user += result == 0;
}

static void make_part(const struct engine_options *options)
{
    struct span spans[TRACES];
    struct span_batch batch = {.spans = spans, .span_count = TRACES};
    uint32_t kept = 0;
    struct engine_append append = {.batch = &batch, .done = count_kept, .user = &kept};
    struct arena arena;
    struct store *s;
    arena_init(&arena, 0);
    for (uint32_t t = 0; t < TRACES; t++)
        rich_span(&arena, t, &spans[t]);
    assert_int_equal(store_open_stepped(options, &s, NULL), 0);
    assert_int_equal(store_append(s, &append, NULL), 0);
    store_step_write(s, true);
    assert_int_equal(kept, 1);
    assert_int_equal(store_step_seal(s), 0);
    store_close(s);
    arena_release(&arena);
}

/* True when it is there as it was sent; false when it is not and the store says why. */
static bool trace_is_there(struct store *s, uint32_t trace, size_t at)
{
    struct engine_query q = {0};
    struct span_batch got;
    struct span want;
    struct arena arena;
    struct err err = {0};
    bool there;
    int rc;
    arena_init(&arena, 0);
    q.arena = &arena;
    rc = query_trace(s, &q, test_trace_id(trace), &got, &err);
    rich_span(&arena, trace, &want);
    there = rc == 0 && got.span_count == 1 && span_eq(&want, &got.spans[0]);
    if (!there && rc != ERR_CORRUPT && rc != ERR_NOT_FOUND)
        fail_msg("byte %zu: trace %u: %d %s", at, trace, rc, err.msg);
    arena_release(&arena);
    return there;
}

/* What merging would do with the part. */
static void seal_again(struct store *s)
{
    struct manifest_part identity;
    struct snapshot snap;
    struct part *part;
    snapshot_take(s, &snap);
    for (uint32_t i = 0; i < snap.count; i++) {
        if (!snap.sources[i].part ||
            seal_write(&snap.sources[i], 1, "/again", 1, NULL, NULL, &identity, NULL) < 0)
            continue;
        assert_int_equal(part_open("/again", 9, NULL, &part, NULL), 0);
        assert_int_equal(part->row_count, snap.sources[i].row_count);
        part_unref(part);
    }
    snapshot_release(&snap);
}

static void run_queries(struct store *s)
{
    struct trace_query query = {NULL, 0, UINT64_MAX, 10};
    struct engine_query q = {0};
    struct trace_summary_list list;
    struct operation_list operations;
    struct tag_query tags = {.field = {FIELD_ATTRIBUTE, SCOPE_FIRST, STR_INIT("code")},
                             .start_ns = 1,
                             .end_ns = UINT64_MAX,
                             .limit = 10};
    struct operation_stats_list stats;
    struct tag_value_list values;
    struct tag_key_list keys;
    struct str_list services;
    struct arena arena;
    arena_init(&arena, 64 << 20);
    q.arena = &arena;
    query_search(s, &q, &query, &list, NULL);
    query_services(s, &q, &services, NULL);
    query_operations(s, &q, STR(""), &operations, NULL);
    query_keys(s, &q, &tags, &keys, NULL);
    query_values(s, &q, &tags, &values, NULL);
    tags.start_ns = 0;
    query_keys(s, &q, &tags, &keys, NULL);
    query_values(s, &q, &tags, &values, NULL);
    query_operation_stats(s, &q, STR(""), 0, UINT64_MAX, &stats, NULL);
    arena_release(&arena);
}

static void check(const struct engine_options *options, size_t at)
{
    struct engine_stats stats;
    struct err err = {0};
    struct store *s;
    uint32_t there = 0;
    int rc = store_open_stepped(options, &s, &err);
    if (rc == ERR_UNSUPPORTED) /* the version */
        return;
    if (rc < 0)
        fail_msg("byte %zu: %s", at, err.msg);
    run_queries(s);
    seal_again(s);
    for (uint32_t t = 0; t < TRACES; t++)
        there += trace_is_there(s, t, at);
    store_stats(s, &stats);
    if (there != TRACES && !stats.damaged_bytes)
        fail_msg("byte %zu: %u traces of %u, and no word of damage", at, there, TRACES);
    store_close(s);
    if (mem_fs_misuse() || mem_fs_open_files())
        fail_msg("byte %zu: %s", at, mem_fs_misuse() ? mem_fs_misuse() : "an open descriptor");
}

/* A copy of the part as it was made. */
static unsigned char *begin(struct engine_options *options, size_t *n)
{
    struct str file;
    unsigned char *copy;
    *options = test_options("/data");
    mem_fs_open(1);
    make_part(options);
    file = mem_fs_read(PART);
    copy = malloc(file.n);
    assert_non_null(copy);
    memcpy(copy, file.p, *n = file.n);
    return copy;
}

static void test_whole(void **state)
{
    struct engine_options options;
    size_t n;
    unsigned char *good = begin(&options, &n);
    struct store *s;
    (void)state;
    assert_int_equal(store_open_stepped(&options, &s, NULL), 0);
    for (uint32_t t = 0; t < TRACES; t++)
        assert_true(trace_is_there(s, t, 0));
    seal_again(s);
    store_close(s);
    free(good);
    mem_fs_close();
}

static void test_flipped(void **state)
{
    struct engine_options options;
    size_t n;
    unsigned char *good = begin(&options, &n);
    int bits = getenv("CAIRN_TEST_LONG") ? 8 : 1;
    (void)state;
    for (size_t i = 0; i < n; i += bits == 8 ? 1 : STEP) {
        for (int bit = 0; bit < bits; bit++) {
            unsigned char was = good[i];
            good[i] ^= (unsigned char)(1u << ((i + (size_t)bit) % 8));
            mem_fs_replace(PART, good, n);
            good[i] = was;
            check(&options, i);
        }
    }
    free(good);
    mem_fs_close();
}

static void test_cut(void **state)
{
    struct engine_options options;
    size_t n;
    unsigned char *good = begin(&options, &n);
    (void)state;
    for (size_t i = 0; i < n; i += STEP) {
        mem_fs_replace(PART, good, i);
        check(&options, i);
    }
    free(good);
    mem_fs_close();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_flipped),
        cmocka_unit_test(test_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
