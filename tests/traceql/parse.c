/* Text to tree to text: what queries look like when they are printed, and that they parse to the same tree again. */
#include "tree.h"

struct example {
    const char *text, *printed; /* NULL: as it is */
};

static const struct example literals[] = {
    {"{ .a = 1 }", NULL},
    {"{ .a = -1 }", NULL},
    {"{ .a = 007 }", "{ .a = 7 }"},
    {"{ .a = maxInt }", "{ .a = 9223372036854775807 }"},
    {"{ .a = minInt }", NULL},
    {"{ .a = 1.5 }", NULL},
    {"{ .a = .5 }", "{ .a = 0.5 }"},
    {"{ .a = 2. }", "{ .a = 2.0 }"},
    {"{ .a = 1e3 }", "{ .a = 1000.0 }"},
    {"{ .a = 1E-7 }", "{ .a = 1e-07 }"},
    {"{ .a = 0.1 }", NULL},
    {"{ .a = 3.0 }", NULL},
    {"{ .a = \"x\" }", NULL},
    {"{ .a = `x\\y\"z` }", "{ .a = \"x\\\\y\\\"z\" }"},
    {"{ .a = \"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\" }", NULL},
    {"{ .a = \"\\x41\\101\\u00e9\\U0001F600\" }", "{ .a = \"AA\xc3\xa9\xf0\x9f\x98\x80\" }"},
    {"{ .a = \"\\xff\\x01\" }", NULL},
    {"{ .a = `line\r\nbreak` }", "{ .a = \"line\\nbreak\" }"},
    {"{ .a = \"\" }", NULL},
    {"{ .a = true }", NULL},
    {"{ .a = false }", NULL},
    {"{ .a = nil }", NULL},
    {"{ .a != nil }", NULL},
    {"{ nil = nil }", NULL},
    {"{ duration > 1h30m }", "{ duration > 90m }"},
    {"{ duration > 1.5s }", "{ duration > 1500ms }"},
    {"{ duration > 100us }", NULL},
    {"{ duration > 100\xc2\xb5s }", "{ duration > 100us }"},
    {"{ duration > 100\xce\xbcs }", "{ duration > 100us }"},
    {"{ duration > 7ns }", NULL},
    {"{ duration > 0ms }", "{ duration > 0s }"},
    {"{ duration > 1d }", "{ duration > 24h }"},
    {"{ duration > 1w2d }", "{ duration > 216h }"},
    {"{ duration > 1y }", "{ duration > 8760h }"},
    {"{ duration > -1s }", NULL},
    {"{ status = ok || status = error || status = unset }", NULL},
    {"{ kind = unspecified && kind = internal && kind = server }", NULL},
    {"{ kind = client || kind = producer || kind = consumer }", NULL},
};

static const struct example fields[] = {
    {"{ .a = span.b }", NULL},
    {"{ resource.a = event.b }", NULL},
    {"{ link.a = instrumentation.b }", NULL},
    {"{ .http.status-code/x:y*z+1 > 1 }", NULL},
    {"{ .a=1 }", "{ .a = 1 }"},
    {"{ span.\"a b\" = 1 }", NULL},
    {"{ .\"a\\\"b\\\\\" = 1 }", NULL},
    {"{ .a\\b = 1 }", NULL},
    {"{ .foo.\"x y\".bar = 1 }", "{ .\"foo.x y.bar\" = 1 }"},
    {"{ .\"plain\" = 1 }", "{ .plain = 1 }"},
    {"{ .\"1st\" = 1 }", NULL},
    {"{ span.1st = 1 }", NULL},
    {"{ .span.a = 1 }", NULL},
    {"{ .duration = 1 }", NULL},
    {"{ .\xc3\xa9t\xc3\xa9 = 1 }", NULL},
    {"{ span:duration > 1s }", "{ duration > 1s }"},
    {"{ span:name = \"a\" }", "{ name = \"a\" }"},
    {"{ span:kind = server }", "{ kind = server }"},
    {"{ span:status = ok }", "{ status = ok }"},
    {"{ span:statusMessage = \"a\" }", "{ statusMessage = \"a\" }"},
    {"{ span:id = \"1\" }", NULL},
    {"{ span:parentID = \"1\" }", NULL},
    {"{ span:childCount = 1 }", NULL},
    {"{ trace:duration > 1s }", "{ traceDuration > 1s }"},
    {"{ trace:rootName = \"a\" }", "{ rootName = \"a\" }"},
    {"{ trace:rootService = \"a\" }", "{ rootServiceName = \"a\" }"},
    {"{ trace:id = \"1\" }", NULL},
    {"{ event:name = \"a\" }", NULL},
    {"{ event:timeSinceStart > 1s }", NULL},
    {"{ link:traceID = \"a\" && link:spanID = \"b\" }", NULL},
    {"{ instrumentation:name = \"a\" && instrumentation:version = \"b\" }", NULL},
    {"{ nestedSetLeft > 1 && nestedSetRight > 1 && nestedSetParent < 0 }", NULL},
};

static const struct example operators[] = {
    {"{}", NULL},
    {"{ /* a */ .a = 1 // b\n }", "{ .a = 1 }"},
    {"{ .a = 1 && .b != 2 && .c < 3 && .d <= 4 && .e > 5 && .f >= 6 }", NULL},
    {"{ .a =~ \"x.*\" && .b !~ \"y\" }", NULL},
    /* && and || are one level, from the left */
    {"{ .a || .b && .c }", "{ (.a || .b) && .c }"},
    {"{ .a && .b || .c }", "{ (.a && .b) || .c }"},
    {"{ .a || (.b && .c) }", NULL},
    {"{ (.a && .b) && (.c && .d) }", "{ .a && .b && .c && .d }"},
    {"{ .a && (.b && .c) }", "{ .a && .b && .c }"},
    /* comparisons bind stronger, arithmetic stronger still */
    {"{ .a + 1 = .b * 2 && .c }", "{ .a + 1 = .b * 2 && .c }"},
    {"{ .a = .b = .c }", "{ (.a = .b) = .c }"},
    {"{ .a - .b - .c = 1 }", NULL},
    {"{ .a - (.b - .c) = 1 }", NULL},
    {"{ .a + .b * .c ^ .d ^ .e / .f % .g = 1 }", NULL},
    {"{ (.a ^ .b) ^ .c = 1 }", NULL},
    {"{ (.a + .b) * .c = 1 }", NULL},
    /* ! is between + and *, a minus as weak as - */
    {"{ !.a = .b }", "{ !.a = .b }"},
    {"{ !(.a = 1) }", NULL},
    {"{ !!.a }", NULL},
    {"{ -.a * .b = 1 }", "{ -(.a * .b) = 1 }"},
    {"{ (-.a) * .b = 1 }", NULL},
    {"{ -.a + .b = 1 }", NULL},
    {"{ .a - -.b = 1 }", NULL},
    {"{ .a * -.b * .c = 1 }", "{ .a * (-(.b * .c)) = 1 }"},
    {"{ 2 ^ -1 = 0.5 }", "{ 2 ^ (-1) = 0.5 }"},
    {"{ -2 ^ 2 = 4 }", "{ -(2 ^ 2) = 4 }"},
    {"{ nil = .a }", NULL},
    {"{ .a + 1 != nil }", NULL},
    {"{ true && false }", NULL},
};

static const struct example pipelines[] = {
    {"{ .a } && { .b }", NULL},
    {"{ .a } || { .b } && { .c }", "({ .a } || { .b }) && { .c }"},
    {"{ .a } || { .b } || { .c }", NULL},
    {"{ .a } || ({ .b } || { .c })", NULL},
    {"{} > {}", NULL},
    {"{} >> {}", NULL},
    {"{} < {}", NULL},
    {"{} << {}", NULL},
    {"{} ~ {}", NULL},
    {"{} !> {}", NULL},
    {"{} !>> {}", NULL},
    {"{} !< {}", NULL},
    {"{} !<< {}", NULL},
    {"{} !~ {}", NULL},
    {"{} &> {}", NULL},
    {"{} &>> {}", NULL},
    {"{} &< {}", NULL},
    {"{} &<< {}", NULL},
    {"{} &~ {}", NULL},
    {"{ .a } > { .b } > { .c }", "({ .a } > { .b }) > { .c }"},
    {"{ .a } > ({ .b } > { .c })", NULL},
    {"{ .a } && { .b } > { .c }", NULL},
    {"{} | {}", NULL},
    {"({} | count() > 1)", "{} | count() > 1"},
    {"({} | count() > 1) && ({} | { .a })", NULL},
    {"({} | count() > 1) && {}", NULL},
    {"({} | count() > 1) | select(.a)", "{} | count() > 1 | select(.a)"},
    {"{} | count() >= 1 | avg(duration) != 1s | max(.a) < 1.5 | min(.b) <= 2 | sum(.c) = 3", NULL},
    {"{} | 2 < count()", "{} | count() > 2"},
    {"{} | (count()) > 1 + 2 * 3", "{} | count() > 7"},
    {"{} | max(1 + .a) > -(2)", "{} | max(1 + .a) > -2"},
    {"{} | by(resource.service.name) | coalesce() | select(name, .a, resource.b)", NULL},
    {"by(.a + 1) | {}", NULL},
    {"{} | by(.a > 1)", NULL},
    {"select(.a)", NULL},
    {"{} with(most_recent=true)", "{} with (most_recent=true)"},
    {"{} with(a=1, b=0.5) with (c=\"x\", d=1m, e=error)",
     "{} with (a=1, b=0.5, c=\"x\", d=1m, e=error)"},
};

static const struct example metrics[] = {
    {"{} | rate()", NULL},
    {"{} | rate() by (resource.service.name, name)", NULL},
    {"{} | count_over_time()by(.a)", "{} | count_over_time() by (.a)"},
    {"{} | min_over_time(duration)", NULL},
    {"{} | max_over_time(.a)", NULL},
    {"{} | avg_over_time(span.a) by (.b)", NULL},
    {"{} | sum_over_time(duration)", NULL},
    {"{} | quantile_over_time(duration, .5, 0.9, 1)",
     "{} | quantile_over_time(duration, 0.5, 0.9, 1.0)"},
    {"{} | histogram_over_time(duration) by (.a, .b, .c, .d)", NULL},
    {"{} | compare({ status = error })", "{} | compare({ status = error }, 10)"},
    {"{} | compare({ .a }, 5, 10, 20)", NULL},
    {"{} | by(.a) | rate()", NULL},
    {"{} | rate() | topk(10)", NULL},
    {"{} | rate() > 1 | bottomk(3) <= 2.5", "{} | rate() > 1.0 | bottomk(3) <= 2.5"},
    {"{} | max_over_time(duration) > 250ms", "{} | max_over_time(duration) > 0.25"},
    {"({} | rate())", "{} | rate()"},
    {"({} | rate()) > 10 | topk(2)", "{} | rate() > 10.0 | topk(2)"},
    {"({ .a } | rate()) / ({} | rate()) * 100", "(({ .a } | rate()) / ({} | rate())) * 100.0"},
    {"1 - ({} | rate())", "1.0 - ({} | rate())"},
    {"({} | rate()) + ({} | rate()) * 2 > 5 | topk(1)",
     "({} | rate()) + (({} | rate()) * 2.0) > 5.0 | topk(1)"},
    {"-2 * 3 + ({} | rate())", "-6.0 + ({} | rate())"},
    {"({} | rate() | topk(5)) * 2", "({} | rate() | topk(5)) * 2.0"},
    {"{} | rate() with(exemplars=true, sample=0.1)",
     "{} | rate() with (exemplars=true, sample=0.1)"},
};

static void parse(const char *text, struct arena *arena, const struct traceql **ret)
{
    struct guarded bytes = guarded_copy(text, strlen(text));
    struct err err = {0};
    struct str kept = arena_str(arena, str_of(text));
    if (traceql_parse(bytes.bytes, arena, ret, NULL, &err) < 0)
        fail_msg("\"%s\": %s", text, err.msg);
    guarded_free(&bytes);
    assert_int_equal(traceql_parse(kept, arena, ret, NULL, &err), 0);
}

static void check_examples(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct traceql *q, *again;
        struct arena arena;
        struct buf out;
        arena_init(&arena, 0);
        buf_init(&out, 0);
        parse(examples[i].text, &arena, &q);
        traceql_print(q, &out);
        check_str(buf_str(&out), examples[i].printed ? examples[i].printed : examples[i].text,
                  examples[i].text);
        buf_put_byte(&out, '\0');
        parse((const char *)out.p, &arena, &again);
        CHECK(same_query(q, again), examples[i].text);
        buf_release(&out);
        arena_release(&arena);
    }
}

static void test_literals(void **state)
{
    (void)state;
    check_examples(literals, COUNT(literals));
}

static void test_fields(void **state)
{
    (void)state;
    check_examples(fields, COUNT(fields));
}

static void test_operators(void **state)
{
    (void)state;
    check_examples(operators, COUNT(operators));
}

static void test_pipelines(void **state)
{
    (void)state;
    check_examples(pipelines, COUNT(pipelines));
}

static void test_metrics(void **state)
{
    (void)state;
    check_examples(metrics, COUNT(metrics));
}

/* Filters are numbered in the order of the text, the one of compare() too. */
static void number_filters(const struct spanset_expr *e, uint32_t *next)
{
    if (e->op == SPANSET_FILTER) {
        assert_int_equal(e->number, (*next)++);
    } else if (e->op != SPANSET_PIPELINE) {
        number_filters(e->left, next);
        number_filters(e->right, next);
    } else {
        for (uint32_t i = 0; i < e->pipeline->stage_count; i++) {
            if (e->pipeline->stages[i].kind == STAGE_SPANSETS)
                number_filters(e->pipeline->stages[i].spansets, next);
        }
    }
}

static void test_numbers(void **state)
{
    const struct traceql *q;
    struct arena arena;
    uint32_t next = 0;
    (void)state;
    arena_init(&arena, 0);
    parse("({.a} | {.b}) && ({.c} > {.d}) | {.e} | compare({.f})", &arena, &q);
    assert_int_equal(q->filter_count, 6);
    for (uint32_t i = 0; i < q->metric->pipeline->stage_count; i++)
        number_filters(q->metric->pipeline->stages[i].spansets, &next);
    number_filters(q->metric->metric->selection, &next);
    assert_int_equal(next, 6);
    arena_release(&arena);
}

static void test_hints(void **state)
{
    static const struct {
        const char *text;
        bool want;
    } cases[] = {{"{}", false},
                 {"{} with(h=true)", true},
                 {"{} with(h=false)", false},
                 {"{} with(h=1)", true},
                 {"{} with(h=0)", false},
                 {"{} with(h=0.1)", true},
                 {"{} with(h=-0.1)", false},
                 {"{} with(h=\"x\")", false},
                 {"{} with(g=true) with(h=true)", true}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct traceql *q;
        struct arena arena;
        arena_init(&arena, 0);
        parse(cases[i].text, &arena, &q);
        CHECK(traceql_hint(q, STR("h")) == cases[i].want, cases[i].text);
        arena_release(&arena);
    }
}

static void test_one_field(void **state)
{
    static const struct {
        const char *text, *printed; /* NULL: no field */
    } cases[] = {{"name", "name"},
                 {"span:name", "name"},
                 {" .a ", ".a"},
                 {"resource.service.name", "resource.service.name"},
                 {"span.\"a b\"", "span.\"a b\""},
                 {".a/b", ".a/b"},
                 {"event:name", "event:name"},
                 {"", NULL},
                 {"foo", NULL},
                 {".a .b", NULL},
                 {".a = 1", NULL},
                 {"parent.a", NULL},
                 {"\"a\"", NULL},
                 {"{}", NULL}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        struct arena arena;
        struct field field;
        struct buf out;
        int code;
        arena_init(&arena, 0);
        buf_init(&out, 0);
        code = traceql_parse_field(str_of(cases[i].text), &field, &arena, &err);
        CHECK((code == 0) == (cases[i].printed != NULL), cases[i].text);
        if (code == 0) {
            traceql_print_field(&field, &out);
            check_str(buf_str(&out), cases[i].printed, cases[i].text);
        } else {
            CHECK(err.code == ERR_INVALID && err.msg[0], cases[i].text);
        }
        buf_release(&out);
        arena_release(&arena);
    }
}

static void test_lenient(void **state)
{
    static const struct {
        const char *text, *want; /* "" for none */
    } cases[] = {
        {"", ""},
        {"{", ""},
        {"{}", ""},
        {"{ true }", ""},
        {"name = \"x\"", ""},
        {"{ .a = 1 }", "[= .a 1]"},
        {"{ .a = 1", "[= .a 1]"},
        {"{ .a = 1 &&", "[= .a 1]"},
        {"{ .a = 1 && .b", "(and [= .a 1] [= .b true])"},
        {"{ .a = 1 && .b =", "[= .a 1]"},
        {"{ .a = 1 && .b = \"unfin", "[= .a 1]"},
        {"{ .a = && .b = 2 }", "[= .b 2]"},
        {"{ name = 5 && .b = 2 }", "[= .b 2]"},
        {"{ status && .b = 2 }", "[= .b 2]"},
        {"{ .b =~ \"[\" && .c > 1 }", "[> .c 1]"},
        {"{ (.a = 1 && .b = 2) && .c = 3 && .d = }", "(and (and [= .a 1] [= .b 2]) [= .c 3])"},
        {"{ (.a = 1 && .b = 2", ""},
        {"{ .a = 1 || .b = 2 }", "(or [= .a 1] [= .b 2])"},
        {"{ .a = 1 || .b = }", ""},
        {"{ .a = 1 || .b = 2", ""},
        {"{ .a = 1 } | rate() by (", "[= .a 1]"},
        {"({ .a = 1 } && { .b = ", "[= .a 1]"},
        {"{ false && .a = 1 && .b = }", "(and false [= .a 1])"},
        {"{ \xff", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct expr *e;
        struct arena arena;
        struct err err;
        struct buf out;
        struct guarded text = guarded_copy(cases[i].text, strlen(cases[i].text));
        arena_init(&arena, 0);
        buf_init(&out, 0);
        CHECK(traceql_parse_lenient(text.bytes, &arena, &e, &err) == 0, cases[i].text);
        if (e)
            show_expr(e, &out);
        check_str(buf_str(&out), cases[i].want, cases[i].text);
        buf_release(&out);
        arena_release(&arena);
        guarded_free(&text);
    }
}

/* Other dialects' conditions become queries that print. */
static void test_of(void **state)
{
    struct arena arena;
    const struct traceql *q;
    const struct expr *e;
    struct buf out;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&out, 0);
    e = expr_and(&arena,
                 expr_compare(&arena, EXPR_EQ, (struct field){.kind = FIELD_SERVICE},
                              (struct value){.type = VALUE_STRING, .string = STR("shop")}),
                 expr_compare(&arena, EXPR_GE, (struct field){.kind = FIELD_DURATION},
                              (struct value){.type = VALUE_INT, .integer = 1000000}));
    q = traceql_of(e, &arena);
    assert_non_null(q);
    traceql_print(q, &out);
    check_str(buf_str(&out), "{ resource.service.name = \"shop\" && duration >= 1ms }", "of");
    assert_ptr_equal(q->search->stages[0].spansets->condition, e);
    assert_int_equal(q->filter_count, 1);
    buf_clear(&out);
    traceql_print(traceql_of(NULL, &arena), &out);
    check_str(buf_str(&out), "{}", "all");
    buf_release(&out);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals),  cmocka_unit_test(test_fields),
        cmocka_unit_test(test_operators), cmocka_unit_test(test_pipelines),
        cmocka_unit_test(test_metrics),   cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_hints),     cmocka_unit_test(test_one_field),
        cmocka_unit_test(test_lenient),   cmocka_unit_test(test_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
