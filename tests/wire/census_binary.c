/* OpenCensus's binary trace context: the specification's example, every length, every order, every damage. */
#include "wire/census_binary.h"

#include "test.h"

#define T   "\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x00\x0e\x47\x36"
#define S   "\x34\xf0\x67\xaa\x0b\xa9\x02\xb7"
#define Z8  "\0\0\0\0\0\0\0\0"
#define ALL "\0\0" T "\1" S "\2"

static const struct {
    const char *name;
    struct str in;
    int want; /* -1: no context; else whether it is sampled */
} cases[] = {
    {"the example", STR_INIT(ALL "\1"), 1},
    {"not sampled", STR_INIT(ALL "\0"), 0},
    {"other options alone", STR_INIT(ALL "\xfe"), 0},
    {"other options too", STR_INIT(ALL "\xff"), 1},
    {"no options", STR_INIT("\0\0" T "\1" S), 0},
    {"another order", STR_INIT("\0\2\1\1" S "\0" T), 1},
    {"an unknown field behind", STR_INIT(ALL "\1\3what follows"), 1},
    {"an unknown field without bytes", STR_INIT(ALL "\1\xff"), 1},
    {"an unknown field hides the span", STR_INIT("\0\0" T "\3\1" S), -1},
    {"nothing", STR_INIT(""), -1},
    {"a version alone", STR_INIT("\0"), -1},
    {"version 1", STR_INIT("\1\0" T "\1" S "\2\1"), -1},
    {"version 255", STR_INIT("\xff\0" T "\1" S "\2\1"), -1},
    {"no trace id", STR_INIT("\0\1" S "\2\1"), -1},
    {"no span id", STR_INIT("\0\0" T "\2\1"), -1},
    {"trace id of zeros", STR_INIT("\0\0" Z8 Z8 "\1" S "\2\1"), -1},
    {"span id of zeros", STR_INIT("\0\0" T "\1" Z8 "\2\1"), -1},
    {"two trace ids", STR_INIT("\0\0" T "\0" T "\1" S "\2\1"), -1},
    {"two options", STR_INIT(ALL "\1\2\0"), -1},
    {"options cut", STR_INIT(ALL), -1},
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in.p, cases[i].in.n);
        struct census_binary c, untouched;
        memset(&c, 0x5a, sizeof c);
        untouched = c;
        CHECK(census_binary_parse(g.bytes, &c) == (cases[i].want >= 0), cases[i].name);
        if (cases[i].want >= 0) {
            CHECK(memcmp(c.trace_id.bytes, T, TRACE_ID_BYTES) == 0, cases[i].name);
            CHECK(memcmp(c.span_id.bytes, S, SPAN_ID_BYTES) == 0, cases[i].name);
            CHECK(c.sampled == cases[i].want, cases[i].name);
        } else {
            CHECK(memcmp(&c, &untouched, sizeof c) == 0, cases[i].name);
        }
        guarded_free(&g);
    }
}

/* The example cut at each byte: without options it is whole, everywhere else it is damaged. */
static void test_every_length(void **state)
{
    static const char example[] = ALL "\1";
    (void)state;
    for (size_t n = 0; n < sizeof example; n++) {
        struct guarded g = guarded_copy(example, n);
        struct census_binary c;
        assert_int_equal(census_binary_parse(g.bytes, &c), n == 27 || n == 29);
        guarded_free(&g);
    }
}

static void test_format(void **state)
{
    struct census_binary c = {.sampled = true};
    uint8_t bytes[CENSUS_BINARY_BYTES];
    (void)state;
    memcpy(c.trace_id.bytes, T, TRACE_ID_BYTES);
    memcpy(c.span_id.bytes, S, SPAN_ID_BYTES);
    census_binary_format(bytes, &c);
    assert_memory_equal(bytes, ALL "\1", sizeof bytes);
    c.sampled = false;
    census_binary_format(bytes, &c);
    assert_memory_equal(bytes, ALL "\0", sizeof bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
