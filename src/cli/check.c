/* check.c - `cairn check`: is a data directory as it was written, and if not, save what can be saved. */
#include "care/check.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/units.h"

struct check_options {
    bool repair;
};

static const struct option options[] = {
    {.name = "repair",
     .type = OPTION_FLAG,
     .offset = offsetof(struct check_options, repair),
     .text = "move what is damaged to DIR/damaged and keep what can be read of it"},
    {0},
};

static void on_problem(const struct care_problem *p, void *user)
{
    progress_end(user);
    if (p->has_offset)
        printf("%s\t%" PRIu64 "\t%s\n", p->file, p->offset, p->what);
    else
        printf("%s\t-\t%s%s\n", p->file, p->note ? "note: " : "", p->what);
}

static void on_progress(uint64_t done, uint64_t all, void *user)
{
    progress_show(user, done, all, "bytes");
}

static void print_summary(const struct care_check *c)
{
    char spans[UNITS_BYTES], parts[UNITS_BYTES], bytes[UNITS_BYTES], problems[UNITS_BYTES];
    char records[UNITS_BYTES];
    format_plural(parts, c->parts, "part", "parts");
    format_plural(spans, c->spans + c->log_spans, "span", "spans");
    format_plural(records, c->records, "log record", "log records");
    format_bytes(bytes, c->part_bytes + c->log_bytes);
    format_plural(problems, c->problems, "problem", "problems");
    printf("checked %s, %s, %s, %s: %s\n", parts, records, spans, bytes,
           c->problems ? problems : "all is well");
    if (!c->repaired)
        return;
    format_plural(spans, c->saved_spans, "span", "spans");
    format_plural(parts, c->set_aside, "file", "files");
    printf("repaired: %s set aside in damaged/, %s of damaged parts saved", parts, spans);
    if (c->lost_spans) {
        format_plural(spans, c->lost_spans, "span", "spans");
        printf(", %s lost", spans);
    }
    printf("\n");
}

static int exit_status(int code)
{
    return code == ERR_CANCELLED ? EXIT_INTERRUPTED : EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    struct check_options o = {0};
    struct progress bar;
    struct care_watcher watcher = {.problem = on_problem, .progress = on_progress, .user = &bar};
    struct care_check found;
    const char *dir;
    struct err err = {0};
    switch (options_parse(&command_check, argc, argv, &o, &dir, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    progress_begin(&bar, "checking");
    watcher.stop = interrupt_catch();
    int code = care_check(dir, o.repair, &watcher, &found, &err);
    progress_end(&bar);
    if (code < 0) {
        fflush(stdout);
        fprintf(stderr, "cairn check: %s\n", err.msg);
        return exit_status(code);
    }
    print_summary(&found);
    if (found.problems && !o.repair)
        fprintf(stderr, "cairn check: 'cairn check --repair' saves what can be read of damaged "
                        "files and sets them aside\n");
    return found.problems ? EXIT_ERROR : EXIT_OK;
}

const struct command command_check = {
    .name = "check",
    .summary = "verify a data directory, and repair it",
    .usage = "[OPTIONS] DIR",
    .text = "Reads everything in a data directory that no server has open and compares it with its "
            "checksums and indexes. Prints a line for each problem: file, offset or -, what. Ends "
            "with 0 when all is well, 1 when something is damaged (also when it was repaired), 2 "
            "when it could not be checked.",
    .options = options,
    .operand = "DIR",
    .run = run,
};
