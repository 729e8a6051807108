/* Parameters: what is read, what is refused. */
#include "api/params.h"

#include "test.h"

static void test_trace_ids(void **state)
{
    static const struct {
        const char *in, *want; /* NULL = refused */
    } cases[] = {
        {"0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c"},
        {"0AF7651916CD43DD8448EB211C80319C", "0af7651916cd43dd8448eb211c80319c"},
        {"af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c"},
        {"8448eb211c80319c", "00000000000000008448eb211c80319c"},
        {"1", "00000000000000000000000000000001"},
        {"CvdlGRbNQ92ESOshHIAxnA==", "0af7651916cd43dd8448eb211c80319c"},
        {"CvdlGRbNQ92ESOshHIAxnA", "0af7651916cd43dd8448eb211c80319c"},
        {"hEjrIRyAMZw=", "00000000000000008448eb211c80319c"},
        {"-_-_-_-_-_-_-_-_-_-_-w", "fbffbffbffbffbffbffbffbffbffbffb"},
        {"+/+/+/+/+/+/+/+/+/+/+w==", "fbffbffbffbffbffbffbffbffbffbffb"},
        {"", NULL},
        {"0", NULL},
        {"00000000000000000000000000000000", NULL},
        {"xyz", NULL},
        {"0af7651916cd43dd8448eb211c80319c0", NULL},
        {"CvdlGRbNQ92ESOshHIAxnAAA", NULL},
        {"0af7651916cd43dd 448eb211c80319c", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        struct trace_id id;
        struct err err = {0};
        int code = param_trace_id(g.bytes, &id, &err);
        CHECK(code == (cases[i].want ? 0 : ERR_INVALID), cases[i].in);
        char got[33] = "";
        for (int b = 0; b < 16 && code == 0; b++)
            snprintf(got + 2 * b, 3, "%02x", id.bytes[b]);
        CHECK(strcmp(got, cases[i].want ? cases[i].want : "") == 0, cases[i].in);
        CHECK(code == 0 || err.msg[0], cases[i].in);
        guarded_free(&g);
    }
}

static void test_times(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        uint64_t want;
    } cases[] = {
        {"1970-01-01T00:00:00Z", true, 0},
        {"2026-11-21T13:14:01Z", true, 1795266841000000000},
        {"2026-11-21T13:14:01.5Z", true, 1795266841500000000},
        {"2026-11-21T13:14:01.123456789Z", true, 1795266841123456789},
        {"2026-11-21T13:14:01.1234567899Z", true, 1795266841123456789},
        {"2026-11-21T14:14:01+01:00", true, 1795266841000000000},
        {"2026-11-21T14:14:01 01:00", true, 1795266841000000000},
        {"2026-11-21T11:44:01-01:30", true, 1795266841000000000},
        {"2024-02-29T00:00:00Z", true, 1709164800000000000},
        {"2553-12-31T23:59:59Z", true, 18429292799000000000ull},
        {"2026-02-29T00:00:00Z", false, 0},
        {"2026-06-31T00:00:00Z", false, 0},
        {"2026-13-01T00:00:00Z", false, 0},
        {"2026-11-21T24:00:00Z", false, 0},
        {"2026-11-21T13:14:01", false, 0},
        {"2026-11-21T13:14:01.Z", false, 0},
        {"2026-11-21T13:14:01Zx", false, 0},
        {"2026-11-21 13:14:01Z", false, 0},
        {"1970-01-01T00:00:00+01:00", false, 0},
        {"2554-01-01T00:00:00Z", false, 0},
        {"", false, 0},
        {"1795266841", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        uint64_t got = 0;
        struct err err = {0};
        CHECK((param_rfc3339(STR("t"), g.bytes, &got, &err) == 0) == cases[i].ok, cases[i].in);
        CHECK(got == cases[i].want, cases[i].in);
        guarded_free(&g);
    }
}

static void test_limits(void **state)
{
    static const struct {
        const char *in;
        uint32_t want; /* 0 = refused */
    } cases[] = {{"", 20}, {"0", 20}, {"1", 1}, {"100", 100}, {"101", 0}, {"-1", 0}, {"x", 0}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t got = 0;
        int code = param_limit(STR("limit"), str_of(cases[i].in), 20, 100, &got, NULL);
        CHECK((code == 0) == (cases[i].want != 0), cases[i].in);
        CHECK(got == cases[i].want, cases[i].in);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trace_ids),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
