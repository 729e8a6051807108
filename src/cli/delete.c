/* delete.c - `cairn delete ID`: removes one trace from a server. */
#include <stdio.h>

#include "api/params.h"
#include "base/hex.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "wire/traceparent.h"

struct delete_options {
    const char *server;
};

#define OFFSET(field) .offset = offsetof(struct delete_options, field)

static const struct option options[] = {
    OPTION_SERVER,
    {0},
};

static int delete_trace(const char *server, const char *text, struct err *err)
{
    struct traceparent parent;
    struct trace_id id;
    struct buf body;
    char hex[2 * TRACE_ID_BYTES], path[80];
    int code;
    if (traceparent_parse(str_of(text), &parent))
        id = parent.trace_id;
    else
        TRY(param_trace_id(str_of(text), &id, err));
    hex_encode(hex, id.bytes, sizeof id.bytes);
    snprintf(path, sizeof path, "/api/cairn/v1/traces/%.32s", hex);
    code = client_delete(server, str_of(path), &body, err);
    buf_release(&body);
    if (code == ERR_NOT_FOUND)
        return err_set(err, code, "there is no trace %.32s at %s", hex, server);
    if (code == 0)
        printf("%.32s\tdeleted\n", hex);
    return code;
}

static int run(int argc, char **argv)
{
    struct delete_options o = {0};
    const char *id;
    struct err err = {0};
    switch (options_parse(&command_delete, argc, argv, &o, &id, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    if (delete_trace(o.server, id, &err) < 0) {
        fprintf(stderr, "cairn delete: %s\n", err.msg);
        return EXIT_ERROR;
    }
    return EXIT_OK;
}

const struct command command_delete = {
    .name = "delete",
    .summary = "remove one trace from a server",
    .usage = "[OPTIONS] ID",
    .text =
        "Removes a trace from every answer, at once and for ever. Spans of it that arrive later "
        "are a new trace. ID is a trace id in hexadecimal, or a whole traceparent.",
    .options = options,
    .operand = "ID",
    .run = run,
};
