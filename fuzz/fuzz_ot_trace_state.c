/* The member `ot` of tracestate: what is read is kept when it is written again; a changed threshold is read back, and
 * nothing else has changed. */
#include "fuzz.h"
#include "wire/ot_trace_state.h"

static void check_change(const struct ot_entry *e, uint64_t threshold)
{
    char out[OT_BYTES_MAX];
    struct ot_entry again;
    int n = ot_with_threshold(e, threshold, out);
    FUZZ_CHECK(n >= -1 && n <= OT_BYTES_MAX);
    FUZZ_CHECK(n >= 0 || e->text.n > 200); /* only long ones have no room */
    if (n < 0)
        return;
    FUZZ_CHECK(ot_parse(str_make(out, (size_t)n), &again));
    FUZZ_CHECK(again.threshold == threshold && again.randomness == e->randomness);
}

static void check_ratio(const uint8_t *data, size_t size)
{
    double ratio = 0;
    char digits[OT_DIGITS];
    memcpy(&ratio, data, size < sizeof ratio ? size : sizeof ratio);
    for (unsigned d = 1; d <= OT_DIGITS; d++) {
        uint64_t t = ot_threshold_of(ratio, d);
        FUZZ_CHECK(t < OT_RANGE && ot_threshold_format(t, digits) <= OT_DIGITS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = str_make(data, size), found = ot_find(input);
    struct ot_entry e;
    bool ok = ot_parse(input, &e);
    FUZZ_CHECK(ok || (e.threshold == OT_ABSENT && e.randomness == OT_ABSENT && e.text.n == 0));
    FUZZ_CHECK(e.threshold == OT_ABSENT || e.threshold < OT_RANGE);
    FUZZ_CHECK(e.randomness == OT_ABSENT || e.randomness < OT_RANGE);
    FUZZ_CHECK(found.n <= OT_BYTES_MAX);
    check_change(&e, OT_ABSENT);
    check_change(&e, 0);
    check_change(&e, OT_RANGE - 1);
    if (e.randomness != OT_ABSENT)
        check_change(&e, e.randomness);
    check_ratio(data, size);
    return 0;
}
