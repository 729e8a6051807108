/* part_write.h - columns made into a part's file. */
#ifndef STORE_PART_WRITE_H
#define STORE_PART_WRITE_H

#include "store/columns.h"
#include "store/manifest.h"

/* What the columns' numbers stand for. service[i] is that of resource i. */
struct part_strings_in {
    const struct str *services, *resources, *scopes;
    const uint32_t *resource_service;
    uint32_t service_count, resource_count, scope_count;
};

/* Writes path (created anew) and flushes it. zstd_level as zstd's. stop (may be NULL) is looked at now and then: when
 * it becomes non-zero the answer is ERR_CANCELLED. ret_identity gets all but the number. ERR_IO, ERR_NOMEM. */
int part_write(const struct columns *c, const struct part_strings_in *strings, const char *path,
               int zstd_level, const _Atomic int *stop, struct manifest_part *ret_identity,
               struct err *err);

#endif
