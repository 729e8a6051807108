/* The life matrix: every scenario of table.h as a process of its own, watched from outside: which spans arrive and how often, how it
 * ends, what it prints, and that nothing of it stays behind. */
#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "forks.h"
#include "test.h"
#include "wire/otlp_pb.h"

enum { TAPE_FD = 200, ALIVE_FD = 201, DEADLINE_MS = 50 * 1000, SPANS_MAX = 4096 };

struct scenario {
    const char *name;
    int ends;
    const char *arrive, *says;
};

static const char too_long[] = "took too long"; /* cairn_status_text(CAIRN_ERROR_TIMEOUT) */

static const struct scenario table[] = {
#define SCENARIO(name, ends, arrive, says) {#name, ends, arrive, says},
#include "table.h"
};

/* ---- The collector: what it gets goes to the tape of the running scenario ---- */

static _Atomic int tape;
static char collector[64];

static void to_tape(const struct span *span)
{
    char line[256], id[17];
    int n;
    for (size_t i = 0; i < 8; i++)
        snprintf(id + 2 * i, 3, "%02x", span->span_id.bytes[i]);
    n = snprintf(line, sizeof line, "%.*s\t%s\t-\t1\t-\n", STR_ARG(span->name), id);
    assert_int_equal(write(tape, line, (size_t)n), n);
}

struct body {
    char bytes[65536];
    size_t n;
};

static enum MHD_Result collect(void *user, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *data, size_t *n,
                               void **state)
{
    struct body *body = *state;
    struct span_batch batch;
    struct arena arena;
    struct MHD_Response *response;
    enum MHD_Result queued;
    (void)user, (void)url, (void)method, (void)version;
    if (!body) {
        *state = calloc(1, sizeof *body);
        return *state ? MHD_YES : MHD_NO;
    }
    if (*n) {
        if (body->n + *n <= sizeof body->bytes) {
            memcpy(body->bytes + body->n, data, *n);
            body->n += *n;
        }
        *n = 0;
        return MHD_YES;
    }
    arena_init(&arena, 0);
    if (otlp_pb_decode(str_make(body->bytes, body->n), NULL, &arena, &batch, NULL) == 0) {
        for (size_t i = 0; i < batch.span_count; i++)
            to_tape(&batch.spans[i]);
    }
    arena_release(&arena);
    response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return queued;
}

static void completed(void *user, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code)
{
    (void)user, (void)connection, (void)code;
    free(*state);
    *state = NULL;
}

static struct MHD_Daemon *collector_start(void)
{
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, collect, NULL,
                         MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
    const union MHD_DaemonInfo *info;
    assert_non_null(daemon);
    info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    snprintf(collector, sizeof collector, "http://127.0.0.1:%u/v1/traces", (unsigned)info->port);
    return daemon;
}

/* ---- One run ---- */

/* An unlinked file; appends, so that several processes may write. */
static int scratch(void)
{
    char path[] = "/tmp/cairn-life-XXXXXX";
    int made = mkstemp(path), fd;
    assert_true(made >= 0);
    fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    unlink(path);
    close(made);
    assert_true(fd >= 0);
    return fd;
}

static char *content(int fd)
{
    off_t n = lseek(fd, 0, SEEK_END);
    char *text = calloc(1, (size_t)n + 1);
    assert_non_null(text);
    assert_int_equal(pread(fd, text, (size_t)n, 0), n);
    close(fd);
    return text;
}

struct run {
    int status;
    bool hung;
    char *spans, *out, *err;
};

/* In the child: LIFE_WRAP is a command to run it under. */
static void become(const char *name, int tape_fd, int out, int err, int alive)
{
    const char *wrap = getenv("LIFE_WRAP");
    char words[1024], *argv[32], *at = words;
    int n = 0;
    snprintf(words, sizeof words, "%s", wrap ? wrap : "");
    for (char *word; n < 28 && (word = strtok_r(at, " ", &at));)
        argv[n++] = word;
    argv[n++] = (char *)(uintptr_t)LIFE_SCENARIOS;
    argv[n++] = (char *)(uintptr_t)name;
    argv[n] = NULL;
    setpgid(0, 0); /* so that all of it can be killed */
    dup2(out, 1);
    dup2(err, 2);
    dup2(tape_fd, TAPE_FD);
    dup2(alive, ALIVE_FD);
    execvp(argv[0], argv);
    _exit(98);
}

/* Until all processes have let go of the pipe; false after the deadline. */
static bool wait_for_all(int alive)
{
    struct pollfd p = {.fd = alive, .events = POLLIN};
    return poll(&p, 1, DEADLINE_MS) > 0;
}

static struct run run(const char *name)
{
    struct run r = {.status = 0};
    int spans = scratch(), out = scratch(), err = scratch(), alive[2];
    pid_t child;
    assert_int_equal(pipe2(alive, O_CLOEXEC), 0);
    tape = spans;
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        become(name, spans, out, err, alive[1]);
    close(alive[1]);
    r.hung = !wait_for_all(alive[0]);
    if (r.hung)
        kill(-child, SIGKILL);
    waitpid(child, &r.status, 0);
    close(alive[0]);
    r.spans = content(spans);
    r.out = content(out);
    r.err = content(err);
    return r;
}

static void run_free(struct run *r)
{
    free(r->spans);
    free(r->out);
    free(r->err);
}

/* The sanitizers' allocators are not made ready for fork(): a child may begin with their locks held by a thread that it does
 * not have. There a scenario that hangs gets another try. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { TRIES = 8 };
#else
enum { TRIES = 1 };
#endif

static struct run run_patiently(const char *name)
{
    for (int try = 1;; try++) {
        struct run r = run(name);
        bool hangs = r.hung || strstr(r.err, too_long);
        if (!hangs || try == TRIES)
            return r;
        run_free(&r);
    }
}

/* ---- Looking at it ---- */

struct tally {
    char *names[SPANS_MAX], *ids[SPANS_MAX];
    size_t count;
    char instances[16][64];
    size_t instance_count;
};

static void note_instance(struct tally *t, const char *instance)
{
    if (strcmp(instance, "-") == 0)
        return;
    for (size_t i = 0; i < t->instance_count; i++) {
        if (strcmp(t->instances[i], instance) == 0)
            return;
    }
    assert_true(t->instance_count < COUNT(t->instances));
    snprintf(t->instances[t->instance_count++], sizeof *t->instances, "%s", instance);
}

static void read_tape(struct tally *t, char *text, const char *scenario)
{
    t->count = t->instance_count = 0;
    for (char *line; (line = strsep(&text, "\n")) && *line;) {
        CHECK(t->count < SPANS_MAX, scenario);
        t->names[t->count] = strsep(&line, "\t");
        t->ids[t->count++] = strsep(&line, "\t");
        strsep(&line, "\t");
        if (strcmp(strsep(&line, "\t"), "1") != 0)
            fail_msg("case \"%s\": %s has another process's pid", scenario, t->names[t->count - 1]);
        note_instance(t, line);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void check_ids_differ(struct tally *t, const char *scenario)
{
    qsort(t->ids, t->count, sizeof *t->ids, by_text);
    for (size_t i = 1; i < t->count; i++) {
        if (strcmp(t->ids[i - 1], t->ids[i]) == 0)
            fail_msg("case \"%s\": span %s arrived twice", scenario, t->ids[i]);
    }
}

/* "name=count name=count": these and no others. */
static void check_arrived(struct tally *t, const char *want, const char *scenario)
{
    char text[256], *at = text;
    size_t sum = 0;
    snprintf(text, sizeof text, "%s", want);
    /* a name may hold spaces: an entry ends with the digits behind its = */
    while (*at) {
        char *equals = strchr(at, '='), *end;
        size_t wanted = strtoul(equals + 1, &end, 10), got = 0;
        *equals = '\0';
        for (size_t i = 0; i < t->count; i++)
            got += strcmp(t->names[i], at) == 0;
        if (got != wanted)
            fail_msg("case \"%s\": %zu spans \"%s\" arrived, not %zu", scenario, got, at, wanted);
        sum += wanted;
        at = *end ? end + 1 : end;
    }
    if (t->count != sum)
        fail_msg("case \"%s\": %zu spans arrived, not %zu (%s)", scenario, t->count, sum,
                 t->names[0]);
}

static void check_said(const struct run *r, const struct scenario *s)
{
    if (*r->out)
        fail_msg("case \"%s\" prints: %s", s->name, r->out);
    if (!s->says && *r->err)
        fail_msg("case \"%s\" says: %s", s->name, r->err);
    if (s->says && !strstr(r->err, s->says))
        fail_msg("case \"%s\" says \"%s\", not \"%s\"", s->name, r->err, s->says);
}

static void check_ended(const struct run *r, const struct scenario *s)
{
    if (r->hung)
        fail_msg("case \"%s\" hangs; said: %s", s->name, r->err);
    if (s->ends >= 0 && !(WIFEXITED(r->status) && WEXITSTATUS(r->status) == s->ends))
        fail_msg("case \"%s\": wait status %#x; said: %s", s->name, r->status, r->err);
    if (s->ends < 0 && !(WIFSIGNALED(r->status) && WTERMSIG(r->status) == -s->ends))
        fail_msg("case \"%s\": wait status %#x; said: %s", s->name, r->status, r->err);
}

static void check_scenario(void **state)
{
    const struct scenario *s = *state;
    static struct tally t;
    struct run r = run_patiently(s->name);
    check_ended(&r, s);
    check_said(&r, s);
    read_tape(&t, r.spans, s->name);
    check_arrived(&t, s->arrive, s->name);
    check_ids_differ(&t, s->name);
    if (strcmp(s->name, "prefork") == 0 && t.instance_count != 0)
        assert_int_equal(t.instance_count, 5); /* master and workers */
    run_free(&r);
}

/* life [SCENARIO]: all, or one. */
int main(int argc, char **argv)
{
    static struct CMUnitTest tests[COUNT(table)];
    struct MHD_Daemon *daemon = collector_start();
    size_t n = 0;
    int failed;
    signal(SIGPIPE, SIG_IGN);
    setenv("LIFE_COLLECTOR", collector, 1);
    setenv("LIFE_DIR", LIFE_DIR, 1);
    setenv("LIFE_LIBRARY", LIFE_LIBRARY, 1);
    for (size_t i = 0; i < COUNT(table); i++) {
        if (argc == 1 || strcmp(argv[1], table[i].name) == 0)
            tests[n++] = (struct CMUnitTest){.name = table[i].name,
                                             .test_func = check_scenario,
                                             .initial_state = (void *)(uintptr_t)&table[i]};
    }
    failed = _cmocka_run_group_tests("life", tests, n, NULL, NULL);
    MHD_stop_daemon(daemon);
    return failed;
}
