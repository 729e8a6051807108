/* propagation_baggage.c - W3C Baggage over the application's carriers. */
#define CAIRN_NO_INLINE
#include <stdlib.h>

#include "tracer/baggage.h"
#include "tracer/propagation.h"
#include "tracer/provider.h"
#include "wire/baggage.h"

enum { LINES_MAX = 1024 }; /* that we ask for: a getter that has no end must not hold us */

static void baggage_inject(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    struct cairn_baggage_entry entry;
    size_t n = 0, members = 0;
    char *header;
    (void)user;
    if (cairn_baggage_count(context) == 0 || !(header = malloc(BAGGAGE_BYTES_MAX)))
        return;
    for (size_t i = 0; members < BAGGAGE_MEMBERS_MAX && cairn_baggage_at(context, i, &entry); i++) {
        size_t comma = members ? 1 : 0, room = BAGGAGE_BYTES_MAX - n, added;
        added = room > comma
                    ? baggage_format(str_in(entry.name), str_in(entry.value),
                                     str_in(entry.metadata), header + n + comma, room - comma)
                    : 0;
        if (added == 0)
            continue; /* a smaller one may still fit */
        if (comma)
            header[n] = ',';
        n += comma + added;
        members++;
    }
    if (members)
        set(carrier, CAIRN_S("baggage"), (cairn_str){header, n});
    free(header);
}

/* What has been read so far; text has room for all that the limit lets in. */
struct reading {
    struct cairn_baggage_entry entries[BAGGAGE_MEMBERS_MAX];
    size_t count, bytes;
    size_t text_n;
    char text[BAGGAGE_BYTES_MAX];
};

static void read_list(struct reading *r, struct str list)
{
    struct baggage_member m;
    while (r->count < BAGGAGE_MEMBERS_MAX && baggage_next(&list, &m)) {
        struct cairn_baggage_entry *entry = &r->entries[r->count];
        size_t comma = r->count ? 1 : 0;
        if (m.bytes > BAGGAGE_BYTES_MAX || r->bytes + comma + m.bytes > BAGGAGE_BYTES_MAX)
            continue;
        r->bytes += comma + m.bytes;
        entry->name = str_out(m.name);
        entry->value.p = r->text + r->text_n;
        entry->value.n = baggage_decode(m.value, r->text + r->text_n);
        entry->metadata = str_out(m.metadata);
        r->text_n += entry->value.n;
        r->count++;
    }
}

static cairn_context *baggage_extract(void *user, cairn_context *context, cairn_get_fn *get,
                                      void *carrier)
{
    struct reading *r;
    cairn_context *made = NULL;
    cairn_str header;
    (void)user;
    if (!get(carrier, CAIRN_S("baggage"), 0, &header) || !(r = malloc(sizeof *r)))
        return cairn_context_ref(context);
    r->count = r->bytes = r->text_n = 0;
    for (size_t i = 0; i < LINES_MAX && r->count < BAGGAGE_MEMBERS_MAX &&
                       get(carrier, CAIRN_S("baggage"), i, &header);
         i++)
        read_list(r, str_in(header));
    if (r->count)
        made = baggage_with(context, r->entries, r->count, false);
    free(r);
    return made ? made : cairn_context_ref(context);
}

static cairn_str baggage_field(void *user, size_t index)
{
    (void)user;
    return index == 0 ? CAIRN_S("baggage") : (cairn_str){NULL, 0};
}

static cairn_propagator baggage = {
    .lives_for_ever = true,
    .ops = {sizeof baggage.ops, baggage_inject, baggage_extract, baggage_field, NULL},
};

cairn_propagator *cairn_propagator_baggage(void)
{
    return &baggage;
}
