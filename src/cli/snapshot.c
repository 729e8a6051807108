/* snapshot.c - `cairn snapshot`: a consistent copy of a data directory, also while a server writes to it. */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/place.h"
#include "cli/progress.h"
#include "cli/units.h"
#include "engine/engine.h"

struct snapshot_options {
    bool json;
};

static const struct option options[] = {
    {.name = "json",
     .type = OPTION_FLAG,
     .offset = offsetof(struct snapshot_options, json),
     .text = "print what was made as JSON"},
    {0},
};

/* What was made: the members of the server's answer. */
struct made {
    char path[4096];
    struct engine_copy copy;
};

static int ask_server(const char *server, const char *name, struct made *ret, struct err *err)
{
    struct buf path, body;
    json_t *root = NULL;
    int code;
    if (strchr(name, '/'))
        return err_set(err, ERR_INVALID,
                       "a server makes snapshots in its --snapshot-dir: give a name, not a path");
    buf_init(&path, 0);
    buf_put_str(&path, STR("/api/cairn/v1/snapshots/"));
    client_put_encoded(&path, str_of(name));
    code = client_post(server, buf_str(&path), "application/json", STR(""), &body, err);
    if (code == 0) {
        root = json_loadb((const char *)body.p, body.n, 0, NULL);
        if (!json_object_get(root, "path"))
            code = err_set(err, ERR_INVALID, "the answer is not what a Cairn server says");
    }
    if (code == 0) {
        snprintf(ret->path, sizeof ret->path, "%s",
                 json_string_value(json_object_get(root, "path")));
        ret->copy.parts = (uint64_t)json_integer_value(json_object_get(root, "parts"));
        ret->copy.spans = (uint64_t)json_integer_value(json_object_get(root, "spans"));
        ret->copy.bytes = (uint64_t)json_integer_value(json_object_get(root, "bytes"));
        ret->copy.linked_bytes = (uint64_t)json_integer_value(json_object_get(root, "linkedBytes"));
    }
    json_decref(root);
    buf_release(&path);
    buf_release(&body);
    return code;
}

/* The engine makes a directory that is missing; here it must be there. */
static int copy_directory(const char *dir, const char *target, struct made *ret, struct err *err)
{
    struct engine_options options_ = ENGINE_OPTIONS_DEFAULT;
    struct engine *engine;
    char path[4096];
    struct stat st;
    int code;
    if (snprintf(path, sizeof path, "%s/MANIFEST", dir) >= (int)sizeof path || stat(path, &st) < 0)
        return err_set(err, ERR_NOT_FOUND, "%.150s is no data directory: it has no MANIFEST", dir);
    options_.data_dir = dir;
    code = engine_open(&options_, &engine, err);
    if (code == ERR_BUSY)
        return err_set(err, code,
                       "%.150s is in use: ask its server, as in 'cairn snapshot "
                       "http://127.0.0.1:16686 NAME'",
                       dir);
    TRY(code);
    code = engine_copy(engine, target, &ret->copy, err);
    engine_close(engine);
    snprintf(ret->path, sizeof ret->path, "%s", target);
    return code;
}

static void print_made(const struct made *m, bool json)
{
    char spans[UNITS_BYTES], parts[UNITS_BYTES], bytes[UNITS_BYTES], linked[UNITS_BYTES];
    if (json) {
        json_t *root =
            json_pack("{s:s,s:I,s:I,s:I,s:I}", "path", m->path, "parts", (json_int_t)m->copy.parts,
                      "spans", (json_int_t)m->copy.spans, "bytes", (json_int_t)m->copy.bytes,
                      "linkedBytes", (json_int_t)m->copy.linked_bytes);
        json_dumpf(root, stdout, JSON_COMPACT);
        printf("\n");
        json_decref(root);
        return;
    }
    format_plural(spans, m->copy.spans, "span", "spans");
    format_plural(parts, m->copy.parts, "part", "parts");
    format_bytes(bytes, m->copy.bytes);
    format_bytes(linked, m->copy.linked_bytes);
    printf("%s\t%s, %s, %s, of which %s are shared with the original\n", m->path, spans, parts,
           bytes, linked);
}

static int run(int argc, char **argv)
{
    struct snapshot_options o = {0};
    const char *operands[2];
    static struct made made;
    struct err err = {0};
    int code;
    switch (options_parse(&command_snapshot, argc, argv, &o, operands, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    code = place_is_url(operands[0]) ? ask_server(operands[0], operands[1], &made, &err)
                                     : copy_directory(operands[0], operands[1], &made, &err);
    if (code < 0) {
        fprintf(stderr, "cairn snapshot: %s\n", err.msg);
        return EXIT_ERROR;
    }
    print_made(&made, o.json);
    return EXIT_OK;
}

const struct command command_snapshot = {
    .name = "snapshot",
    .summary = "make a consistent copy of the data",
    .usage = "[OPTIONS] DIR|URL TARGET",
    .text = "Makes a copy of a data directory that 'cairn serve --data-dir TARGET' opens. From a "
            "URL, the server makes it while it works on, in its --snapshot-dir under the name "
            "TARGET. Files are shared with the original where they can be.",
    .options = options,
    .operand = "DIR|URL",
    .second = "TARGET",
    .run = run,
};
