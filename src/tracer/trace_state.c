/* trace_state.c - reading and changing tracestate text by W3C's rules. */
#define CAIRN_NO_INLINE
#include <cairn/trace.h>

#include "base/buf.h"
#include "tracer/provider.h"
#include "wire/traceparent.h"

cairn_str cairn_trace_state_get(cairn_str state, cairn_str key)
{
    struct tracestate_member members[TRACESTATE_MEMBERS_MAX];
    int n = tracestate_parse(str_in(state), members);
    for (int i = 0; i < n; i++) {
        if (str_eq(members[i].key, str_in(key)))
            return str_out(members[i].value);
    }
    return (cairn_str){NULL, 0};
}

/* snprintf's way: counts everything, writes what fits. */
struct writer {
    char *out;
    size_t room, n;
};

static void put(struct writer *w, struct str s)
{
    for (size_t i = 0; i < s.n; i++, w->n++) {
        if (w->n + 1 < w->room)
            w->out[w->n] = s.p[i];
    }
}

static void put_member(struct writer *w, struct str key, struct str value)
{
    if (w->n)
        put(w, STR(","));
    put(w, key);
    put(w, STR("="));
    put(w, value);
}

int32_t cairn_trace_state_set(cairn_str state, cairn_str key, cairn_str value, char *out,
                              size_t room)
{
    struct tracestate_member members[TRACESTATE_MEMBERS_MAX];
    struct writer w = {out, room, 0};
    int n = tracestate_parse(str_in(state), members), kept = 0;
    if (room)
        out[0] = '\0';
    if (n < 0 || !tracestate_key_valid(str_in(key)) ||
        (value.n && !tracestate_value_valid(str_in(value))))
        return -1;
    if (value.n) {
        put_member(&w, str_in(key), str_in(value));
        kept++;
    }
    /* A full list loses its last member: the right end is the oldest. */
    for (int i = 0; i < n && kept < TRACESTATE_MEMBERS_MAX; i++) {
        if (str_eq(members[i].key, str_in(key)))
            continue;
        put_member(&w, members[i].key, members[i].value);
        kept++;
    }
    if (room)
        out[w.n < room ? w.n : room - 1] = '\0';
    return (int32_t)w.n;
}
