/* values.h - attribute values as the application gives them: measured and packed into bytes, or copied into an arena.
 *
 * Packed form of a value's payload (native byte order, never leaves the process):
 *   string, bytes   the bytes
 *   bool            one byte
 *   int, double     eight bytes
 *   list            nodes one after another; a node is u8 type, u32 payload bytes, payload
 *   map             entries one after another; an entry is u32 key bytes, key, node
 * The array types of the interface become lists. */
#ifndef TRACER_VALUES_H
#define TRACER_VALUES_H

#include <cairn/attribute.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "trace/span.h"
#include "tracer/shared.h"

enum { VALUE_DEPTH_MAX = 64, NODE_HEAD_BYTES = 5 };

/* The type that a value is packed as. Unknown types are empty. */
enum value_type value_packed_type(const struct cairn_value *v) TRACER_SHARED(value_packed_type);

/* Is the type known, and is there something behind the pointers? What makes no sense is packed as empty. */
bool value_makes_sense(const struct cairn_value *v) TRACER_SHARED(value_makes_sense);

/* Bytes of the payload when strings are cut after length_max characters (UINT32_MAX: never). SIZE_MAX when it
 * is too large for any span. */
size_t value_measure(const struct cairn_value *v, uint32_t length_max, unsigned depth)
    TRACER_SHARED(value_measure);

/* Writes exactly what value_measure answered. Returns the end. */
unsigned char *value_pack(unsigned char *at, const struct cairn_value *v, uint32_t length_max,
                          unsigned depth) TRACER_SHARED(value_pack);

/* Reads a packed payload; slices borrow from it, lists live in the arena, strings that are not UTF-8 are mended
 * there. ERR_NOMEM. */
int value_unpack(enum value_type type, struct str payload, struct arena *arena, struct value *ret)
    TRACER_SHARED(value_unpack);
/* The entries of a map's payload. */
int attrs_unpack(struct str payload, struct arena *arena, struct attrs *ret)
    TRACER_SHARED(attrs_unpack);

/* Copies attributes as they are (no limits), the last value of a key winning. ERR_NOMEM. */
int attrs_import(const struct cairn_attrs *from, struct arena *arena, struct attrs *ret)
    TRACER_SHARED(attrs_import);

struct str utf8_mend_slow(struct str s, struct arena *arena) TRACER_SHARED(utf8_mend_slow);

/* Valid UTF-8: s itself, or a copy in the arena with U+FFFD for what is not. */
static inline struct str utf8_mend(struct str s, struct arena *arena)
{
    return utf8_all_ascii(s.p, s.n) ? s : utf8_mend_slow(s, arena);
}

#endif
