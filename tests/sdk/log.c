/* Log lines: every format to the byte, too little room at every length, remote parents without an SDK, events from lines. */
#include <pthread.h>
#include <signal.h>

#include "sdk_test.h"

static const struct cairn_span_context remote = {
    .trace_id = {0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e,
                 0x47, 0x36},
    .span_id = {0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7},
    .flags = 0x01,
    .is_remote = true,
};

#define TRACE_HEX "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN_HEX  "00f067aa0ba902b7"

static const struct {
    const char *name;
    int32_t format;
    const char *want;
} formats[] = {
    {"text", CAIRN_LOG_TEXT, "trace_id=" TRACE_HEX " span_id=" SPAN_HEX " trace_flags=01"},
    {"json", CAIRN_LOG_JSON,
     ",\"trace_id\":\"" TRACE_HEX "\",\"span_id\":\"" SPAN_HEX "\",\"trace_flags\":\"01\""},
    {"syslog", CAIRN_LOG_SYSLOG,
     "[opentelemetry trace_id=\"" TRACE_HEX "\" span_id=\"" SPAN_HEX "\" trace_flags=\"01\"]"},
    {"ltsv", CAIRN_LOG_LTSV, "trace_id:" TRACE_HEX "\tspan_id:" SPAN_HEX "\ttrace_flags:01"},
    {"unknown format", 4, ""},
    {"negative format", -1, ""},
};

/* No SDK is running: the remote parent is what is current. */
static void test_formats(void **state)
{
    cairn_span *parent = cairn_span_wrap(&remote);
    cairn_token token = cairn_context_attach(cairn_context_of(parent));
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        char out[CAIRN_LOG_ROOM];
        size_t want_n = strlen(formats[i].want);
        memset(out, 'x', sizeof out);
        CHECK(cairn_log_ids(out, sizeof out, formats[i].format) == want_n, formats[i].name);
        check_str(str_of(out), formats[i].want, formats[i].name);
        for (size_t room = 0; room <= want_n + 1; room++) { /* against memory that ends there */
            struct guarded g = guarded_copy(out, room);
            char *at = (char *)g.map + (g.bytes.p - (char *)g.map);
            size_t n = cairn_log_ids(at, room, formats[i].format);
            CHECK(n == (room > want_n ? want_n : 0), formats[i].name);
            CHECK(room == 0 || strlen(at) == n, formats[i].name);
            guarded_free(&g);
        }
    }
    assert_int_equal(cairn_log_ids(NULL, 100, CAIRN_LOG_TEXT), 0);
    cairn_context_detach(token);
    cairn_span_end(parent);
}

static void check_none(const char *name)
{
    char out[CAIRN_LOG_ROOM] = "before";
    uint8_t trace_id[16] = {7}, span_id[8] = {7}, flags = 7;
    CHECK(cairn_log_ids(out, sizeof out, CAIRN_LOG_TEXT) == 0 && out[0] == '\0', name);
    CHECK(!cairn_log_current(trace_id, span_id, &flags), name);
    CHECK(trace_id[0] == 7 && span_id[0] == 7 && flags == 7, name);
}

static void *no_span(void *name)
{
    check_none(name);
    return NULL;
}

static void test_none(void **state)
{
    cairn_span *zero = cairn_span_wrap(NULL);
    cairn_token token;
    pthread_t thread;
    char name[] = "a thread that never traced";
    (void)state;
    check_none("nothing attached");
    token = cairn_context_attach(cairn_context_of(zero));
    check_none("a span without ids");
    cairn_context_detach(token);
    cairn_span_end(zero);
    assert_int_equal(pthread_create(&thread, NULL, no_span, name), 0);
    pthread_join(thread, NULL);
}

static void check_current(cairn_span *span, uint8_t want_flags)
{
    struct cairn_span_context want;
    uint8_t trace_id[16], span_id[8], flags;
    cairn_span_get_context(span, &want);
    assert_true(cairn_log_current(trace_id, span_id, &flags));
    assert_memory_equal(trace_id, want.trace_id, 16);
    assert_memory_equal(span_id, want.span_id, 8);
    assert_int_equal(flags, want_flags);
}

static void test_follows_the_current_span(void **state)
{
    const cairn_context_key *key = cairn_context_key_new("k");
    struct fixture f = fixture_open();
    cairn_context *context;
    cairn_token token;
    (void)state;
    {
        CAIRN_SPAN(outer, f.tracer, "outer");
        check_current(outer, 0x03);
        {
            CAIRN_SPAN(inner, f.tracer, "inner");
            check_current(inner, 0x03);
        }
        check_current(outer, 0x03);
        context = cairn_context_with_value(NULL, key, &f, NULL); /* still the same span */
        token = cairn_context_attach(context);
        check_current(outer, 0x03);
        cairn_context_detach(token);
        token = cairn_context_attach(cairn_context_empty());
        check_none("the empty context on top");
        cairn_context_detach(token);
        check_current(outer, 0x03);
        cairn_context_unref(context);
    }
    check_none("all ended");
    fixture_close(&f);
}

static void test_not_sampled(void **state)
{
    cairn_sampler *off = cairn_sampler_always_off();
    struct fixture f = fixture_open_with((struct cairn_sdk_options){.sampler = off});
    (void)state;
    {
        CAIRN_SPAN(span, f.tracer, "dropped");
        check_current(span, 0x02); /* random, not sampled */
    }
    fixture_close(&f);
    cairn_sampler_unref(off);
}

/* ---- Events ---- */

static const struct {
    int32_t severity;
    const char *want; /* NULL: no attribute */
} severities[] = {
    {CAIRN_SEVERITY_TRACE, "TRACE"},
    {CAIRN_SEVERITY_DEBUG, "DEBUG"},
    {CAIRN_SEVERITY_INFO, "INFO"},
    {CAIRN_SEVERITY_WARN, "WARN"},
    {CAIRN_SEVERITY_WARN + 3, "WARN"},
    {CAIRN_SEVERITY_ERROR, "ERROR"},
    {CAIRN_SEVERITY_FATAL, "FATAL"},
    {24, "FATAL"},
    {0, NULL},
    {25, NULL},
    {-5, NULL},
    {INT32_MAX, NULL},
};

static void test_event(void **state)
{
    struct fixture f = fixture_open();
    const cairn_span_data *span;
    struct cairn_event_data event = {.size = sizeof event};
    (void)state;
    cairn_log_to_span(CAIRN_SEVERITY_INFO, CAIRN_S("nobody listens"));
    {
        CAIRN_SPAN(s, f.tracer, "s");
        for (size_t i = 0; i < COUNT(severities); i++)
            cairn_log_to_span(severities[i].severity, CAIRN_S("disk is full"));
    }
    span = finished(&f, "s");
    for (size_t i = 0; i < COUNT(severities); i++) {
        size_t at = 0;
        struct cairn_attr a;
        assert_true(cairn_span_data_event(span, i, &event));
        check_cairn_str(event.name, "log", "name");
        if (severities[i].want) {
            assert_true(cairn_span_data_event_attribute(span, i, at++, &a));
            check_cairn_str(a.key, "log.severity", "key");
            check_cairn_str(a.value.as.string, severities[i].want, "severity");
        }
        assert_true(cairn_span_data_event_attribute(span, i, at++, &a));
        check_cairn_str(a.key, "log.message", "key");
        check_cairn_str(a.value.as.string, "disk is full", "message");
        assert_false(cairn_span_data_event_attribute(span, i, at, &a));
    }
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),     cmocka_unit_test(test_none),
        cmocka_unit_test(test_not_sampled), cmocka_unit_test(test_follows_the_current_span),
        cmocka_unit_test(test_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
