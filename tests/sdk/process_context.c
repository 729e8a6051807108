/* The process context as a stranger finds it: by its name in /proc/<pid>/maps, read with process_vm_readv, of this process, of a
 * child that started an SDK itself, and of forked children. */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "sdk/process_context.h"
#include "sdk_test.h"
#include "wire/pb.h"

/* ---- The reader, by the OTEP alone ---- */

enum { AT_VERSION = 8, AT_PAYLOAD_BYTES = 12, AT_TIME = 16, AT_PAYLOAD = 24, HEADER_BYTES = 32 };

struct context {
    unsigned mappings; /* of the name; the rest is of the last one */
    uint64_t at;
    uint32_t version;
    uint64_t time_ns;
    unsigned char payload[PROCESS_CONTEXT_BYTES_MAX];
    size_t payload_bytes;
};

static bool copy_from(pid_t pid, void *to, uint64_t from, size_t n)
{
    struct iovec local = {to, n}, remote = {(void *)(uintptr_t)from, n};
    return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)n;
}

static bool read_at(pid_t pid, uint64_t at, struct context *ret)
{
    unsigned char h[HEADER_BYTES], again[HEADER_BYTES];
    uint64_t payload;
    uint32_t bytes;
    if (!copy_from(pid, h, at, sizeof h) || memcmp(h, "OTEL_CTX", 8) != 0)
        return false;
    memcpy(&ret->version, h + AT_VERSION, 4);
    memcpy(&bytes, h + AT_PAYLOAD_BYTES, 4);
    memcpy(&ret->time_ns, h + AT_TIME, 8);
    memcpy(&payload, h + AT_PAYLOAD, 8);
    if (ret->time_ns == 0 || bytes > sizeof ret->payload ||
        !copy_from(pid, ret->payload, payload, bytes) || !copy_from(pid, again, at, sizeof again) ||
        memcmp(h, again, sizeof h) != 0)
        return false;
    ret->payload_bytes = bytes;
    ret->at = at;
    return true;
}

/* False when there is no context, or it is being changed. */
static bool read_context(pid_t pid, struct context *ret)
{
    char path[64], line[512];
    bool ok = false;
    FILE *maps;
    memset(ret, 0, sizeof *ret);
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    maps = fopen(path, "re");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        uint64_t from, to;
        int name_at = 0;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %*s %n", &from, &to, &name_at) < 2 ||
            !name_at)
            continue;
        if (strncmp(line + name_at, "[anon_shmem:OTEL_CTX]", 21) == 0 ||
            strncmp(line + name_at, "[anon:OTEL_CTX]", 15) == 0 ||
            strncmp(line + name_at, "/memfd:OTEL_CTX", 15) == 0) {
            ret->mappings++;
            ok = read_at(pid, from, ret);
        }
    }
    fclose(maps);
    return ok;
}

/* The value of a key among the KeyValues of a field; strings as they are, numbers in decimal, lists as "[n]". */
static bool value_of(struct str message, uint32_t tag, const char *key, char out[256])
{
    struct pb_reader r = pb_reader_of(message);
    bool found = false;
    while (pb_next(&r)) {
        struct str name = {NULL, 0}, value = {NULL, 0};
        struct pb_reader kv, v;
        if (r.tag != tag) {
            pb_skip(&r);
            continue;
        }
        kv = pb_reader_of(pb_bytes(&r));
        while (pb_next(&kv)) {
            if (kv.tag == PB_TAG(1, PB_LEN))
                name = pb_bytes(&kv);
            else
                value = pb_bytes(&kv);
        }
        assert_null(kv.bad_at);
        if (!str_eq(name, str_of(key)))
            continue;
        assert_false(found); /* keys are unique */
        found = true;
        v = pb_reader_of(value);
        assert_true(pb_next(&v));
        if (v.tag == PB_TAG(1, PB_LEN)) {
            value = pb_bytes(&v);
            snprintf(out, 256, "%.*s", STR_ARG(value));
        } else if (v.tag == PB_TAG(3, PB_VARINT))
            snprintf(out, 256, "%" PRIu64, pb_varint(&v));
        else
            snprintf(out, 256, "[%zu]", pb_bytes(&v).n);
    }
    assert_null(r.bad_at);
    return found;
}

static bool has(const struct context *c, const char *key, char out[256])
{
    struct pb_reader r = pb_reader_of(str_make(c->payload, c->payload_bytes));
    out[0] = '\0';
    while (pb_next(&r)) {
        if (r.tag == PB_TAG(1, PB_LEN))
            return value_of(pb_bytes(&r), PB_TAG(1, PB_LEN), key, out);
        pb_skip(&r);
    }
    return false;
}

static void check_has(const struct context *c, const char *key, const char *want)
{
    char got[256];
    CHECK(has(c, key, got), key);
    check_str(str_of(got), want, key);
}

/* ---- Cases ---- */

static cairn_sdk *start(const char *service, bool off)
{
    cairn_sdk *sdk = cairn_sdk_start(CAIRN_SDK(.service_name = service, .no_process_context = off));
    assert_non_null(sdk);
    return sdk;
}

static void stop(cairn_sdk *sdk)
{
    assert_int_equal(cairn_sdk_stop(sdk, 20000), CAIRN_OK);
}

static struct context c;

static void test_published(void **state)
{
    cairn_sdk *sdk = start("shown", false);
    char pid[32], got[256];
    struct str all;
    (void)state;
    assert_true(read_context(getpid(), &c));
    assert_int_equal(c.mappings, 1);
    assert_int_equal(c.version, 2);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    check_has(&c, "service.name", "shown");
    check_has(&c, "process.pid", pid);
    check_has(&c, "telemetry.sdk.name", "cairn");
    assert_true(has(&c, "service.instance.id", got));
    all = str_make(c.payload, c.payload_bytes);
    assert_true(value_of(all, PB_TAG(2, PB_LEN), "threadlocal.schema_version", got));
    assert_string_equal(got, "tls_v1");
    assert_true(value_of(all, PB_TAG(2, PB_LEN), "threadlocal.attribute_key_map", got));
    assert_string_equal(got, "[0]");
    stop(sdk);
    assert_false(read_context(getpid(), &c));
    assert_int_equal(c.mappings, 0);
}

static void test_switched_off(void **state)
{
    cairn_sdk *sdk = start("hidden", true);
    struct fixture f = fixture_open(); /* cairn_sdk_new */
    (void)state;
    read_context(getpid(), &c);
    assert_int_equal(c.mappings, 0);
    fixture_close(&f);
    stop(sdk);
    setenv("OTEL_SDK_DISABLED", "true", 1);
    sdk = start("disabled", false);
    read_context(getpid(), &c);
    assert_int_equal(c.mappings, 0);
    stop(sdk);
    unsetenv("OTEL_SDK_DISABLED");
}

/* One for the process, that of the latest; each change has another time. */
static void test_two_sdks(void **state)
{
    cairn_sdk *first = start("first", false), *second;
    uint64_t time_ns;
    (void)state;
    assert_true(read_context(getpid(), &c));
    time_ns = c.time_ns;
    second = start("second", false);
    assert_true(read_context(getpid(), &c));
    assert_int_equal(c.mappings, 1);
    assert_true(c.time_ns > time_ns);
    check_has(&c, "service.name", "second");
    stop(first); /* not the one that is shown */
    assert_true(read_context(getpid(), &c));
    check_has(&c, "service.name", "second");
    stop(second);
    read_context(getpid(), &c);
    assert_int_equal(c.mappings, 0);
}

static void test_too_large(void **state)
{
    enum { ROOM = PROCESS_CONTEXT_BYTES_MAX + 1 };
    char *text = malloc(ROOM);
    cairn_resource *large;
    cairn_sdk *sdk;
    (void)state;
    assert_non_null(text);
    memset(text, 'x', ROOM);
    large = cairn_resource_new(CAIRN_ATTRS(CAIRN_STRN("large", text, ROOM)), NULL);
    listen_to_diagnostics();
    sdk = cairn_sdk_start(CAIRN_SDK(.resource = large));
    assert_non_null(sdk);
    assert_int_equal(said_lines(), 1);
    cairn_set_diagnostics(NULL, NULL);
    read_context(getpid(), &c);
    assert_int_equal(c.mappings, 0);
    stop(sdk);
    cairn_resource_unref(large);
    free(text);
}

/* ---- Other processes ---- */

/* A child that says when it is ready, and waits until it has been looked at. */
struct child {
    pid_t pid;
    int ready[2], go[2];
};

static bool child_fork(struct child *child)
{
    assert_int_equal(pipe(child->ready), 0);
    assert_int_equal(pipe(child->go), 0);
    child->pid = fork();
    if (child->pid == 0)
        close(child->go[1]); /* so that it ends when a failed test does */
    return child->pid == 0;
}

static bool child_pause(struct child *child)
{
    char byte = 0;
    return write(child->ready[1], &byte, 1) == 1 && read(child->go[0], &byte, 1) == 1;
}

static void child_wait(struct child *child)
{
    char byte;
    assert_int_equal(read(child->ready[0], &byte, 1), 1);
}

static void child_end(struct child *child)
{
    int status;
    char byte = 0;
    assert_int_equal(write(child->go[1], &byte, 1), 1);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (int i = 0; i < 2; i++) {
        close(child->ready[i]);
        close(child->go[i]);
    }
}

static void test_other_process(void **state)
{
    struct child child;
    (void)state;
    if (child_fork(&child)) {
        cairn_sdk *sdk = cairn_sdk_start(CAIRN_SDK(.service_name = "other"));
        _exit(sdk && child_pause(&child) ? 0 : 1);
    }
    child_wait(&child);
    assert_true(read_context(child.pid, &c));
    check_has(&c, "service.name", "other");
    child_end(&child);
}

static void test_forked(void **state)
{
    cairn_sdk *sdk = start("forked", false);
    struct child child;
    char here[256], there[256], pid[32];
    (void)state;
    if (child_fork(&child)) {
        if (!child_pause(&child))
            _exit(1);
        _exit(cairn_sdk_stop(sdk, 20000) == CAIRN_OK && !read_context(getpid(), &c) ? 0 : 2);
    }
    child_wait(&child);
    assert_true(read_context(getpid(), &c));
    assert_true(has(&c, "service.instance.id", here));
    assert_true(read_context(child.pid, &c));
    assert_int_equal(c.mappings, 1);
    snprintf(pid, sizeof pid, "%d", (int)child.pid);
    check_has(&c, "process.pid", pid);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    check_has(&c, "process.parent_pid", pid);
    check_has(&c, "service.name", "forked");
    assert_true(has(&c, "service.instance.id", there));
    assert_string_not_equal(here, there);
    child_end(&child);
    assert_true(read_context(getpid(), &c)); /* the child's stop was the child's */
    stop(sdk);
}

static void test_fork_after_stop(void **state)
{
    struct child child;
    (void)state;
    stop(start("gone", false));
    if (child_fork(&child))
        _exit(child_pause(&child) ? 0 : 1);
    child_wait(&child);
    read_context(child.pid, &c);
    assert_int_equal(c.mappings, 0);
    child_end(&child);
}

/* Without a file descriptor left there is no memfd, and nothing can be detected: the SDK starts all the same, and the
 * mapping has the kernel's name, or (where the kernel gives none) is not there. */
static void test_no_memfd(void **state)
{
    struct child child;
    bool shown;
    (void)state;
    if (child_fork(&child)) {
        struct rlimit none = {0, 0};
        bool ok = setrlimit(RLIMIT_NOFILE, &none) == 0 &&
                  cairn_sdk_start(CAIRN_SDK(.service_name = "no files"));
        _exit(ok && child_pause(&child) ? 0 : 2);
    }
    child_wait(&child);
    shown = read_context(child.pid, &c);
    assert_int_equal(c.mappings, shown);
    if (shown)
        check_has(&c, "service.name", "no files");
    child_end(&child);
}

/* ---- While it changes ---- */

/* Publishes a resource whose two values are of one letter, equally long, another letter and length each time. */
static void publish_letter(unsigned i)
{
    static char text[30000]; /* long enough to be caught half written */
    struct attr attr[2] = {{STR("a"), {.type = VALUE_STRING}}, {STR("b"), {.type = VALUE_STRING}}};
    struct resource resource = {.attrs = {attr, 2}};
    memset(text, 'a' + (int)(i % 26), sizeof text);
    attr[0].value.string = attr[1].value.string = str_make(text, 25000 + i * 19 % 4800);
    assert_true(process_context_publish(&resource));
}

/* Stands still at any instruction of the writer, as for a profiler's interrupt. The message: one resource of two attributes,
 * and what follows it. */
static const unsigned char *header;
static atomic_uint looked, whole, halves;

static struct str nested(struct str message, unsigned field)
{
    struct pb_reader r = pb_reader_of(message);
    return pb_next(&r) && r.tag == PB_TAG(field, PB_LEN) ? pb_bytes(&r) : (struct str){NULL, 0};
}

static void look(int signal)
{
    uint64_t time_ns;
    uint32_t bytes;
    struct str resource, first;
    (void)signal;
    looked++;
    memcpy(&time_ns, header + AT_TIME, sizeof time_ns);
    memcpy(&bytes, header + AT_PAYLOAD_BYTES, sizeof bytes);
    if (time_ns == 0)
        return;
    whole++;
    resource = nested(str_make(header + HEADER_BYTES, bytes), 1);
    first = nested(resource, 1);
    if (first.n < 100 || resource.n < 2 * first.n || resource.n > 2 * first.n + 8 ||
        first.p[first.n - 1] != resource.p[resource.n - 1] ||
        first.p[first.n - 1] != first.p[first.n - 90])
        halves++;
}

struct target {
    pthread_t thread;
    atomic_bool stop;
};

static void *interrupt(void *arg)
{
    struct target *target = arg;
    while (!atomic_load(&target->stop)) {
        pthread_kill(target->thread, SIGUSR1);
        for (volatile int i = 0; i < 100; i++)
            continue;
    }
    return NULL;
}

static void test_any_instruction(void **state)
{
    static struct target target;
    struct sigaction act = {.sa_handler = look, .sa_flags = SA_RESTART}, old;
    pthread_t thread;
    (void)state;
    publish_letter(0);
    assert_true(read_context(getpid(), &c));
    header = (const unsigned char *)(uintptr_t)c.at;
    assert_int_equal(sigaction(SIGUSR1, &act, &old), 0);
    target.thread = pthread_self();
    assert_int_equal(pthread_create(&thread, NULL, interrupt, &target), 0);
    for (unsigned i = 0; i < 200000 && (i < 20000 || whole < 5000); i++)
        publish_letter(i);
    atomic_store(&target.stop, true);
    pthread_join(thread, NULL);
    sigaction(SIGUSR1, &old, NULL);
    process_context_withdraw();
    assert_int_equal(halves, 0);
    assert_true(whole > 0);
}

/* The same from outside, where the writer does not stand still. */
static atomic_bool enough;

static void *publish_again_and_again(void *arg)
{
    (void)arg;
    for (unsigned i = 0; !atomic_load(&enough); i++)
        publish_letter(i);
    process_context_withdraw();
    return NULL;
}

static void test_no_halves(void **state)
{
    pthread_t thread;
    unsigned good = 0;
    (void)state;
    atomic_store(&enough, false);
    assert_int_equal(pthread_create(&thread, NULL, publish_again_and_again, NULL), 0);
    for (int i = 0; i < 200000 && good < 300; i++) {
        char a[256], b[256];
        if (!read_context(getpid(), &c))
            continue;
        good++;
        assert_true(has(&c, "a", a) && has(&c, "b", b));
        assert_string_equal(a, b);
        for (const char *p = a; *p; p++)
            assert_int_equal(*p, *a);
    }
    atomic_store(&enough, true);
    pthread_join(thread, NULL);
    assert_true(good > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published),       cmocka_unit_test(test_switched_off),
        cmocka_unit_test(test_two_sdks),        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_other_process),   cmocka_unit_test(test_forked),
        cmocka_unit_test(test_fork_after_stop), cmocka_unit_test(test_no_memfd),
        cmocka_unit_test(test_any_instruction), cmocka_unit_test(test_no_halves),
    };
    setenv("OTEL_TRACES_EXPORTER", "none", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
