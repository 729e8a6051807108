/* TraceQL's meaning, rule by rule: queries as text over two small traces. */
#include "query/query.h"
#include "traceql/traceql.h"

#include "fixture.h"

/* The first trace, by start; indented below its parent:
 *     root  front   n=4 s="text" tags=["x","y"] none=[]
 *       a   front   n=2 code=500 flag=true
 *         b cart    n=0 code=200 ratio=2.5 flag=false, status error
 *           c cart
 *       d   front   code=404, an event at 5 ms, a link
 *     o             its parent is missing
 *       p
 * The second: solo, of db, code=500. */
enum { SPANS = 8 };

static const uint64_t start_ns = 1700000000000000000u;

#define MS UINT64_C(1000000)

static struct value words[] = {{VALUE_STRING, {.string = STR_INIT("x")}},
                               {VALUE_STRING, {.string = STR_INIT("y")}}};

#define INT(key, n)            \
    {                          \
        STR_INIT(key),         \
        {                      \
            VALUE_INT,         \
            {                  \
                .integer = (n) \
            }                  \
        }                      \
    }
#define TEXT(key, text)                  \
    {                                    \
        STR_INIT(key),                   \
        {                                \
            VALUE_STRING,                \
            {                            \
                .string = STR_INIT(text) \
            }                            \
        }                                \
    }
#define BOOL(key, b)           \
    {                          \
        STR_INIT(key),         \
        {                      \
            VALUE_BOOL,        \
            {                  \
                .boolean = (b) \
            }                  \
        }                      \
    }

static struct attr root_attrs[] = {INT("n", 4),
                                   TEXT("s", "text"),
                                   {STR_INIT("tags"), {VALUE_ARRAY, {.array = {words, 2}}}},
                                   {STR_INIT("none"), {VALUE_ARRAY, {.array = {NULL, 0}}}}};
static struct attr a_attrs[] = {INT("n", 2), INT("code", 500), BOOL("flag", true)};
static struct attr b_attrs[] = {INT("n", 0),
                                INT("code", 200),
                                {STR_INIT("ratio"), {VALUE_DOUBLE, {.number = 2.5}}},
                                BOOL("flag", false)};
static struct attr d_attrs[] = {INT("code", 404)};
static struct attr solo_attrs[] = {INT("code", 500)};
static struct attr event_attrs[] = {TEXT("kind", "io")}, link_attrs[] = {TEXT("kind", "cause")};
static struct attr front_attrs[] = {TEXT("service.name", "front"), TEXT("code", "resource's"),
                                    TEXT("zone", "eu")};
static struct attr cart_attrs[] = {TEXT("service.name", "cart"), TEXT("zone", "us")};
static struct attr db_attrs[] = {TEXT("service.name", "db")};

#define RESOURCE(attrs_, name)                                           \
    {                                                                    \
        .attrs = {attrs_, COUNT(attrs_)}, .service_name = STR_INIT(name) \
    }
static const struct resource front = RESOURCE(front_attrs, "front"),
                             cart = RESOURCE(cart_attrs, "cart"), db = RESOURCE(db_attrs, "db");
static const struct scope scope = {.name = STR_INIT("lib"), .version = STR_INIT("1")};

static struct span_event events[] = {
    {.time_ns = 0, .name = STR_INIT("exception"), .attrs = {event_attrs, 1}}};
static struct span_link links[] = {
    {.trace_id = {{0xab, 1}}, .span_id = {{0xcd, 2}}, .attrs = {link_attrs, 1}}};

static struct span span_of(uint8_t id, uint8_t parent, const char *name, uint64_t start_ms,
                           uint64_t ms, enum span_kind kind, const struct resource *resource)
{
    return (struct span){.trace_id = {{[14] = 0x0f, [15] = 1}},
                         .span_id = {{0, 0, 0, 0, 0, 0, 0, id}},
                         .parent_span_id = {{0, 0, 0, 0, 0, 0, 0, parent}},
                         .name = str_of(name),
                         .start_ns = start_ns + start_ms * MS,
                         .end_ns = start_ns + (start_ms + ms) * MS,
                         .kind = kind,
                         .resource = resource,
                         .scope = &scope};
}

static void make_spans(struct span *s)
{
    s[0] = span_of(1, 0, "root", 0, 100, SPAN_KIND_SERVER, &front);
    s[1] = span_of(2, 1, "a", 1, 50, SPAN_KIND_CLIENT, &front);
    s[2] = span_of(3, 2, "b", 2, 40, SPAN_KIND_SERVER, &cart);
    s[3] = span_of(4, 3, "c", 3, 10, SPAN_KIND_INTERNAL, &cart);
    s[4] = span_of(5, 1, "d", 4, 20, SPAN_KIND_INTERNAL, &front);
    s[5] = span_of(7, 6, "o", 5, 5, SPAN_KIND_SERVER, &db);
    s[6] = span_of(8, 7, "p", 6, 2, SPAN_KIND_CLIENT, &db);
    s[7] = span_of(9, 0, "solo", 500, 7, SPAN_KIND_SERVER, &db);
    s[7].trace_id.bytes[15] = 2;
    s[0].attrs = (struct attrs){root_attrs, COUNT(root_attrs)};
    s[1].attrs = (struct attrs){a_attrs, COUNT(a_attrs)};
    s[2].attrs = (struct attrs){b_attrs, COUNT(b_attrs)};
    s[4].attrs = (struct attrs){d_attrs, COUNT(d_attrs)};
    s[7].attrs = (struct attrs){solo_attrs, COUNT(solo_attrs)};
    s[2].status_code = STATUS_ERROR;
    events[0].time_ns = s[4].start_ns + 5 * MS;
    s[4].events = events;
    s[4].event_count = 1;
    s[4].links = links;
    s[4].link_count = 1;
}

struct rules {
    struct store *store;
    char *dir;
};

/* One span in a part, the others in the head: whatever is asked goes over both. */
static int setup(void **state)
{
    struct rules *r = calloc(1, sizeof *r);
    struct span spans[SPANS];
    struct engine_options options;
    r->dir = temp_dir();
    options = test_options(r->dir);
    make_spans(spans);
    assert_int_equal(store_open(&options, &r->store, NULL), 0);
    assert_int_equal(append_wait(r->store, spans, 4), 0);
    assert_int_equal(store_seal_now(r->store, NULL), 0);
    assert_int_equal(append_wait(r->store, spans + 4, SPANS - 4), 0);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct rules *r = *state;
    store_close(r->store);
    temp_dir_remove(r->dir);
    free(r);
    return 0;
}

/* ---- Asking ---- */

static void put_attrs(struct buf *out, const struct attr *attrs, uint32_t count, struct arena *a)
{
    for (uint32_t i = 0; i < count; i++) {
        buf_printf(out, "%s", i ? " " : "{");
        buf_put_str(out, attrs[i].key);
        buf_printf(out, "=");
        buf_put_str(out, attrs[i].value.type == VALUE_EMPTY ? STR("nil")
                                                            : value_text(&attrs[i].value, a));
    }
    buf_printf(out, "%s", count ? "}" : "");
}

/* Names of spans; sets apart by |, traces by ; */
static struct str answer(const struct spanset_list *list, bool span_attrs, struct arena *a)
{
    struct str text;
    struct buf out;
    buf_init(&out, 0);
    for (size_t t = 0; t < list->count; t++) {
        buf_printf(&out, "%s", t ? "; " : "");
        for (uint32_t s = 0; s < list->items[t].set_count; s++) {
            const struct spanset *set = &list->items[t].sets[s];
            buf_printf(&out, "%s", s ? " | " : "");
            for (uint32_t i = 0; i < set->span_count; i++) {
                buf_printf(&out, "%s", i ? " " : "");
                buf_put_str(&out, set->spans[i].name);
                if (span_attrs)
                    put_attrs(&out, set->spans[i].attrs, set->spans[i].attr_count, a);
            }
            put_attrs(&out, set->attrs, set->attr_count, a);
        }
    }
    text = arena_str(a, buf_str(&out));
    buf_release(&out);
    return text;
}

struct rule {
    const char *query, *want;
};

static void check_rules(const struct rules *r, const struct rule *rules, size_t count,
                        bool span_attrs)
{
    for (size_t i = 0; i < count; i++) {
        struct spansets_query query = {.end_ns = UINT64_MAX, .limit = 10, .spans_per_set = 20};
        struct engine_query q = {0};
        struct spanset_list list;
        struct arena arena;
        struct err err;
        arena_init(&arena, 0);
        q.arena = &arena;
        if (traceql_parse(str_of(rules[i].query), &arena, &query.query, NULL, &err) < 0 ||
            query_spansets(r->store, &q, &query, &list, &err) < 0)
            fail_msg("%s: %s", rules[i].query, err.msg);
        check_str(answer(&list, span_attrs, &arena), rules[i].want, rules[i].query);
        arena_release(&arena);
    }
}

/* ---- The rules ---- */

static const struct rule conditions[] = {
    {"{ }", "solo; root a b c d o p"},
    {"{ true }", "solo; root a b c d o p"},
    {"{ false }", ""},
    {"{ .code = 500 }", "solo; a"},
    {"{ .code != 500 }", "b d"}, /* without the key: neither; root's is its resource's text */
    {"{ !(.code = 500) }", "root b c d o p"},
    {"{ .code = \"resource's\" }", "root"},
    {"{ resource.code = \"resource's\" }", "root a d"},
    {"{ span.code != nil }", "solo; a b d"},
    {"{ span.code = nil }", "root c o p"},
    {"{ .code != nil }", "solo; root a b d"},
    {"{ nil = nil }", ""},
    {"{ .absent != 1 }", ""},
    {"{ .absent !~ \"x\" }", ""},
    {"{ .code > 404.5 }", "solo; a"},
    {"{ 404 <= .code }", "solo; a d"},
    {"{ .code = \"500\" }", ""},
    {"{ .flag }", "a"},
    {"{ !.flag }", "b"},
    {"{ .s }", ""},
    {"{ .s > \"tex\" && .s < \"texu\" }", "root"},
    {"{ .s =~ \"te\" }", ""}, /* the whole text */
    {"{ .s =~ \"t.*t\" }", "root"},
    {"{ .s !~ \"te\" }", "root"},
    {"{ name =~ \"[a-c]\" }", "a b c"},
    {"{ name !~ \"[a-z]\" }", "solo; root"},
    {"{ .tags = \"x\" }", "root"},
    {"{ .tags != \"x\" }", ""},
    {"{ .tags != \"z\" }", "root"},
    {"{ .tags =~ \"y|z\" }", "root"},
    {"{ .tags !~ \"y|z\" }", ""},
    {"{ .none != \"x\" }", "root"},
    {"{ .none = \"x\" }", ""},
    {"{ \"x\" = .tags }", "root"},
    {"{ .n / 3 = 1 }", "root"},
    {"{ .code / .n = 250 }", "a"}, /* b divides by zero */
    {"{ .n * 2 + 1 = 9 }", "root"},
    {"{ .n ^ 2 = 16 }", "root"},
    {"{ -.n < -3 }", "root"},
    {"{ .ratio * 2 = 5 }", "b"},
    {"{ .s + 1 = 2 }", ""},
    {"{ .code > .n }", "a b"},
    {"{ duration >= 50ms }", "root a"},
    {"{ duration > 3ms && duration < 8ms }", "solo; o"},
    {"{ duration / 2 = 20ms }", "b"},
    {"{ kind = server }", "solo; root b o"},
    {"{ kind != server && kind != client }", "c d"},
    {"{ status = error }", "b"},
    {"{ .code = error }", ""},
    {"{ resource.service.name = \"cart\" }", "b c"},
    {"{ .zone = \"eu\" }", "root a d"},
    {"{ event:name = \"exception\" }", "d"},
    {"{ event.kind = \"io\" }", "d"},
    {"{ link.kind = \"cause\" }", "d"},
    {"{ .kind = \"io\" }", "d"}, /* events before links */
    {"{ .kind = \"cause\" }", ""},
    {"{ event:timeSinceStart = 5ms }", "d"},
    {"{ event:timeSinceStart > 5ms }", ""},
    {"{ link:spanID = \"cd02000000000000\" }", "d"},
    {"{ instrumentation:name = \"lib\" && name = \"c\" }", "c"},
    {"{ trace:id = \"f01\" && name = \"a\" }", "a"},
    {"{ trace:id = \"0000f01\" && name = \"a\" }", "a"},
    {"{ trace:id =~ \"f0.\" && name = \"a\" }", "a"},
    {"{ span:id = \"0000000000000003\" }", "b"},
    {"{ span:parentID = \"0000000000000001\" }", "a d"},
    {"{ trace:duration >= 100ms && name = \"c\" }", "c"},
    {"{ trace:rootName = \"root\" && name = \"c\" }", "c"},
    {"{ trace:rootService = \"db\" }", "solo"},
    {"{ span:childCount = 2 }", "root"},
    {"{ span:childCount = 1 }", "a b o"},
    {"{ nestedSetParent < 0 }", "solo; root"},
    {"{ nestedSetLeft = 2 }", "a"},
    {"{ nestedSetLeft = 0 }", "o p"},
    {"{ nestedSetParent = 1 }", "a d"},
    {"{ name = \"a\" || rootServiceName = \"db\" }", "solo; a"},
};

static const struct rule relations[] = {
    {"{ name = \"a\" } && { name = \"c\" }", "a c"},
    {"{ name = \"a\" } && { name = \"solo\" }", ""},
    {"{ name = \"a\" } || { name = \"solo\" }", "solo; a"},
    {"{ name = \"root\" } > { }", "a d"},
    {"{ name = \"root\" } >> { }", "a b c d"},
    {"{ } >> { name = \"c\" }", "c"},
    {"{ name = \"c\" } < { }", "b"},
    {"{ name = \"c\" } << { }", "root a b"},
    {"{ name = \"a\" } ~ { }", "d"},
    {"{ } ~ { }", "a d"},
    {"{ name = \"o\" } > { }", "p"},
    {"{ name = \"root\" } >> { name = \"p\" }", ""}, /* nobody knows what o hangs on */
    {"{ name = \"root\" } !> { }", "solo; root b c o p"},
    {"{ name = \"root\" } !>> { kind = server }", "solo; root o"},
    {"{ name = \"c\" } !<< { kind = server }", "solo; o"},
    {"{ name = \"a\" } !~ { kind = internal }", "c"},
    {"{ name = \"b\" } !< { kind = client }", "p"},
    {"{ kind = server } &> { kind = client }", "root a o p"},
    {"{ name = \"root\" } &>> { name = \"c\" }", "root c"},
    {"{ name = \"c\" } &< { }", "b c"},
    {"{ name = \"c\" } &<< { kind = server }", "root b c"},
    {"{ name = \"a\" } &~ { }", "a d"},
    {"{ name = \"root\" } > { } > { }", "b"},
    {"{ name = \"root\" } >> ({ kind = client } || { kind = internal })", "a c d"},
};

static const struct rule pipelines[] = {
    {"{ } | { kind = server } | { name != \"o\" }", "solo; root b"},
    {"{ } | count() > 1", "root a b c d o p{count()=7}"},
    {"{ } | count() = 1", "solo{count()=1}"},
    {"{ kind = server } | avg(duration) > 40ms", "root b o{avg(duration)=48333333.333333336}"},
    {"{ } | max(duration) < 50ms", "solo{max(duration)=7000000}"},
    {"{ } | min(.n) = 0", "root a b c d o p{min(.n)=0}"}, /* without n: passed over */
    {"{ } | sum(.n) = 6", "root a b c d o p{sum(.n)=6}"},
    {"{ } | avg(.absent) >= 0", ""},
    {"{ .n >= 0 } | by(kind)", "root b{by(kind)=2} | a{by(kind)=3}"},
    {"{ span.n >= 0 } | by(span.flag)",
     "root{by(span.flag)=nil} | a{by(span.flag)=true} | b{by(span.flag)=false}"},
    {"{ } | by(resource.service.name) | count() > 2",
     "root a d{by(resource.service.name)=front count()=3}"},
    {"{ } | by(resource.service.name) | count() > 1 | coalesce()", "root a b c d o p"},
    {"{ } | by(resource.service.name) | { kind = client }",
     "a{by(resource.service.name)=front} | p{by(resource.service.name)=db}"},
    {"({ kind = client } | count() = 2) && ({ kind = internal })", "a c d p"},
    {"({ kind = client } | count() = 3) || ({ kind = internal })", "c d"},
    {"({ name = \"root\" }) >> ({ kind = internal } | count() > 1)", "c d"},
};

static const struct rule attributes[] = {
    {"{ .code = 500 }", "solo{code=500}; a{code=500}"},
    {"{ .code = 404 || .n = 4 }", "root{code=resource's n=4} d{code=404}"},
    {"{ name = \"b\" } | select(.n, status, resource.zone)", "b{n=0 status=2 zone=us}"},
    {"{ kind = client && duration > 1ms && nestedSetParent = 1 }", "a{kind=3 nestedSetParent=1}"},
    {"{ event:name = \"exception\" }", "d{event:name=exception}"},
};

static void test_conditions(void **state)
{
    check_rules(*state, conditions, COUNT(conditions), false);
}

static void test_relations(void **state)
{
    check_rules(*state, relations, COUNT(relations), false);
}

static void test_pipelines(void **state)
{
    check_rules(*state, pipelines, COUNT(pipelines), false);
}

static void test_attributes(void **state)
{
    check_rules(*state, attributes, COUNT(attributes), true);
}

/* A matching span must start in the range; the others of the trace may lie outside. */
static void test_range(void **state)
{
    static const struct {
        const char *query;
        uint64_t from_ms, to_ms;
        const char *want;
    } cases[] = {
        {"{ }", 0, 0, "root a b c d o p"},
        {"{ kind = client }", 0, 0, ""},
        {"{ kind = client }", 6, 400, "a p"},
        {"{ name = \"root\" } >> { name = \"c\" }", 0, 2, ""},
        {"{ name = \"root\" } >> { name = \"c\" }", 3, 3, "c"},
        {"{ name = \"root\" } && { name = \"c\" }", 0, 2, "root c"},
        {"{ }", 501, 900, ""},
    };
    struct rules *r = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct spansets_query query = {.start_ns = start_ns + cases[i].from_ms * MS,
                                       .end_ns = start_ns + cases[i].to_ms * MS,
                                       .limit = 10,
                                       .spans_per_set = 20};
        struct engine_query q = {0};
        struct spanset_list list;
        struct arena arena;
        arena_init(&arena, 0);
        q.arena = &arena;
        assert_int_equal(traceql_parse(str_of(cases[i].query), &arena, &query.query, NULL, NULL),
                         0);
        assert_int_equal(query_spansets(r->store, &q, &query, &list, NULL), 0);
        check_str(answer(&list, false, &arena), cases[i].want, cases[i].query);
        arena_release(&arena);
    }
}

static void test_metrics_are_no_search(void **state)
{
    struct rules *r = *state;
    struct spansets_query query = {.end_ns = UINT64_MAX, .limit = 10};
    struct engine_query q = {0};
    struct spanset_list list;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(traceql_parse(STR("{ } | rate()"), &arena, &query.query, NULL, NULL), 0);
    assert_int_equal(query_spansets(r->store, &q, &query, &list, NULL), ERR_INVALID);
    arena_release(&arena);
}

/* ---- Light traces ---- */

struct light {
    int calls, wanted;
    uint32_t spans;
    char text[200];
};

static int take_light(const struct light_trace *t, void *user, struct err *err)
{
    struct light *l = user;
    (void)err;
    for (uint32_t i = 0; i < t->span_count; i++) {
        const struct light_span *s = &t->spans[i];
        size_t n = strlen(l->text);
        snprintf(l->text + n, sizeof l->text - n, "%.*s<%.*s ", (int)s->name.n, s->name.p,
                 s->parent == NO_PARENT ? 0 : (int)t->spans[s->parent].name.n,
                 s->parent == NO_PARENT ? "" : t->spans[s->parent].name.p);
        for (uint32_t k = 0; k < i; k++)
            assert_true(str_eq(t->spans[k].service, s->service) ==
                        (t->spans[k].service.p == s->service.p));
    }
    l->spans += t->span_count;
    return ++l->calls == l->wanted ? 77 : 0;
}

static void test_light_traces(void **state)
{
    static const char whole[] = "solo< root< a<root b<a c<b d<root o< p<o ";
    struct rules *r = *state;
    struct traces_query query = {.end_ns = UINT64_MAX, .limit = 10};
    struct engine_query q = {0};
    struct light all = {0}, one = {0}, stopped = {.wanted = 1}, some = {0};
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_traces(r->store, &q, &query, take_light, &all, NULL), 0);
    assert_int_equal(all.calls, 2);
    assert_string_equal(all.text, whole);
    query.limit = 1;
    assert_int_equal(query_traces(r->store, &q, &query, take_light, &one, NULL), 0);
    assert_int_equal(one.calls, 1);
    query.limit = 10;
    assert_int_equal(query_traces(r->store, &q, &query, take_light, &stopped, NULL), 77);
    assert_int_equal(stopped.calls, 1);
    assert_int_equal(traceql_parse(STR("{ name = \"b\" } > { }"), &arena, &query.query, NULL, NULL),
                     0);
    assert_int_equal(query_traces(r->store, &q, &query, take_light, &some, NULL), 0);
    assert_int_equal(some.spans, 7);
    memset(&one, 0, sizeof one);
    assert_int_equal(query_light_trace(r->store, &q, (struct trace_id){{[14] = 0x0f, [15] = 2}},
                                       take_light, &one, NULL),
                     0);
    assert_string_equal(one.text, "solo< ");
    assert_int_equal(
        query_light_trace(r->store, &q, (struct trace_id){{9}}, take_light, &one, NULL),
        ERR_NOT_FOUND);
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),   cmocka_unit_test(test_relations),
        cmocka_unit_test(test_pipelines),    cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_range),        cmocka_unit_test(test_metrics_are_no_search),
        cmocka_unit_test(test_light_traces),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
