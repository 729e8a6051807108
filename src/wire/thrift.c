/* thrift.c - see thrift.h. All numbers are big-endian. */
#include "wire/thrift.h"

#include <string.h>

#include "base/utf8.h"

struct thrift_reader thrift_reader_of(struct str bytes)
{
    const uint8_t *p = (const uint8_t *)(bytes.p ? bytes.p : "");
    return (struct thrift_reader){.p = p, .end = p + bytes.n};
}

static void fail(struct thrift_reader *r, const uint8_t *at)
{
    if (!r->bad_at)
        r->bad_at = at;
    r->p = r->end;
}

static uint64_t number(struct thrift_reader *r, size_t n)
{
    uint64_t v = 0;
    if ((size_t)(r->end - r->p) < n) {
        fail(r, r->p);
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        v = v << 8 | *r->p++;
    return v;
}

bool thrift_bool(struct thrift_reader *r)
{
    return number(r, 1) != 0;
}

int16_t thrift_i16(struct thrift_reader *r)
{
    return (int16_t)number(r, 2);
}

int32_t thrift_i32(struct thrift_reader *r)
{
    return (int32_t)number(r, 4);
}

int64_t thrift_i64(struct thrift_reader *r)
{
    return (int64_t)number(r, 8);
}

double thrift_double(struct thrift_reader *r)
{
    uint64_t bits = number(r, 8);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

uint64_t thrift_micros(struct thrift_reader *r)
{
    uint64_t us = number(r, 8), ns;
    return us > INT64_MAX || __builtin_mul_overflow(us, 1000, &ns) ? 0 : ns;
}

void thrift_id(struct thrift_reader *r, uint8_t *id)
{
    uint64_t v = number(r, 8);
    for (int i = 8; i-- > 0; v >>= 8)
        id[i] = (uint8_t)v;
}

struct str thrift_bytes(struct thrift_reader *r)
{
    const uint8_t *at = r->p;
    uint64_t n = number(r, 4);
    struct str s;
    if (n > (uint64_t)(r->end - r->p)) { /* a negative length is a very large one */
        fail(r, at);
        return (struct str){NULL, 0};
    }
    s = str_make(r->p, (size_t)n);
    r->p += n;
    return s;
}

struct str thrift_text(struct thrift_reader *r)
{
    struct str s = thrift_bytes(r);
    size_t good = utf8_valid_prefix(s);
    if (good != s.n)
        fail(r, (const uint8_t *)s.p + good);
    return s;
}

bool thrift_field(struct thrift_reader *r)
{
    r->type = (uint8_t)number(r, 1);
    r->id = 0;
    if (r->bad_at || r->type == THRIFT_STOP)
        return false;
    r->id = thrift_i16(r);
    return !r->bad_at;
}

/* Bytes of a value of this type whose size is fixed; 0 = it is not, or there is no such type. */
static size_t fixed_size(uint8_t type)
{
    switch (type) {
    case THRIFT_BOOL:
    case THRIFT_BYTE: return 1;
    case THRIFT_I16: return 2;
    case THRIFT_I32: return 4;
    case THRIFT_DOUBLE:
    case THRIFT_I64: return 8;
    default: return 0;
    }
}

/* A count that the rest of the bytes can hold: no element is smaller than a byte. */
static uint32_t list_size(struct thrift_reader *r)
{
    const uint8_t *at = r->p;
    uint64_t n = number(r, 4);
    if (n > (uint64_t)(r->end - r->p)) {
        fail(r, at);
        return 0;
    }
    return (uint32_t)n;
}

static void skip_value(struct thrift_reader *r, uint8_t type, unsigned depth);

static void skip_many(struct thrift_reader *r, uint8_t type, uint32_t n, unsigned depth)
{
    for (; n && !r->bad_at; n--)
        skip_value(r, type, depth);
}

static void skip_map(struct thrift_reader *r, unsigned depth)
{
    uint8_t key = (uint8_t)number(r, 1), value = (uint8_t)number(r, 1);
    for (uint32_t n = list_size(r); n && !r->bad_at; n--) {
        skip_value(r, key, depth);
        skip_value(r, value, depth);
    }
}

/* Recursion, but THRIFT_DEPTH_MAX deep at most. */
static void skip_value(struct thrift_reader *r, uint8_t type, unsigned depth)
{
    size_t fixed = fixed_size(type);
    if (depth > THRIFT_DEPTH_MAX) {
        fail(r, r->p);
        return;
    }
    if (fixed) {
        number(r, fixed);
        return;
    }
    switch (type) {
    case THRIFT_STRING: thrift_bytes(r); break;
    case THRIFT_STRUCT:
        while (thrift_field(r))
            skip_value(r, r->type, depth + 1);
        break;
    case THRIFT_SET:
    case THRIFT_LIST:
        type = (uint8_t)number(r, 1);
        skip_many(r, type, list_size(r), depth + 1);
        break;
    case THRIFT_MAP: skip_map(r, depth + 1); break;
    default: fail(r, r->p); break;
    }
}

void thrift_skip(struct thrift_reader *r)
{
    skip_value(r, r->type, 0);
}

uint32_t thrift_list(struct thrift_reader *r, enum thrift_type element)
{
    uint8_t type = (uint8_t)number(r, 1);
    uint32_t n = list_size(r);
    if (type == (uint8_t)element)
        return n;
    skip_many(r, type, n, 1);
    return 0;
}

int thrift_finish(const struct thrift_reader *r, struct str bytes, struct err *err)
{
    if (!r->bad_at)
        return 0;
    return err_at(err, ERR_INVALID, (size_t)(r->bad_at - (const uint8_t *)bytes.p),
                  "malformed thrift or text that is not UTF-8");
}
