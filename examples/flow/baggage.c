/* baggage.c - baggage travels with the context but is in no span: this processor puts two entries of it there.
 *
 * A list of names and not all of it: baggage comes from whoever calls, and spans are read by others. */
#include "baggage.h"

static void on_start(void *user, cairn_span *span, cairn_context *parent)
{
    static const char *const names[] = {FLOW_TENANT, FLOW_REQUEST};
    (void)user;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct cairn_baggage_entry entry;
        if (cairn_baggage_get(parent, cairn_str_of(names[i]), &entry))
            cairn_span_set(span, CAIRN_STRN(names[i], entry.value.p, entry.value.n));
    }
}

cairn_processor *baggage_processor(void)
{
    static const struct cairn_processor_ops ops = {.size = sizeof ops, .on_start = on_start};
    return cairn_processor_custom(&ops, NULL);
}
