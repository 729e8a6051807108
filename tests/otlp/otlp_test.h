/* otlp_test.h - what the tests of the exporter share: what was said, an SDK that sends when it is flushed, spans. */
#ifndef TESTS_OTLP_TEST_H
#define TESTS_OTLP_TEST_H

#include <cairn/otlp.h>

#include <pthread.h>

#include "base/arena.h"
#include "test.h"
#include "wire/otlp_pb.h"

/* What the exporter and the SDK said, from any thread. */
static struct {
    pthread_mutex_t mutex;
    char text[4096];
} heard = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static CAIRN_UNUSED void remember(void *user, int32_t severity, cairn_str line)
{
    size_t n;
    (void)user, (void)severity;
    pthread_mutex_lock(&heard.mutex);
    n = strlen(heard.text);
    snprintf(heard.text + n, sizeof heard.text - n, "%.*s\n", (int)line.n, line.p);
    pthread_mutex_unlock(&heard.mutex);
}

/* All of it so far; valid until the next call. */
static CAIRN_UNUSED const char *said(void)
{
    static char copy[sizeof heard.text];
    pthread_mutex_lock(&heard.mutex);
    memcpy(copy, heard.text, sizeof copy);
    pthread_mutex_unlock(&heard.mutex);
    return copy;
}

static CAIRN_UNUSED void forget(void)
{
    pthread_mutex_lock(&heard.mutex);
    heard.text[0] = '\0';
    pthread_mutex_unlock(&heard.mutex);
}

static cairn_tracer *tracer;

/* An SDK around the exporter, as the global one. */
static CAIRN_UNUSED cairn_sdk *sdk_around(cairn_exporter *exporter)
{
    struct cairn_batch_options batch = {.size = sizeof batch, .schedule_delay_ms = 3600 * 1000};
    cairn_processor *p = cairn_processor_batch(exporter, &batch);
    cairn_sdk *sdk;
    assert_non_null(p);
    sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1, .service_name = "t"));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
    tracer = cairn_tracer_get("otlp");
    forget();
    return sdk;
}

static CAIRN_UNUSED void spans(unsigned n)
{
    while (n--)
        cairn_span_end(cairn_span_start(tracer, "span", NULL));
}

static CAIRN_UNUSED struct cairn_stats stats_of(cairn_sdk *sdk)
{
    struct cairn_stats s = {.size = sizeof s};
    cairn_sdk_get_stats(sdk, &s);
    return s;
}

static CAIRN_UNUSED struct cairn_otlp_stats otlp_stats(void)
{
    struct cairn_otlp_stats s = {.size = sizeof s};
    cairn_otlp_get_stats(&s);
    return s;
}

/* Spans in an OTLP request; 0 when it is none. */
static CAIRN_UNUSED size_t spans_in(struct str body)
{
    struct arena arena;
    struct span_batch batch;
    struct err err;
    size_t n;
    arena_init(&arena, 0);
    n = otlp_pb_decode(body, NULL, &arena, &batch, &err) == 0 ? batch.span_count : 0;
    arena_release(&arena);
    return n;
}

#endif
