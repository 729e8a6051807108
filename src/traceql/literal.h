/* literal.h - what literals of the text are worth. */
#ifndef TRACEQL_LITERAL_H
#define TRACEQL_LITERAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* One or more of number and unit ("1h30m", "1.5s", "2d"), in nanoseconds. A day has 24 hours, a week 7 days, a year 365.
 * False when it is none or does not fit. */
bool literal_duration(struct str s, int64_t *ret);

/* What stands between the quotes of "...", with its escapes resolved. ERR_INVALID with the offset in s. */
int literal_unescape(struct str s, struct arena *arena, struct str *ret, struct err *err);

/* The other way: as they are written. */
void literal_print_string(struct buf *out, struct str s);
void literal_print_duration(struct buf *out, int64_t ns);
void literal_print_double(struct buf *out, double n); /* with a point or an exponent */
void literal_print_int(struct buf *out, int64_t n);

#endif
