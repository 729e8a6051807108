/* run.h - one query in progress: its snapshot, its reader, and what it has decoded of resources so far. */
#ifndef QUERY_RUN_H
#define QUERY_RUN_H

#include "engine/engine.h"
#include "store/store.h"

struct run {
    struct engine_query *q;
    struct snapshot snap;
    struct page_reader *scanner; /* of whole groups, one after the other */
    struct page_reader *reader;  /* of single rows and spans */
    struct arena *tables;        /* resources and scopes decoded below */
    struct arena own_tables;
    struct arena scratch;               /* reset after each span that is only looked at */
    struct arena rows;                  /* reset after each trace */
    struct arena hits;                  /* reset after each page */
    bool damaged;                       /* a source was left out */
    const struct resource ***resources; /* [source][id], NULL = not decoded yet */
    const struct scope ***scopes;
    uint32_t ticks;
    bool forked; /* the snapshot is another run's */
};

/* tables: where decoded resources live; NULL = until run_end. */
void run_begin(struct run *r, struct store *s, struct engine_query *q, struct arena *tables);
void run_end(struct run *r);
/* Another run over the same snapshot, for another thread, with a query of its own; ends before the one it comes from. */
void run_fork(struct run *r, const struct run *of, struct engine_query *q);

/* ERR_CANCELLED, ERR_TIMEOUT, or ERR_TOO_LARGE when the result's arena is full. */
int run_check(struct run *r, struct err *err);
/* The same, really looking only every so often: for loops over spans. */
int run_tick(struct run *r, struct err *err);

int run_out_of_memory(struct err *err); /* ERR_TOO_LARGE with its words */

/* Sources that are damaged are left out of searches (the engine's counters tell); other errors pass. */
bool run_skips(struct run *r, int code);

int run_resource(struct run *r, uint32_t source, uint32_t id, const struct resource **ret,
                 struct err *err);
int run_scope(struct run *r, uint32_t source, uint32_t id, const struct scope **ret,
              struct err *err);

/* The whole span. keep: all its bytes are in arena, so that it lives as long; else only as the snapshot. */
int run_span(struct run *r, struct row_ref ref, const struct row *row, struct arena *arena,
             bool keep, struct span *ret, struct err *err);

/* All rows of a trace, each with its columns, in the order (start, span id). */
struct trace_row {
    struct row row;
    struct row_ref ref;
};

struct trace_rows {
    struct trace_row *items;
    size_t count;
};

/* Where the trace's rows are, source by source. */
int run_trace_refs(struct run *r, struct trace_id id, struct arena *arena, struct row_refs *ret,
                   struct err *err);
int run_trace_rows(struct run *r, struct trace_id id, struct arena *arena, struct trace_rows *ret,
                   struct err *err);
/* The same without rows that only repeat an earlier one (a sender's retry). */
int run_unique_rows(struct run *r, struct trace_id id, struct arena *arena, struct trace_rows *ret,
                    struct err *err);
int run_unique_of_refs(struct run *r, const struct row_refs *refs, struct arena *arena,
                       struct trace_rows *ret, struct err *err);

/* A group of rows of one source; lists of them are walked newest first. */
struct run_group {
    struct group_range range;
    uint32_t source, group;
};

struct run_groups {
    struct run_group *items;
    size_t count;
};

/* The groups that have a start in [start_ns, end_ns], by descending latest start. */
int run_groups(struct run *r, uint64_t start_ns, uint64_t end_ns, struct arena *arena,
               struct run_groups *ret, struct err *err);

/* A span that has nothing, for those that are put together from what is asked for. */
extern const struct span run_empty_span;

struct str run_string(const struct run *r, uint32_t source, enum source_table table, uint32_t id);

#endif
