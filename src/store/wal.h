/* wal.h - the log: requests as they came, appended and flushed before anybody is told that they are kept.
 *
 * Files log/NNNNNNNN.log (docs/format.md). A record's checksum is salted with the directory's own random number,
 * so that bytes inside a payload can never pass for a record when the reader looks for the next good one.
 * One thread appends; replay runs before it starts. */
#ifndef STORE_WAL_H
#define STORE_WAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { WAL_VERSION = 1, WAL_HEADER_BYTES = 32, WAL_RECORD_BYTES = 24 };

/* One batch. Sequences grow by the order of appending and are never used twice, so that a record which a failed
 * flush left in an older file is known again. */
struct wal_record {
    uint64_t sequence;
    struct str payload;
};

struct wal {
    const char *dir; /* borrowed */
    uint64_t salt;
    uint64_t next_segment;
    int fd;           /* -1: the next append opens a segment */
    uint64_t segment; /* number of the open one */
    uint64_t bytes;   /* good bytes in it */
    uint64_t sync_count;
};

void wal_init(struct wal *w, const char *dir, uint64_t salt, uint64_t next_segment);

/* Appends all records or none. With sync they are on the disk when it returns 0. After a failed write the file is
 * cut back to its last good byte; after a failed flush it is never used again: the records are written once more
 * to a new segment. ERR_IO when that fails too; the next append tries anew. */
int wal_append(struct wal *w, const struct wal_record *records, size_t count, bool sync,
               struct err *err);
int wal_sync(struct wal *w, struct err *err);
/* Ends the open segment, so that the next record goes to a new file. */
void wal_rotate(struct wal *w);

typedef int wal_replay_fn(const struct wal_record *record, void *user);

struct wal_replay_stats {
    uint64_t records, damaged_bytes;
};

/* Calls fn for every good record of one file in order; damage is skipped and counted. A negative answer of fn ends
 * the replay and is returned. ERR_UNSUPPORTED for a file of a newer version. */
int wal_replay(const char *path, uint64_t salt, wal_replay_fn *fn, void *user,
               struct wal_replay_stats *stats, struct err *err);

#endif
