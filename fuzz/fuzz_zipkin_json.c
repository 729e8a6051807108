/* Zipkin's JSON, version 2: what decodes is also written as JSON that decodes again. */
#include "dialect.h"
#include "wire/zipkin_json.h"

static void write_again(const uint8_t *data, size_t size)
{
    struct arena first, second;
    struct span_batch a, b;
    arena_init(&first, 64 << 20);
    arena_init(&second, 64 << 20);
    if (zipkin_json_decode(str_make(data, size), &first, &a, NULL) == 0) {
        for (size_t i = 0; i < a.span_count; i++) {
            struct buf out;
            struct json_writer w;
            buf_init(&out, 0);
            json_init(&w, &out, 0);
            zipkin_json_write_span(&w, &a.spans[i], 0, &second);
            FUZZ_CHECK(zipkin_json_decode(buf_str(&out), &second, &b, NULL) == 0);
            FUZZ_CHECK(b.span_count == 1);
            FUZZ_CHECK(span_id_eq(a.spans[i].span_id, b.spans[0].span_id));
            buf_release(&out);
            arena_reset(&second);
        }
    }
    arena_release(&first);
    arena_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    write_again(data, size);
    return fuzz_dialect(zipkin_json_decode, data, size);
}
