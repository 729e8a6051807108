/* The hot path takes no memory, no lock and makes no system call once a thread has had its first span: counted by standing in
 * front of the C library's functions. errno stays as it was. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "sdk_test.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Thread_local unsigned long allocations, locks, calls;

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    allocations++;
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    allocations++;
    return __libc_realloc(p, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    allocations++;
    return __libc_memalign(alignment, size);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static int (*real)(pthread_mutex_t *);
    if (!real) {
        void *found = dlsym(RTLD_NEXT, "pthread_mutex_lock");
        memcpy(&real, &found, sizeof real);
    }
    locks++;
    return real(mutex);
}

/* All system calls of the SDK that have no function of their own (futex) go through here. */
long syscall(long number, ...)
{
    static long (*real)(long, ...);
    va_list args;
    long a[6];
    if (!real) {
        void *found = dlsym(RTLD_NEXT, "syscall");
        memcpy(&real, &found, sizeof real);
    }
    va_start(args, number);
    for (size_t i = 0; i < COUNT(a); i++)
        a[i] = va_arg(args, long);
    va_end(args);
    calls++;
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static cairn_status swallow(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)batch, (void)timeout_ms;
    return CAIRN_OK;
}

static cairn_tracer *tracer;

static void one_trace(const char *route, int64_t n)
{
    static const int64_t sizes[] = {1, 2, 3};
    CAIRN_SPAN(outer, tracer, "outer", CAIRN_WITH(.kind = CAIRN_KIND_SERVER));
    cairn_span_set(outer, CAIRN_STR("http.route", route), CAIRN_INT("n", n), CAIRN_BOOL("b", true),
                   CAIRN_DOUBLE("d", 0.5), CAIRN_INTS("sizes", sizes, 3));
    {
        CAIRN_SPAN(inner, tracer, "inner");
        cairn_span_set_string(inner, "k", "v");
        cairn_span_set_string(inner, "k", "w");
        cairn_span_add_event(inner, "event", CAIRN_ATTRS(CAIRN_INT("i", n)));
        cairn_span_set_status(inner, CAIRN_SPAN_ERROR, "why");
        cairn_span_update_name(inner, "renamed");
    }
}

/* 1,000 traces at most at a time: the queue is emptied outside of what is counted. */
static void check_quiet(cairn_sdk *sdk)
{
    one_trace("/warm/up", 0);
    for (int round = 0; round < 20; round++) {
        unsigned long before[3];
        cairn_sdk_force_flush(sdk, CAIRN_FOREVER);
        errno = 77;
        before[0] = allocations;
        before[1] = locks;
        before[2] = calls;
        for (int64_t i = 0; i < 200; i++)
            one_trace("/a/route/of/some/length", i);
        assert_int_equal(allocations - before[0], 0);
        assert_int_equal(locks - before[1], 0);
        assert_int_equal(calls - before[2], 0);
        assert_int_equal(errno, 77);
    }
}

static cairn_sdk *open_sdk(cairn_sampler *sampler)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = swallow};
    struct cairn_batch_options o = {.size = sizeof o, .schedule_delay_ms = 3600 * 1000};
    cairn_processor *p = cairn_processor_batch(cairn_exporter_custom(&ops, NULL), &o);
    cairn_sdk *sdk =
        cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1, .sampler = sampler));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
    tracer = cairn_tracer_get("hot");
    return sdk;
}

static void test_recorded(void **state)
{
    cairn_sdk *sdk = open_sdk(NULL);
    struct cairn_stats stats = {.size = sizeof stats};
    (void)state;
    check_quiet(sdk);
    cairn_sdk_force_flush(sdk, CAIRN_FOREVER);
    cairn_sdk_get_stats(sdk, &stats);
    assert_int_equal(stats.exported, 2 * (1 + 20 * 200)); /* it was real work */
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
}

static void test_not_sampled(void **state)
{
    cairn_sdk *sdk = open_sdk(cairn_sampler_always_off());
    (void)state;
    check_quiet(sdk);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
}

/* ---- System calls that nobody stands in front of: a tracer counts them ---- */

/* The child: two marks around 200 traces, which fill no batch. */
static void traced_child(void)
{
    cairn_sdk *sdk;
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    sdk = open_sdk(NULL);
    one_trace("/warm/up", 0);
    cairn_sdk_force_flush(sdk, CAIRN_FOREVER);
    usleep(150000); /* until the clock's rate is known */
    one_trace("/warm/up", 0);
    cairn_sdk_force_flush(sdk, CAIRN_FOREVER);
    raise(SIGSTOP); /* the tracer looks from here on */
    getppid();
    for (int64_t i = 0; i < 200; i++)
        one_trace("/a/route/of/some/length", i);
    getppid();
    _exit(0);
}

/* The next system call's entry in a stopped child; -1 when it is gone. */
static long next_call(pid_t child)
{
    struct __ptrace_syscall_info info;
    int status;
    do {
        if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) != 0 ||
            waitpid(child, &status, __WALL) != child || !WIFSTOPPED(status))
            return -1;
        if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) <= 0)
            return -1;
    } while (info.op != PTRACE_SYSCALL_INFO_ENTRY);
    return (long)info.entry.nr;
}

static void test_no_system_calls(void **state)
{
    pid_t child = fork();
    int status;
    long call;
    (void)state;
    if (child == 0)
        traced_child();
    assert_int_equal(waitpid(child, &status, __WALL), child);
    if (!WIFSTOPPED(status)) {
        print_message("no tracing of children here: system calls are not counted\n");
        skip();
    }
    assert_int_equal(ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD), 0);
    while ((call = next_call(child)) != SYS_getppid)
        assert_int_not_equal(call, -1);
    assert_int_equal(next_call(child), SYS_getppid); /* nothing in between */
    assert_int_equal(ptrace(PTRACE_CONT, child, NULL, NULL), 0);
    assert_int_equal(waitpid(child, &status, __WALL), child);
    assert_true(WIFEXITED(status));
}

/* Samplers that write to the trace state, look at names and attributes, or count. */
static void test_asked(void **state)
{
    static const struct cairn_operation_ratio names[] = {{{"outer", 5}, 0.5}};
    const struct cairn_per_operation_options operations = {.size = sizeof operations,
                                                           .default_ratio = 0.5,
                                                           .lower_bound_per_second = 5,
                                                           .operations = names,
                                                           .operation_count = 1};
    struct cairn_sampling_rule rule = {.size = sizeof rule,
                                       .span_name = "o*r",
                                       .kinds = CAIRN_RULE_KIND(CAIRN_KIND_SERVER),
                                       .composable = cairn_composable_always_on()};
    cairn_composable *rules = cairn_composable_rule_based(&rule, 1),
                     *inner = cairn_composable_annotating(CAIRN_ATTRS(CAIRN_INT("a", 1)), rules),
                     *outer = cairn_composable_annotating(CAIRN_ATTRS(CAIRN_INT("b", 1)), inner),
                     *root = cairn_composable_parent_threshold(outer);
    cairn_sampler *samplers[] = {cairn_sampler_probability(0.5), cairn_sampler_probability(1),
                                 cairn_sampler_composite(root), cairn_sampler_rate_limiting(100),
                                 cairn_sampler_per_operation(&operations)};
    (void)state;
    for (size_t i = 0; i < COUNT(samplers); i++) {
        cairn_sampler *based = cairn_sampler_parent_based(samplers[i]);
        cairn_sdk *sdk = open_sdk(i % 2 ? based : samplers[i]);
        for (int n = 0; n < 50; n++) /* both decisions, once */
            one_trace("/warm/up", 0);
        check_quiet(sdk);
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
        cairn_sampler_unref(based);
        cairn_sampler_unref(samplers[i]);
    }
    cairn_composable_unref(root);
    cairn_composable_unref(outer);
    cairn_composable_unref(inner);
    cairn_composable_unref(rules);
}

static void test_full_queue(void **state)
{
    cairn_sdk *sdk = open_sdk(NULL);
    unsigned long before;
    (void)state;
    cairn_set_diagnostics(remember_diagnostic, NULL);
    one_trace("/warm/up", 0);
    before = allocations;
    for (int64_t i = 0; i < 20000; i++) /* faster than anybody takes them out */
        one_trace("/a/route/of/some/length", i);
    assert_int_equal(allocations - before, 0);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    cairn_set_diagnostics(NULL, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded),        cmocka_unit_test(test_not_sampled),
        cmocka_unit_test(test_asked),           cmocka_unit_test(test_full_queue),
        cmocka_unit_test(test_no_system_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
