/* thrift.h - Apache Thrift's binary protocol: a reader over a slice.
 *
 * Sticky like pb.h's: the first bad byte ends every loop, so a message's decoder asks once.
 *
 *     while (thrift_field(&r)) {
 *         if (thrift_is(&r, 1, THRIFT_STRING)) name = thrift_text(&r);
 *         else thrift_skip(&r);
 *     }
 *
 * Hostile bytes cost no more than their own number: sizes of lists are checked against what is left, nesting is limited. */
#ifndef WIRE_THRIFT_H
#define WIRE_THRIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum thrift_type {
    THRIFT_STOP = 0,
    THRIFT_BOOL = 2,
    THRIFT_BYTE = 3,
    THRIFT_DOUBLE = 4,
    THRIFT_I16 = 6,
    THRIFT_I32 = 8,
    THRIFT_I64 = 10,
    THRIFT_STRING = 11, /* and bytes */
    THRIFT_STRUCT = 12,
    THRIFT_MAP = 13,
    THRIFT_SET = 14,
    THRIFT_LIST = 15,
};

enum { THRIFT_DEPTH_MAX = 32 };

struct thrift_reader {
    const uint8_t *p, *end;
    const uint8_t *bad_at; /* NULL while all is well */
    uint8_t type;          /* of the field that thrift_field found */
    int16_t id;
};

struct thrift_reader thrift_reader_of(struct str bytes);

/* The next field of the struct that the reader stands in; false at its end, which is passed, and after an error. */
bool thrift_field(struct thrift_reader *r);

static inline bool thrift_is(const struct thrift_reader *r, int id, enum thrift_type type)
{
    return r->id == id && r->type == type;
}

/* Values of the field's type. */
bool thrift_bool(struct thrift_reader *r);
int16_t thrift_i16(struct thrift_reader *r);
int32_t thrift_i32(struct thrift_reader *r);
int64_t thrift_i64(struct thrift_reader *r);
double thrift_double(struct thrift_reader *r);
/* An i64 of microseconds in nanoseconds; 0 when it is below nothing or too large. */
uint64_t thrift_micros(struct thrift_reader *r);
/* An i64 as the 8 bytes of an id. */
void thrift_id(struct thrift_reader *r, uint8_t *id);
struct str thrift_bytes(struct thrift_reader *r); /* borrows */
struct str thrift_text(struct thrift_reader *r);  /* must be UTF-8 */
/* Elements to come; 0 when they are of another type (then they are passed over). */
uint32_t thrift_list(struct thrift_reader *r, enum thrift_type element);
/* Passes over the field's value. */
void thrift_skip(struct thrift_reader *r);

/* ERR_INVALID with the place when the reader failed. */
int thrift_finish(const struct thrift_reader *r, struct str bytes, struct err *err);

#endif
