/* part_format.h - sizes of a part's footer, shared by its reader and its writer. See docs/format.md. */
#ifndef STORE_PART_FORMAT_H
#define STORE_PART_FORMAT_H

#include "store/part.h"

enum {
    FOOTER_HEAD_BYTES = 64,
    FOOTER_SECTION_BYTES = 24,
    FOOTER_BYTES = FOOTER_HEAD_BYTES + PART_SECTION_COUNT * FOOTER_SECTION_BYTES,
};

_Static_assert(sizeof(struct part_block) == 32, "layout of the BLOCKS section");
_Static_assert(sizeof(struct part_zone) == 16, "layout of the ZONES section");
_Static_assert(sizeof(struct part_operation) == 12, "layout of the OPERATIONS section");
_Static_assert(PART_SECTION_COUNT <= 31, "one bit per section");

extern const char part_magic[8];

#endif
