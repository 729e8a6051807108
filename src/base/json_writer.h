/* json_writer.h - streams JSON text (RFC 8259) into a buf; commas and indentation take care of themselves.
 *
 *     struct json_writer w;
 *     json_init(&w, &buf, 0);
 *     json_object_begin(&w);
 *     json_key(&w, STR("name"));
 *     json_str(&w, name);
 *     json_object_end(&w);
 *
 * Bytes that are not UTF-8 become U+FFFD, so the output is always valid. A failure (the buf's maximum, or
 * nesting past JSON_DEPTH_MAX) is seen in buf->failed at the end. */
#ifndef BASE_JSON_WRITER_H
#define BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* OTLP/JSON takes four levels for an attribute list inside an attribute list, and 16 of those are allowed. */
enum { JSON_DEPTH_MAX = 128 };

struct json_writer {
    struct buf *out; /* borrowed */
    unsigned indent; /* spaces a level; 0 = everything on one line */
    unsigned depth;
    bool after_key;                          /* a key was written, its value comes next */
    uint64_t not_first[JSON_DEPTH_MAX / 64]; /* bit d: the container at depth d has an element */
};

void json_init(struct json_writer *w, struct buf *out, unsigned indent);

void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
void json_key(struct json_writer *w, struct str key);

void json_str(struct json_writer *w, struct str s);
void json_bool(struct json_writer *w, bool v);
void json_write_null(struct json_writer *w); /* json_null is a name of jansson's */
void json_i64(struct json_writer *w, int64_t v);
void json_u64(struct json_writer *w, uint64_t v);
void json_i64_str(struct json_writer *w,
                  int64_t v); /* "123", as OTLP/JSON writes 64-bit integers */
void json_u64_str(struct json_writer *w, uint64_t v);
void json_double(struct json_writer *w,
                 double v); /* exact, in any locale; NaN, Infinity, -Infinity as strings */
void json_hex(struct json_writer *w, const void *bytes, size_t n);
void json_base64(struct json_writer *w, struct str bytes); /* standard alphabet, padded */
void json_raw(struct json_writer *w, struct str json);     /* a value that is JSON already */

#endif
