/* baggage.c - baggage as a value of the context: one block of memory for all entries, never changed. */
#define CAIRN_NO_INLINE
#include "tracer/baggage.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "tracer/context.h"
#include "tracer/provider.h"
#include "wire/baggage.h"

struct baggage {
    size_t count;
    struct cairn_baggage_entry entries[]; /* their text lies behind */
};

static const cairn_context_key key = {.name = "baggage"};

/* ---- Reading ---- */

static const struct baggage *baggage_of(cairn_context *context)
{
    static const struct baggage nothing;
    const struct baggage *b = cairn_context_value(context, &key);
    return b ? b : &nothing;
}

/* Its place; count when it is not there. */
static size_t find(const struct cairn_baggage_entry *entries, size_t count, cairn_str name)
{
    size_t i = 0;
    while (i < count && !str_eq(str_in(entries[i].name), str_in(name)))
        i++;
    return i;
}

bool cairn_baggage_get(cairn_context *context, cairn_str name, struct cairn_baggage_entry *entry)
{
    const struct baggage *b = baggage_of(context);
    return cairn_baggage_at(context, find(b->entries, b->count, name), entry);
}

size_t cairn_baggage_count(cairn_context *context)
{
    return baggage_of(context)->count;
}

bool cairn_baggage_at(cairn_context *context, size_t index, struct cairn_baggage_entry *entry)
{
    const struct baggage *b = baggage_of(context);
    if (index >= b->count)
        return false;
    if (entry)
        *entry = b->entries[index];
    return true;
}

/* ---- Changing ---- */

static cairn_str copy(cairn_str s, char **to)
{
    cairn_str copied = {*to, str_in(s).n};
    if (copied.n)
        memcpy(*to, s.p, copied.n);
    *to += copied.n;
    return copied;
}

static struct baggage *make(const struct cairn_baggage_entry *entries, size_t count)
{
    struct baggage *b;
    size_t bytes = 0;
    char *text;
    for (size_t i = 0; i < count; i++)
        bytes +=
            str_in(entries[i].name).n + str_in(entries[i].value).n + str_in(entries[i].metadata).n;
    if (count > CAIRN_BAGGAGE_ENTRIES_MAX || bytes > CAIRN_BAGGAGE_BYTES_MAX)
        return NULL;
    b = malloc(sizeof *b + count * sizeof *b->entries + bytes);
    if (!b)
        return NULL;
    b->count = count;
    text = (char *)(b->entries + count);
    for (size_t i = 0; i < count; i++) {
        b->entries[i].name = copy(entries[i].name, &text);
        b->entries[i].value = copy(entries[i].value, &text);
        b->entries[i].metadata = copy(entries[i].metadata, &text);
    }
    return b;
}

static cairn_context *with(cairn_context *context, const struct cairn_baggage_entry *entries,
                           size_t count)
{
    struct baggage *b = make(entries, count);
    if (!b)
        return NULL;
    live_set(LIVE_CONTEXT, true); /* there is something to pass on, if no trace */
    return cairn_context_with_value(context, &key, b, free);
}

cairn_context *baggage_with(cairn_context *context, const struct cairn_baggage_entry *entries,
                            size_t count, bool keep)
{
    const struct baggage *old = baggage_of(context);
    size_t n = keep ? old->count : 0;
    struct cairn_baggage_entry *all = calloc(n + count + 1, sizeof *all);
    cairn_context *made;
    if (!all)
        return NULL;
    for (size_t i = 0; i < n; i++)
        all[i] = old->entries[i];
    for (size_t i = 0; i < count; i++) {
        size_t at = find(all, n, entries[i].name);
        all[at] = entries[i];
        n += at == n;
    }
    made = with(context, all, n);
    free(all);
    return made;
}

cairn_context *cairn_baggage_set(cairn_context *context, cairn_str name, cairn_str value,
                                 cairn_str metadata)
{
    struct cairn_baggage_entry entry = {name, value, metadata};
    if (str_in(name).n == 0 || name.n > CAIRN_BAGGAGE_BYTES_MAX ||
        str_in(value).n > CAIRN_BAGGAGE_BYTES_MAX || str_in(metadata).n > CAIRN_BAGGAGE_BYTES_MAX)
        return NULL;
    if (!utf8_valid(str_in(name)) || !utf8_valid(str_in(value)) ||
        !baggage_metadata_valid(str_in(metadata)))
        return NULL;
    return baggage_with(context, &entry, 1, true);
}

cairn_context *cairn_baggage_remove(cairn_context *context, cairn_str name)
{
    const struct baggage *old = baggage_of(context);
    size_t at = find(old->entries, old->count, name);
    struct cairn_baggage_entry *rest;
    cairn_context *made;
    if (at == old->count)
        return cairn_context_ref(context);
    if (old->count == 1)
        return cairn_baggage_clear(context);
    rest = calloc(old->count, sizeof *rest);
    if (!rest)
        return NULL;
    memcpy(rest, old->entries, at * sizeof *rest);
    memcpy(rest + at, old->entries + at + 1, (old->count - at - 1) * sizeof *rest);
    made = with(context, rest, old->count - 1);
    free(rest);
    return made;
}

cairn_context *cairn_baggage_clear(cairn_context *context)
{
    if (baggage_of(context)->count == 0)
        return cairn_context_ref(context);
    return cairn_context_with_value(context, &key, NULL, NULL);
}
