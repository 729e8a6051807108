/* dialect.h - what holds for every reader of spans: it ends, says what is wrong within the bytes, and what it gives is a
 * batch that OTLP can carry. */
#ifndef FUZZ_DIALECT_H
#define FUZZ_DIALECT_H

#include "base/err.h"
#include "fuzz.h"
#include "wire/otlp_pb.h"

typedef int fuzz_decode_fn(struct str bytes, struct arena *arena, struct span_batch *ret,
                           struct err *err);

static inline int fuzz_dialect(fuzz_decode_fn *decode, const uint8_t *data, size_t size)
{
    struct arena first, second;
    struct span_batch a, b;
    struct err err = {0};
    struct buf out;
    int code;
    arena_init(&first, 64 << 20);
    arena_init(&second, 64 << 20);
    buf_init(&out, 0);
    code = decode(str_make(data, size), &first, &a, &err);
    if (code == 0) {
        otlp_pb_encode(a.spans, a.span_count, &out);
        FUZZ_CHECK(!out.failed);
        FUZZ_CHECK(otlp_pb_decode(buf_str(&out), NULL, &second, &b, NULL) == 0);
        FUZZ_CHECK(a.span_count == b.span_count);
        for (size_t i = 0; i < a.span_count; i++)
            FUZZ_CHECK(span_eq(&a.spans[i], &b.spans[i]));
    } else {
        FUZZ_CHECK(code == ERR_INVALID || code == ERR_NOMEM || code == ERR_TOO_LARGE);
        FUZZ_CHECK(err.msg[0] && err.offset <= size);
    }
    buf_release(&out);
    arena_release(&first);
    arena_release(&second);
    return 0;
}

#endif
