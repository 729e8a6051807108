/* static.c - life_static FILE: a static program, on another C library than the tests: records, forks, and both processes write their
 * spans to the file as OTLP. Exit status 0: each exported what it should. */
#include <cairn/cairn.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static cairn_status to_file(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    uint8_t *bytes;
    size_t n;
    cairn_status status = cairn_batch_encode(batch, CAIRN_OTLP_JSON, &bytes, &n);
    (void)timeout_ms;
    if (status != CAIRN_OK)
        return status;
    if (write(*(int *)user, bytes, n) != (ssize_t)n || write(*(int *)user, "\n", 1) != 1)
        status = CAIRN_ERROR_FAILED;
    cairn_bytes_free(bytes);
    return status;
}

static void record(cairn_tracer *tracer, const char *name)
{
    CAIRN_SPAN(span, tracer, name);
    cairn_span_set(span, CAIRN_STR("library", "another"), CAIRN_DOUBLE("half", 0.5));
    cairn_span_add_event(span, "event", NULL);
}

static void *in_thread(void *tracer)
{
    for (int i = 0; i < 100; i++)
        record((cairn_tracer *)tracer, "thread");
    return NULL;
}

/* The spans that this process exported, or -1. */
static long long stop(cairn_sdk *sdk)
{
    struct cairn_stats stats = {.size = sizeof stats};
    cairn_status status = cairn_sdk_stop(sdk, 20000);
    cairn_sdk_get_stats(sdk, &stats);
    return status == CAIRN_OK ? (long long)stats.exported : -1;
}

int main(int argc, char **argv)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = to_file};
    int fd = argc == 2 ? open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600) : -1, status;
    cairn_processor *p = cairn_processor_batch(cairn_exporter_custom(&ops, &fd), NULL);
    cairn_sdk *sdk = cairn_sdk_start(CAIRN_SDK(.processors = &p, .processor_count = 1));
    cairn_tracer *tracer = cairn_tracer_get("static");
    pthread_t thread;
    pid_t child;
    if (fd < 0 || pthread_create(&thread, NULL, in_thread, tracer) != 0)
        return 1;
    pthread_join(thread, NULL);
    record(tracer, "parent");
    child = fork();
    if (child == 0) {
        record(tracer, "child");
        _exit(stop(sdk) == 1 ? 0 : 2);
    }
    if (waitpid(child, &status, 0) != child || status != 0)
        return 3;
    return stop(sdk) == 101 ? 0 : 4;
}
