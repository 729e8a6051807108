/* baggage.h - baggage: names and values that the application sends along with every call, for whoever comes later.
 *
 *     cairn_context *context = cairn_baggage_set(NULL, CAIRN_S("tenant"), CAIRN_S("blue"), CAIRN_S(""));
 *     cairn_token token = cairn_context_attach(context);     // cairn_inject writes it into the header `baggage`
 *     ...
 *     cairn_context_detach(token);
 *     cairn_context_unref(context);
 *
 * Baggage is part of the context and as immutable: each change makes another context. It needs no SDK. Everybody on
 * the way can read it, and headers of strangers arrive in it: put no secrets in, believe nothing that comes out.
 * Specification: baggage/api.md. */
#ifndef CAIRN_BAGGAGE_H
#define CAIRN_BAGGAGE_H

#include <cairn/common.h>
#include <cairn/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All three borrow from the context. */
struct cairn_baggage_entry {
    cairn_str name;  /* UTF-8, case counts */
    cairn_str value; /* UTF-8, may be empty */
    cairn_str
        metadata; /* W3C properties ("ttl=5;secret") that Cairn hands on and does not read; empty = none */
};

/* The most that the baggage of a context holds; the headers carry up to 64 entries and 8192 bytes of it. */
#define CAIRN_BAGGAGE_ENTRIES_MAX 256
#define CAIRN_BAGGAGE_BYTES_MAX   65536 /* of names, values and metadata */

/* The entry of this name; false, and *entry (may be NULL) as it was, when there is none. */
CAIRN_EXPORT bool cairn_baggage_get(cairn_context *context, cairn_str name,
                                    struct cairn_baggage_entry *entry);

/* All entries: index from 0 to cairn_baggage_count - 1, in the order in which the names came. */
CAIRN_EXPORT size_t cairn_baggage_count(cairn_context *context);
CAIRN_EXPORT bool cairn_baggage_at(cairn_context *context, size_t index,
                                   struct cairn_baggage_entry *entry);

/* A context like `context` where the entry of this name is this one. W3C's header carries only names that are tokens
 * (letters, digits and most of the signs, no space). Owned: cairn_context_unref. NULL when name is empty, name or value
 * is not UTF-8, metadata is not what the header can hold, a maximum is reached, or there is no memory. */
CAIRN_EXPORT cairn_context *cairn_baggage_set(cairn_context *context, cairn_str name,
                                              cairn_str value, cairn_str metadata);

/* A context without the entry of this name, and one without baggage: for calls to those who should not see
 * it. Another reference to `context` when there is nothing to take away. Owned: cairn_context_unref. NULL
 * when there is no memory. */
CAIRN_EXPORT cairn_context *cairn_baggage_remove(cairn_context *context, cairn_str name);
CAIRN_EXPORT cairn_context *cairn_baggage_clear(cairn_context *context);

#ifdef __cplusplus
}
#endif

#endif
