/* What is wrong with a query, and where: the class, the place and the words. */
#include "test.h"
#include "traceql/traceql.h"

static const struct {
    const char *text;
    enum traceql_fault fault;
    uint32_t at, length;
    const char *words;
} cases[] = {
    /* tokens */
    {"{ .a = \"x }", TRACEQL_SYNTAX, 7, 4, "1:8: this string has no end: a '\"' is missing"},
    {"{ .a = `x }", TRACEQL_SYNTAX, 7, 1, "1:8: this string has no end: a '`' is missing"},
    {"{ .a = \"\\q\" }", TRACEQL_SYNTAX, 8, 2,
     "1:9: unknown escape '\\q'; in \"…\" a backslash is written '\\\\', in `…` it stands for itself"},
    {"{ .a = \"\\ud800\" }", TRACEQL_SYNTAX, 8, 2, NULL},
    {"{ .a = \"\\400\" }", TRACEQL_SYNTAX, 8, 2, NULL},
    {"{ .a = \"\\x4\" }", TRACEQL_SYNTAX, 8, 2, NULL},
    {"{ .a = 'x' }", TRACEQL_SYNTAX, 7, 1,
     "1:8: a string is written \"…\" or `…`, not in single quotes"},
    {"{ .a = 5x }", TRACEQL_SYNTAX, 7, 2,
     "1:8: '5x' is no number and no duration such as 1.5s or 1h30m (units: ns, us, ms, s, m, h, d, "
     "w, y)"},
    {"{ .a = 9223372036854775808 }", TRACEQL_SYNTAX, 7, 19,
     "1:8: this integer does not fit in 64 bits"},
    {"{ .a = 1e999 }", TRACEQL_SYNTAX, 7, 5, "1:8: this number is too large"},
    {"{ duration > 300y }", TRACEQL_SYNTAX, 13, 4, NULL},
    {"{ .a & .b }", TRACEQL_SYNTAX, 5, 1, "1:6: '&' alone is no operator; did you mean '&&'?"},
    {"{ .a } `a\n\x1b` ", TRACEQL_SYNTAX, 7, 5,
     "1:8: expected '|', an operator or the end, found `a  `"},
    {"{ .a # 1 }", TRACEQL_SYNTAX, 5, 1, "1:6: unexpected character '#'"},
    {"{ \x01 }", TRACEQL_SYNTAX, 2, 1, "1:3: unexpected character 0x01"},
    {"{ . }", TRACEQL_SYNTAX, 2, 1, "1:3: expected an attribute's name behind '.'"},
    {"{ span. = 1 }", TRACEQL_SYNTAX, 2, 5, "1:3: expected an attribute's name behind 'span.'"},
    {"{ .\"\" = 1 }", TRACEQL_SYNTAX, 2, 3, "1:3: expected an attribute's name behind '.'"},
    {"{ .\"a = 1 }", TRACEQL_SYNTAX, 2, 9,
     "1:3: this attribute's name has no end: a '\"' is missing"},
    {"{ .\"\\n\" = 1 }", TRACEQL_SYNTAX, 2, 11,
     "1:3: in an attribute's quotes only \\\" and \\\\ are escapes"},
    {"{} /* x", TRACEQL_SYNTAX, 3, 2, "1:4: this comment has no end"},
    {"{ .a = \"\xff\" }", TRACEQL_SYNTAX, 8, 1, "1:9: this is not UTF-8"},
    /* what was expected; lines and characters */
    {"", TRACEQL_SYNTAX, 0, 0,
     "1:1: expected a query such as { span.http.status_code >= 500 }, found the end"},
    {"{ .a = }", TRACEQL_SYNTAX, 7, 1, "1:8: expected a value behind '=', found '}'"},
    {"{ .a = 1 && }", TRACEQL_SYNTAX, 12, 1, "1:13: expected a condition behind '&&', found '}'"},
    {"{ ! }", TRACEQL_SYNTAX, 4, 1, "1:5: expected a condition behind '!', found '}'"},
    {"{ < 1 }", TRACEQL_SYNTAX, 2, 1, "1:3: expected a condition, found '<'"},
    {"{\n  .a = 1 &&\n\n}", TRACEQL_SYNTAX, 15, 1,
     "4:1: expected a condition behind '&&', found '}'"},
    {"{ .\xc3\xa9 = }", TRACEQL_SYNTAX, 8, 1, "1:8: expected a value behind '=', found '}'"},
    {"{ .a == 1 }", TRACEQL_SYNTAX, 5, 2, "1:6: '==' is no operator; equality is '='"},
    {"{ (.a }", TRACEQL_SYNTAX, 6, 1, "1:7: expected ')' or an operator, found '}'"},
    {"{ .a", TRACEQL_SYNTAX, 4, 0, "1:5: expected '}' or an operator, found the end"},
    {"{ .a } {", TRACEQL_SYNTAX, 7, 1, "1:8: expected '|', an operator or the end, found '{'"},
    {"{ .a } and {}", TRACEQL_SYNTAX, 7, 3,
     "1:8: expected '|', an operator or the end, found 'and'; did you mean '&&'?"},
    {"{ .a = 1 or .b }", TRACEQL_SYNTAX, 9, 2,
     "1:10: expected '}' or an operator, found 'or'; did you mean '||'?"},
    {"name = \"x\"", TRACEQL_SYNTAX, 0, 4,
     "1:1: expected '{': conditions stand in braces, as in { span.http.status_code >= 500 }"},
    {"{ .a = nil + 1 }", TRACEQL_SYNTAX, 7, 3,
     "1:8: nil stands only beside = and !=, as in .a != nil"},
    {"{ nil }", TRACEQL_SYNTAX, 2, 3, NULL},
    {"{ (nil) = .a }", TRACEQL_SYNTAX, 3, 3, NULL},
    {"{ nil && .a }", TRACEQL_SYNTAX, 2, 3, NULL},
    {"{ .a > nil }", TRACEQL_SYNTAX, 7, 3, NULL},
    {"{} | by(nil)", TRACEQL_SYNTAX, 8, 3, NULL},
    /* names */
    {"{ spn:name = \"x\" }", TRACEQL_SYNTAX, 2, 8,
     "1:3: unknown intrinsic 'spn:name'; did you mean 'span:name'?"},
    {"{ trace:kind = server }", TRACEQL_SYNTAX, 2, 10,
     "1:3: unknown intrinsic 'trace:kind'; did you mean 'span:kind'?"},
    {"{ foo:bar = 1 }", TRACEQL_SYNTAX, 2, 7, "1:3: unknown intrinsic 'foo:bar'"},
    {"{ duratoin > 1s }", TRACEQL_SYNTAX, 2, 8,
     "1:3: unknown name 'duratoin'; did you mean 'duration'?"},
    {"{ childCount > 1 }", TRACEQL_SYNTAX, 2, 10,
     "1:3: unknown name 'childCount'; did you mean 'span:childCount'?"},
    {"{ http = 1 }", TRACEQL_SYNTAX, 2, 4,
     "1:3: unknown name 'http'; an attribute is written .http or with its scope, span.http or "
     "resource.http"},
    {"{} | rte()", TRACEQL_SYNTAX, 5, 3, "1:6: unknown stage 'rte'; did you mean 'rate'?"},
    {"{} | wibble()", TRACEQL_SYNTAX, 5, 6, NULL},
    /* stages */
    {"coalesce() | {}", TRACEQL_SYNTAX, 0, 8, "1:1: a pipeline cannot start with coalesce()"},
    {"{} | count()", TRACEQL_SYNTAX, 0, 12,
     "1:1: an aggregate must be compared with a number, as in count() > 2"},
    {"{} | max(duration) = \"x\"", TRACEQL_SYNTAX, 21, 3,
     "1:22: expected a number behind '=', found \"x\""},
    {"{} | max()", TRACEQL_SYNTAX, 9, 1,
     "1:10: expected what to aggregate, as in max(duration), found ')'"},
    {"{} + {}", TRACEQL_SYNTAX, 3, 1,
     "1:4: '+' does not relate sets of spans; &&, ||, >, >>, <, << and ~ do"},
    {"{} && ", TRACEQL_SYNTAX, 6, 0, "1:7: expected { … } behind '&&', found the end"},
    {"{} && count() > 1", TRACEQL_SYNTAX, 3, 2, NULL},
    {"count() > 1 && {}", TRACEQL_SYNTAX, 12, 2,
     "1:13: '&&' cannot join a stage; pipelines are joined in parentheses, as in (… | count() > 1) "
     "&& (…)"},
    {"select()", TRACEQL_SYNTAX, 7, 1,
     "1:8: expected an attribute or an intrinsic, as in select(span.http.route, name), found ')'"},
    {"select(true)", TRACEQL_SYNTAX, 7, 4, NULL},
    {"2 * 3", TRACEQL_SYNTAX, 0, 5,
     "1:1: a number alone is no query; a query starts with { and a condition"},
    {"{} | 1 / 0 < count()", TRACEQL_SYNTAX, 7, 1, "1:8: division by zero"},
    {"{} | count() > 1s * 2", TRACEQL_SYNTAX, 18, 1,
     "1:19: there is no arithmetic on durations here"},
    {"-count() > 1", TRACEQL_SYNTAX, 1, 5, "1:2: expected a number behind '-', found 'count'"},
    /* metrics */
    {"rate()", TRACEQL_SYNTAX, 0, 4,
     "1:1: a metrics function stands behind a pipe, as in { … } | rate()"},
    {"{} | topk(5)", TRACEQL_SYNTAX, 5, 4,
     "1:6: 'topk' stands behind a metrics function, as in { … } | rate() | topk(5)"},
    {"{} | rate() | {}", TRACEQL_SYNTAX, 14, 1,
     "1:15: expected topk(n) or bottomk(n) behind a metrics query, found '{'"},
    {"{} | rate() + 5", TRACEQL_SYNTAX, 12, 1,
     "1:13: metrics queries that are calculated with stand in parentheses, as in ({ … } | rate()) "
     "+ 5"},
    {"({} | rate()) % 5", TRACEQL_SYNTAX, 14, 1,
     "1:15: metrics queries are joined by + - * /, not by '%'"},
    {"({} | rate()) + {}", TRACEQL_SYNTAX, 14, 1,
     "1:15: '+' cannot join a metrics query with sets of spans"},
    {"({} | rate()) > ({} | rate())", TRACEQL_SYNTAX, 14, 1,
     "1:15: '>' cannot join two metrics queries"},
    {"({} | rate()) * 2s", TRACEQL_SYNTAX, 14, 1,
     "1:15: a metrics query is calculated with numbers; durations are seconds"},
    {"{} | rate(duration)", TRACEQL_SYNTAX, 10, 8,
     "1:11: expected ')' behind the function's arguments, found 'duration'"},
    {"{} | quantile_over_time(duration)", TRACEQL_SYNTAX, 32, 1,
     "1:33: expected ',' and a quantile from 0 to 1, as in (duration, 0.9), found ')'"},
    {"{} | rate() by ()", TRACEQL_SYNTAX, 16, 1, NULL},
    {"{} | rate() by resource.a", TRACEQL_SYNTAX, 15, 10,
     "1:16: expected '(' behind 'by', found 'resource.a'"},
    {"{} | compare(5)", TRACEQL_SYNTAX, 13, 1,
     "1:14: expected the selection, as in compare({ status = error }), found '5'"},
    {"{} with(5)", TRACEQL_SYNTAX, 8, 1,
     "1:9: expected a hint, as in with(most_recent=true), found '5'"},
    {"{} with(a=nil)", TRACEQL_SYNTAX, 10, 3, "1:11: expected a value, found 'nil'"},
    {"{} with(a=true", TRACEQL_SYNTAX, 14, 0, "1:15: expected ')' or ',', found the end"},
    /* types */
    {"{ duration = \"x\" }", TRACEQL_TYPE, 2, 14,
     "1:3: 'duration' is a duration and cannot be compared with a string"},
    {"{ 1 = name }", TRACEQL_TYPE, 2, 8,
     "1:3: 'name' is a string and cannot be compared with an integer"},
    {"{ .a + \"x\" = 1 }", TRACEQL_TYPE, 7, 3, "1:8: '\"x\"' is a string; '+' takes numbers"},
    {"{ status > ok }", TRACEQL_TYPE, 2, 6,
     "1:3: 'status' is a status; '>' takes numbers or strings"},
    {"{ status = server }", TRACEQL_TYPE, 2, 15,
     "1:3: 'status' is a status and cannot be compared with a kind"},
    {"{ .a && 1 }", TRACEQL_TYPE, 8, 1, "1:9: '1' is an integer; '&&' takes conditions"},
    {"{ .a =~ 1 }", TRACEQL_TYPE, 8, 1, "1:9: '1' is an integer; '=~' takes strings"},
    {"{ .a =~ .b }", TRACEQL_TYPE, 8, 2,
     "1:9: a regular expression must be a string in the query, as in =~ \"a.*\""},
    {"{ .a =~ \"[\" }", TRACEQL_TYPE, 8, 3,
     "1:9: bad regular expression: missing terminating ] for character class, at character 2 of "
     "the regular expression"},
    {"{ .a =~ \"x(?=y)\" }", TRACEQL_TYPE, 8, 8,
     "1:9: bad regular expression: RE2's syntax does not have looking ahead '(?=…)', at character "
     "2 of the regular expression"},
    {"{ !duration }", TRACEQL_TYPE, 2, 9, "1:3: 'duration' is a duration; '!' takes a condition"},
    {"{ -name = \"x\" }", TRACEQL_TYPE, 2, 5, "1:3: 'name' is a string; '-' takes a number"},
    {"{ status }", TRACEQL_TYPE, 2, 6,
     "1:3: 'status' is a status, not a condition; compare it with something"},
    {"{ span:status = nil }", TRACEQL_TYPE, 2, 11,
     "1:3: 'span:status' is never nil: every span has one"},
    {"{ resource.service.name = nil }", TRACEQL_TYPE, 2, 21, NULL},
    {"{} | max(name) > 1", TRACEQL_TYPE, 9, 4, "1:10: 'name' is a string; aggregates take numbers"},
    {"{} | max(3) > 1", TRACEQL_TYPE, 9, 1,
     "1:10: an aggregate takes something of the span; '3' is the same for all"},
    {"{} | by(1 + 2)", TRACEQL_TYPE, 8, 5,
     "1:9: by() groups by something of the span; '1 + 2' is the same for all"},
    {"{} | sum_over_time(name)", TRACEQL_TYPE, 19, 4,
     "1:20: 'name' is a string; the function takes a number"},
    {"{} | quantile_over_time(duration, 90)", TRACEQL_TYPE, 34, 2,
     "1:35: a quantile is from 0 to 1; 0.9 is 90 %"},
    {"{} | rate() | topk(0)", TRACEQL_TYPE, 19, 1, "1:20: topk and bottomk keep at least 1 series"},
    {"{} | compare({.a}) | topk(1)", TRACEQL_TYPE, 21, 7,
     "1:22: compare() gives no series to filter"},
    {"({} | compare({.a})) + 1", TRACEQL_TYPE, 21, 1,
     "1:22: compare() gives no series to calculate with"},
    {"{} | compare({.a}, 0)", TRACEQL_TYPE, 19, 1,
     "1:20: compare() lists 1 to 1000 values of each attribute"},
    {"{} | compare({.a}, 5, 20, 10)", TRACEQL_TYPE, 26, 2,
     "1:27: the selection's end must be behind its start"},
    /* the first fault counts, but a syntax error is the better answer */
    {"{ status } | { kind }", TRACEQL_TYPE, 2, 6, NULL},
    {"{ status } | {", TRACEQL_SYNTAX, 14, 0, "1:15: expected a condition, found the end"},
    /* what nobody runs */
    {"{ parent.a = 1 }", TRACEQL_UNSUPPORTED, 2, 8,
     "1:3: 'parent' is not supported; { … } > { … } relates a span to its parent"},
    {"{ parent = nil }", TRACEQL_UNSUPPORTED, 2, 6, NULL},
    {"{ parent.span.a = parent.resource.b }", TRACEQL_UNSUPPORTED, 2, 13, NULL},
    {"{} | count() > max(.a)", TRACEQL_UNSUPPORTED, 13, 1,
     "1:14: aggregates are compared with numbers only, as in count() > 2; '>' between them is not "
     "supported"},
    {"({} | count()) + ({} | count()) > 1", TRACEQL_UNSUPPORTED, 15, 1, NULL},
    {"{} | rate() by (.a, .b, .c, .d, .e, .f)", TRACEQL_UNSUPPORTED, 12, 27,
     "1:13: rate() groups by 5 attributes at most"},
    {"{} | histogram_over_time(duration) by (.a, .b, .c, .d, .e)", TRACEQL_UNSUPPORTED, 35, 23,
     "1:36: histogram_over_time() groups by 4 attributes at most"},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct traceql_diag diag = {0};
        struct err err = {0};
        struct arena arena;
        const struct traceql *q = NULL;
        struct guarded text = guarded_copy(cases[i].text, strlen(cases[i].text));
        int code;
        arena_init(&arena, 0);
        code = traceql_parse(text.bytes, &arena, &q, &diag, &err);
        CHECK(code == ERR_INVALID && err.code == code && !q, cases[i].text);
        if (cases[i].words)
            check_str(str_of(err.msg), cases[i].words, cases[i].text);
        if (diag.fault != cases[i].fault || diag.at != cases[i].at ||
            diag.length != cases[i].length || err.offset != diag.at)
            fail_msg("case \"%s\": fault %d at %u+%u: %s", cases[i].text, diag.fault, diag.at,
                     diag.length, err.msg);
        CHECK(traceql_parse(text.bytes, &arena, &q, NULL, NULL) == code, cases[i].text);
        arena_release(&arena);
        guarded_free(&text);
    }
}

/* ---- Limits ---- */

static void repeat(struct buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_put_str(out, str_of(text));
}

/* head, n times middle, tail. */
static int parse_repeated(const char *head, const char *middle, size_t n, const char *tail)
{
    struct traceql_diag diag = {0};
    const struct traceql *q;
    struct arena arena;
    struct err err;
    struct buf text;
    int code;
    arena_init(&arena, 0);
    buf_init(&text, 0);
    repeat(&text, head, 1);
    repeat(&text, middle, n);
    repeat(&text, tail, 1);
    code = traceql_parse(buf_str(&text), &arena, &q, &diag, &err);
    assert_true(code == 0 || (err.code == code && diag.fault && err.msg[0]));
    buf_release(&text);
    arena_release(&arena);
    return code;
}

static void test_limits(void **state)
{
    static const struct {
        const char *head, *middle, *tail;
        size_t good, bad;
    } limits[] = {
        /* long lists of conditions are not deep */
        {"{ .a = 1", " || .a = 1", " }", 1000, 2000},
        {"{ .a", " && .a", " }", 2000, 5000},
        {"{ .a", " && (.a || .b)", " }", 500, 2000},
        {"{ .a", " && .a || .a", " }", 60, 70}, /* a chain that changes is */
        {"{ 1", " + .a", " = 1 }", 120, 130},
        {"{ 1", " ^ .a", " = 1 }", 120, 130},
        {"{ ", "(", "", 0, 100000},
        {"{ ", "!", ".a }", 120, 130},
        {"{ ", "!", ".a }", 120, 100000},
        {"{ ", "-", "1 = 1 }", 120, 100000},
        {"", "(", "", 0, 100000},
        {"", "{}>", "{}", 120, 130},
        {"", "{} | ", "{}", 1000, 5000},
        {"{} | ", "-", "1 < count()", 120, 130},
        {"({} | rate())", " + ({} | rate())", "", 120, 130},
        {"{} | rate()", " > 1", "", TRACEQL_SECONDS_MAX, TRACEQL_SECONDS_MAX + 1},
        {"{} | quantile_over_time(duration", ", 0.5", ")", TRACEQL_QUANTILES_MAX,
         TRACEQL_QUANTILES_MAX + 1},
        {"{ .a = \"", "x", "\" }", TRACEQL_BYTES_MAX - 11, TRACEQL_BYTES_MAX},
        {"select(.a", ", .a", ")", 4000, 5000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(limits); i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s...", limits[i].head, limits[i].middle);
        if (limits[i].good)
            CHECK(parse_repeated(limits[i].head, limits[i].middle, limits[i].good,
                                 limits[i].tail) == 0,
                  name);
        CHECK(parse_repeated(limits[i].head, limits[i].middle, limits[i].bad, limits[i].tail) ==
                  ERR_TOO_LARGE,
              name);
    }
}

/* Nested 100 levels deep in both ways. */
static void test_nested(void **state)
{
    struct buf text;
    struct arena arena;
    const struct traceql *q;
    struct err err;
    (void)state;
    buf_init(&text, 0);
    arena_init(&arena, 0);
    repeat(&text, "{ ", 1);
    repeat(&text, "(", 100);
    repeat(&text, ".a", 1);
    repeat(&text, ")", 100);
    repeat(&text, " }", 1);
    assert_int_equal(traceql_parse(buf_str(&text), &arena, &q, NULL, &err), 0);
    buf_release(&text);
    arena_release(&arena);
}

/* ---- Memory ---- */

/* The arena has room for n bytes more; every allocation of the parse is refused in turn. */
static int parse_with_room(const char *text, size_t room)
{
    enum { ALL = 128 * 1024 };
    const struct traceql *q;
    struct arena arena;
    struct err err = {0};
    int code;
    arena_init(&arena, ALL);
    assert_non_null(arena_alloc(&arena, ALL - 4096 - room)); /* the rest of the one chunk */
    code = traceql_parse(str_of(text), &arena, &q, NULL, &err);
    assert_true(code == 0 || (code == ERR_TOO_LARGE && err.code == code && err.msg[0]));
    arena_release(&arena);
    return code;
}

static void test_memory(void **state)
{
    static const char text[] =
        "({ .a =~ \"x\\ty\" && span.\"b c\" != nil && -.d ^ 2 > 1 } | by(.x + 1) | select(.e, .f) | "
        "max(.g) > 3) && { `r\r` = .h || trace:id = \"12\" } | { status = error } | "
        "quantile_over_time(duration, 0.5) by (name, .i) > 5 | topk(3) with(a=true, b=\"\\n\")";
    size_t room = 0;
    (void)state;
    assert_int_equal(parse_with_room(text, 64 * 1024), 0);
    while (parse_with_room(text, room) < 0)
        room += 16;
    assert_true(room > 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
