/* Environment variables as a carrier: names, reading, writing into the caller's memory. */
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "carrier.h"

#define TRACEPARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static void test_names(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"traceparent", "TRACEPARENT"},
        {"x-b3-traceid", "X_B3_TRACEID"},
        {"uber-trace-id", "UBER_TRACE_ID"},
        {"My.Key_9", "MY_KEY_9"},
        {"_a", "_A"},
        {"9lives", "_9LIVES"},
        {"", "_"},
        {"a=b", "A_B"},
        {"J\xc3\xb6rg", "J_RG"}, /* one character, one sign */
        {"\xc3\xb6", "_"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t want = strlen(cases[i].out);
        for (size_t room = 0; room <= want + 1; room++) {
            char out[32] = "untouched";
            CHECK(cairn_environ_name(cairn_str_of(cases[i].in), out, room) == want, cases[i].in);
            if (room)
                CHECK(strlen(out) == room - 1 && strncmp(out, cases[i].out, room - 1) == 0,
                      cases[i].in);
            else
                CHECK(strcmp(out, "untouched") == 0, cases[i].in);
        }
    }
}

static void test_get(void **state)
{
    char first[] = "TRACEPARENT=" TRACEPARENT, lower[] = "tracestate=a=1", bare[] = "BAGGAGE",
         longer[] = "B3X=1", b3[] = "B3=0=1", digit[] = "9A=1";
    char *list[] = {lower, bare, longer, digit, first, b3, NULL};
    cairn_str value;
    (void)state;
    assert_true(cairn_environ_get(list, CAIRN_S("traceparent"), 0, &value));
    check_cairn_str(value, TRACEPARENT, "traceparent");
    assert_true(cairn_environ_get(list, CAIRN_S("b3"), 0, &value));
    check_cairn_str(value, "0=1", "b3"); /* never looked into */
    assert_false(cairn_environ_get(list, CAIRN_S("b3"), 1, &value));
    assert_false(cairn_environ_get(list, CAIRN_S("tracestate"), 0, &value));
    assert_false(cairn_environ_get(list, CAIRN_S("baggage"), 0, &value));
    assert_true(cairn_environ_get(list, CAIRN_S(""), 1, &value));
    check_cairn_str(value, "TRACEPARENT", "key 1: neither tracestate nor 9A is a name");
    assert_true(cairn_environ_get(list, CAIRN_S(""), 2, &value));
    check_cairn_str(value, "B3", "key 2");
    assert_false(cairn_environ_get(list, CAIRN_S(""), 3, &value));
}

static void test_own_environment(void **state)
{
    cairn_context *context;
    struct cairn_span_context sc;
    (void)state;
    setenv("TRACEPARENT", TRACEPARENT, 1);
    context =
        cairn_propagator_extract(cairn_propagator_tracecontext(), NULL, cairn_environ_get, NULL);
    unsetenv("TRACEPARENT");
    cairn_span_get_context(cairn_context_span(context), &sc);
    assert_true(cairn_span_context_is_valid(&sc) && sc.is_remote);
    cairn_context_unref(context);
}

static void test_set(void **state)
{
    char bytes[128], path[] = "PATH=/bin", old[] = "TRACEPARENT=old";
    char *list[4] = {path, old};
    struct cairn_environ env = {sizeof env, bytes, sizeof bytes, 0, list, 4, 2, 0};
    struct carrier in = {.fields = {{"traceparent", TRACEPARENT}, {"tracestate", "a=1"}},
                         .count = 2};
    cairn_context *context =
        cairn_propagator_extract(cairn_propagator_tracecontext(), NULL, get_field, &in);
    (void)state;
    cairn_propagator_inject(cairn_propagator_tracecontext(), context, cairn_environ_set, &env);
    cairn_context_unref(context);
    assert_int_equal(env.list_count, 3);
    assert_int_equal(env.lost, 0);
    assert_ptr_equal(list[0], path);
    assert_string_equal(list[1], "TRACEPARENT=" TRACEPARENT);
    assert_string_equal(list[2], "TRACESTATE=a=1");
    assert_null(list[3]);
    cairn_environ_set(&env, CAIRN_S("more"), CAIRN_S("1")); /* no place in the list */
    cairn_environ_set(&env, CAIRN_S("tracestate"), CAIRN_S("a\0b"));
    assert_int_equal(env.lost, 2);
    assert_string_equal(list[2], "TRACESTATE=a=1");
    cairn_environ_set(&env, CAIRN_S("tracestate"), CAIRN_S(""));
    assert_string_equal(list[2], "TRACESTATE=");
}

/* All formats at once through variables, and back. */
static void test_formats(void **state)
{
    cairn_propagator *parts[] = {cairn_propagator_tracecontext(), cairn_propagator_baggage(),
                                 cairn_propagator_b3_multi(), cairn_propagator_jaeger()};
    cairn_propagator *all = cairn_propagator_composite(parts, COUNT(parts));
    char bytes[1024], *list[16] = {NULL};
    struct cairn_environ env = {sizeof env, bytes, sizeof bytes, 0, list, 16, 0, 0};
    struct carrier in = {
        .fields = {{"traceparent", TRACEPARENT}, {"tracestate", "a=1"}, {"baggage", "tenant=blue"}},
        .count = 3};
    cairn_context *context = cairn_propagator_extract(all, NULL, get_field, &in), *back;
    static const char *const want[] = {"TRACEPARENT=" TRACEPARENT,
                                       "TRACESTATE=a=1",
                                       "BAGGAGE=tenant=blue",
                                       "X_B3_TRACEID=0af7651916cd43dd8448eb211c80319c",
                                       "X_B3_SPANID=b7ad6b7169203331",
                                       "X_B3_SAMPLED=1",
                                       "UBER_TRACE_ID=0af7651916cd43dd8448eb211c80319c:"
                                       "b7ad6b7169203331:0:1",
                                       "UBERCTX_TENANT=blue"};
    (void)state;
    cairn_propagator_inject(all, context, cairn_environ_set, &env);
    assert_int_equal(env.list_count, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++)
        assert_string_equal(list[i], want[i]);
    for (size_t i = 0; i < COUNT(parts); i++) {
        struct cairn_span_context sc;
        if (i == 1)
            continue;
        back = cairn_propagator_extract(parts[i], NULL, cairn_environ_get, list);
        cairn_span_get_context(cairn_context_span(back), &sc);
        assert_true(cairn_span_context_is_valid(&sc) && sc.is_remote);
        assert_int_equal(sc.flags, CAIRN_FLAG_SAMPLED);
        cairn_context_unref(back);
    }
    back = cairn_propagator_extract(parts[1], NULL, cairn_environ_get, list);
    assert_true(cairn_baggage_get(back, CAIRN_S("tenant"), NULL));
    cairn_context_unref(back);
    cairn_context_unref(context);
    cairn_propagator_unref(all);
}

/* A real child: this program again, which answers with the span id that it found in its own environment. */
static int child(void)
{
    cairn_context *context =
        cairn_propagator_extract(cairn_propagator_tracecontext(), NULL, cairn_environ_get, NULL);
    struct cairn_span_context sc;
    cairn_span_get_context(cairn_context_span(context), &sc);
    cairn_context_unref(context);
    return sc.is_remote && sc.span_id[0] == 0xb7 && sc.trace_state.n == 3 ? 42 : 1;
}

static void test_child(void **state)
{
    char bytes[512], *list[8] = {NULL}, self[4096] = "", word[] = "child";
    char *arguments[] = {self, word, NULL};
    struct cairn_environ env = {sizeof env, bytes, sizeof bytes, 0, list, 8, 0, 0};
    struct carrier in = {.fields = {{"traceparent", TRACEPARENT}, {"tracestate", "a=1"}},
                         .count = 2};
    cairn_context *context =
        cairn_propagator_extract(cairn_propagator_tracecontext(), NULL, get_field, &in);
    pid_t pid;
    int status;
    (void)state;
    cairn_propagator_inject(cairn_propagator_tracecontext(), context, cairn_environ_set, &env);
    cairn_context_unref(context);
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) >
                0); /* the link leads to valgrind */
    assert_int_equal(posix_spawn(&pid, self, NULL, NULL, arguments, list), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

/* Never a byte outside of the caller's memory, never half a variable. */
static void test_room(void **state)
{
    (void)state;
    for (size_t room = 0; room <= 6; room++) {
        char zeros[8] = "", *list[2] = {NULL};
        struct guarded g = guarded_copy(zeros, room);
        struct cairn_environ env = {sizeof env, (char *)(uintptr_t)g.bytes.p, room, 0, list, 2, 0,
                                    0};
        cairn_environ_set(&env, CAIRN_S("b3"), CAIRN_S("0")); /* B3=0 and a NUL */
        assert_int_equal(env.list_count, room >= 5 ? 1 : 0);
        assert_int_equal(env.lost, room >= 5 ? 0 : 1);
        if (room >= 5)
            assert_string_equal(list[0], "B3=0");
        guarded_free(&g);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_own_environment),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_child),
        cmocka_unit_test(test_room),
    };
    if (argc == 2 && strcmp(argv[1], "child") == 0)
        return child();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
