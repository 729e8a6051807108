/* baggage_fields.c - see baggage_fields.h. */
#define CAIRN_NO_INLINE
#include "tracer/baggage_fields.h"

#include <stdlib.h>

#include "tracer/baggage.h"
#include "tracer/provider.h"
#include "wire/baggage.h"

enum { FIELDS_MAX = 1024 }; /* of a carrier that we look at */

/* ---- Writing ---- */

/* The field's name and, behind it, its value; both lie in out. False when they do not fit or are none. */
static bool format_entry(const struct baggage_fields *f, const struct cairn_baggage_entry *entry,
                         char *out, size_t room, cairn_str *name, cairn_str *value)
{
    size_t n = f->prefix.n + entry->name.n, value_n;
    if (!baggage_name_valid(str_in(entry->name)) || n > room || entry->value.n > (room - n) / 3 ||
        !f->encode(str_in(entry->value), out + n, &value_n))
        return false;
    memcpy(out, f->prefix.p, f->prefix.n);
    for (size_t i = 0; i < entry->name.n; i++) {
        char c = entry->name.p[i];
        out[f->prefix.n + i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    *name = (cairn_str){out, n};
    *value = (cairn_str){out + n, value_n};
    return true;
}

void baggage_fields_inject(const struct baggage_fields *f, cairn_context *context,
                           cairn_set_fn *set, void *carrier)
{
    enum { ROOM = 3 * BAGGAGE_BYTES_MAX };
    struct cairn_baggage_entry entry;
    size_t bytes = 0, fields = 0;
    char *text;
    if (cairn_baggage_count(context) == 0 || !(text = malloc(ROOM)))
        return;
    for (size_t i = 0; fields < BAGGAGE_MEMBERS_MAX && cairn_baggage_at(context, i, &entry); i++) {
        cairn_str name, value;
        if (!format_entry(f, &entry, text, ROOM, &name, &value) ||
            bytes + name.n + value.n > BAGGAGE_BYTES_MAX)
            continue;
        set(carrier, name, value);
        bytes += name.n + value.n;
        fields++;
    }
    free(text);
}

/* ---- Reading ---- */

/* Text has room for three bytes for each that may come: a byte that is not UTF-8 becomes three. */
struct reading {
    const struct baggage_fields *format;
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
    entry->name = str_out(str_from(name, r->format->prefix.n));
    entry->value = (cairn_str){r->text + r->text_n, r->format->decode(value, r->text + r->text_n)};
    r->text_n += entry->value.n;
    r->count++;
}

static bool is_ours(const struct baggage_fields *f, struct str name)
{
    struct str head = str_make(name.p, name.n < f->prefix.n ? 0 : f->prefix.n);
    return str_eq_nocase(head, f->prefix) && baggage_name_valid(str_from(name, f->prefix.n));
}

cairn_context *baggage_fields_extract(const struct baggage_fields *f, cairn_context *context,
                                      cairn_get_fn *get, void *carrier)
{
    struct reading *r = NULL;
    cairn_context *made = NULL;
    cairn_str name, value;
    for (size_t i = 0; i < FIELDS_MAX && get(carrier, CAIRN_S(""), i, &name); i++) {
        if (!is_ours(f, str_in(name)) || !get(carrier, name, 0, &value))
            continue;
        if (!r && !(r = calloc(1, sizeof *r)))
            break;
        r->format = f;
        if (r->count == BAGGAGE_MEMBERS_MAX)
            break;
        read_field(r, str_in(name), str_trim(str_in(value)));
    }
    if (r && r->count)
        made = baggage_with(context, r->entries, r->count, true);
    free(r);
    return made ? made : cairn_context_ref(context);
}
