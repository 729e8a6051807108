/* str.h - a borrowed slice of bytes, passed by value in two registers.
 *
 * A str does not own its bytes and is not NUL-terminated. It borrows from whoever made it (a request body,
 * an arena, a literal) and lives no longer than that. An empty slice may have p == NULL. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

/* A slice of a string literal; the length is known at compile time. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_INIT(literal)               \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
/* For printf's "%.*s". */
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct str str_of(const char *cstr)
{
    return (struct str){cstr, cstr ? strlen(cstr) : 0};
}

static inline struct str str_make(const void *p, size_t n)
{
    return (struct str){(const char *)p, n};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Byte order, shorter first when one is a prefix of the other. */
static inline int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline struct str str_from(struct str s, size_t start)
{
    return start >= s.n ? (struct str){s.p ? s.p + s.n : NULL, 0}
                        : (struct str){s.p + start, s.n - start};
}

/* Index of the first c, or -1. */
ptrdiff_t str_find(struct str s, char c);

/* Cuts s at the first c: *head gets what is before it, *tail what is after. Without c, head is all of s,
 * tail is empty and the answer is false. head or tail may be &s itself. */
bool str_cut(struct str s, char c, struct str *head, struct str *tail);

/* ASCII only, as HTTP field names and content types need; other bytes compare as they are. */
bool str_eq_nocase(struct str a, struct str b);

/* Without ASCII spaces and tabs at both ends. */
struct str str_trim(struct str s);

/* Whole-slice parses: false (and *ret untouched) unless every byte belongs to a number that fits. */
bool str_to_u64(struct str s, uint64_t *ret);
bool str_to_i64(struct str s, int64_t *ret);
bool str_to_double(struct str s, double *ret); /* decimal, with a point in every locale */

/* A Go-style duration ("1.5ms", "100us", "2µs", "1h30m", "-3s", "0") in nanoseconds. */
bool str_to_duration_ns(struct str s, int64_t *ret);

#endif
