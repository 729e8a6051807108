/* scenarios.c - life_scenarios NAME: runs one scenario of the table; and what they share. */
#include "scenario.h"

#include <cairn/otlp.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(char *out, size_t room, const cairn_span_data *span)
{
    struct cairn_span_context context;
    struct cairn_attr a;
    cairn_str name = cairn_span_data_name(span), instance = {"-", 1};
    char span_id[17], trace_id[33];
    int own_pid = 0;
    cairn_span_data_context(span, &context);
    cairn_span_id_hex(context.span_id, span_id);
    cairn_trace_id_hex(context.trace_id, trace_id);
    for (size_t i = 0; cairn_span_data_resource_attribute(span, i, &a); i++) {
        if (a.key.n == strlen("process.pid") && memcmp(a.key.p, "process.pid", a.key.n) == 0)
            own_pid = a.value.as.integer == getpid();
        if (a.key.n == strlen("service.instance.id") &&
            memcmp(a.key.p, "service.instance.id", a.key.n) == 0)
            instance = a.value.as.string;
    }
    snprintf(out, room, "%.*s\t%s\t%s\t%d\t%.*s\n", (int)name.n, name.p, span_id, trace_id, own_pid,
             (int)instance.n, instance.p);
}

cairn_status tape_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)timeout_ms;
    for (size_t i = 0; i < cairn_batch_count(batch); i++) {
        char line[256];
        put(line, sizeof line, cairn_batch_span(batch, i));
        if (write(TAPE_FD, line, strlen(line)) != (ssize_t)strlen(line))
            return CAIRN_ERROR_FAILED;
    }
    return CAIRN_OK;
}

cairn_sdk *sdk_on(cairn_status (*export_spans)(void *, const cairn_span_batch *, uint32_t),
                  bool batch)
{
    struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = export_spans};
    struct cairn_batch_options o = {.size = sizeof o,
                                    .queue_spans_max = 65536,
                                    .batch_spans_max = 512,
                                    .schedule_delay_ms = 3600 * 1000};
    cairn_exporter *exporter = cairn_exporter_custom(&ops, NULL);
    cairn_processor *p =
        batch ? cairn_processor_batch(exporter, &o) : cairn_processor_simple(exporter);
    cairn_sdk *sdk = cairn_sdk_start(CAIRN_SDK(.processors = &p, .processor_count = 1));
    NEED(sdk);
    return sdk;
}

cairn_sdk *sdk_on_tape(bool batch)
{
    return sdk_on(tape_export, batch);
}

cairn_sdk *sdk_on_collector(void)
{
    struct cairn_otlp_options to = {.size = sizeof to, .endpoint = getenv("LIFE_COLLECTOR")};
    struct cairn_batch_options o = {.size = sizeof o, .schedule_delay_ms = 3600 * 1000};
    cairn_processor *p = cairn_processor_batch(cairn_otlp_exporter_new(&to), &o);
    cairn_sdk *sdk = cairn_sdk_start(CAIRN_SDK(.processors = &p, .processor_count = 1));
    NEED(p && sdk);
    return sdk;
}

cairn_tracer *tracer(void)
{
    return cairn_tracer_get("life");
}

void span(const char *name)
{
    cairn_span *s = cairn_span_start(tracer(), name, NULL);
    cairn_span_set(s, CAIRN_STR("text", "some"), CAIRN_INT("number", 1));
    cairn_span_end(s);
}

void spans(const char *name, int count)
{
    while (count-- > 0)
        span(name);
}

_Noreturn void need_failed(const char *condition, int line)
{
    fprintf(stderr, "line %d: not true: %s\n", line, condition);
    _exit(90);
}

void stop(cairn_sdk *sdk)
{
    cairn_status status = cairn_sdk_stop(sdk, 20000);
    if (status != CAIRN_OK)
        need_failed(cairn_status_text(status), __LINE__);
}

int child_of(void (*work)(void *arg), void *arg)
{
    pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        work(arg);
        _exit(0);
    }
    return child;
}

void reap(int child)
{
    int status;
    NEED(waitpid(child, &status, 0) > 0);
    NEED(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

const char *beside(const char *file)
{
    static char path[4096];
    const char *dir = getenv("LIFE_DIR");
    snprintf(path, sizeof path, "%s/%s", dir ? dir : ".", file);
    return path;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } table[] = {
#define SCENARIO(name, ends, arrive, says) {#name, scenario_##name},
#include "table.h"
    };
    for (size_t i = 0; argc == 2 && i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, argv[1]) == 0)
            return table[i].run();
    }
    return 99;
}
