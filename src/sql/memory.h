/* memory.h - SQLite's heap, charged to the query whose thread asks for it.
 *
 * SQLite knows one limit for the whole process; a server needs one for each query. A statement lives on one thread from
 * its first allocation to its last, so a budget that the thread carries while it runs is exact. SQLite answers a refused
 * allocation with SQLITE_NOMEM and gives everything back. */
#ifndef SQL_MEMORY_H
#define SQL_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sql_memory {
    size_t used_bytes, peak_bytes, max_bytes; /* max 0 = no limit */
    bool refused;                             /* an allocation was over the limit */
    struct sql_memory *outer;
};

/* Puts Cairn's allocator under SQLite, once for the process and before anybody uses SQLite. ERR_UNSUPPORTED: somebody
 * was faster. */
int sql_memory_install(struct err *err);

/* Between the two, this thread's allocations are m's. */
void sql_memory_enter(struct sql_memory *m, size_t max_bytes);
void sql_memory_leave(struct sql_memory *m);

#endif
