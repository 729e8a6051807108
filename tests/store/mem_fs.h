/* mem_fs.h - a file system in memory that knows what would be left after a power cut.
 *
 * As on a real one, written bytes are in the page cache until the file is flushed, and names (created, renamed,
 * deleted) until their directory is. A power cut keeps what was flushed; of the rest each 512-byte sector, each file's
 * length and each change of a name is kept or lost as the seed says, in any combination. All randomness comes from
 * the seed: the same calls give the same disk. One thread. */
#ifndef TESTS_STORE_MEM_FS_H
#define TESTS_STORE_MEM_FS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/file.h"

/* Faults, all off at first. Chances are in 1/65536 of the calls. */
struct mem_fs_faults {
    uint32_t error_chance; /* EIO from any call but reads */
    uint32_t read_error_chance;
    uint32_t sync_error_chance; /* fdatasync fails, and its pages count as clean from then on */
    uint32_t short_chance;      /* a write or read does less than it was asked */
};

/* The store's calls go here from now on. Directory "/" exists. */
void mem_fs_open(uint64_t seed);
void mem_fs_set_loud(bool loud); /* each changing call is a line of stderr */
void mem_fs_reseed(uint64_t seed);
void mem_fs_close(void); /* frees all; the store's calls are the system's again */

struct mem_fs_faults *mem_fs_faults(void);
void mem_fs_set_capacity(uint64_t bytes); /* ENOSPC beyond; UINT64_MAX = none */
uint64_t mem_fs_used(void);
uint64_t mem_fs_calls(void); /* that changed something, since mem_fs_open */

/* The call after the next `calls` changing ones does not happen, nor any after it: they all fail with EIO until
 * mem_fs_crash or mem_fs_power_cut. UINT64_MAX: never. */
void mem_fs_die_after(uint64_t calls);
bool mem_fs_dead(void);

/* The process is gone: its descriptors and locks are, files are as they were last written. */
void mem_fs_crash(void);
/* The machine is gone: see above. */
void mem_fs_power_cut(void);
/* What the kernel does in its own time: some dirty sectors and names reach the disk. */
void mem_fs_write_back(void);

/* Contents of a file as programs see them, and a change of them that is on the disk at once; the file must exist. */
struct str mem_fs_read(const char *path);
void mem_fs_replace(const char *path, const void *p, size_t n);

/* Things that no program should do (closing what it did not open, descriptors left open at a clean end): a text, or
 * NULL when there was none. */
const char *mem_fs_misuse(void);
uint32_t mem_fs_open_files(void);

#endif
