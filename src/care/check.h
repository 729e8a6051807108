/* check.h - a data directory verified from MANIFEST to the last byte of parts and log, and repaired on request. */
#ifndef CARE_CHECK_H
#define CARE_CHECK_H

#include "care/care.h"

struct care_check {
    uint64_t problems, notes;
    uint64_t parts, damaged_parts, spans,
        part_bytes; /* that MANIFEST names, or that are there without one */
    uint64_t segments, records, log_spans, log_bytes;
    bool manifest_damaged; /* or missing */
    /* of a repair */
    bool repaired;
    uint64_t saved_spans, lost_spans, set_aside;
};

/* Holds the directory's lock while it works. With repair, what is damaged is moved to DIR/damaged and replaced by what
 * could be read of it; what is good is not touched; an interrupted repair is finished by the next one. Problems are no
 * failure. ERR_NOT_FOUND when dir is no data directory, ERR_BUSY when a process has it, ERR_UNSUPPORTED when a newer
 * version wrote it, ERR_IO, ERR_NOMEM, ERR_CANCELLED. */
int care_check(const char *dir, bool repair, const struct care_watcher *w, struct care_check *ret,
               struct err *err);

#endif
