/* Rows of the compliance matrix that no other test proves: providers, tracers and scopes, span contexts, what processors
 * and samplers see, order, text of every script. */
#include <pthread.h>

#include "sdk_test.h"

/* ---- Providers and tracers ---- */

/* Any number of providers: each has its own spans, the global one is one of them. */
static void test_providers(void **state)
{
    struct fixture a = fixture_open(), b = fixture_open();
    cairn_tracer *global = cairn_tracer_get("global");
    (void)state;
    assert_ptr_equal(cairn_tracer_provider_global(), cairn_sdk_tracer_provider(b.sdk));
    cairn_span_end(cairn_span_start(a.tracer, "of a", NULL));
    cairn_span_end(cairn_span_start(global, "of b", NULL));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(a.sdk));
    cairn_span_end(cairn_span_start(global, "of a now", NULL));
    assert_int_equal(cairn_memory_count(a.memory), 2);
    assert_int_equal(cairn_memory_count(b.memory), 1);
    finished(&a, "of a");
    finished(&a, "of a now");
    finished(&b, "of b");
    fixture_close(&b);
    fixture_close(&a);
}

/* A tracer without a name works, and says of itself that it has none. */
static void test_no_name(void **state)
{
    static const char *const names[] = {NULL, ""};
    struct fixture f = fixture_open();
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        cairn_tracer *tracer = cairn_tracer_get(names[i]);
        assert_non_null(tracer);
        cairn_memory_clear(f.memory);
        cairn_span_end(cairn_span_start(tracer, "nameless", NULL));
        assert_int_equal(cairn_span_data_scope_name(finished(&f, "nameless")).n, 0);
    }
    fixture_close(&f);
}

enum { THREADS = 4, NAMES = 50 };

struct asker {
    pthread_t thread;
    cairn_tracer_provider *provider;
    cairn_tracer *got[NAMES];
};

static void *ask_for_tracers(void *arg)
{
    struct asker *a = arg;
    for (int i = 0; i < NAMES; i++) {
        char name[16];
        struct cairn_tracer_options o = {.size = sizeof o, .name = name, .version = "1"};
        snprintf(name, sizeof name, "scope %d", i);
        a->got[i] = cairn_tracer_get_with(a->provider, &o);
        cairn_span_end(cairn_span_start(a->got[i], "x", NULL));
    }
    return NULL;
}

static void test_tracers_from_threads(void **state)
{
    struct fixture f = fixture_open();
    struct asker askers[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++) {
        askers[i].provider = cairn_sdk_tracer_provider(f.sdk);
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_for_tracers, &askers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(askers[i].thread, NULL);
    for (int i = 0; i < NAMES; i++) {
        assert_non_null(askers[0].got[i]);
        for (int j = 1; j < THREADS; j++)
            assert_ptr_equal(askers[j].got[i], askers[0].got[i]);
    }
    assert_int_equal(cairn_memory_count(f.memory), THREADS * NAMES);
    fixture_close(&f);
}

static char encoded[4096];

static cairn_status encode(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    uint8_t *bytes;
    size_t n;
    (void)user, (void)timeout_ms;
    assert_int_equal(cairn_batch_encode(batch, CAIRN_OTLP_JSON, &bytes, &n), CAIRN_OK);
    assert_true(n < sizeof encoded);
    memcpy(encoded, bytes, n);
    encoded[n] = '\0';
    cairn_bytes_free(bytes);
    return CAIRN_OK;
}

static void check_schema(const char *where, const char *url)
{
    char member[128];
    snprintf(member, sizeof member, "\"schemaUrl\":\"%s\"", url);
    assert_non_null(where);
    CHECK(strstr(where, member), url);
}

/* Name, version, schema and attributes of a scope, and the resource's schema, as they leave the process. */
static void test_scope_and_schemas_leave(void **state)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = encode};
    cairn_processor *simple = cairn_processor_simple(cairn_exporter_custom(&ops, NULL));
    cairn_resource *fresh = cairn_resource_default(), *resource;
    struct cairn_tracer_options scope = {.size = sizeof scope,
                                         .name = "library",
                                         .version = "2.1",
                                         .schema_url = "https://s.example/2",
                                         .attributes = CAIRN_ATTRS(CAIRN_STR("flavour", "sweet"))};
    cairn_str has = cairn_resource_schema_url(fresh);
    char schema[80] = "https://r.example/1";
    const char *scopes;
    cairn_sdk *sdk;
    (void)state;
    if (has.n) /* two that differ would be none */
        snprintf(schema, sizeof schema, "%.*s", (int)has.n, has.p);
    resource = cairn_resource_new(CAIRN_ATTRS(CAIRN_STR("service.name", "s")), schema);
    sdk =
        cairn_sdk_new(CAIRN_SDK(.processors = &simple, .processor_count = 1, .resource = resource));
    cairn_span_end(
        cairn_span_start(cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope), "x", NULL));
    scopes = strstr(encoded, "\"scopeSpans\"");
    check_schema(scopes, "https://s.example/2");
    check_schema(encoded, schema);
    assert_non_null(strstr(scopes, "\"name\":\"library\",\"version\":\"2.1\""));
    assert_non_null(strstr(scopes, "{\"key\":\"flavour\",\"value\":{\"stringValue\":\"sweet\"}}"));
    cairn_resource_unref(resource);
    cairn_resource_unref(fresh);
    assert_int_equal(cairn_sdk_stop(sdk, 20000), CAIRN_OK);
}

/* ---- Span contexts, the active span ---- */

static void test_span_context(void **state)
{
    static const struct {
        const char *name;
        struct cairn_span_context context;
        bool valid;
    } cases[] = {
        {"both", {.trace_id = {[15] = 1}, .span_id = {[7] = 1}}, true},
        {"no trace id", {.span_id = {1}}, false},
        {"no span id", {.trace_id = {1}}, false},
        {"neither", {.flags = 1}, false},
    };
    static const uint8_t trace_id[16] = {0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
                                         0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32};
    char trace[33], span[17];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        CHECK(cairn_span_context_is_valid(&cases[i].context) == cases[i].valid, cases[i].name);
    assert_false(cairn_span_context_is_valid(NULL));
    cairn_trace_id_hex(trace_id, trace);
    cairn_span_id_hex(trace_id, span);
    assert_string_equal(trace, "000123456789abcdeffedcba98765432"); /* lower case, zeros in front */
    assert_string_equal(span, "000123456789abcd");
}

static void test_active_span(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "active", NULL);
    cairn_token token;
    (void)state;
    assert_null(cairn_span_current());
    token = cairn_context_attach(cairn_context_of(span));
    assert_ptr_equal(cairn_span_current(), span);
    assert_ptr_equal(cairn_context_span(NULL), span);
    cairn_span_end(span); /* the end does not take it out */
    assert_ptr_equal(cairn_span_current(), span);
    assert_true(cairn_context_detach(token));
    assert_null(cairn_span_current());
    fixture_close(&f);
}

/* ---- What processors and samplers see ---- */

struct seen {
    const cairn_context_key *key;
    unsigned starts, samples;
};

/* The whole parent context: the application's values and baggage beside the span. */
static void check_context(const struct seen *s, cairn_context *parent)
{
    struct cairn_baggage_entry entry;
    struct cairn_span_context sc;
    assert_ptr_equal(cairn_context_value(parent, s->key), s);
    assert_true(cairn_baggage_get(parent, CAIRN_S("tenant"), &entry));
    check_cairn_str(entry.value, "blue", "baggage");
    cairn_span_get_context(cairn_context_span(parent), &sc);
    assert_int_equal(sc.trace_id[0], 7);
}

static void see_start(void *user, cairn_span *span, cairn_context *parent)
{
    struct seen *s = user;
    s->starts++;
    check_context(s, parent);
    assert_true(cairn_span_is_recording(span));
}

static void see_sample(void *user, const struct cairn_sampling_params *p,
                       struct cairn_sampling_result *r)
{
    struct seen *s = user;
    s->samples++;
    check_context(s, p->parent_context);
    assert_int_equal(p->parent->trace_id[0], 7);
    assert_int_equal(p->link_count, 1);
    r->decision = CAIRN_RECORD_AND_SAMPLE;
}

static void test_parent_context_is_seen(void **state)
{
    static const struct cairn_processor_ops processor_ops = {.size = sizeof processor_ops,
                                                             .on_start = see_start};
    static const struct cairn_sampler_ops sampler_ops = {.size = sizeof sampler_ops,
                                                         .should_sample = see_sample};
    struct seen seen = {.key = cairn_context_key_new("seen")};
    cairn_processor *p = cairn_processor_custom(&processor_ops, &seen);
    cairn_sampler *sampler = cairn_sampler_custom("Seeing", &sampler_ops, &seen);
    cairn_sdk *sdk =
        cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1, .sampler = sampler));
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "seen"};
    cairn_tracer *tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    cairn_span *remote = cairn_span_wrap(&(struct cairn_span_context){{7}, {8}, 1, true, {0}, {0}});
    cairn_context *value =
        cairn_context_with_value(cairn_context_of(remote), seen.key, &seen, NULL);
    cairn_context *context =
        cairn_baggage_set(value, CAIRN_S("tenant"), CAIRN_S("blue"), CAIRN_S(""));
    struct cairn_link link = {.context = {.trace_id = {1}, .span_id = {2}}};
    (void)state;
    cairn_span_end(cairn_span_start(
        tracer, "x", CAIRN_WITH(.parent = context, .links = &link, .link_count = 1)));
    assert_int_equal(seen.samples, 1);
    assert_int_equal(seen.starts, 1);
    cairn_context_unref(context);
    cairn_context_unref(value);
    cairn_span_end(remote);
    assert_int_equal(cairn_sdk_stop(sdk, 20000), CAIRN_OK);
    cairn_sampler_unref(sampler);
}

/* ---- Order, and text of every script ---- */

static void test_order(void **state)
{
    struct cairn_link links[10];
    struct fixture f = fixture_open();
    struct cairn_link_data link;
    struct cairn_event_data event;
    cairn_span *span;
    (void)state;
    for (uint8_t i = 0; i < COUNT(links); i++)
        links[i] = (struct cairn_link){.context = {.trace_id = {1}, .span_id = {(uint8_t)(i + 1)}}};
    span = cairn_span_start(f.tracer, "order", CAIRN_WITH(.links = links, .link_count = 5));
    for (int i = 0; i < 5; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", i);
        cairn_span_add_event_at(span, cairn_str_of(name), (uint64_t)(100 - i), NULL);
        cairn_span_add_link(span, &links[5 + i].context, NULL);
    }
    cairn_span_end(span);
    for (uint8_t i = 0; i < COUNT(links); i++) {
        assert_true(cairn_span_data_link(finished(&f, "order"), i, &link));
        assert_int_equal(link.context.span_id[0], i + 1);
    }
    for (uint8_t i = 0; i < 5; i++) { /* as they were added, whatever their times */
        assert_true(cairn_span_data_event(finished(&f, "order"), i, &event));
        assert_int_equal(event.name.p[0], '0' + i);
        assert_int_equal(event.time_ns, 100 - i);
    }
    fixture_close(&f);
}

static void test_scripts(void **state)
{
    static const char *const texts[] = {
        "gr\xc3\xbcn",                              /* Latin */
        "\xce\xba\xcf\x8c\xcf\x83\xce\xbc\xce\xb5", /* Greek */
        "\xe4\xb8\x96\xe7\x95\x8c",                 /* Chinese */
        "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",         /* Hebrew */
        "\xf0\x9f\xa7\xad",                         /* beyond the first plane */
        "e\xcc\x81",                                /* combining: not normalised */
    };
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, texts[0], NULL);
    struct cairn_value v;
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        cairn_span_set_string(span, texts[i], texts[COUNT(texts) - 1 - i]);
    cairn_span_end(span);
    for (size_t i = 0; i < COUNT(texts); i++) {
        CHECK(cairn_span_data_find(finished(&f, texts[0]), texts[i], &v), texts[i]);
        check_cairn_str(v.as.string, texts[COUNT(texts) - 1 - i], texts[i]);
    }
    fixture_close(&f);
}

/* ---- Exporters and resources ---- */

struct calls {
    unsigned exports, flushes, shutdowns;
};

static cairn_status on_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)timeout_ms;
    ((struct calls *)user)->exports += (unsigned)cairn_batch_count(batch);
    return CAIRN_OK;
}

static cairn_status on_flush(void *user, uint32_t timeout_ms)
{
    (void)timeout_ms;
    ((struct calls *)user)->flushes++;
    return CAIRN_OK;
}

static cairn_status on_shutdown(void *user, uint32_t timeout_ms)
{
    (void)timeout_ms;
    ((struct calls *)user)->shutdowns++;
    return CAIRN_OK;
}

/* A flush and a shutdown of the SDK reach the exporter behind either processor, the shutdown once. */
static void test_exporter_calls(void **state)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops,
                                                  .export_spans = on_export,
                                                  .force_flush = on_flush,
                                                  .shutdown = on_shutdown};
    struct calls calls[2] = {{0}, {0}};
    cairn_processor *both[] = {cairn_processor_simple(cairn_exporter_custom(&ops, &calls[0])),
                               cairn_processor_batch(cairn_exporter_custom(&ops, &calls[1]), NULL)};
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = both, .processor_count = 2));
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "calls"};
    cairn_tracer *tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    (void)state;
    cairn_span_end(cairn_span_start(tracer, "x", NULL));
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    for (size_t i = 0; i < COUNT(calls); i++) {
        assert_int_equal(calls[i].exports, 1);
        assert_true(calls[i].flushes >= 1);
        assert_int_equal(calls[i].shutdowns, 0);
    }
    assert_int_equal(cairn_sdk_shutdown(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    for (size_t i = 0; i < COUNT(calls); i++)
        assert_int_equal(calls[i].shutdowns, 1);
}

/* Keeps spans in their order up to its maximum, and forgets them on demand. */
static void test_memory_exporter(void **state)
{
    cairn_exporter *memory = cairn_exporter_memory(2);
    cairn_processor *p = cairn_processor_simple(cairn_exporter_ref(memory));
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "memory"};
    cairn_tracer *tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    static const char *const names[] = {"one", "two", "three"};
    (void)state;
    listen_to_diagnostics();
    for (size_t i = 0; i < COUNT(names); i++)
        cairn_span_end(cairn_span_start(tracer, names[i], NULL));
    cairn_set_diagnostics(NULL, NULL);
    assert_int_equal(cairn_memory_count(memory), 2);
    for (size_t i = 0; i < 2; i++)
        check_cairn_str(cairn_span_data_name(cairn_memory_span(memory, i)), names[i], names[i]);
    assert_null(cairn_memory_span(memory, 2));
    cairn_memory_clear(memory);
    assert_int_equal(cairn_memory_count(memory), 0);
    cairn_sdk_stop(sdk, 1000);
    cairn_exporter_unref(memory);
}

static bool find(const cairn_resource *r, const char *key, struct cairn_attr *ret)
{
    for (size_t i = 0; cairn_resource_attribute(r, i, ret); i++) {
        if (str_eq(str_make(ret->key.p, ret->key.n), str_of(key)))
            return true;
    }
    return false;
}

static void test_resources(void **state)
{
    cairn_resource *empty = cairn_resource_new(NULL, NULL), *fresh = cairn_resource_default();
    cairn_resource *same = cairn_resource_merge(empty, empty);
    struct cairn_attr attr;
    (void)state;
    assert_non_null(empty);
    assert_false(cairn_resource_attribute(empty, 0, &attr));
    assert_int_equal(cairn_resource_schema_url(empty).n, 0);
    assert_false(cairn_resource_attribute(same, 0, &attr));
    assert_true(find(fresh, "service.name", &attr)); /* the program's, with the prefix */
    assert_memory_equal(attr.value.as.string.p, "unknown_service:", 16);
    assert_non_null(memmem(attr.value.as.string.p, attr.value.as.string.n, "compliance_trace",
                           strlen("compliance_trace")));
    cairn_resource_unref(same);
    cairn_resource_unref(fresh);
    cairn_resource_unref(empty);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_providers),
        cmocka_unit_test(test_no_name),
        cmocka_unit_test(test_tracers_from_threads),
        cmocka_unit_test(test_scope_and_schemas_leave),
        cmocka_unit_test(test_span_context),
        cmocka_unit_test(test_active_span),
        cmocka_unit_test(test_parent_context_is_seen),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_exporter_calls),
        cmocka_unit_test(test_memory_exporter),
        cmocka_unit_test(test_resources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
