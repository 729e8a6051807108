/* store_int.h - struct store, shared by the store_*.c files only.
 *
 * Locks, in the order they may be taken: lock, queue_lock. Each head's own lock is a leaf. */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include <pthread.h>

#include "base/buf.h"
#include "store/manifest.h"
#include "store/store.h"
#include "store/wal.h"

enum {
    FROZEN_MAX = 2,           /* heads waiting to be sealed; appends are refused beyond */
    GROUP_RECORDS_MAX = 1024, /* of one group commit */
    GROUP_BYTES_MAX = 32 << 20,
    GROUP_COMPANY_BYTES = 256 << 10, /* enough waiting: commit at once */
    FREE_CHECK_MS = 100,
    SEAL_RETRY_MS = 1000,
    FREEZE_RETRY_MS = 100,
    SEAL_LEVEL = 3,  /* zstd */
    MERGE_COUNT = 8, /* so many parts of about the same size are merged */
    MERGE_SOURCES_MAX = 16,
    MERGE_ROWS_MAX = 512 << 10,   /* of the merged part: its columns are in memory meanwhile */
    MERGE_SMALL_ROWS = 128 << 10, /* parts of fewer rows are worth merging */
    MERGE_LEVEL = 3,
};

struct pending {
    struct pending *next;
    struct engine_append append;
    struct buf encoded; /* the batch's bytes when the caller had none */
    struct str bytes;
    uint64_t sequence; /* of its log record */
    int result;
    struct err err;
};

struct store {
    struct engine_options options; /* data_dir is `dir` */
    char *dir, *log_dir, *parts_dir;
    int lock_fd;

    struct head_pool pool;

    /* the set of heads and parts, and what the disk says of it */
    pthread_mutex_t lock;
    pthread_cond_t seal_wanted;      /* the sealing thread waits here */
    pthread_cond_t sealed;           /* a frozen head became a part, or could not */
    struct head *head;               /* never NULL while open */
    struct head *frozen[FROZEN_MAX]; /* oldest first */
    uint32_t frozen_count;
    struct part **parts;
    size_t part_count, part_cap;
    struct manifest manifest; /* as on disk */
    uint64_t seal_failures;
    _Atomic int stopping; /* the sealing thread ends (after its heads, when draining) */
    bool draining;

    /* appends on their way to the writer */
    pthread_mutex_t queue_lock;
    pthread_cond_t queue_filled;
    struct pending *queue_first, **queue_last;
    uint64_t queue_waiting_bytes;
    bool closing, seal_asked;
    _Atomic uint64_t queue_bytes; /* waiting and being written */

    /* writer thread only */
    struct wal wal;
    uint64_t next_sequence;
    uint64_t freeze_retry_ns; /* not before */

    pthread_t writer_thread, seal_thread;
    bool writer_started, sealer_started;

    _Atomic uint64_t free_checked_ns;
    _Atomic int disk_full;

    _Atomic uint64_t spans_appended, bytes_appended, batches_appended, appends_refused, syncs;
    _Atomic uint64_t head_spans, head_bytes, part_spans, part_bytes, parts_live, log_bytes;
    _Atomic uint64_t recovered_spans, damaged_bytes;
};

/* store_recover.c: reads MANIFEST, parts and log. The sealing thread runs already when the log is replayed. */
int store_load(struct store *s, struct err *err);
int store_replay(struct store *s, struct err *err);

/* store_write.c */
int store_writer_start(struct store *s, struct err *err);
/* Indexes one request; freezes the head when it is full. Writer thread (or replay). */
int store_index(struct store *s, uint64_t sequence, struct str request, uint32_t *ret_spans);
/* Hands the head to the sealing thread; covered is the last log segment that holds only its records.
 * false when FROZEN_MAX are waiting. */
bool store_freeze(struct store *s, uint64_t covered_segment);

/* store_seal.c */
int store_sealer_start(struct store *s, struct err *err);
void store_add_part(struct store *s, struct part *part); /* under lock */

struct source source_of_head(struct head *h); /* takes a reference */
struct source source_of_part(struct part *p);
void source_release(struct source *src);

#endif
