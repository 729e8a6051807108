/* pattern.h - regular expressions of queries: RE2's syntax as far as PCRE2 shares it, fully anchored, bounded.
 *
 * Compiled patterns live in an arena and need no clean-up. What RE2 does not have is refused. Matching has limits on steps
 * and depth, so that no pattern takes long: of a text that exceeds them nothing holds, and the pattern says so. Texts may
 * be any bytes. Any thread may match. */
#ifndef TRACEQL_PATTERN_H
#define TRACEQL_PATTERN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct pattern;

enum { PATTERN_BYTES_MAX = 16 * 1024 };

/* ERR_INVALID with the place in the pattern; ERR_TOO_LARGE. */
int pattern_compile(struct str text, struct arena *arena, const struct pattern **ret,
                    struct err *err);
/* Does all of s match? */
bool pattern_matches(const struct pattern *p, struct str s);
/* The same when wanted, else: is it sure that it does not? */
bool pattern_holds(const struct pattern *p, struct str s, bool wanted);
/* How often a match was given up because it exceeded the limits. */
uint64_t pattern_limit_hits(const struct pattern *p);

#endif
