/* export_server.h - the traces of a server, for an export: listed by its search, each fetched by its id. */
#ifndef CLI_EXPORT_SERVER_H
#define CLI_EXPORT_SERVER_H

#include "care/traces.h"

/* Searches windows of time, and halves those that have more traces than one answer may hold. */
int export_server_list(const char *url, const struct trace_filter *filter,
                       const struct care_watcher *w, struct trace_list *ret, struct err *err);

/* An export_read_fn; user is the URL. */
int export_server_read(void *url, struct trace_id id, struct arena *arena, struct span_batch *ret,
                       struct err *err);

#endif
