/* load.c - `cairn load`: sends generated traces and says how that went. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "cli/commands.h"
#include "cli/load_options.h"
#include "cli/load_report.h"

enum { EXIT_INTERRUPTED = 130 };

static volatile sig_atomic_t stop;

/* The second one ends the program: the handler is gone then. */
static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* "-" is standard output. NULL text: no file, and no error. */
static int open_file(const char *path, FILE **ret, struct err *err)
{
    *ret = NULL;
    if (!path)
        return 0;
    *ret = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
    if (!*ret)
        return err_set(err, ERR_IO, "%.150s cannot be written: %s", path, strerror(errno));
    return 0;
}

static void close_file(FILE *f)
{
    if (f && f != stdout)
        fclose(f);
}

static int load(struct load_run_options *r, struct load_result *result, struct err *err)
{
    bool terminal = isatty(STDERR_FILENO);
    int code;
    r->stop = &stop;
    r->progress = terminal ? load_report_progress : NULL;
    r->user = r;
    catch_signals();
    code = load_run(r, result, err);
    if (terminal)
        load_report_progress_end();
    return code;
}

/* The result goes to standard output, unless the requests or ids went there. */
static int report(const struct load_options *o, const struct load_run_options *r,
                  const struct load_result *result, int code, const struct err *err)
{
    bool taken = r->out == stdout || r->ids == stdout;
    bool all_well = result->failed_spans == 0 && result->rejected_spans == 0;
    if (result->failure[0] && code != ERR_IO)
        fprintf(stderr, "cairn load: first failure: %s\n", result->failure);
    if (code < 0)
        fprintf(stderr, "cairn load: %s\n", err->msg);
    if (code == 0 || result->acknowledged_requests || code == ERR_CANCELLED)
        load_report(result, o->json, taken ? stderr : stdout);
    return code == ERR_CANCELLED ? EXIT_INTERRUPTED : code < 0 || !all_well ? EXIT_ERROR : EXIT_OK;
}

static int run(int argc, char **argv)
{
    static struct load_result result;
    struct load_options o = {.target = NULL};
    struct load_run_options r;
    const char *operand;
    struct err err = {0};
    int code;
    switch (options_parse(&command_load, argc, argv, &o, &operand, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    if (load_options_read(&o, &r, &err) < 0) {
        fprintf(stderr, "cairn load: %s\nTry 'cairn load --help'.\n", err.msg);
        return EXIT_USAGE;
    }
    code = open_file(o.out, &r.out, &err);
    if (code == 0)
        code = open_file(o.ids, &r.ids, &err);
    if (code == 0) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        code = load(&r, &result, &err);
        curl_global_cleanup();
    }
    code = report(&o, &r, &result, code, &err);
    close_file(r.out);
    close_file(r.ids);
    return code;
}

const struct command command_load = {
    .name = "load",
    .summary = "send generated traces to a server",
    .usage = "[OPTIONS]",
    .text = "Makes traces from a seed, sends them over OTLP as exporters do and says how fast the "
            "server took them: counts, rate and latencies as tab-separated lines of name, value "
            "and unit. Without options, it sends to the local server for ten seconds.",
    .options = load_options,
    .run = run,
};
