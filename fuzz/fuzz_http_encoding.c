/* Inflating anything as anything stays within its maximum and its memory. The first byte chooses the encoding. */
#include "fuzz.h"
#include "net/encoding.h"

enum { OUTPUT_MAX = 300000 };

static bool reserve(struct buf *out, size_t cap, void *user)
{
    (void)user;
    FUZZ_CHECK(cap <= OUTPUT_MAX);
    return buf_reserve(out, cap - out->n) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct codecs codecs;
    struct buf out = {0};
    struct encoding_sink sink = {&out, OUTPUT_MAX, reserve, NULL};
    if (!size)
        return 0;
    encoding_inflate(&codecs, (enum encoding)(1 + data[0] % 3), str_make(data + 1, size - 1),
                     &sink);
    FUZZ_CHECK(out.n <= OUTPUT_MAX);
    encoding_accepts_gzip(str_make(data, size));
    encoding_parse(str_make(data, size));
    buf_release(&out);
    return 0;
}
