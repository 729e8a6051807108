/* propagation_jaeger.c - Jaeger's uber-trace-id and uberctx- baggage over the application's carriers. */
#define CAIRN_NO_INLINE
#include <stdlib.h>

#include "tracer/baggage.h"
#include "tracer/propagation.h"
#include "tracer/provider.h"
#include "wire/baggage.h"
#include "wire/uber_trace_id.h"

static const struct str prefix = STR_INIT("uberctx-");

enum { FIELDS_MAX = 1024 }; /* of a carrier that we look at */

/* ---- Writing ---- */

static void inject_trace(cairn_context *context, cairn_set_fn *set, void *carrier)
{
    struct cairn_span_context sc;
    struct uber_trace_id id;
    char header[UBER_TRACE_ID_BYTES + 1];
    if (!propagation_span(context, &sc))
        return;
    memcpy(id.trace_id.bytes, sc.trace_id, sizeof sc.trace_id);
    memcpy(id.span_id.bytes, sc.span_id, sizeof sc.span_id);
    id.sampled = sc.flags & CAIRN_FLAG_SAMPLED;
    id.debug = propagation_is_debug(context, &sc);
    uber_trace_id_format(header, &id);
    set(carrier, CAIRN_S("uber-trace-id"), (cairn_str){header, UBER_TRACE_ID_BYTES});
}

/* The field's name and, behind it, its value; both lie in out. False when they do not fit or the name is none. */
static bool format_entry(const struct cairn_baggage_entry *entry, char *out, size_t room,
                         cairn_str *name, cairn_str *value)
{
    size_t n = prefix.n + entry->name.n;
    if (!baggage_name_valid(str_in(entry->name)) || n > room || entry->value.n > (room - n) / 3)
        return false;
    memcpy(out, prefix.p, prefix.n);
    for (size_t i = 0; i < entry->name.n; i++) {
        char c = entry->name.p[i];
        out[prefix.n + i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    *name = (cairn_str){out, n};
    *value = (cairn_str){out + n, baggage_encode(str_in(entry->value), out + n)};
    return true;
}

static void inject_baggage(cairn_context *context, cairn_set_fn *set, void *carrier)
{
    enum { ROOM = 3 * BAGGAGE_BYTES_MAX };
    struct cairn_baggage_entry entry;
    size_t bytes = 0, fields = 0;
    char *text;
    if (cairn_baggage_count(context) == 0 || !(text = malloc(ROOM)))
        return;
    for (size_t i = 0; fields < BAGGAGE_MEMBERS_MAX && cairn_baggage_at(context, i, &entry); i++) {
        cairn_str name, value;
        if (!format_entry(&entry, text, ROOM, &name, &value) ||
            bytes + name.n + value.n > BAGGAGE_BYTES_MAX)
            continue;
        set(carrier, name, value);
        bytes += name.n + value.n;
        fields++;
    }
    free(text);
}

static void jaeger_inject(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    (void)user;
    inject_trace(context, set, carrier);
    inject_baggage(context, set, carrier);
}

/* ---- Reading ---- */

static cairn_context *extract_trace(cairn_context *context, cairn_get_fn *get, void *carrier)
{
    struct cairn_span_context sc;
    struct uber_trace_id id;
    cairn_str header;
    if (!get(carrier, CAIRN_S("uber-trace-id"), 0, &header) ||
        !uber_trace_id_parse(str_in(header), &id))
        return cairn_context_ref(context);
    memset(&sc, 0, sizeof sc);
    memcpy(sc.trace_id, id.trace_id.bytes, sizeof sc.trace_id);
    memcpy(sc.span_id, id.span_id.bytes, sizeof sc.span_id);
    sc.flags = id.sampled ? CAIRN_FLAG_SAMPLED : 0;
    sc.is_remote = true;
    return propagation_arrived(context, &sc, id.debug);
}

/* Text has room for three bytes for each that may come: a byte that is not UTF-8 becomes three. */
struct reading {
    struct cairn_baggage_entry entries[BAGGAGE_MEMBERS_MAX];
    size_t count, bytes;
    size_t text_n;
    char text[3 * BAGGAGE_BYTES_MAX];
};

static void read_field(struct reading *r, struct str name, struct str value)
{
    struct cairn_baggage_entry *entry = &r->entries[r->count];
    if (name.n > BAGGAGE_BYTES_MAX || value.n > BAGGAGE_BYTES_MAX ||
        r->bytes + name.n + value.n > BAGGAGE_BYTES_MAX)
        return;
    r->bytes += name.n + value.n;
    memset(entry, 0, sizeof *entry);
    entry->name = str_out(str_from(name, prefix.n));
    entry->value = (cairn_str){r->text + r->text_n, baggage_decode(value, r->text + r->text_n)};
    r->text_n += entry->value.n;
    r->count++;
}

static cairn_context *extract_baggage(cairn_context *context, cairn_get_fn *get, void *carrier)
{
    struct reading *r = NULL;
    cairn_context *made = NULL;
    cairn_str name, value;
    for (size_t i = 0; i < FIELDS_MAX && get(carrier, CAIRN_S(""), i, &name); i++) {
        struct str head = str_make(name.p, str_in(name).n < prefix.n ? 0 : prefix.n);
        if (!str_eq_nocase(head, prefix) || !baggage_name_valid(str_from(str_in(name), prefix.n)) ||
            !get(carrier, name, 0, &value))
            continue;
        if (!r && !(r = calloc(1, sizeof *r)))
            break;
        if (r->count == BAGGAGE_MEMBERS_MAX)
            break;
        read_field(r, str_in(name), str_trim(str_in(value)));
    }
    if (r && r->count)
        made = baggage_with(context, r->entries, r->count, true);
    free(r);
    return made ? made : cairn_context_ref(context);
}

static cairn_context *jaeger_extract(void *user, cairn_context *context, cairn_get_fn *get,
                                     void *carrier)
{
    cairn_context *first = extract_trace(context, get, carrier), *made;
    (void)user;
    made = extract_baggage(first, get, carrier);
    cairn_context_unref(first);
    return made;
}

static cairn_str jaeger_field(void *user, size_t index)
{
    (void)user;
    return index == 0 ? CAIRN_S("uber-trace-id") : (cairn_str){NULL, 0};
}

static cairn_propagator jaeger = {
    .lives_for_ever = true,
    .ops = {sizeof jaeger.ops, jaeger_inject, jaeger_extract, jaeger_field, NULL},
};

cairn_propagator *cairn_propagator_jaeger(void)
{
    return &jaeger;
}
