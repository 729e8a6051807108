/* baggage.h - W3C Baggage: the members of the header value, and percent-encoding. No allocation.
 *
 *     baggage: user=J%C3%B6rg, tenant = blue ;ttl=5;secret */
#ifndef WIRE_BAGGAGE_H
#define WIRE_BAGGAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum {
    BAGGAGE_MEMBERS_MAX = 64, /* what W3C wants everybody to carry; we carry no more */
    BAGGAGE_BYTES_MAX = 8192, /* of all members and the commas between them */
};

struct baggage_member {
    struct str name;     /* a token, not encoded */
    struct str value;    /* as it stands there: see baggage_decode */
    struct str metadata; /* the properties behind the first semicolon, trimmed; empty = none */
    size_t bytes;        /* of the whole member, without spaces around it */
};

/* Takes the next well-formed member off *list and steps over those that are not. False at the end. Borrows. */
bool baggage_next(struct str *list, struct baggage_member *ret);

/* May this be a name or the metadata in the header? */
bool baggage_name_valid(struct str name);
bool baggage_metadata_valid(struct str metadata);

/* Undoes percent-encoding; what does not decode to UTF-8 becomes U+FFFD, a % without two digits stays. Writes at
 * most s.n bytes for a value of a member, 3 * s.n for anything, and answers how many. */
size_t baggage_decode(struct str s, char *out);

/* Percent-encodes all that a value may not hold; writes at most 3 * s.n bytes and answers how many. */
size_t baggage_encode(struct str s, char *out);

/* Writes name=value;metadata with the value encoded, whole or not at all: the length, or 0 when `room` bytes are
 * too few or the name is no token. No NUL. */
size_t baggage_format(struct str name, struct str value, struct str metadata, char *out,
                      size_t room);

#endif
