/* Processors of the application: what they may read and change at the start, the ending and the end; deadlines that hold
 * when several of them, or their exporters, hang. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "sdk_test.h"

struct seen {
    char log[512];
    cairn_span_data *at_start, *at_ending, *kept;
    cairn_span *span;
    atomic_bool other_goes, other_done;
    bool recording_for_me, recording_for_other;
};

static void note(struct seen *s, const char *what)
{
    size_t n = strlen(s->log);
    snprintf(s->log + n, sizeof s->log - n, "%s ", what);
}

static void on_start(void *user, cairn_span *span, cairn_context *parent)
{
    struct seen *s = user;
    (void)parent;
    note(s, "start");
    s->at_start = cairn_span_snapshot(span);
    cairn_span_set(span, CAIRN_STR("added", "at start"));
}

static void on_ending(void *user, cairn_span *span)
{
    struct seen *s = user;
    note(s, "ending");
    s->recording_for_me = cairn_span_is_recording(span);
    s->span = span;
    atomic_store(&s->other_goes, true); /* another thread changes the span now */
    while (!atomic_load(&s->other_done))
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    cairn_span_set(span, CAIRN_STR("added", "at ending"), CAIRN_INT("late", 1));
    cairn_span_update_name(span, "renamed");
    cairn_span_set_status(span, CAIRN_SPAN_OK, NULL);
    cairn_span_end(span); /* has begun already */
    s->at_ending = cairn_span_snapshot(span);
}

static void on_end(void *user, const cairn_span_data *span)
{
    struct seen *s = user;
    note(s, "end");
    s->kept = cairn_span_data_copy(span);
}

static void *other_thread(void *user)
{
    struct seen *s = user;
    while (!atomic_load(&s->other_goes))
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    cairn_span_set(s->span, CAIRN_STR("intruder", "yes"));
    cairn_span_update_name(s->span, "intruder");
    s->recording_for_other = cairn_span_is_recording(s->span);
    atomic_store(&s->other_done, true);
    return NULL;
}

static void check_string(const cairn_span_data *span, const char *key, const char *want)
{
    struct cairn_value v;
    assert_true(cairn_span_data_find(span, key, &v));
    check_cairn_str(v.as.string, want, key);
}

static void test_start_ending_end(void **state)
{
    static const struct cairn_processor_ops ops = {
        .size = sizeof ops, .on_start = on_start, .on_end = on_end, .on_ending = on_ending};
    struct seen s = {.log = ""};
    cairn_processor *p = cairn_processor_custom(&ops, &s);
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "ending"};
    cairn_tracer *tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    cairn_span *span;
    struct cairn_value v;
    struct cairn_span_context c;
    pthread_t other;
    (void)state;
    assert_int_equal(pthread_create(&other, NULL, other_thread, &s), 0);
    span = cairn_span_start(tracer, "x",
                            CAIRN_WITH(.kind = CAIRN_KIND_CLIENT, .start_ns = 5,
                                       .attributes = CAIRN_ATTRS(CAIRN_STR("given", "yes"))));
    cairn_span_get_context(span, &c);
    cairn_span_end_at(span, 77);
    pthread_join(other, NULL);
    assert_string_equal(s.log, "start ending end ");
    assert_true(s.recording_for_me);
    assert_false(s.recording_for_other);

    check_cairn_str(cairn_span_data_name(s.at_start), "x", "name at start");
    assert_int_equal(cairn_span_data_kind(s.at_start), CAIRN_KIND_CLIENT);
    assert_int_equal(cairn_span_data_start_ns(s.at_start), 5);
    assert_int_equal(cairn_span_data_end_ns(s.at_start), 0); /* has not ended */
    check_string(s.at_start, "given", "yes");
    assert_false(cairn_span_data_find(s.at_start, "added", &v));
    check_cairn_str(cairn_span_data_scope_name(s.at_start), "ending", "scope");

    assert_int_equal(cairn_span_data_end_ns(s.at_ending), 77);
    check_string(s.at_ending, "added", "at ending");

    cairn_sdk_stop(sdk, 1000); /* what was kept outlives its SDK */
    check_cairn_str(cairn_span_data_name(s.kept), "renamed", "name at end");
    assert_int_equal(cairn_span_data_end_ns(s.kept), 77);
    assert_int_equal(cairn_span_data_status(s.kept, NULL), CAIRN_SPAN_OK);
    check_string(s.kept, "added", "at ending");
    assert_true(cairn_span_data_find(s.kept, "late", &v));
    assert_false(cairn_span_data_find(s.kept, "intruder", &v));
    cairn_span_data_free(s.at_start);
    cairn_span_data_free(s.at_ending);
    cairn_span_data_free(s.kept);
}

static void test_accessors(void **state)
{
    cairn_resource *resource =
        cairn_resource_new(CAIRN_ATTRS(CAIRN_STR("r", "1")), "http://resource");
    /* without detectors, whose schema is another one */
    struct fixture f =
        fixture_open_with((struct cairn_sdk_options){.resource = resource, .detectors = "none"});
    struct cairn_tracer_options scope = {.size = sizeof scope,
                                         .name = "full",
                                         .version = "2",
                                         .schema_url = "http://scope",
                                         .attributes = CAIRN_ATTRS(CAIRN_INT("s", 7))};
    cairn_tracer *tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(f.sdk), &scope);
    struct cairn_span_context remote = {.trace_id = {1},
                                        .span_id = {2},
                                        .flags = CAIRN_FLAG_SAMPLED,
                                        .is_remote = true,
                                        .trace_state = CAIRN_S("a=b")};
    cairn_span *parent = cairn_span_wrap(&remote), *span;
    const cairn_span_data *d;
    cairn_span_data *live;
    struct cairn_span_context c;
    struct cairn_attr a;
    (void)state;
    span = cairn_span_start(tracer, "x", CAIRN_WITH(.parent = cairn_context_of(parent)));
    live = cairn_span_snapshot(span);
    cairn_span_end(span);
    cairn_span_end(parent);
    d = finished(&f, "x");
    for (int i = 0; i < 2; i++, d = live) {
        check_cairn_str(cairn_span_data_scope_schema_url(d), "http://scope", "scope schema");
        check_cairn_str(cairn_span_data_scope_version(d), "2", "scope version");
        assert_true(cairn_span_data_scope_attribute(d, 0, &a));
        check_cairn_str(a.key, "s", "scope attribute");
        assert_int_equal(a.value.as.integer, 7);
        assert_false(cairn_span_data_scope_attribute(d, 1, &a));
        check_cairn_str(cairn_span_data_resource_schema_url(d), "http://resource", "resource");
        assert_int_equal(cairn_span_data_flags(d), 0x301);
        assert_true(cairn_span_data_parent_is_remote(d));
        cairn_span_data_context(d, &c);
        check_cairn_str(c.trace_state, "a=b", "trace state");
        assert_memory_equal(cairn_span_data_parent_id(d), remote.span_id, 8);
    }
    assert_null(cairn_span_snapshot(span)); /* ended */
    assert_null(cairn_span_snapshot(NULL));
    cairn_span_data_free(live);
    cairn_resource_unref(resource);
    fixture_close(&f);
}

/* ---- What hangs ---- */

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool shut;
    unsigned inside, exported, interrupted;
};

static void gate_wait(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    g->inside++;
    while (g->shut)
        pthread_cond_wait(&g->changed, &g->mutex);
    g->inside--;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->mutex);
}

static void gate_open(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    g->shut = false;
    pthread_cond_broadcast(&g->changed);
    while (g->inside)
        pthread_cond_wait(&g->changed, &g->mutex);
    pthread_mutex_unlock(&g->mutex);
}

static cairn_status gate_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    struct gate *g = user;
    (void)timeout_ms;
    gate_wait(g);
    g->exported += (unsigned)cairn_batch_count(batch);
    return CAIRN_OK;
}

static cairn_status gate_call(void *user, uint32_t timeout_ms)
{
    (void)timeout_ms;
    gate_wait(user);
    return CAIRN_OK;
}

static void gate_interrupt(void *user)
{
    struct gate *g = user;
    pthread_mutex_lock(&g->mutex);
    g->interrupted++;
    pthread_mutex_unlock(&g->mutex);
}

enum hanging { HANGS_BATCH_EXPORT, HANGS_SIMPLE_FLUSH, HANGS_CUSTOM };

static cairn_processor *hanging_processor(enum hanging what, struct gate *g)
{
    static const struct cairn_exporter_ops batch = {
        .size = sizeof batch, .export_spans = gate_export, .interrupt = gate_interrupt};
    static const struct cairn_exporter_ops simple = {
        .size = sizeof simple, .force_flush = gate_call, .shutdown = gate_call};
    static const struct cairn_processor_ops custom = {
        .size = sizeof custom, .force_flush = gate_call, .shutdown = gate_call};
    switch (what) {
    case HANGS_BATCH_EXPORT: return cairn_processor_batch(cairn_exporter_custom(&batch, g), NULL);
    case HANGS_SIMPLE_FLUSH: return cairn_processor_simple(cairn_exporter_custom(&simple, g));
    case HANGS_CUSTOM: break;
    }
    return cairn_processor_custom(&custom, g);
}

/* A processor that hangs, whatever its kind, takes neither the deadline nor the spans of the one behind it. */
static void test_one_hangs(void **state)
{
    (void)state;
    cairn_set_diagnostics(remember_diagnostic, NULL);
    for (enum hanging what = HANGS_BATCH_EXPORT; what <= HANGS_CUSTOM; what++) {
        static struct gate gates[3]; /* threads are in them beyond the test */
        struct gate *g = &gates[what];
        cairn_exporter *memory = cairn_exporter_memory(100);
        cairn_processor *both[2];
        cairn_sdk *sdk;
        struct cairn_tracer_options scope = {.size = sizeof scope, .name = "hangs"};
        cairn_tracer *tracer;
        pthread_mutex_init(&g->mutex, NULL);
        pthread_cond_init(&g->changed, NULL);
        g->shut = true;
        both[0] = hanging_processor(what, g);
        both[1] = cairn_processor_batch(cairn_exporter_ref(memory), NULL);
        sdk = cairn_sdk_new(CAIRN_SDK(.processors = both, .processor_count = 2));
        tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
        for (int i = 0; i < 3; i++)
            cairn_span_end(cairn_span_start(tracer, "x", NULL));
        assert_int_equal(cairn_sdk_force_flush(sdk, 200), CAIRN_ERROR_TIMEOUT);
        assert_int_equal(cairn_memory_count(memory), 3);
        for (int i = 0; i < 2; i++)
            cairn_span_end(cairn_span_start(tracer, "x", NULL));
        assert_int_equal(cairn_sdk_shutdown(sdk, 200), CAIRN_ERROR_TIMEOUT);
        assert_int_equal(cairn_memory_count(memory), 5);
        assert_int_equal(cairn_sdk_shutdown(sdk, 200), CAIRN_ERROR_CLOSED); /* once */
        assert_int_equal(cairn_sdk_force_flush(sdk, 200), CAIRN_ERROR_CLOSED);
        assert_int_equal(cairn_sdk_stop(sdk, 0), CAIRN_OK);
        assert_int_equal(cairn_sdk_stop(sdk, 0), CAIRN_OK); /* twice does no harm */
        assert_int_equal(g->interrupted, what == HANGS_BATCH_EXPORT ? 1 : 0);
        gate_open(g);
        cairn_exporter_unref(memory);
    }
    cairn_set_diagnostics(NULL, NULL);
}

static void *end_one(void *tracer)
{
    cairn_span_end(cairn_span_start(tracer, "x", NULL));
    return NULL;
}

/* A simple processor's export that hangs in another thread: the shutdown answers in time and asks it to stop. */
static void test_simple_export_hangs(void **state)
{
    static const struct cairn_exporter_ops ops = {
        .size = sizeof ops, .export_spans = gate_export, .interrupt = gate_interrupt};
    static struct gate g = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, true, 0, 0, 0};
    cairn_processor *p = cairn_processor_simple(cairn_exporter_custom(&ops, &g));
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "simple"};
    cairn_tracer *tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    bool inside = false;
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, end_one, tracer), 0);
    while (!inside) {
        pthread_mutex_lock(&g.mutex);
        inside = g.inside != 0;
        pthread_mutex_unlock(&g.mutex);
    }
    assert_int_equal(cairn_sdk_stop(sdk, 50), CAIRN_ERROR_TIMEOUT);
    assert_int_equal(g.interrupted, 1);
    gate_open(&g);
    pthread_join(thread, NULL);
    assert_int_equal(g.exported, 1);
}

/* ---- Calls at the end ---- */

struct hook {
    cairn_exporter *memory;
    unsigned calls;
    uint32_t timeout_ms;
    size_t exported; /* when it was called */
};

static void at_shutdown(void *user, uint32_t timeout_ms)
{
    struct hook *h = user;
    h->calls++;
    h->timeout_ms = timeout_ms;
    h->exported = cairn_memory_count(h->memory);
}

static void test_on_shutdown(void **state)
{
    struct hook h = {.memory = cairn_exporter_memory(10)};
    cairn_processor *p = cairn_processor_batch(cairn_exporter_ref(h.memory), NULL);
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "hooks"};
    (void)state;
    cairn_span_end(
        cairn_span_start(cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope), "x", NULL));
    assert_int_equal(cairn_sdk_on_shutdown(sdk, NULL, &h), CAIRN_ERROR_INVALID);
    for (int i = 0; i < 8; i++)
        assert_int_equal(cairn_sdk_on_shutdown(sdk, at_shutdown, &h), CAIRN_OK);
    assert_int_equal(cairn_sdk_on_shutdown(sdk, at_shutdown, &h), CAIRN_ERROR_LIMIT);
    assert_int_equal(cairn_sdk_shutdown(sdk, 5000), CAIRN_OK);
    assert_int_equal(h.calls, 8);
    assert_int_equal(h.exported, 1); /* behind all else */
    assert_in_range(h.timeout_ms, 1, 5000);
    assert_int_equal(cairn_sdk_on_shutdown(sdk, at_shutdown, &h), CAIRN_ERROR_CLOSED);
    assert_int_equal(cairn_sdk_stop(sdk, 5000), CAIRN_OK);
    assert_int_equal(h.calls, 8); /* once */
    cairn_exporter_unref(h.memory);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_ending_end), cmocka_unit_test(test_accessors),
        cmocka_unit_test(test_one_hangs),        cmocka_unit_test(test_simple_export_hangs),
        cmocka_unit_test(test_on_shutdown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
