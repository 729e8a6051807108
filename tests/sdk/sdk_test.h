/* sdk_test.h - an SDK over a memory exporter, and looking at what arrived there. */
#ifndef SDK_TEST_H
#define SDK_TEST_H

#include <cairn/cairn.h>

#include "test.h"

struct fixture {
    cairn_sdk *sdk;
    cairn_exporter *memory; /* a reference of the test's own */
    cairn_tracer *tracer;
};

/* options may hold everything but processors. */
static inline struct fixture fixture_open_with(struct cairn_sdk_options o)
{
    struct fixture f = {.memory = cairn_exporter_memory(10000)};
    cairn_processor *simple = cairn_processor_simple(cairn_exporter_ref(f.memory));
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "test", .version = "1"};
    o.size = sizeof o;
    o.processors = &simple;
    o.processor_count = 1;
    f.sdk = cairn_sdk_new(&o);
    assert_non_null(f.sdk);
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(f.sdk));
    f.tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(f.sdk), &scope);
    assert_non_null(f.tracer);
    return f;
}

static inline struct fixture fixture_open(void)
{
    return fixture_open_with((struct cairn_sdk_options){0});
}

static inline void fixture_close(struct fixture *f)
{
    assert_int_equal(cairn_sdk_stop(f->sdk, 20000), CAIRN_OK);
    cairn_exporter_unref(f->memory);
}

/* The finished span of this name; fails when there is none. */
static inline const cairn_span_data *finished(const struct fixture *f, const char *name)
{
    for (size_t i = 0; i < cairn_memory_count(f->memory); i++) {
        const cairn_span_data *span = cairn_memory_span(f->memory, i);
        cairn_str got = cairn_span_data_name(span);
        if (got.n == strlen(name) && memcmp(got.p, name, got.n) == 0)
            return span;
    }
    fail_msg("no span \"%s\" arrived", name);
    return NULL;
}

static inline void check_cairn_str(cairn_str got, const char *want, const char *name)
{
    check_str(str_make(got.p, got.n), want, name);
}

/* The last diagnostics, one a line. */
static char said[4096];
static inline void remember_diagnostic(void *user, int32_t severity, cairn_str line)
{
    size_t n = strlen(said);
    (void)user, (void)severity;
    if (n + line.n + 2 < sizeof said) {
        memcpy(said + n, line.p, line.n);
        memcpy(said + n + line.n, "\n", 2);
    }
}

static inline void listen_to_diagnostics(void)
{
    said[0] = '\0';
    cairn_set_diagnostics(remember_diagnostic, NULL);
}

static inline unsigned said_lines(void)
{
    unsigned n = 0;
    for (const char *p = said; *p; p++)
        n += *p == '\n';
    return n;
}

#endif
