/* expr_matches: the reference meaning of every node, case by case. */
#include "test.h"
#include "traceql/ast.h"

#define S(text)                                        \
    {                                                  \
        .type = VALUE_STRING, .string = STR_INIT(text) \
    }
#define I(n)                              \
    {                                     \
        .type = VALUE_INT, .integer = (n) \
    }
#define D(n)                                \
    {                                       \
        .type = VALUE_DOUBLE, .number = (n) \
    }
#define B(v)                               \
    {                                      \
        .type = VALUE_BOOL, .boolean = (v) \
    }
#define BYTES(s)                                   \
    {                                              \
        .type = VALUE_BYTES, .string = STR_INIT(s) \
    }

#define ATTR(where, name)                              \
    {                                                  \
        FIELD_ATTRIBUTE, SCOPE_##where, STR_INIT(name) \
    }
#define FIELD(what)          \
    {                        \
        .kind = FIELD_##what \
    }

static struct value list_items[] = {I(1), S("two")};
static struct attr span_attrs[] = {
    {STR_INIT("s"), S("text")},
    {STR_INIT("i"), I(42)},
    {STR_INIT("d"), D(1.5)},
    {STR_INIT("b"), B(true)},
    {STR_INIT("raw"), BYTES("\x01\x02")},
    {STR_INIT("nothing"), {.type = VALUE_EMPTY}},
    {STR_INIT("blank"), S("")},
    {STR_INIT("list"), {.type = VALUE_ARRAY, .array = {list_items, 2}}},
    {STR_INIT("twice"), I(1)},
    {STR_INIT("twice"), I(2)},
    {STR_INIT("big"), I(9007199254740993)},
    {STR_INIT("nan"), D(__builtin_nan(""))},
};
static struct attr resource_attrs[] = {{STR_INIT("service.name"), S("shop")},
                                       {STR_INIT("i"), I(7)}};
static struct attr scope_attrs[] = {{STR_INIT("in.scope"), S("yes")}};
static struct attr event_attrs[] = {{STR_INIT("e"), I(1)}},
                   event_attrs_2[] = {{STR_INIT("e"), I(2)}};
static struct attr link_attrs[] = {{STR_INIT("l"), S("linked")}};
static struct span_event events[] = {{.name = STR_INIT("first"), .attrs = {event_attrs, 1}},
                                     {.name = STR_INIT("second"), .attrs = {event_attrs_2, 1}}};
static struct span_link links[] = {{.attrs = {link_attrs, 1}}};
static const struct resource resource = {.attrs = {resource_attrs, 2},
                                         .service_name = STR_INIT("shop")};
static const struct scope scope = {
    .name = STR_INIT("lib"), .version = STR_INIT("2"), .attrs = {scope_attrs, 1}};

static const struct span span = {
    .trace_id = {"0123456789abcdef"},
    .span_id = {"01234567"},
    .name = STR_INIT("GET /"),
    .kind = SPAN_KIND_SERVER,
    .start_ns = 1000,
    .end_ns = 3500,
    .status_code = STATUS_ERROR,
    .status_message = STR_INIT("broken"),
    .attrs = {span_attrs, COUNT(span_attrs)},
    .events = events,
    .event_count = 2,
    .links = links,
    .link_count = 1,
    .resource = &resource,
    .scope = &scope,
};

struct match_case {
    const char *name;
    enum expr_op op;
    struct field field;
    struct value literal;
    bool want;
};

static const struct match_case cases[] = {
    {"string =", EXPR_EQ, ATTR(SPAN, "s"), S("text"), true},
    {"string = other", EXPR_EQ, ATTR(SPAN, "s"), S("texts"), false},
    {"string !=", EXPR_NE, ATTR(SPAN, "s"), S("other"), true},
    {"string != other type", EXPR_NE, ATTR(SPAN, "s"), I(1), false},
    {"string <", EXPR_LT, ATTR(SPAN, "s"), S("texts"), true},
    {"string < first letter", EXPR_LT, ATTR(SPAN, "s"), S("zz"), true},
    {"string >=", EXPR_GE, ATTR(SPAN, "s"), S("text"), true},
    {"missing =", EXPR_EQ, ATTR(SPAN, "absent"), S("x"), false},
    {"missing !=", EXPR_NE, ATTR(SPAN, "absent"), S("x"), false},
    {"int =", EXPR_EQ, ATTR(SPAN, "i"), I(42), true},
    {"int = double", EXPR_EQ, ATTR(SPAN, "i"), D(42.0), true},
    {"int < double", EXPR_LT, ATTR(SPAN, "i"), D(42.5), true},
    {"int > double", EXPR_GT, ATTR(SPAN, "i"), D(41.5), true},
    {"double > int", EXPR_GT, ATTR(SPAN, "d"), I(1), true},
    {"double <= int", EXPR_LE, ATTR(SPAN, "d"), I(1), false},
    {"large int is exact", EXPR_EQ, ATTR(SPAN, "big"), D(9007199254740992.0), false},
    {"large int is greater", EXPR_GT, ATTR(SPAN, "big"), D(9007199254740992.0), true},
    {"int below a huge double", EXPR_LT, ATTR(SPAN, "i"), D(1e300), true},
    {"int above a huge negative double", EXPR_GT, ATTR(SPAN, "i"), D(-1e300), true},
    {"nan =", EXPR_EQ, ATTR(SPAN, "nan"), D(1.0), false},
    {"nan != int", EXPR_NE, ATTR(SPAN, "nan"), I(1), true},
    {"nan <=", EXPR_LE, ATTR(SPAN, "nan"), I(1), false},
    {"bool =", EXPR_EQ, ATTR(SPAN, "b"), B(true), true},
    {"bool !=", EXPR_NE, ATTR(SPAN, "b"), B(false), true},
    {"bool <= the same", EXPR_LE, ATTR(SPAN, "b"), B(true), true},
    {"bool < is never", EXPR_LT, ATTR(SPAN, "b"), B(false), false},
    {"bytes =", EXPR_EQ, ATTR(SPAN, "raw"), BYTES("\x01\x02"), true},
    {"bytes are no string", EXPR_EQ, ATTR(SPAN, "raw"), S("\x01\x02"), false},
    {"first of two", EXPR_EQ, ATTR(SPAN, "twice"), I(1), true},
    {"second of two", EXPR_EQ, ATTR(SPAN, "twice"), I(2), false},
    {"exists", EXPR_EXISTS, ATTR(SPAN, "s"), I(0), true},
    {"exists not", EXPR_EXISTS, ATTR(SPAN, "absent"), I(0), false},
    {"empty value does not exist", EXPR_EXISTS, ATTR(SPAN, "nothing"), I(0), false},
    {"empty string exists", EXPR_EXISTS, ATTR(SPAN, "blank"), I(0), true},
    {"text of string", EXPR_TEXT_EQ, ATTR(SPAN, "s"), S("text"), true},
    {"text of int", EXPR_TEXT_EQ, ATTR(SPAN, "i"), S("42"), true},
    {"text of bool", EXPR_TEXT_EQ, ATTR(SPAN, "b"), S("true"), true},
    {"text of double", EXPR_TEXT_EQ, ATTR(SPAN, "d"), S("1.5"), true},
    {"text of list", EXPR_TEXT_EQ, ATTR(SPAN, "list"), S("[1,\"two\"]"), true},
    {"text of nothing", EXPR_TEXT_EQ, ATTR(SPAN, "nothing"), S(""), false},
    {"resource", EXPR_EQ, ATTR(RESOURCE, "i"), I(7), true},
    {"resource is not span", EXPR_EQ, ATTR(RESOURCE, "i"), I(42), false},
    {"scope attribute", EXPR_EQ, ATTR(INSTRUMENTATION, "in.scope"), S("yes"), true},
    {"event attribute, first", EXPR_EQ, ATTR(EVENT, "e"), I(1), true},
    {"event attribute, second", EXPR_EQ, ATTR(EVENT, "e"), I(2), true},
    {"event attribute, none", EXPR_EQ, ATTR(EVENT, "e"), I(3), false},
    {"link attribute", EXPR_EQ, ATTR(LINK, "l"), S("linked"), true},
    {"any: span", EXPR_EQ, ATTR(ANY, "i"), I(42), true},
    {"any: resource", EXPR_EQ, ATTR(ANY, "i"), I(7), true},
    {"any: scope", EXPR_EXISTS, ATTR(ANY, "in.scope"), I(0), true},
    {"any: event", EXPR_EQ, ATTR(ANY, "e"), I(2), true},
    {"any: link", EXPR_EQ, ATTR(ANY, "l"), S("linked"), true},
    {"any: none", EXPR_EQ, ATTR(ANY, "i"), I(8), false},
    {"name", EXPR_EQ, FIELD(NAME), S("GET /"), true},
    {"service", EXPR_EQ, FIELD(SERVICE), S("shop"), true},
    {"kind", EXPR_EQ, FIELD(KIND), I(SPAN_KIND_SERVER), true},
    {"status", EXPR_EQ, FIELD(STATUS), I(STATUS_ERROR), true},
    {"status message", EXPR_EQ, FIELD(STATUS_MESSAGE), S("broken"), true},
    {"duration", EXPR_GE, FIELD(DURATION), I(2500), true},
    {"duration above", EXPR_GT, FIELD(DURATION), I(2500), false},
    {"duration as double", EXPR_LT, FIELD(DURATION), D(2500.5), true},
    {"start", EXPR_EQ, FIELD(START), I(1000), true},
    {"trace id", EXPR_EQ, FIELD(TRACE_ID), BYTES("0123456789abcdef"), true},
    {"span id", EXPR_EQ, FIELD(SPAN_ID), BYTES("01234567"), true},
    {"parent id is none", EXPR_EXISTS, FIELD(PARENT_ID), I(0), false},
    {"parent id is zero", EXPR_EQ, FIELD(PARENT_ID), BYTES("\0\0\0\0\0\0\0\0"), true},
    {"span id exists", EXPR_EXISTS, FIELD(SPAN_ID), I(0), true},
    {"scope name", EXPR_EQ, FIELD(SCOPE_NAME), S("lib"), true},
    {"scope version", EXPR_NE, FIELD(SCOPE_VERSION), S("1"), true},
    {"event name", EXPR_EQ, FIELD(EVENT_NAME), S("second"), true},
    {"event name, none", EXPR_EQ, FIELD(EVENT_NAME), S("third"), false},
};

static struct expr expr_of(const struct match_case *c)
{
    return (struct expr){.op = c->op, .field = c->field, .literal = c->literal};
}

static void test_comparisons(void **state)
{
    struct arena scratch;
    (void)state;
    arena_init(&scratch, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct expr e = expr_of(&cases[i]);
        CHECK(expr_matches(&e, &span, &scratch) == cases[i].want, cases[i].name);
        arena_reset(&scratch);
    }
    arena_release(&scratch);
}

static void test_boolean(void **state)
{
    static const struct match_case t = {"", EXPR_EQ, ATTR(SPAN, "i"), I(42), true};
    static const struct match_case f = {"", EXPR_EQ, ATTR(SPAN, "i"), I(43), false};
    struct expr yes = expr_of(&t), no = expr_of(&f);
    const struct expr *sides[] = {&no, &yes};
    struct arena a;
    (void)state;
    arena_init(&a, 0);
    for (int l = 0; l < 2; l++) {
        for (int r = 0; r < 2; r++) {
            assert_int_equal(expr_matches(expr_and(&a, sides[l], sides[r]), &span, &a), l && r);
            assert_int_equal(expr_matches(expr_or(&a, sides[l], sides[r]), &span, &a), l || r);
        }
        assert_int_equal(expr_matches(expr_not(&a, sides[l]), &span, &a), !l);
    }
    assert_true(expr_matches(NULL, &span, &a));
    arena_release(&a);
}

static void test_times_out_of_range(void **state)
{
    struct span s = span;
    struct match_case c = {"", EXPR_EQ, FIELD(DURATION), I(INT64_MAX), true};
    struct expr e = expr_of(&c);
    (void)state;
    s.start_ns = 0;
    s.end_ns = UINT64_MAX;
    assert_true(expr_matches(&e, &s, NULL));
    s.start_ns = 10;
    s.end_ns = 5; /* ends before it starts: takes no time */
    e.literal.integer = 0;
    assert_true(expr_matches(&e, &s, NULL));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_boolean),
        cmocka_unit_test(test_times_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
