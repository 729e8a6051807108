/* What the W3C's harness asks of a service, without its network: what comes in, whether the trace goes on, and which
 * tracestate leaves. Every call out is made from inside a span of its own. */
#include "sdk/carrier.h"

#define TRACE  "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"
#define GOOD   "00-" TRACE "-" PARENT "-01"

enum { CALLS = 3 };

/* The service: headers of one request in, those of its calls out. */
static void serve(const struct fixture *f, struct carrier *in, struct carrier out[CALLS])
{
    cairn_context *parent =
        cairn_propagator_extract(cairn_propagator_tracecontext(), NULL, get_field, in);
    CAIRN_SPAN(server, f->tracer, "server", CAIRN_WITH(.parent = parent));
    cairn_context_unref(parent);
    for (int i = 0; i < CALLS; i++) {
        CAIRN_SPAN(client, f->tracer, "client");
        out[i].count = 0;
        cairn_propagator_inject(cairn_propagator_tracecontext(), NULL, set_field, &out[i]);
    }
}

/* A traceparent as this version writes it. */
static bool well_formed(const char *header)
{
    static const char dashes[] = {2, 35, 52};
    if (!header || strlen(header) != 55 || memcmp(header, "00-", 3) != 0)
        return false;
    for (size_t i = 0; i < COUNT(dashes); i++) {
        if (header[(size_t)dashes[i]] != '-')
            return false;
    }
    return strspn(header, "0123456789abcdef-") == 55 && memcmp(header + 3, "0000000000000000", 16);
}

/* Each call has a span id of its own, all one trace: the sender's, or a new one. */
static void check_calls(const struct carrier out[CALLS], bool goes_on, const char *state,
                        const char *name)
{
    for (int i = 0; i < CALLS; i++) {
        const char *header = field(&out[i], "traceparent"), *first = field(&out[0], "traceparent");
        const char *sent = field(&out[i], "tracestate");
        CHECK(well_formed(header), name);
        CHECK((memcmp(header + 3, TRACE, 32) == 0) == goes_on, name);
        CHECK(memcmp(header, first, 36) == 0, name);
        CHECK(memcmp(header + 36, PARENT, 16) != 0, name);
        CHECK(i == 0 || memcmp(header + 36, first + 36, 16) != 0, name);
        CHECK((sent == NULL) == (state == NULL), name);
        CHECK(!state || strcmp(sent, state) == 0, name);
    }
}

static const struct traceparent_case {
    const char *name, *header;
    bool goes_on;
} traceparents[] = {
    {"as it should be", GOOD, true},
    {"not sampled", "00-" TRACE "-" PARENT "-00", true},
    {"version 00 and a dot more", GOOD ".", false},
    {"version 00 and a field more", GOOD "-of-a-later-version", false},
    {"later version", "cc-" TRACE "-" PARENT "-01", true},
    {"later version, a field more", "cc-" TRACE "-" PARENT "-01-of-a-later-version", true},
    {"later version, an empty field more", "01-" TRACE "-" PARENT "-01-", true},
    {"later version, more but no field", "cc-" TRACE "-" PARENT "-01.of-a-later-version", false},
    {"later version, digits more", "cc-" TRACE "-" PARENT "-0100", false},
    {"last version but one", "fe-" TRACE "-" PARENT "-01", true},
    {"forbidden version", "ff-" TRACE "-" PARENT "-01", false},
    {"forbidden version, a field more", "ff-" TRACE "-" PARENT "-01-x", false},
    {"version is no number, first", ".0-" TRACE "-" PARENT "-01", false},
    {"version is no number, second", "0.-" TRACE "-" PARENT "-01", false},
    {"version in upper case", "CC-" TRACE "-" PARENT "-01", false},
    {"version of three", "000-" TRACE "-" PARENT "-01", false},
    {"version of four", "0000-" TRACE "-" PARENT "-01", false},
    {"version of one", "0-" TRACE "-" PARENT "-01", false},
    {"no version", "-" TRACE "-" PARENT "-01", false},
    {"trace id of zeros", "00-00000000000000000000000000000000-" PARENT "-01", false},
    {"trace id begins with a dot", "00-.bf92f3577b34da6a3ce929d0e0e4736-" PARENT "-01", false},
    {"trace id ends in a dot", "00-4bf92f3577b34da6a3ce929d0e0e473.-" PARENT "-01", false},
    {"trace id in upper case", "00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01", false},
    {"trace id too long", "00-" TRACE "3-" PARENT "-01", false},
    {"trace id too short", "00-4bf92f3577b34da6a3ce929d0e0e473-" PARENT "-01", false},
    {"parent id of zeros", "00-" TRACE "-0000000000000000-01", false},
    {"parent id begins with a dot", "00-" TRACE "-.0f067aa0ba902b7-01", false},
    {"parent id ends in a dot", "00-" TRACE "-00f067aa0ba902b.-01", false},
    {"parent id in upper case", "00-" TRACE "-00F067AA0BA902B7-01", false},
    {"parent id too long", "00-" TRACE "-" PARENT "7-01", false},
    {"parent id too short", "00-" TRACE "-00f067aa0ba902b-01", false},
    {"flags begin with a dot", "00-" TRACE "-" PARENT "-.0", false},
    {"flags end in a dot", "00-" TRACE "-" PARENT "-0.", false},
    {"flags in upper case", "00-" TRACE "-" PARENT "-0A", false},
    {"flags too long", "00-" TRACE "-" PARENT "-001", false},
    {"flags too short", "00-" TRACE "-" PARENT "-1", false},
    {"no flags", "00-" TRACE "-" PARENT "-", false},
    {"no flags, no dash", "00-" TRACE "-" PARENT, false},
    {"space in front", " " GOOD, true},
    {"tab in front", "\t" GOOD, true},
    {"space behind", GOOD " ", true},
    {"tab behind", GOOD "\t", true},
    {"spaces and tabs around", "\t " GOOD " \t", true},
    {"space inside", "00-" TRACE " -" PARENT "-01", false},
    {"two in one", GOOD "," GOOD, false},
    {"empty", "", false},
};

static void test_traceparent(void **state)
{
    struct fixture f = fixture_open();
    (void)state;
    for (size_t i = 0; i < COUNT(traceparents); i++) {
        struct carrier in = {.count = 1}, out[CALLS];
        in.fields[0].name = "traceparent";
        in.fields[0].value = traceparents[i].header;
        serve(&f, &in, out);
        check_calls(out, traceparents[i].goes_on, NULL, traceparents[i].name);
    }
    fixture_close(&f);
}

#define LOWER        "abcdefghijklmnopqrstuvwxyz"
#define DIGITS       "0123456789"
#define BEFORE_COMMA " !\"#$%&'()*+"
#define BEFORE_EQUAL "-./" DIGITS ":;<"
#define BEHIND_EQUAL ">?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`" LOWER "{|}~"
#define ALL_VALUES   BEFORE_COMMA BEFORE_EQUAL BEHIND_EQUAL
#define TEN(from)                                                                            \
    from "0=x," from "1=x," from "2=x," from "3=x," from "4=x," from "5=x," from "6=x," from \
         "7=x," from "8=x," from "9=x"

/* Headers as a list of name and value; the lines of one name in their order. */
static const struct headers_case {
    const char *name;
    struct carrier in;
    bool goes_on;
    const char *state; /* as it leaves; NULL: none */
} headers[] = {
    {"nothing", {{{NULL, NULL}}, 0}, false, NULL},
    {"two traceparents", {{{"traceparent", GOOD}, {"traceparent", GOOD}}, 2}, false, NULL},
    {"two traceparents, one damaged",
     {{{"traceparent", GOOD}, {"traceparent", "x"}}, 2},
     false,
     NULL},
    {"name with a dash", {{{"trace-parent", GOOD}}, 1}, false, NULL},
    {"name with a dot", {{{"trace.parent", GOOD}}, 1}, false, NULL},
    {"name in title case", {{{"TraceParent", GOOD}}, 1}, true, NULL},
    {"name in all cases", {{{"TrAcEpArEnT", GOOD}}, 1}, true, NULL},
    {"name in upper case", {{{"TRACEPARENT", GOOD}}, 1}, true, NULL},
    {"state without traceparent", {{{"tracestate", "a=1,b=2"}}, 1}, false, NULL},
    {"state behind a damaged traceparent",
     {{{"traceparent", "00-" TRACE "-" PARENT "-1"}, {"tracestate", "a=1"}}, 2},
     false,
     NULL},
#define STATE(value) {{{"traceparent", GOOD}, {"tracestate", value}}, 2}, true
    {"state of two", STATE("a=1,b=2"), "a=1,b=2"},
    {"state name with a dash", {{{"traceparent", GOOD}, {"trace-state", "a=1"}}, 2}, true, NULL},
    {"state name with a dot", {{{"traceparent", GOOD}, {"trace.state", "a=1"}}, 2}, true, NULL},
    {"state name in all cases", {{{"traceparent", GOOD}, {"TrAcEsTaTe", "a=1"}}, 2}, true, "a=1"},
    {"state name in upper case", {{{"traceparent", GOOD}, {"TRACESTATE", "a=1"}}, 2}, true, "a=1"},
    {"empty state", STATE(""), NULL},
    {"state of spaces", STATE(" \t"), NULL},
    {"state of commas", STATE(",,"), NULL},
    {"empty line behind",
     {{{"traceparent", GOOD}, {"tracestate", "a=1"}, {"tracestate", ""}}, 3},
     true,
     "a=1"},
    {"empty line in front",
     {{{"traceparent", GOOD}, {"tracestate", ""}, {"tracestate", "a=1"}}, 3},
     true,
     "a=1"},
    {"empty members", STATE("a=1,,b=2, ,"), "a=1,b=2"},
    {"three lines in order",
     {{{"tracestate", "z=1,y=2"},
       {"traceparent", GOOD},
       {"TraceState", "x=3,w=4"},
       {"tracestate", "v=5"}},
      4},
     true,
     "z=1,y=2,x=3,w=4,v=5"},
    {"a damaged line takes the others with it",
     {{{"traceparent", GOOD}, {"tracestate", "a=1"}, {"tracestate", "B=2"}}, 3},
     true,
     NULL},
    {"a key twice, one value", STATE("a=1,a=1"), "a=1"},
    {"a key twice, two values", STATE("a=1,b=0,a=2"), "a=1,b=0"},
    {"a key twice, in two lines",
     {{{"traceparent", GOOD}, {"tracestate", "a=1"}, {"tracestate", "a=2"}}, 3},
     true,
     "a=1"},
    {"every character of a key", STATE(LOWER DIGITS "_-*/=1"), LOWER DIGITS "_-*/=1"},
    {"every character of a value", STATE("a=" ALL_VALUES), "a=" ALL_VALUES},
    {"key with a tenant", STATE(LOWER DIGITS "_-*/@a-z0-9_-*/=1"),
     LOWER DIGITS "_-*/@a-z0-9_-*/=1"},
    {"key begins with a digit", STATE("0tenant@vendor=1"), "0tenant@vendor=1"},
    {"key ends in @", STATE("a@=1,b=2"), "a@=1,b=2"},
    {"key with two @", STATE("a@@b=1,b=2"), "a@@b=1,b=2"},
    {"key with @ twice", STATE("a@b@c=1,b=2"), "a@b@c=1,b=2"},
    {"key begins with @", STATE("@a=1,b=2"), NULL},
    {"key begins with a sign", STATE("_a=1"), NULL},
    {"key with a space behind", STATE("a =1"), NULL},
    {"key with a space inside", STATE("a b=1"), NULL},
    {"key in upper case", STATE("A=1"), NULL},
    {"key with a dot", STATE("a.b=1"), NULL},
    {"no key", STATE("=1"), NULL},
    {"no equal sign", STATE("a,b=2"), NULL},
    {"value with an equal sign", STATE("a=b=c"), NULL},
    {"empty value", STATE("a=,b=3"), NULL},
    {"value of spaces", STATE("a=  ,b=3"), NULL},
    {"value with a tab inside", STATE("a=1\t2"), NULL},
    {"value that is not ASCII", STATE("a=J\xc3\xb6rg"), NULL},
    {"value begins with a space", STATE("a= 1"), "a= 1"},
    {"spaces and tabs between", STATE("a=1 \t , \t b=2, \t c=3"), "a=1,b=2,c=3"},
    {"tabs and spaces between", STATE("a=1\t \t,\t \tb=2,\t \tc=3"), "a=1,b=2,c=3"},
    {"space in front of all", STATE(" a=1"), "a=1"},
    {"tab in front of all", STATE("\ta=1"), "a=1"},
    {"space behind all", STATE("a=1 "), "a=1"},
    {"tab behind all", STATE("a=1\t"), "a=1"},
    {"spaces and tabs around all", STATE("\t a=1 \t"), "a=1"},
    {"32 members",
     {{{"traceparent", GOOD},
       {"tracestate", TEN("a")},
       {"tracestate", TEN("b")},
       {"tracestate", TEN("c")},
       {"tracestate", "d=x,e=x"}},
      5},
     true,
     TEN("a") "," TEN("b") "," TEN("c") ",d=x,e=x"},
    {"33 members",
     {{{"traceparent", GOOD},
       {"tracestate", TEN("a")},
       {"tracestate", TEN("b")},
       {"tracestate", TEN("c")},
       {"tracestate", "d=x,e=x,f=x"}},
      5},
     true,
     NULL},
};

static void test_headers(void **state)
{
    struct fixture f = fixture_open();
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        struct carrier in = headers[i].in, out[CALLS];
        serve(&f, &in, out);
        check_calls(out, headers[i].goes_on, headers[i].state, headers[i].name);
    }
    fixture_close(&f);
}

/* Keys and values of so many characters, behind another member. */
static void test_lengths(void **state)
{
    static const struct {
        const char *name;
        int key, tenant, value; /* characters; tenant: of the key, where an @ stands */
        bool stays;
    } cases[] = {
        {"key of 256", 256, 0, 1, true},
        {"key of 257", 257, 0, 1, false},
        {"key of 256 with a tenant of 241", 256, 241, 1, true},
        {"a vendor of one character", 244, 242, 1, true},
        {"a vendor of fifteen", 17, 1, 1, true},
        {"key of 257 with a tenant", 257, 241, 1, false},
        {"value of 256", 3, 0, 256, true},
        {"value of 257", 3, 0, 257, false},
        {"both as long as they may be", 256, 0, 256, true},
    };
    struct fixture f = fixture_open();
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char member[600], want[610];
        struct carrier in = {
            .fields = {{"traceparent", GOOD}, {"tracestate", "a=1"}, {"tracestate", member}},
            .count = 3};
        struct carrier out[CALLS];
        memset(member, 'k', sizeof member);
        if (cases[i].tenant)
            member[cases[i].tenant] = '@';
        member[cases[i].key] = '=';
        member[cases[i].key + 1 + cases[i].value] = '\0';
        snprintf(want, sizeof want, "a=1,%s", member);
        serve(&f, &in, out);
        check_calls(out, true, cases[i].stays ? want : NULL, cases[i].name);
    }
    fixture_close(&f);
}

/* The largest list that is allowed arrives whole, however many spaces stand in it. */
static void test_largest_state(void **state)
{
    static char list[32 * 600], want[32 * 600];
    struct fixture f = fixture_open();
    struct carrier in = {.fields = {{"traceparent", GOOD}, {"tracestate", list}}, .count = 2};
    struct carrier out[CALLS];
    char value[257];
    size_t n = 0, m = 0;
    (void)state;
    memset(value, 'v', 256);
    value[256] = '\0';
    for (int i = 0; i < 32; i++) {
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%0256d=%s", i ? " ,\t" : "", i, value);
        m += (size_t)snprintf(want + m, sizeof want - m, "%s%0256d=%s", i ? "," : "", i, value);
    }
    serve(&f, &in, out);
    check_calls(out, true, want, "largest");
    fixture_close(&f);
}

/* The random flag goes on with the trace, flags that version 00 does not know do not. */
static void test_flags(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {{"00", "00"}, {"01", "01"}, {"02", "02"}, {"03", "03"},
                 {"04", "00"}, {"fd", "01"}, {"ff", "03"}};
    struct fixture f = fixture_open();
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char header[64];
        struct carrier in = {.fields = {{"traceparent", header}}, .count = 1}, out[CALLS];
        snprintf(header, sizeof header, "00-" TRACE "-" PARENT "-%s", cases[i].in);
        serve(&f, &in, out);
        check_calls(out, true, NULL, cases[i].in);
        for (int call = 0; call < CALLS; call++)
            CHECK(strcmp(field(&out[call], "traceparent") + 53, cases[i].out) == 0, cases[i].in);
    }
    fixture_close(&f);
}

/* A new trace has random ids, says so, and is sampled. */
static void test_new_traces(void **state)
{
    struct fixture f = fixture_open();
    struct carrier in = {.count = 0}, one[CALLS], two[CALLS];
    (void)state;
    serve(&f, &in, one);
    serve(&f, &in, two);
    assert_memory_not_equal(field(&one[0], "traceparent") + 3, field(&two[0], "traceparent") + 3,
                            32);
    assert_string_equal(field(&one[0], "traceparent") + 53, "03");
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_traceparent), cmocka_unit_test(test_headers),
        cmocka_unit_test(test_lengths),     cmocka_unit_test(test_largest_state),
        cmocka_unit_test(test_flags),       cmocka_unit_test(test_new_traces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
