/* sampler_state.c - what samplers answer with: trace states and attributes in memory of the calling thread.
 *
 * The memory stays with the thread, so that a steady stream of spans takes none from the system. */
#define CAIRN_NO_INLINE
#include <errno.h>
#include <stdlib.h>

#include "sdk/sampler.h"
#include "tracer/provider.h"
#include "tracer/thread.h"

enum { TEXT_BYTES_MIN = 512 };

/* Room for n bytes that is not where `from` is. */
static char *text_room(struct thread *t, size_t n, struct str from)
{
    int saved = errno;
    bool overlaps = from.n && t->sampling_text &&
                    from.p < t->sampling_text + t->sampling_text_bytes &&
                    from.p + from.n > t->sampling_text;
    char *p = t->sampling_text;
    if (n <= t->sampling_text_bytes && !overlaps)
        return p;
    n = n > TEXT_BYTES_MIN ? n : TEXT_BYTES_MIN;
    p = malloc(n);
    errno = saved;
    return p;
}

/* The memory that was written is the thread's from now on. */
static void text_adopt(struct thread *t, char *p, size_t n)
{
    if (p == t->sampling_text)
        return;
    free(t->sampling_text);
    t->sampling_text = p;
    t->sampling_text_bytes = n > TEXT_BYTES_MIN ? n : TEXT_BYTES_MIN;
}

static cairn_str with_member(struct str state, struct str value)
{
    static const cairn_str none;
    struct thread *t = thread_self();
    int32_t n = cairn_trace_state_set(str_out(state), CAIRN_S("ot"), str_out(value), NULL, 0);
    char *p;
    if (n < 0) { /* not a trace state: nothing of it is passed on */
        state = (struct str){NULL, 0};
        n = cairn_trace_state_set(none, CAIRN_S("ot"), str_out(value), NULL, 0);
    }
    p = n > 0 && t ? text_room(t, (size_t)n + 1, state) : NULL;
    if (!p)
        return none;
    cairn_trace_state_set(str_out(state), CAIRN_S("ot"), str_out(value), p, (size_t)n + 1);
    text_adopt(t, p, (size_t)n + 1);
    return cairn_str_make(p, (size_t)n);
}

cairn_str sampler_trace_state(struct str state, const struct ot_entry *ot, uint64_t threshold)
{
    char value[OT_BYTES_MAX];
    struct str now;
    int n;
    if (state.n == 0 && ot->text.n == 0 && threshold == OT_ABSENT)
        return str_out(state);
    now = ot_find(state);
    if (threshold != OT_ABSENT && threshold == ot->threshold && str_eq(now, ot->text))
        return str_out(state);
    n = ot_with_threshold(ot, threshold, value);
    if (n < 0) {
        sampler_tell(SAMPLER_TOLD_OVERFLOW);
        n = ot_with_threshold(ot, OT_ABSENT, value);
    }
    if (str_eq(now, str_make(value, (size_t)n)))
        return str_out(state);
    return with_member(state, str_make(value, (size_t)n));
}

struct cairn_attr *sampler_attributes(void)
{
    struct thread *t = thread_self();
    int saved = errno;
    if (t && !t->sampling_attributes)
        t->sampling_attributes = malloc(SAMPLER_ATTRIBUTES_MAX * sizeof *t->sampling_attributes);
    errno = saved;
    return t ? t->sampling_attributes : NULL;
}
