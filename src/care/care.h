/* care.h - what all works on a data directory share: who hears of it, and who may hold the directory.
 *
 * Nothing here runs beside a server: the directory's lock is taken first. */
#ifndef CARE_CARE_H
#define CARE_CARE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Something that is not as it should be. */
struct care_problem {
    const char *file; /* below the directory: "parts/00000003.part" */
    uint64_t offset;  /* of the byte where the bad piece begins */
    bool has_offset;
    bool note; /* worth saying, but nothing is lost or damaged */
    const char *what;
};

/* Who hears of it. All may be NULL. Functions end with ERR_CANCELLED soon after *stop became non-zero. */
struct care_watcher {
    void (*problem)(const struct care_problem *p, void *user);
    void (*progress)(uint64_t done_bytes, uint64_t all_bytes, void *user);
    void *user;
    const _Atomic int *stop;
};

bool care_stopped(const struct care_watcher *w);

/* Takes the lock of a data directory as a server does. *ret_fd is closed to give it back; -1 when there is no lock file
 * and create is false. ERR_NOT_FOUND when there is no directory; ERR_BUSY, with its words, when a process has it. */
int care_lock(const char *dir, bool create, int *ret_fd, struct err *err);

#endif
