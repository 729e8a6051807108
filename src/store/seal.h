/* seal.h - writing sources into one new part: a frozen head when it is full, or small parts that are merged. */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include "store/seal_order.h"

/* Writes the rows of the sources (heads must be frozen) to path, clustered by trace, traces by first start, and
 * flushes it: all but the dead ones, and of the traces that filter keeps (NULL = of all). Identical rows of several
 * sources are all kept. ret_identity gets what follows from the file: bytes, checksum.
 * stop is looked at now and then: when it becomes non-zero the answer is ERR_CANCELLED. ERR_NOT_FOUND: no row is to be
 * written, and no file is. */
int seal_write(const struct source *sources, size_t count, const char *path, int zstd_level,
               const struct seal_filter *filter, const _Atomic int *stop,
               struct manifest_part *ret_identity, struct err *err);

#endif
