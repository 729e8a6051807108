/* make.c - queries that other dialects make, and questions about one. */
#include "traceql/traceql.h"

struct made { /* one search with one filter, in one piece */
    struct traceql query;
    struct pipeline pipeline;
    struct stage stage;
    struct spanset_expr filter;
};

const struct traceql *traceql_of(const struct expr *condition, struct arena *arena)
{
    struct made *m = arena_calloc(arena, 1, sizeof *m);
    if (!m)
        return NULL;
    m->filter.op = SPANSET_FILTER;
    m->filter.written = m->filter.condition = condition;
    m->stage.kind = STAGE_SPANSETS;
    m->stage.spansets = &m->filter;
    m->pipeline.stages = &m->stage;
    m->pipeline.stage_count = 1;
    m->query.search = &m->pipeline;
    m->query.filter_count = 1;
    return &m->query;
}

bool traceql_hint(const struct traceql *q, struct str name)
{
    for (uint32_t i = 0; i < q->hint_count; i++) {
        const struct value *v = &q->hints[i].value;
        if (!str_eq(q->hints[i].name, name))
            continue;
        switch (v->type) {
        case VALUE_BOOL: return v->boolean;
        case VALUE_INT: return v->integer > 0;
        case VALUE_DOUBLE: return v->number > 0;
        default: return false;
        }
    }
    return false;
}
