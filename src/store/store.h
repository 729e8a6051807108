/* store.h - the embedded engine's files and threads: log -> head -> parts, and snapshots of them for readers.
 *
 * One writer thread takes every append that is waiting, writes them to the log with one flush, indexes them in the
 * head and answers. One sealing thread turns full heads into parts and merges small parts. Readers take a
 * snapshot, which keeps its heads and parts alive and never blocks the writer. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "engine/engine.h"
#include "store/source.h"

struct store;

/* As engine_open, engine_close, engine_append, engine_stats. */
int store_open(const struct engine_options *options, struct store **ret, struct err *err);
void store_close(struct store *s);
int store_append(struct store *s, const struct engine_append *append, struct err *err);
void store_stats(struct store *s, struct engine_stats *ret);

/* Everything acknowledged before the call, each row in exactly one source. */
struct snapshot {
    struct source *sources;
    uint32_t count;
};

void snapshot_take(struct store *s, struct snapshot *ret);
void snapshot_release(struct snapshot *snap);

/* As engine_copy. */
int store_copy(struct store *s, const char *target, struct engine_copy *ret, struct err *err);

/* For tests and tools: seals what is in the head now and waits until it is a part. ERR_IO when that failed. */
int store_seal_now(struct store *s, struct err *err);

#endif
