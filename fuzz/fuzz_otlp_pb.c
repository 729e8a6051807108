/* Whatever decodes, encodes to something that decodes to the same. */
#include "fuzz.h"
#include "wire/otlp_pb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena first, second;
    struct span_batch a, b;
    struct buf bytes;
    arena_init(&first, 64 << 20);
    arena_init(&second, 64 << 20);
    buf_init(&bytes, 0);
    if (otlp_pb_decode(str_make(data, size), NULL, &first, &a, NULL) == 0) {
        otlp_pb_encode(a.spans, a.span_count, &bytes);
        FUZZ_CHECK(otlp_pb_decode(buf_str(&bytes), NULL, &second, &b, NULL) == 0);
        FUZZ_CHECK(a.span_count == b.span_count);
        for (size_t i = 0; i < a.span_count; i++)
            FUZZ_CHECK(span_eq(&a.spans[i], &b.spans[i]));
    }
    buf_release(&bytes);
    arena_release(&first);
    arena_release(&second);
    return 0;
}
