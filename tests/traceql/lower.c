/* What engines run of what was written: leaves with the field first, constants folded, ids as bytes. */
#include "tree.h"

static const struct {
    const char *text, *want; /* "": every span */
} cases[] = {
    {"{}", ""},
    {"{ true }", ""},
    {"{ false }", "false"},
    {"{ .a = 1 }", "[= .a 1]"},
    {"{ 1 = .a }", "[= .a 1]"},
    {"{ 1 != .a }", "[!= .a 1]"},
    {"{ 1 < .a }", "[> .a 1]"},
    {"{ 1 <= .a }", "[>= .a 1]"},
    {"{ 1 > .a }", "[< .a 1]"},
    {"{ 1 >= .a }", "[<= .a 1]"},
    {"{ .a = 1 + 2 * 3 }", "[= .a 7]"},
    {"{ .a = -(1) }", "[= .a -1]"},
    {"{ .a = 7 / 2 }", "[= .a 3]"},
    {"{ .a = -7 / 2 }", "[= .a -3]"},
    {"{ .a = 7 % 4 }", "[= .a 3]"},
    {"{ .a = 7 / 2.0 }", "[= .a 3.5]"},
    {"{ .a = 2 ^ 3 }", "[= .a 8]"},
    {"{ .a = 2 ^ 3 ^ 2 }", "[= .a 512]"},
    {"{ .a = 2 ^ -1 }", "[= .a 0.5]"},
    {"{ .a = 10 ^ 30 }", "[= .a 1e+30]"},
    {"{ .a = maxInt + 1 }", "[= .a minInt]"},
    {"{ .a = minInt / -1 }", "[= .a minInt]"},
    {"{ .a = minInt % -1 }", "[= .a 0]"},
    {"{ .a = 1 / 0 }", "false"},
    {"{ .a != 1 % 0 }", "false"},
    {"{ .a = 1.0 / 0 }", "[= .a inf]"},
    {"{ duration > 1s * 2 }", "[> duration 2000000000]"},
    {"{ .a = (1 < 2) }", "[= .a true]"},
    /* constants */
    {"{ 1 < 2 }", ""},
    {"{ 1 = 1.0 }", ""},
    {"{ 2 < 1 }", "false"},
    {"{ 1s = 1000ms }", ""},
    {"{ \"a\" < \"b\" }", ""},
    {"{ \"abc\" =~ \"a.*\" }", ""},
    {"{ \"abc\" =~ \"b\" }", "false"},
    {"{ \"abc\" !~ \"b\" }", ""},
    {"{ ok = error }", "false"},
    {"{ server != client }", ""},
    {"{ !true }", "false"},
    {"{ !(1 = 2) }", ""},
    {"{ true && .a }", "[= .a true]"},
    {"{ false && .a }", "false"},
    {"{ .a && false }", "false"},
    {"{ .a || true }", ""},
    {"{ false || .a }", "[= .a true]"},
    {"{ !(.a = 1 && false) }", ""},
    /* attributes as conditions */
    {"{ .a }", "[= .a true]"},
    {"{ !.a }", "[= .a false]"},
    {"{ !(.a) }", "[= .a false]"},
    {"{ !!.a }", "(not [= .a false])"},
    {"{ !(.a = 1) }", "(not [= .a 1])"},
    {"{ .a + .b }", "(= (+ .a .b) true)"},
    {"{ !(.a + .b) }", "(= (+ .a .b) false)"},
    {"{ (.a = 1) = true }", "[= .a 1]"},
    {"{ (.a = 1) != true }", "(not [= .a 1])"},
    {"{ false = (.a = 1) }", "(not [= .a 1])"},
    {"{ (.a = 1) = (.b = 2) }", "(= [= .a 1] [= .b 2])"},
    {"{ .a = (.b = 2) }", "(= .a [= .b 2])"},
    /* nil */
    {"{ .a = nil }", "(not [exists .a])"},
    {"{ nil = .a }", "(not [exists .a])"},
    {"{ .a != nil }", "[exists .a]"},
    {"{ nil != name }", "[exists name]"},
    {"{ !(.a = nil) }", "(not (not [exists .a]))"},
    {"{ nil = nil }", "false"},
    {"{ nil != nil }", "false"},
    {"{ 1 = nil }", "false"},
    {"{ 1 != nil }", ""},
    {"{ (.a = 1) != nil }", ""},
    {"{ (.a = 1) = nil }", "false"},
    {"{ .a + 1 = nil }", "(= (+ .a 1) nil)"},
    {"{ nil != .a + 1 }", "(!= (+ .a 1) nil)"},
    {"{ span:parentID != nil }", "[exists span:parentID]"},
    /* general form */
    {"{ .a = .b }", "(= .a .b)"},
    {"{ .a + 1 > 2 }", "(> (+ .a 1) 2)"},
    {"{ 2 < .a + 1 }", "(< 2 (+ .a 1))"},
    {"{ -.a = 1 }", "(= (neg .a) 1)"},
    {"{ .a + (1 + 2) = 3 }", "(= (+ .a 3) 3)"},
    {"{ duration / 2 > 1s }", "(> (/ duration 2) 1s)"},
    /* patterns */
    {"{ .a =~ \"x\" }", "[=~ .a \"x\"]"},
    {"{ .a !~ \"x\" }", "[!~ .a \"x\"]"},
    {"{ .a + .b =~ \"x\" }", "(=~ (+ .a .b) \"x\")"},
    /* status and kind */
    {"{ status = error }", "[= status 2]"},
    {"{ ok != status }", "[!= status 1]"},
    {"{ kind = server }", "[= kind 2]"},
    {"{ .a = error }", "false"},
    {"{ .a != error }", "false"},
    {"{ server = span.kind }", "false"},
    {"{ status = .a }", "false"},
    {"{ status = status }", "(= status status)"},
    /* ids */
    {"{ trace:id = \"00000000000000000000000000000abc\" }",
     "[= trace:id \"00000000000000000000000000000abc\"]"},
    {"{ trace:id = \"abc\" }", "[= trace:id \"00000000000000000000000000000abc\"]"},
    {"{ trace:id = \"ABC\" }", "[= trace:id \"00000000000000000000000000000abc\"]"},
    {"{ \"abc\" != trace:id }", "[!= trace:id \"00000000000000000000000000000abc\"]"},
    {"{ trace:id = \"000000000000000000000000000000000000abc\" }",
     "[= trace:id \"00000000000000000000000000000abc\"]"},
    {"{ trace:id = \"xyz\" }", "false"},
    {"{ trace:id != \"xyz\" }", "[exists trace:id]"},
    {"{ trace:id = \"\" }", "false"},
    {"{ trace:id = \"123456789012345678901234567890123\" }", "false"},
    {"{ span:id = \"12\" }", "[= span:id \"0000000000000012\"]"},
    {"{ span:parentID = \"12345678901234567\" }", "false"},
    {"{ link:traceID = \"1\" }", "[= link:traceID \"00000000000000000000000000000001\"]"},
    {"{ link:spanID != \"1\" }", "[!= link:spanID \"0000000000000001\"]"},
    {"{ trace:id > \"5\" }", "(> trace:id \"5\")"},
    {"{ \"5\" > trace:id }", "(< trace:id \"5\")"},
    {"{ span:id =~ \"0.*\" }", "(=~ span:id \"0.*\")"},
    /* roots */
    {"{ nestedSetParent < 0 }", "(not [exists span:parentID])"},
    {"{ nestedSetParent = -1 }", "(not [exists span:parentID])"},
    {"{ nestedSetParent <= -1 }", "(not [exists span:parentID])"},
    {"{ 0 > nestedSetParent }", "(not [exists span:parentID])"},
    {"{ nestedSetParent >= 0 }", "[exists span:parentID]"},
    {"{ nestedSetParent > -1 }", "[exists span:parentID]"},
    {"{ nestedSetParent != -1 }", "[exists span:parentID]"},
    {"{ nestedSetParent = 0 }", "[= nestedSetParent 0]"},
    {"{ nestedSetParent > 0 }", "[> nestedSetParent 0]"},
    {"{ nestedSetParent = 5 }", "[= nestedSetParent 5]"},
    {"{ nestedSetParent != 5 }", "[!= nestedSetParent 5]"},
    {"{ nestedSetParent < 5 }", "[< nestedSetParent 5]"},
    {"{ nestedSetParent > -5 }", "[> nestedSetParent -5]"},
    {"{ nestedSetParent <= maxInt }", "[<= nestedSetParent 9223372036854775807]"},
};

static void test_conditions(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct expr *condition;
        const struct traceql *q;
        struct arena arena;
        struct err err;
        struct buf out;
        arena_init(&arena, 0);
        buf_init(&out, 0);
        if (traceql_parse(str_of(cases[i].text), &arena, &q, NULL, &err) < 0)
            fail_msg("\"%s\": %s", cases[i].text, err.msg);
        condition = q->search->stages[0].spansets->condition;
        if (condition)
            show_expr(condition, &out);
        check_str(buf_str(&out), cases[i].want, cases[i].text);
        buf_release(&out);
        arena_release(&arena);
    }
}

/* Stages keep values that are lowered, too. */
static void test_stages(void **state)
{
    static const struct {
        const char *text, *want;
    } stages[] = {
        {"{} | by(.a)", ".a"},
        {"{} | by(.a + (1 + 2))", "(+ .a 3)"},
        {"{} | by(1 = .a)", "[= .a 1]"},
        {"{} | by(.a = nil)", "(not [exists .a])"},
        {"{} | max(.a * (2 + 3)) > 1", "(> (aggregate (* .a 5)) 1)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(stages); i++) {
        const struct traceql *q;
        struct arena arena;
        struct err err;
        struct buf out;
        arena_init(&arena, 0);
        buf_init(&out, 0);
        if (traceql_parse(str_of(stages[i].text), &arena, &q, NULL, &err) < 0)
            fail_msg("\"%s\": %s", stages[i].text, err.msg);
        show_expr(q->search->stages[1].expr, &out);
        check_str(buf_str(&out), stages[i].want, stages[i].text);
        buf_release(&out);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_stages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
