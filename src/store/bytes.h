/* bytes.h - the store's files are little-endian and so is every machine it runs on: columns are used in place. */
#ifndef STORE_BYTES_H
#define STORE_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/str.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "file formats are used in place");

static inline uint32_t load_u32(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t load_u64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store_u32(char *p, uint32_t v)
{
    memcpy(p, &v, sizeof v);
}

static inline void store_u64(char *p, uint64_t v)
{
    memcpy(p, &v, sizeof v);
}

/* As str_eq, without a call: for short strings that mostly are equal or differ at once. */
static inline bool str_same(struct str a, struct str b)
{
    size_t at = 0;
    if (a.n != b.n)
        return false;
    if (a.n < 4) {
        while (at < a.n && a.p[at] == b.p[at])
            at++;
        return at == a.n;
    }
    if (a.n < 8)
        return load_u32(a.p) == load_u32(b.p) && load_u32(a.p + a.n - 4) == load_u32(b.p + a.n - 4);
    for (; at + 8 < a.n; at += 8) {
        if (load_u64(a.p + at) != load_u64(b.p + at))
            return false;
    }
    return load_u64(a.p + a.n - 8) == load_u64(b.p + b.n - 8);
}

/* Fuzzers could not get past a checksum: there, every one is right. */
static inline bool checksum_is(uint64_t want, uint64_t got)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    (void)want, (void)got;
    return true;
#else
    return want == got;
#endif
}

static inline uint64_t checksum_of(struct str s)
{
    return XXH3_64bits(s.p ? s.p : "", s.n);
}

#endif
