/* Whatever decodes is written as JSON and as protobuf that decode to the same. */
#include "fuzz.h"
#include "wire/otlp_json.h"

static void check_same(const struct span_batch *a, const struct span_batch *b)
{
    FUZZ_CHECK(a->span_count == b->span_count);
    for (size_t i = 0; i < a->span_count; i++)
        FUZZ_CHECK(span_eq(&a->spans[i], &b->spans[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena first, second;
    struct span_batch a, b;
    struct buf out;
    struct json_writer w;
    arena_init(&first, 64 << 20);
    arena_init(&second, 64 << 20);
    buf_init(&out, 0);
    if (otlp_json_decode(str_make(data, size), NULL, &first, &a, NULL) == 0) {
        json_init(&w, &out, 0);
        otlp_json_write(&w, a.spans, a.span_count, 0);
        FUZZ_CHECK(otlp_json_decode(buf_str(&out), NULL, &second, &b, NULL) == 0);
        check_same(&a, &b);
        buf_clear(&out);
        otlp_pb_encode(a.spans, a.span_count, &out);
        FUZZ_CHECK(otlp_pb_decode(buf_str(&out), NULL, &second, &b, NULL) == 0);
        check_same(&a, &b);
    }
    buf_release(&out);
    arena_release(&first);
    arena_release(&second);
    return 0;
}
