/* usage.h - what takes the bytes, as JSON: the native API's answer, and what `cairn stats` reads of a directory. */
#ifndef API_USAGE_H
#define API_USAGE_H

#include "api/call.h"

void usage_write_json(struct json_writer *w, const struct engine_usage *u);

int usage_run(struct call *c, struct err *err);
int snapshot_run(struct call *c, struct err *err);

#endif
