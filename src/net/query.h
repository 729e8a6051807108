/* query.h - percent decoding of paths; the query string's reader is public (http.h). */
#ifndef NET_QUERY_H
#define NET_QUERY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* False on a broken escape, an encoded or plain NUL, or a full arena. '+' stays a plus. */
bool percent_decode_path(struct arena *arena, struct str in, struct str *ret);

#endif
