/* Tracers switched on and off: by rules, by a function, after they were handed out; what `enabled` answers. */
#include <pthread.h>
#include <stdatomic.h>

#include "sdk_test.h"

static const struct cairn_tracer_config off = {sizeof off, false}, on = {sizeof on, true};

static cairn_tracer *tracer_of(const struct fixture *f, const char *name)
{
    struct cairn_tracer_options o = {.size = sizeof o, .name = name, .version = "2"};
    return cairn_tracer_get_with(cairn_sdk_tracer_provider(f->sdk), &o);
}

static void test_patterns(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } cases[] = {
        {"a", "a", true},
        {"a", "b", false},
        {"a", "ab", false},
        {"ab", "a", false},
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "anything", true},
        {"a*", "a", true},
        {"a*", "abc", true},
        {"a*", "ba", false},
        {"*.db", "shop.db", true},
        {"*.db", "shop.dbx", false},
        {"io.*.http", "io.net.http", true},
        {"io.*.http", "io.http", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"?", "", false},
        {"*a*b", "xxaxxaxb", true},
        {"*a*b", "xxaxxaxbx", false},
        {"**", "x", true},
        {"a*?", "a", false},
        {"a*?", "ab", true},
        {"*?*?*", "x", false},
        {"a.b", "aXb", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cairn_tracer_rule rule = {cases[i].pattern, &off};
        cairn_tracer_configurator *c = cairn_tracer_configurator_rules(NULL, &rule, 1);
        struct fixture f = fixture_open_with((struct cairn_sdk_options){.tracer_configurator = c});
        if (cairn_tracer_enabled(tracer_of(&f, cases[i].name)) == cases[i].matches)
            fail_msg("pattern \"%s\" and name \"%s\"", cases[i].pattern, cases[i].name);
        cairn_tracer_configurator_unref(c);
        fixture_close(&f);
    }
}

static void test_first_rule_wins(void **state)
{
    struct cairn_tracer_rule rules[] = {{"shop.db", &on}, {"shop.*", &off}, {"*", NULL}};
    cairn_tracer_configurator *c = cairn_tracer_configurator_rules(&off, rules, 2);
    struct fixture f = fixture_open_with((struct cairn_sdk_options){.tracer_configurator = c});
    (void)state;
    assert_true(cairn_tracer_enabled(tracer_of(&f, "shop.db")));
    assert_false(cairn_tracer_enabled(tracer_of(&f, "shop.http")));
    assert_false(cairn_tracer_enabled(tracer_of(&f, "other"))); /* otherwise */
    cairn_tracer_configurator_unref(c);
    c = cairn_tracer_configurator_rules(&off, rules,
                                        3); /* a rule without a configuration: the defaults */
    cairn_sdk_set_tracer_configurator(f.sdk, c);
    assert_true(cairn_tracer_enabled(tracer_of(&f, "other")));
    cairn_tracer_configurator_unref(c);
    fixture_close(&f);
}

/* A tracer that is off records nothing and passes the parent on. */
static void test_change_later(void **state)
{
    struct cairn_tracer_rule rule = {"test", &off};
    cairn_tracer_configurator *c = cairn_tracer_configurator_rules(NULL, &rule, 1);
    struct fixture f = fixture_open();
    cairn_tracer *other = tracer_of(&f, "other");
    struct cairn_span_context parent, passed;
    cairn_span *span;
    (void)state;
    cairn_span_end(cairn_span_start(f.tracer, "before", NULL));
    cairn_sdk_set_tracer_configurator(f.sdk, c);
    assert_null(cairn_span_start(f.tracer, "off", NULL)); /* no parent: nothing to pass on */
    assert_false(cairn_tracer_enabled(f.tracer));
    assert_true(cairn_tracer_enabled(other));
    {
        CAIRN_SPAN(outer, other, "outer");
        cairn_span_get_context(outer, &parent);
        span = cairn_span_start(f.tracer, "off", NULL);
        cairn_span_get_context(span, &passed);
        assert_memory_equal(passed.trace_id, parent.trace_id, 16);
        assert_memory_equal(passed.span_id, parent.span_id, 8);
        assert_false(cairn_span_is_recording(span));
        cairn_span_end(span);
    }
    cairn_sdk_set_tracer_configurator(f.sdk, NULL);
    cairn_span_end(cairn_span_start(f.tracer, "again", NULL));
    cairn_tracer_configurator_unref(c);
    finished(&f, "before");
    finished(&f, "outer");
    finished(&f, "again");
    assert_int_equal(cairn_memory_count(f.memory), 3);
    fixture_close(&f);
}

struct asked {
    _Atomic unsigned times;
    unsigned freed;
    char scope[64];
};

static void configure(void *user, const struct cairn_tracer_options *scope,
                      struct cairn_tracer_config *config)
{
    struct asked *a = user;
    a->times++;
    assert_true(config->enabled); /* comes in with the default */
    snprintf(a->scope, sizeof a->scope, "%s %s %s %zu", scope->name, scope->version,
             scope->schema_url, scope->attributes->count);
    config->enabled = strcmp(scope->name, "off") != 0;
}

static void count_free(void *user)
{
    ((struct asked *)user)->freed++;
}

static void test_function(void **state)
{
    struct asked asked = {0};
    cairn_tracer_configurator *c = cairn_tracer_configurator_custom(configure, &asked, count_free);
    struct fixture f = fixture_open_with((struct cairn_sdk_options){.tracer_configurator = c});
    struct cairn_tracer_options scope = {.size = sizeof scope,
                                         .name = "full",
                                         .version = "3",
                                         .schema_url = "http://x",
                                         .attributes = CAIRN_ATTRS(CAIRN_INT("a", 1))};
    cairn_tracer *full = cairn_tracer_get_with(cairn_sdk_tracer_provider(f.sdk), &scope);
    (void)state;
    for (int i = 0; i < 10; i++)
        cairn_span_end(cairn_span_start(full, "x", NULL));
    assert_int_equal(asked.times, 1); /* once for a tracer */
    assert_string_equal(asked.scope, "full 3 http://x 1");
    assert_false(cairn_tracer_enabled(tracer_of(&f, "off")));
    assert_int_equal(asked.times, 2);
    cairn_tracer_configurator_unref(c);
    assert_int_equal(asked.freed, 0); /* the SDK has it */
    fixture_close(&f);
    assert_int_equal(asked.freed, 1);
}

static void test_enabled(void **state)
{
    struct fixture f = fixture_open();
    cairn_sdk *bare = cairn_sdk_new(NULL);
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "bare"};
    cairn_tracer *unheard = cairn_tracer_get_with(cairn_sdk_tracer_provider(bare), &scope);
    struct {
        struct cairn_enabled_params known;
        char later[32];
    } newer = {.known = {.size = sizeof newer}, .later = "a newer version's"};
    (void)state;
    assert_false(cairn_tracer_enabled(NULL));
    assert_false(cairn_tracer_enabled(unheard)); /* no processors */
    assert_true(cairn_tracer_enabled(f.tracer));
    assert_true(cairn_tracer_enabled_with(f.tracer, NULL));
    assert_true(cairn_tracer_enabled_with(f.tracer, &newer.known));
    cairn_sdk_shutdown(f.sdk, 1000);
    assert_false(cairn_tracer_enabled(f.tracer));
    assert_null(
        cairn_span_start(tracer_of(&f, "late"), "no-op", NULL)); /* got after the shutdown */
    cairn_sdk_stop(bare, 0);
    fixture_close(&f);
}

/* From several threads at once. */
static void allow(void *user, const struct cairn_tracer_options *scope,
                  struct cairn_tracer_config *config)
{
    ((struct asked *)user)->times++;
    (void)scope, (void)config;
}

static _Atomic bool stop;

static void *use(void *tracer)
{
    while (!atomic_load(&stop))
        cairn_span_end(cairn_span_start(tracer, "x", NULL));
    return NULL;
}

static void test_change_under_load(void **state)
{
    struct asked asked = {0};
    struct cairn_tracer_rule rule = {"load", &off};
    struct fixture f = fixture_open();
    cairn_tracer *tracer = tracer_of(&f, "load");
    pthread_t threads[3];
    (void)state;
    cairn_set_diagnostics(remember_diagnostic, NULL);
    atomic_store(&stop, false);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use, tracer), 0);
    for (unsigned i = 1; i <= 200; i++) {
        cairn_tracer_configurator *c =
            i % 2 ? cairn_tracer_configurator_rules(NULL, &rule, 1)
                  : cairn_tracer_configurator_custom(allow, &asked, count_free);
        cairn_sdk_set_tracer_configurator(f.sdk, c);
        cairn_tracer_configurator_unref(c);
        assert_int_equal(cairn_tracer_enabled(tracer), i % 2 == 0);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    cairn_sdk_set_tracer_configurator(f.sdk, NULL);
    assert_int_equal(asked.freed, 100); /* each as soon as nobody asks it */
    cairn_sdk_stop(f.sdk, 1000);
    cairn_exporter_unref(f.memory);
    cairn_set_diagnostics(NULL, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),     cmocka_unit_test(test_first_rule_wins),
        cmocka_unit_test(test_change_later), cmocka_unit_test(test_function),
        cmocka_unit_test(test_enabled),      cmocka_unit_test(test_change_under_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
