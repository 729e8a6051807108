/* Describing an SDK while another thread shuts it down: what is being looked at stays until the look is over. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "sdk_test.h"

static struct {
    atomic_bool inside, go_on;
} look;

static cairn_status export_nothing(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)batch, (void)timeout_ms;
    return CAIRN_OK;
}

static size_t describe_slowly(void *user, char *out, size_t room)
{
    (void)user;
    atomic_store(&look.inside, true);
    while (!atomic_load(&look.go_on))
        sched_yield();
    return (size_t)snprintf(out, room, "slow");
}

/* Of the case's own exporter: that of the case before may go at any time. */
static void note_free(void *user)
{
    atomic_store((atomic_bool *)user, true);
}

static void *describe(void *sdk)
{
    static char text[4096];
    cairn_sdk_describe(sdk, text, sizeof text);
    return text;
}

static void test_shutdown_meanwhile(void **state)
{
    static const struct {
        const char *name;
        bool batch, spans; /* a batch processor that got spans closes itself */
    } cases[] = {{"simple", false, false}, {"batch", true, false}, {"batch in use", true, true}};
    static const struct cairn_exporter_ops ops = {.size = sizeof ops,
                                                  .export_spans = export_nothing,
                                                  .free_user = note_free,
                                                  .describe = describe_slowly};
    static atomic_bool freed[COUNT(cases)];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cairn_exporter *e = cairn_exporter_custom(&ops, &freed[i]);
        cairn_processor *p =
            cases[i].batch ? cairn_processor_batch(e, NULL) : cairn_processor_simple(e);
        cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
        struct cairn_tracer_options scope = {.size = sizeof scope, .name = "t"};
        pthread_t thread;
        void *text;
        atomic_store(&look.inside, false);
        atomic_store(&look.go_on, false);
        if (cases[i].spans)
            cairn_span_end(cairn_span_start(
                cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope), "x", NULL));
        assert_int_equal(pthread_create(&thread, NULL, describe, sdk), 0);
        while (!atomic_load(&look.inside))
            sched_yield();
        cairn_sdk_stop(sdk, 100); /* in vain: somebody is inside */
        CHECK(!atomic_load(&freed[i]), cases[i].name);
        atomic_store(&look.go_on, true);
        pthread_join(thread, &text);
        CHECK(strstr(text, "exporter: slow\n") != NULL, cases[i].name);
    }
}

static void test_after_the_end(void **state)
{
    char text[256];
    cairn_propagator *b3 = cairn_propagator_b3();
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.propagator = b3));
    (void)state;
    cairn_sdk_shutdown(sdk, 1000);
    cairn_sdk_describe(sdk, text, sizeof text);
    assert_string_equal(text, "sdk: shut down\npropagator: b3\n");
    cairn_sdk_stop(sdk, 1000);
    cairn_sdk_describe(sdk, text, sizeof text);
    assert_string_equal(text, "sdk: shut down\npropagator: none\n");
    cairn_sdk_describe(NULL, text, sizeof text);
    assert_string_equal(text, "sdk: none\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shutdown_meanwhile),
        cmocka_unit_test(test_after_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
