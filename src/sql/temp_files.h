/* temp_files.h - what sorters spill: unnamed temporary files whose bytes are counted and bounded, query by query.
 *
 * A VFS over the system's that opens nothing but temporary files: a statement cannot reach any other. */
#ifndef SQL_TEMP_FILES_H
#define SQL_TEMP_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sql_temp_files {
    uint64_t used_bytes, max_bytes;
    bool refused; /* a write was over the limit */
};

/* The VFS's name for sqlite3_open_v2, registered on first use. NULL: SQLite has no VFS at all. */
const char *sql_temp_files_vfs(void);

/* The account of this thread's statement; NULL takes it away. */
void sql_temp_files_account(struct sql_temp_files *account);

#endif
