/* store_int.h - struct store, shared by the store_*.c files only.
 *
 * Locks, in the order they may be taken: manifest_lock, lock, queue_lock. Each head's own lock is a leaf. */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include <pthread.h>

#include "base/buf.h"
#include "store/manifest.h"
#include "store/seal.h"
#include "store/store.h"
#include "store/wal.h"

enum {
    FROZEN_MAX = 1,           /* heads waiting to be sealed; appends wait beyond */
    GROUP_RECORDS_MAX = 1024, /* of one group commit */
    GROUP_BYTES_MAX = 32 << 20,
    GROUP_COMPANY_BYTES = 256 << 10, /* enough waiting: commit at once */
    FREE_CHECK_MS = 100,
    SEAL_RETRY_MS = 1000,
    SEAL_PATIENCE_MS = 3000, /* appends wait so long for room in memory, then they are refused */
    FREEZE_RETRY_MS = 100,
    IDLE_TRIM_MS = 5000, /* nothing to seal for so long: memory goes back to the system */
    SEAL_LEVEL = 3,      /* zstd */
    MERGE_COUNT = 8,     /* so many parts of about the same size are merged */
    MERGE_SOURCES_MAX = 16,
    MERGE_ROWS_MAX = 512 << 10,   /* of the merged part: its columns are in memory meanwhile */
    MERGE_SMALL_ROWS = 128 << 10, /* parts of fewer rows are worth merging */
    MERGE_LEVEL = 3,
    MERGE_AGE_DIVISOR = 16,   /* a merged part spans at most this fraction of the retention time */
    TOMBSTONES_MAX = 1024,    /* deletions are refused beyond */
    TOMBSTONES_REWRITE = 256, /* parts with deleted traces are rewritten until there are fewer */
    FAILURE_LOG_S = 60,       /* between two lines about failing again */
};

/* Lines about failures that may come often. */
struct failure_log {
    uint64_t next_ns, hidden;
};

struct pending {
    struct pending *next;
    struct engine_append append;
    struct buf encoded; /* the batch's bytes when the caller had none */
    struct str bytes;
    uint64_t sequence;                /* of its log record */
    const struct trace_id *delete_id; /* instead of spans */
    int result;
    struct err err;
};

struct store {
    struct engine_options options; /* data_dir is `dir`, the rules are `rules` */
    struct retention_rule *rules;
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
    struct part *arriving;    /* prepared, and on its way into MANIFEST and parts; NULL = none */
    struct manifest manifest; /* as on disk; changed under manifest_lock and lock */
    bool
        manifest_undecided; /* the disk may have a later one, whose saving failed; under manifest_lock */
    struct manifest_tombstone
        *tombstones; /* ascending by sequence; MANIFEST may not have the last ones */
    size_t tombstone_count, tombstone_cap;
    uint64_t seal_failures;
    bool retain_asked;
    uint64_t retain_runs; /* asked ones that are done */
    int retain_result;
    struct err retain_err;
    _Atomic int stopping; /* the sealing thread ends (after its heads, when draining) */
    bool draining;
    bool replaying; /* the log has records that are in no head yet */

    pthread_mutex_t manifest_lock; /* held while a MANIFEST is made and saved */

    /* sealing thread only */
    uint64_t *strays; /* numbers of parts that no MANIFEST is to name, to be deleted */
    size_t stray_count, stray_cap;
    uint64_t retain_due_ns;
    struct failure_log seal_log, merge_log, retain_log;

    /* appends on their way to the writer */
    pthread_mutex_t queue_lock;
    pthread_cond_t queue_filled;
    struct pending *queue_first, **queue_last;
    uint64_t queue_waiting_bytes;
    bool closing, seal_asked;
    _Atomic int seal_failing;     /* it failed last, or takes too long: no use waiting for room */
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
    _Atomic uint64_t seals_failed, merges_failed, retentions_failed, retentions;
    _Atomic uint64_t aged_spans, aged_bytes, oversize_spans, oversize_bytes;
    _Atomic uint64_t deleted_spans, deleted_bytes, traces_deleted, tombstones_live;
};

/* store_recover.c: reads MANIFEST, parts and log. The sealing thread runs already when the log is replayed. */
int store_load(struct store *s, struct err *err);
int store_replay(struct store *s, struct err *err);

/* store_write.c */
int store_enqueue_deletion(struct store *s, const struct trace_id *id, engine_append_fn *done,
                           void *user, struct err *err);
int store_writer_start(struct store *s, struct err *err);
/* Indexes one request; freezes the head when it is full. Writer thread (or replay). */
int store_index(struct store *s, uint64_t sequence, struct str request, uint32_t *ret_spans);
/* Hands the head to the sealing thread; covered is the last log segment that holds only its records.
 * false when FROZEN_MAX are waiting. */
bool store_freeze(struct store *s, uint64_t covered_segment);

/* Answers what no writer will take any more with ERR_CLOSED. */
void store_refuse_queued(struct store *s);

/* store_seal.c */
int store_sealer_start(struct store *s, struct err *err);
/* A head waits or the thread is to end: long work stops for it. */
bool store_seal_wanted(struct store *s);
/* Wakes the thread for a run of retention; soon, not at once. */
void store_ask_retain(struct store *s);
void store_log_failure(struct failure_log *log, const char *what, const struct err *err);

/* store_parts.c: what sealing, merging and retention do to the set of parts. Sealing thread only, but for the first. */
void store_add_part(struct store *s, struct part *part); /* under lock */

/* One step from a set of parts to another: what is written, and what it takes the place of. */
struct part_change {
    struct part *made;             /* NULL = none */
    struct part *const *old_parts; /* taken out; the store's references are released */
    size_t old_count;
    const uint64_t *old_numbers; /* parts that are only in MANIFEST: they could not be opened */
    size_t old_number_count;
    struct head *head; /* that was sealed; NULL = none */
};

/* What a part is to be made of. */
struct part_plan {
    const struct source *sources;
    size_t count;
    const struct seal_filter *filter;
    struct manifest_part identity; /* last_sequence, sealed_ns, retained */
    int level;
    const _Atomic int *stop;
};

/* Writes and opens a part, beside MANIFEST. ERR_NOT_FOUND: nothing was to be written. */
int store_make_part(struct store *s, const struct part_plan *plan, struct part **ret,
                    struct err *err);
/* Deletes the files of such parts, once it is known which MANIFEST stands. */
void store_delete_strays(struct store *s);
/* Saves MANIFEST, then changes the set in memory, then deletes the old parts' files. On failure nothing is changed and
 * `made` is released. */
int store_change_parts(struct store *s, const struct part_change *change, struct err *err);
/* Unix time by the clock of retention. */
uint64_t store_now_ns(const struct store *s);

/* store_merge.c. ERR_NOT_FOUND: nothing to merge. */
int store_merge(struct store *s, struct err *err);

/* How many dead rows the source has, and about how many bytes of its file they take. */
uint64_t store_dead_rows(const struct source *src, uint64_t *bytes);
/* store_retain.c: one run over all parts. With yield it stops when a head waits: ERR_CANCELLED. */
int store_retain(struct store *s, bool yield, struct err *err);
bool store_is_oversize(struct store *s);

/* store_delete.c */
/* The trace's rows, of records before the sequence, are dead from now on. On failure (a part cannot be read) nothing is
 * changed. Writer thread. */
int store_bury(struct store *s, struct trace_id id, uint64_t sequence, struct err *err);
/* Reads what store_bury_in_part will look into. */
int store_prepare_part(struct store *s, struct part *part, struct err *err);
/* Gives a part the dead rows that the tombstones say. It must have been prepared. Under lock. */
void store_bury_in_part(struct store *s, struct part *part);
void store_bury_in_heads(struct store *s, struct trace_id id);
/* Gives the next MANIFEST the tombstones that a part of it (`made` is one, may be NULL) or an unsealed record needs.
 * Under manifest_lock. The answer is for store_adopt_tombstones, once that MANIFEST is saved and s->manifest; under
 * lock. */
size_t store_plan_tombstones(struct store *s, struct part *made, struct manifest *next);
void store_adopt_tombstones(struct store *s, size_t planned);

/* Under lock; they take references. */
struct source source_of_head(struct head *h);
struct source source_of_part(struct part *p);
void source_release(struct source *src);

#endif
