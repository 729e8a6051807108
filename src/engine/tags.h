/* tags.h - attribute keys and values of the spans that pass a filter: for completion and facets. */
#ifndef ENGINE_TAGS_H
#define ENGINE_TAGS_H

#include "engine/engine.h"

struct tag_key {
    struct str key;
    enum field_scope scope; /* SCOPE_SPAN to SCOPE_LINK */
};

struct tag_key_list {
    struct tag_key *items;
    size_t count;
};

struct tag_query {
    struct field field;        /* whose values; engine_keys ignores it */
    const struct expr *filter; /* leaf or general form; NULL = every span */
    uint64_t start_ns, end_ns; /* span start in [start_ns, end_ns] */
    uint32_t limit;            /* of values or keys */
};

struct tag_value {
    struct value value;
    uint64_t span_count; /* exact when every span was looked at, else of those that were */
};

struct tag_value_list {
    struct tag_value *items; /* most frequent first, equals by value */
    size_t count;
    bool sampled; /* not every span was looked at: rare values may be missing */
};

/* Values keep their types: kinds and statuses are VALUE_INT of the enum, durations VALUE_INT. Empty strings are no values. With
 * a filter or a time range every span is looked at; of scopes, events and links a span counts with the first that has the
 * field. Without both the answer comes from dictionaries, and how frequent a value is from the newest spans: those that are
 * in none of these have count 0. Names that only deleted traces had may be among them until they are rewritten. */
int engine_values(struct engine *engine, struct engine_query *q, const struct tag_query *query,
                  struct tag_value_list *ret, struct err *err);
/* Keys by scope, then key. Of events and links, and of spans that are still in memory, some too many or too few may be
 * there when there is a filter. */
int engine_keys(struct engine *engine, struct engine_query *q, const struct tag_query *query,
                struct tag_key_list *ret, struct err *err);

#endif
