/* import.c - `cairn import`: files of traces into a running server, or into a directory. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "care/import.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/place.h"
#include "cli/progress.h"
#include "cli/units.h"
#include "engine/engine.h"
#include "wire/otlp_pb.h"

static const char *const on_error[] = {"stop", "skip", NULL};
enum { STOP, SKIP };

struct import_options {
    const char *server, *data_dir;
    uint64_t retry_ns;
    int on_error;
};

#define OFFSET(field) .offset = offsetof(struct import_options, field)

static const struct option options[] = {
    {.name = "server",
     .arg = "URL",
     .type = OPTION_STRING,
     OFFSET(server),
     .fallback = "http://127.0.0.1:4318",
     .text = "where a server takes OTLP over HTTP: Cairn's or any other"},
    {.name = "data-dir",
     .arg = "DIR",
     .type = OPTION_STRING,
     OFFSET(data_dir),
     .text = "into this directory instead, that no server has open; made when missing"},
    {.name = "on-error",
     .arg = "WHAT",
     .type = OPTION_CHOICE,
     OFFSET(on_error),
     .fallback = "stop",
     .choices = on_error,
     .text =
         "stop at input that cannot be read, or skip it and go on; what was read before is kept"},
    {.name = "retry",
     .arg = "TIME",
     .type = OPTION_DURATION,
     OFFSET(retry_ns),
     .fallback = "60s",
     .text = "how long to try a request again when the server is busy or away"},
    {0},
};

struct import_job {
    const struct import_options *o;
    struct engine *engine; /* NULL: to the server */
    struct care_watcher w;
    struct progress bar;
    struct import_counts counts;
    uint64_t refused; /* spans, by the server */
    bool skipped;     /* the rest of a file */
};

/* ---- To a server ---- */

static int take_answer(struct import_job *j, struct str answer)
{
    int64_t rejected = 0;
    struct str message;
    if (otlp_pb_decode_response(answer, &rejected, &message) == 0 && rejected > 0)
        j->refused += (uint64_t)rejected;
    return 0;
}

static bool may_pass(int code)
{
    return code == ERR_IO || code == ERR_BUSY;
}

static int post(struct import_job *j, struct str request, struct err *err)
{
    enum { FIRST_WAIT_MS = 100, LONGEST_WAIT_MS = 5000 };
    uint64_t begin = clock_monotonic_ns(), wait_ms = FIRST_WAIT_MS;
    for (;;) {
        struct buf answer;
        int code = client_post(j->o->server, STR("/v1/traces"), "application/x-protobuf", request,
                               &answer, err);
        if (code == 0)
            take_answer(j, buf_str(&answer));
        buf_release(&answer);
        if (code == 0 || !may_pass(code) || clock_monotonic_ns() - begin > j->o->retry_ns)
            return code;
        if (interrupted())
            return err_set(err, ERR_CANCELLED, "interrupted");
        nanosleep(&(struct timespec){(time_t)(wait_ms / 1000), (long)(wait_ms % 1000) * 1000000},
                  NULL);
        wait_ms = wait_ms * 2 < LONGEST_WAIT_MS ? wait_ms * 2 : LONGEST_WAIT_MS;
    }
}

/* ---- To a directory ---- */

struct answer {
    pthread_mutex_t lock;
    pthread_cond_t there;
    bool done;
    int code;
    struct err err;
};

static void on_answer(int code, const struct err *err, void *user)
{
    struct answer *a = user;
    pthread_mutex_lock(&a->lock);
    a->done = true;
    a->code = code;
    if (err)
        a->err = *err;
    pthread_cond_signal(&a->there);
    pthread_mutex_unlock(&a->lock);
}

static int append(struct import_job *j, struct str request, struct err *err)
{
    struct answer a = {.lock = PTHREAD_MUTEX_INITIALIZER, .there = PTHREAD_COND_INITIALIZER};
    struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    struct span_batch batch;
    struct engine_append what = {.bytes = request, .batch = &batch, .done = on_answer, .user = &a};
    struct arena arena;
    int code;
    limits.spans_max = UINT32_MAX;
    arena_init(&arena, 0);
    code = otlp_pb_decode(request, &limits, &arena, &batch, err);
    while (code == 0) {
        code = engine_append(j->engine, &what, err);
        if (code != ERR_BUSY || interrupted())
            break;
        code = 0; /* heads wait to be sealed */
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    if (code == 0) {
        pthread_mutex_lock(&a.lock);
        while (!a.done)
            pthread_cond_wait(&a.there, &a.lock);
        pthread_mutex_unlock(&a.lock);
        code = a.code;
        if (code < 0 && err)
            *err = a.err;
    }
    arena_release(&arena);
    return code;
}

/* ---- Files ---- */

static int send(void *user, struct str request, uint64_t spans, struct err *err)
{
    struct import_job *j = user;
    (void)spans;
    return j->engine ? append(j, request, err) : post(j, request, err);
}

static void on_bad(void *user, const char *words)
{
    struct import_job *j = user;
    progress_end(&j->bar);
    fprintf(stderr, "cairn import: %s\n", words);
}

static void on_progress(uint64_t done, uint64_t all, void *user)
{
    progress_show(user, done, all, "bytes");
}

static int import_one(struct import_job *j, const char *name, struct err *err)
{
    struct import_target to = {
        .send = send, .bad = on_bad, .user = j, .skip_bad = j->o->on_error == SKIP};
    bool is_stdin = strcmp(name, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC), code;
    if (fd < 0)
        return err_set(err, ERR_IO, "%.150s: %s", name, strerror(errno));
    code = import_file(fd, is_stdin ? "standard input" : name, &to, &j->w, &j->counts, err);
    if (!is_stdin)
        close(fd);
    return code;
}

static int import_all(struct import_job *j, const char *const *files, struct err *err)
{
    struct engine_options engine = ENGINE_OPTIONS_DEFAULT;
    static const char *const standard_input[] = {"-", NULL};
    int code = 0;
    if (j->o->data_dir) {
        engine.data_dir = j->o->data_dir;
        engine.ack = ENGINE_ACK_WRITE; /* the input is still there should the machine crash */
        TRY(engine_open(&engine, &j->engine, err));
    }
    for (const char *const *f = files[0] ? files : standard_input; *f && code == 0; f++) {
        code = import_one(j, *f, err);
        if (code == ERR_INVALID && j->o->on_error == SKIP) {
            on_bad(j, err->msg);
            j->skipped = true;
            code = 0;
        }
    }
    engine_close(j->engine);
    return code;
}

static void print_summary(const struct import_job *j)
{
    char spans[UNITS_BYTES];
    format_plural(spans, j->counts.spans, "span", "spans");
    fprintf(stderr, "imported %s", spans);
    if (j->refused)
        fprintf(stderr, ", of which the server refused %" PRIu64, j->refused);
    if (j->counts.rejected)
        fprintf(stderr, "; %" PRIu64 " without ids left out", j->counts.rejected);
    if (j->counts.bad)
        fprintf(stderr, "; %" PRIu64 " %s could not be read", j->counts.bad,
                j->counts.bad == 1 ? "piece" : "pieces");
    fprintf(stderr, "\n");
}

static int run(int argc, char **argv)
{
    struct import_options o = {0};
    static struct import_job j;
    static const char *files[OPERANDS_MAX + 1];
    struct err err = {0};
    switch (options_parse(&command_import, argc, argv, &o, files, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    j.o = &o;
    j.w = (struct care_watcher){.progress = on_progress, .user = &j.bar, .stop = interrupt_catch()};
    progress_begin(&j.bar, "importing");
    int code = import_all(&j, files, &err);
    progress_end(&j.bar);
    if (code < 0)
        fprintf(stderr, "cairn import: %s\n", err.msg[0] ? err.msg : err_text(code));
    print_summary(&j);
    if (code == ERR_CANCELLED)
        return EXIT_INTERRUPTED;
    return code < 0 || j.counts.bad || j.refused || j.skipped ? EXIT_ERROR : EXIT_OK;
}

const struct command command_import = {
    .name = "import",
    .summary = "send traces of files to a server",
    .usage = "[OPTIONS] [FILE]...",
    .text =
        "Reads traces from files, or standard input without one or for -, and sends them to a "
        "server over OTLP/HTTP, or puts them into a directory. Formats are told by the content: "
        "OTLP/JSON, OTLP protobuf, Jaeger's JSON, Zipkin's JSON v2; plain, gzip or zstd.",
    .options = options,
    .operand = "FILE",
    .repeats = true,
    .run = run,
};
