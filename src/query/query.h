/* query.h - the embedded engine's executor: the query functions of engine.h over a store's snapshots. */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

#include "engine/engine.h"
#include "engine/spansets.h"
#include "engine/traces.h"
#include "store/store.h"

/* Parameters and results as the engine_ functions of the same names. */
int query_trace(struct store *s, struct engine_query *q, struct trace_id id, struct span_batch *ret,
                struct err *err);
int query_search(struct store *s, struct engine_query *q, const struct trace_query *query,
                 struct trace_summary_list *ret, struct err *err);
int query_spansets(struct store *s, struct engine_query *q, const struct spansets_query *query,
                   struct spanset_list *ret, struct err *err);
int query_traces(struct store *s, struct engine_query *q, const struct traces_query *query,
                 engine_traces_fn *fn, void *user, struct err *err);
int query_light_trace(struct store *s, struct engine_query *q, struct trace_id id,
                      engine_traces_fn *fn, void *user, struct err *err);
int query_services(struct store *s, struct engine_query *q, struct str_list *ret, struct err *err);
int query_operations(struct store *s, struct engine_query *q, struct str service,
                     struct operation_list *ret, struct err *err);
int query_dependencies(struct store *s, struct engine_query *q, uint64_t start_ns, uint64_t end_ns,
                       struct dependency_list *ret, struct err *err);
int query_tag_keys(struct store *s, struct engine_query *q, struct tag_key_list *ret,
                   struct err *err);
int query_tag_values(struct store *s, struct engine_query *q, struct field field, uint32_t limit,
                     struct str_list *ret, struct err *err);

int query_usage(struct store *s, struct engine_query *q, struct engine_usage *ret, struct err *err);

/* All of it but log_bytes, of sources that need no store. */
int usage_of_sources(const struct source *sources, uint32_t count, struct engine_query *q,
                     struct engine_usage *ret, struct err *err);

#endif
