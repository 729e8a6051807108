/* check_part.h - is every byte of a part as it was written?
 *
 * First all streams, wherever the directory says they are: checksums, and that they fill the file without a gap.
 * When these are good, what is in them: every table, column and row is decoded and compared with the directory. */
#ifndef CARE_CHECK_PART_H
#define CARE_CHECK_PART_H

#include "care/care.h"
#include "store/part.h"

struct part_check {
    uint64_t problems, streams, spans, bytes;
};

/* Called with bytes looked at so far; the whole part counts twice its size. */
typedef void part_progress_fn(uint64_t bytes, void *user);

/* file is what problems are reported under. want may be NULL. ret is filled as far as it went. A problem is no failure:
 * negative for ERR_IO, ERR_NOMEM, ERR_CANCELLED, and ERR_UNSUPPORTED for a part of a newer version. */
int check_part(const char *path, const char *file, uint64_t number,
               const struct manifest_part *want, const struct care_watcher *w,
               part_progress_fn *progress, void *user, struct part_check *ret, struct err *err);

#endif
