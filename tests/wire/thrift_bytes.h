/* thrift_bytes.h - writes Thrift's binary protocol, for tests. */
#ifndef TESTS_WIRE_THRIFT_BYTES_H
#define TESTS_WIRE_THRIFT_BYTES_H

#include "base/buf.h"
#include "wire/thrift.h"

static inline void put_number(struct buf *b, uint64_t v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        buf_put_byte(b, (unsigned char)(v >> 8 * i));
}

static inline void put_field(struct buf *b, enum thrift_type type, int id)
{
    put_number(b, type, 1);
    put_number(b, (uint64_t)id, 2);
}

static inline void put_i64(struct buf *b, int id, int64_t v)
{
    put_field(b, THRIFT_I64, id);
    put_number(b, (uint64_t)v, 8);
}

static inline void put_i32(struct buf *b, int id, int32_t v)
{
    put_field(b, THRIFT_I32, id);
    put_number(b, (uint32_t)v, 4);
}

static inline void put_i16(struct buf *b, int id, int16_t v)
{
    put_field(b, THRIFT_I16, id);
    put_number(b, (uint16_t)v, 2);
}

static inline void put_bool(struct buf *b, int id, bool v)
{
    put_field(b, THRIFT_BOOL, id);
    put_number(b, v, 1);
}

static inline void put_double(struct buf *b, int id, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    put_field(b, THRIFT_DOUBLE, id);
    put_number(b, bits, 8);
}

static inline void put_string(struct buf *b, int id, struct str s)
{
    put_field(b, THRIFT_STRING, id);
    put_number(b, s.n, 4);
    buf_put_str(b, s);
}

static inline void put_list(struct buf *b, int id, enum thrift_type element, uint32_t n)
{
    put_field(b, THRIFT_LIST, id);
    put_number(b, element, 1);
    put_number(b, n, 4);
}

static inline void put_stop(struct buf *b)
{
    put_number(b, THRIFT_STOP, 1);
}

#endif
