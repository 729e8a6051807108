/* A traceparent that parses is formatted to one that parses to the same; tracestate members are all valid, and joined they
 * parse to the same again. */
#include <stdlib.h>

#include "fuzz.h"
#include "wire/traceparent.h"

static void check_join(struct str header, const struct tracestate_member *members, int count)
{
    struct tracestate_member again[TRACESTATE_MEMBERS_MAX];
    char *out = malloc(header.n + 1);
    size_t n;
    FUZZ_CHECK(out);
    n = tracestate_join(out, members, count);
    FUZZ_CHECK(n <= header.n);
    FUZZ_CHECK(tracestate_parse(str_make(out, n), again) == count);
    for (int i = 0; i < count; i++)
        FUZZ_CHECK(str_eq(members[i].key, again[i].key) &&
                   str_eq(members[i].value, again[i].value));
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str header = str_make(data, size);
    struct traceparent tp, again;
    struct tracestate_member members[TRACESTATE_MEMBERS_MAX];
    int count = tracestate_parse(header, members);
    FUZZ_CHECK(count >= -1 && count <= TRACESTATE_MEMBERS_MAX);
    for (int i = 0; i < count; i++)
        FUZZ_CHECK(tracestate_key_valid(members[i].key) &&
                   tracestate_value_valid(members[i].value));
    if (count >= 0)
        check_join(header, members, count);
    if (traceparent_parse(header, &tp)) {
        char text[TRACEPARENT_BYTES + 1];
        traceparent_format(text, &tp);
        FUZZ_CHECK(traceparent_parse(str_of(text), &again));
        FUZZ_CHECK(memcmp(&tp, &again, sizeof tp) == 0);
    }
    return 0;
}
