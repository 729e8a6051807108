/* json_reader.h - pulls values out of JSON text (RFC 8259) one by one; builds no tree and allocates only for strings.
 *
 *     struct json_reader r = json_reader_of(text, &arena);
 *     if (json_read_object(&r)) {
 *         while (json_read_member(&r, &key)) {
 *             if (str_eq(key, STR("name")))
 *                 name = json_read_string(&r);
 *             else
 *                 json_read_skip(&r);
 *         }
 *     }
 *     if (!json_read_end(&r)) ... r.why says what is wrong at r.bad_at
 *
 * The reader is sticky: the first error ends every loop, all later reads answer nothing, so the caller asks once at
 * the end. Hostile text costs no more memory than its strings: nesting is counted, not stored. */
#ifndef BASE_JSON_READER_H
#define BASE_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum { JSON_READ_DEPTH_MAX = 512 };

enum json_kind {
    JSON_NOTHING, /* the end, or not the start of a value */
    JSON_OBJECT_KIND,
    JSON_ARRAY_KIND,
    JSON_STRING_KIND,
    JSON_NUMBER_KIND,
    JSON_BOOL_KIND,
    JSON_NULL_KIND,
};

struct json_reader {
    const char *start, *p, *end;
    struct arena *arena; /* for strings with escapes */
    unsigned depth;
    bool opened;     /* the container just entered has not been looked into */
    const char *why; /* what is wrong, static text; NULL while all is well */
    size_t bad_at;   /* byte of the text */
    bool no_memory;  /* the arena is full: why says so */
};

struct json_reader json_reader_of(struct str text, struct arena *arena);

/* What comes next; does not move. */
enum json_kind json_peek(struct json_reader *r);

/* Enter a container; an error (false) when something else comes. */
bool json_read_object(struct json_reader *r);
bool json_read_array(struct json_reader *r);

/* The next member's key (as json_read_string gives it) with its value up next; the next element. False at the end
 * of the container, which is left then, and after an error. */
bool json_read_member(struct json_reader *r, struct str *key);
bool json_read_element(struct json_reader *r);

/* Values. A string borrows from the text when it has no escapes, else from the arena; it is valid UTF-8 (a \u escape
 * of half a surrogate pair becomes U+FFFD). A number is its text, of JSON's grammar. Other kinds are errors. */
struct str json_read_string(struct json_reader *r);
struct str json_read_number(struct json_reader *r);
bool json_read_bool(struct json_reader *r);
void json_read_null(struct json_reader *r);
void json_read_skip(struct json_reader *r); /* any value, checked all the same */

/* True when the text was good and nothing but white space is left. */
bool json_read_end(struct json_reader *r);

/* For errors of meaning: the same stickiness, at the place where the reader stands. */
void json_read_fail(struct json_reader *r, const char *why);

#endif
