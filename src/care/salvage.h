/* salvage.h - the rows of a damaged part that can still be read, written into a new part.
 *
 * Pages are independent: a row is lost when one of its own values cannot be read, or one of its group's fixed columns.
 * Without the directory, the list of traces, or the tables of names, resources, services and scopes nothing is saved. */
#ifndef CARE_SALVAGE_H
#define CARE_SALVAGE_H

#include "care/care.h"
#include "store/part.h"

struct salvage {
    uint64_t rows, lost; /* lost is 0 when the directory could not be read: nobody knows */
    struct manifest_part identity;
};

/* Writes to (created anew) and flushes it; ret->rows == 0: nothing could be saved and nothing is written.
 * ERR_IO, ERR_NOMEM, ERR_CANCELLED. */
int salvage_part(const char *from, uint64_t number, const char *to, const struct care_watcher *w,
                 struct salvage *ret, struct err *err);

#endif
