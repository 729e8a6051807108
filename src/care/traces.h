/* traces.h - which traces there are, in a fixed order, and each of them whole: what an export walks. */
#ifndef CARE_TRACES_H
#define CARE_TRACES_H

#include "base/arena.h"
#include "care/care.h"
#include "store/store.h"

/* A trace is taken when one of its spans fulfils all of these. */
struct trace_filter {
    uint64_t start_ns, end_ns;  /* it starts in [start, end]; end 0 = no end */
    struct str service;         /* empty = any */
    const struct trace_id *ids; /* one of these; NULL = any */
    size_t id_count;
};

struct trace_entry {
    struct trace_id id;
    uint64_t start_ns; /* of its earliest span */
    bool matched;
};

struct trace_list {
    struct trace_entry *items; /* by start, then id */
    size_t count, cap;
};

void trace_list_add(struct trace_list *l, struct trace_entry entry);
/* Makes one entry of those with the same id, drops those without a match, and orders. */
void trace_list_finish(struct trace_list *l);
void trace_list_release(struct trace_list *l);

/* ERR_IO, ERR_CORRUPT, ERR_NOMEM, ERR_CANCELLED. */
int trace_list_of_store(struct store *s, const struct trace_filter *filter,
                        const struct care_watcher *w, struct trace_list *ret, struct err *err);

/* Reads one trace after the other of the store as it was when the reader was made; pages stay unpacked from one to the
 * next, so that traces in the list's order cost little. Good until the reader is freed or the arena reset. */
struct trace_reader;
struct trace_reader *trace_reader_new(struct store *s);
void trace_reader_free(struct trace_reader *r); /* NULL is fine */
/* An export_read_fn; user is the reader. Identical re-sent spans are folded. */
int trace_reader_read(void *user, struct trace_id id, struct arena *arena, struct span_batch *ret,
                      struct err *err);

/* Orders the spans so that those of equal resources stand together, and in these those of equal scopes, and gives equal
 * ones one pointer: the same trace is then always written as the same bytes. */
int trace_canonical(struct span_batch *batch, struct arena *arena);

#endif
