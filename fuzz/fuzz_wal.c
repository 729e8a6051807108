/* A file that calls itself a log segment: replayed, its records put into a head as a start does. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "store/head.h"
#include "store/wal.h"

enum { SALT = 1 }; /* that of the seeds */

struct seen {
    struct head *head;
    uint64_t records, bytes;
};

static int take(const struct wal_record *record, void *user)
{
    struct seen *seen = user;
    uint32_t spans = 0;
    seen->records++;
    seen->bytes += WAL_RECORD_BYTES + record->payload.n;
    if (head_insert(seen->head, record->payload, &spans) == 0)
        FUZZ_CHECK(spans <= record->payload.n);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wal_replay_stats stats = {0};
    struct head_pool pool;
    struct seen seen = {0};
    char path[64];
    int fd = memfd_create("log", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    head_pool_init(&pool);
    seen.head = head_new(&pool);
    if (wal_replay(path, SALT, take, &seen, &stats, NULL) == 0) {
        FUZZ_CHECK(seen.records == stats.records);
        /* every byte is a record's, damage, or the header's */
        FUZZ_CHECK(seen.bytes + stats.damaged_bytes <= size);
        FUZZ_CHECK(seen.bytes + stats.damaged_bytes + WAL_HEADER_BYTES >= size);
    }
    head_unref(seen.head);
    head_pool_release(&pool);
    close(fd);
    return 0;
}
