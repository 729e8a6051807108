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
/* For tests: a store without threads, whose steps the caller takes (store_step_*); one thread only. What is still queued
 * at store_close is refused with ERR_CLOSED. */
int store_open_stepped(const struct engine_options *options, struct store **ret, struct err *err);
/* The writer's step: commits what is queued, answers, freezes the head when it is full, old or `seal`. */
void store_step_write(struct store *s, bool seal);
/* The sealing thread's steps: the oldest frozen head becomes a part; small parts become one. ERR_NOT_FOUND when there
 * is nothing to do, else why it failed: the next step tries again. */
int store_step_seal(struct store *s);
int store_step_merge(struct store *s);
/* A run of retention; with yield it stops when a head waits to be sealed: ERR_CANCELLED. */
int store_step_retain(struct store *s, bool yield);

int store_append(struct store *s, const struct engine_append *append, struct err *err);
int store_delete_trace(struct store *s, struct trace_id id, struct err *err);
void store_stats(struct store *s, struct engine_stats *ret);

/* Everything acknowledged before the call, each row in exactly one source. */
struct snapshot {
    struct source *sources;
    uint32_t count;
    bool incomplete; /* MANIFEST names parts that could not be opened */
};

void snapshot_take(struct store *s, struct snapshot *ret);
void snapshot_release(struct snapshot *snap);

/* As engine_copy. */
int store_copy(struct store *s, const char *target, struct engine_copy *ret, struct err *err);

/* For tests and tools: seals what is in the head now and waits until it is a part. ERR_IO when that failed. */
int store_seal_now(struct store *s, struct err *err);
/* Merges what there is to merge, applies retention, rewrites parts for deleted traces if there are too many; answers
 * how that went. */
int store_retain_now(struct store *s, struct err *err);

#endif
