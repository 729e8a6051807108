/* load_options.h - the command line of `cairn load`, and what it makes of it. */
#ifndef CLI_LOAD_OPTIONS_H
#define CLI_LOAD_OPTIONS_H

#include "cli/options.h"
#include "load/run.h"

struct load_options {
    const char *target, *start, *out, *ids;
    int protocol, shape, out_format;
    uint64_t trace_spans, services, seed, batch, rate, spans, duration_ns;
    uint64_t connections, in_flight, timeout_ns, retry_ns, server_pid;
    struct option_list headers;
    bool gzip, prepare, json;
};

extern const struct option load_options[];

/* Everything but the files. Borrows from o. ERR_INVALID with what does not go together. */
int load_options_read(const struct load_options *o, struct load_run_options *ret, struct err *err);

/* "2026-11-21T13:14:01Z", with a fraction too, or nanoseconds or seconds since 1970. */
bool load_parse_time(const char *text, uint64_t *ret_ns);

#endif
