/* B3 and uber-trace-id: tables of good and bad header values. */
#include "wire/b3.h"
#include "test.h"
#include "wire/uber_trace_id.h"

#define TRACE  "80f198ee56343ba864fe8b2a57d3eff7"
#define SHORT  "64fe8b2a57d3eff7"
#define SPAN   "e457b5a2e4d86bd1"
#define PARENT "05e3ac9a4f6e3b90"
#define ZERO16 "0000000000000000"

static void test_single(void **state)
{
    static const struct {
        const char *in, *out; /* out: as written again; NULL: refused; "": no ids */
        bool sampled, debug;
    } cases[] = {
        {TRACE "-" SPAN "-1-" PARENT, TRACE "-" SPAN "-1", true, false},
        {TRACE "-" SPAN "-d", TRACE "-" SPAN "-d", true, true},
        {TRACE "-" SPAN "-d-" PARENT, TRACE "-" SPAN "-d", true, true},
        {TRACE "-" SPAN "-0", TRACE "-" SPAN "-0", false, false},
        {TRACE "-" SPAN, TRACE "-" SPAN "-0", false, false},
        {TRACE "-" SPAN "-" PARENT, TRACE "-" SPAN "-0", false, false},
        {SHORT "-" SPAN "-1", ZERO16 SHORT "-" SPAN "-1", true, false},
        {"80F198EE56343BA864FE8B2A57D3EFF7-E457B5A2E4D86BD1-1", TRACE "-" SPAN "-1", true, false},
        {" " TRACE "-" SPAN "-1\t", TRACE "-" SPAN "-1", true, false},
        {"0", "", false, false},
        {"1", "", true, false},
        {"d", "", true, true},
        {"", NULL, false, false},
        {"2", NULL, false, false},
        {"dd", NULL, false, false},
        {"-", NULL, false, false},
        {TRACE, NULL, false, false},
        {TRACE "-", NULL, false, false},
        {TRACE "-" SPAN "-", NULL, false, false},
        {TRACE "-" SPAN "-2", NULL, false, false},
        {TRACE "-" SPAN "-1-", NULL, false, false},
        {TRACE "-" SPAN "-1-" PARENT "-", NULL, false, false},
        {TRACE "-" SPAN "-1-5e3ac9a4f6e3b9", NULL, false, false},
        {TRACE "-" SPAN "-true", NULL, false, false},
        {TRACE "_" SPAN "-1", NULL, false, false},
        {ZERO16 ZERO16 "-" SPAN "-1", NULL, false, false},
        {ZERO16 "-" SPAN "-1", NULL, false, false},
        {TRACE "-" ZERO16 "-1", NULL, false, false},
        {"8" TRACE "-" SPAN "-1", NULL, false, false},
        {"0f198ee56343ba864fe8b2a57d3eff7-" SPAN "-1", NULL, false, false},
        {TRACE "-457b5a2e4d86bd1-1", NULL, false, false},
        {"g0f198ee56343ba864fe8b2a57d3eff7-" SPAN "-1", NULL, false, false},
        {TRACE "-g457b5a2e4d86bd1-1", NULL, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        struct b3 b3 = {.debug = true};
        char text[B3_SINGLE_BYTES + 1];
        CHECK(b3_parse_single(g.bytes, &b3) == (cases[i].out != NULL), cases[i].in);
        guarded_free(&g);
        if (!cases[i].out) {
            CHECK(b3.debug && !b3.has_ids, cases[i].in); /* as it was */
            continue;
        }
        CHECK(b3.sampled == cases[i].sampled && b3.debug == cases[i].debug, cases[i].in);
        CHECK(b3.has_ids == (*cases[i].out != '\0'), cases[i].in);
        b3_format_single(text, &b3);
        if (b3.has_ids)
            CHECK(strcmp(text, cases[i].out) == 0, cases[i].in);
    }
}

static void test_multi(void **state)
{
    static const struct {
        const char *trace, *span, *sampled, *flags, *out; /* as above */
    } cases[] = {
        {TRACE, SPAN, "1", "", TRACE "-" SPAN "-1"},
        {TRACE, SPAN, "0", "", TRACE "-" SPAN "-0"},
        {TRACE, SPAN, "0", "0", TRACE "-" SPAN "-0"},
        {TRACE, SPAN, "true", "", TRACE "-" SPAN "-1"},
        {TRACE, SPAN, "True", "", TRACE "-" SPAN "-1"},
        {TRACE, SPAN, "false", "", TRACE "-" SPAN "-0"},
        {TRACE, SPAN, "d", "", TRACE "-" SPAN "-d"},
        {TRACE, SPAN, "", "", TRACE "-" SPAN "-0"},
        {TRACE, SPAN, "", "1", TRACE "-" SPAN "-d"},
        {TRACE, SPAN, "0", "1", TRACE "-" SPAN "-d"},
        {SHORT, SPAN, "1", "", ZERO16 SHORT "-" SPAN "-1"},
        {" " TRACE, SPAN " ", " 1 ", "", TRACE "-" SPAN "-1"},
        {"", "", "0", "", ""},
        {"", "", "", "1", ""},
        {"", "", "", "", NULL},
        {TRACE, "", "1", "", NULL},
        {"", SPAN, "1", "", NULL},
        {TRACE, SPAN, "2", "", NULL},
        {TRACE, SPAN, "yes", "", NULL},
        {TRACE, SPAN, "1", "x", NULL},
        {ZERO16, SPAN, "1", "", NULL},
        {TRACE, ZERO16, "1", "", NULL},
        {TRACE "0", SPAN, "1", "", NULL},
        {"x", SPAN, "1", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct b3_fields fields = {str_of(cases[i].trace), str_of(cases[i].span),
                                   str_of(cases[i].sampled), str_of(cases[i].flags)};
        struct b3 b3;
        char name[16], text[B3_SINGLE_BYTES + 1];
        snprintf(name, sizeof name, "row %zu", i);
        CHECK(b3_parse_multi(&fields, &b3) == (cases[i].out != NULL), name);
        if (!cases[i].out)
            continue;
        CHECK(b3.has_ids == (*cases[i].out != '\0'), name);
        b3_format_single(text, &b3);
        if (b3.has_ids)
            CHECK(strcmp(text, cases[i].out) == 0, name);
    }
}

static void test_uber_trace_id(void **state)
{
    static const struct {
        const char *in, *out; /* NULL: refused */
    } cases[] = {
        {TRACE ":" SPAN ":0:1", TRACE ":" SPAN ":0:1"},
        {TRACE ":" SPAN ":" PARENT ":01", TRACE ":" SPAN ":0:1"},
        {TRACE ":" SPAN ":0:0", TRACE ":" SPAN ":0:0"},
        {TRACE ":" SPAN ":0:00", TRACE ":" SPAN ":0:0"},
        {TRACE ":" SPAN ":0:3", TRACE ":" SPAN ":0:3"},
        {TRACE ":" SPAN ":0:2", TRACE ":" SPAN ":0:3"}, /* debug implies sampled */
        {TRACE ":" SPAN ":0:9", TRACE ":" SPAN ":0:1"}, /* firehose is none of ours */
        {TRACE "%3A" SPAN "%3a0%3A1", TRACE ":" SPAN ":0:1"},
        {SHORT ":" SPAN ":0:1", ZERO16 SHORT ":" SPAN ":0:1"},
        {"1:2:0:1", ZERO16 "0000000000000001:0000000000000002:0:1"},
        {"ABC:2:0:1", ZERO16 "0000000000000abc:0000000000000002:0:1"},
        {"", NULL},
        {":::", NULL},
        {TRACE ":" SPAN ":0", NULL},
        {TRACE ":" SPAN ":0:", NULL},
        {TRACE ":" SPAN "::1", NULL},
        {TRACE ":" SPAN ":0:1:1", NULL},
        {TRACE ":" SPAN ":0:100", NULL},
        {TRACE ":" SPAN ":0:x", NULL},
        {TRACE ":" SPAN ":x:1", NULL},
        {TRACE ":x:0:1", NULL},
        {"x:" SPAN ":0:1", NULL},
        {"0:" SPAN ":0:1", NULL},
        {TRACE ":0:0:1", NULL},
        {"0" TRACE ":" SPAN ":0:1", NULL},
        {TRACE ":0" SPAN ":0:1", NULL},
        {TRACE "%3" SPAN ":0:1", NULL},
        {TRACE ":" SPAN ":0%3", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        struct uber_trace_id id;
        char text[UBER_TRACE_ID_BYTES + 1];
        CHECK(uber_trace_id_parse(g.bytes, &id) == (cases[i].out != NULL), cases[i].in);
        guarded_free(&g);
        if (!cases[i].out)
            continue;
        CHECK(id.sampled || !id.debug, cases[i].in);
        uber_trace_id_format(text, &id);
        CHECK(strcmp(text, cases[i].out) == 0, cases[i].in);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single),
        cmocka_unit_test(test_multi),
        cmocka_unit_test(test_uber_trace_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
