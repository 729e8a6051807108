/* make.c - queries that other dialects make, and questions about one. */
#include "traceql/traceql.h"

struct made { /* a search of one stage, in one piece */
    struct traceql query;
    struct pipeline pipeline;
    struct stage stage;
};

const struct traceql *traceql_of_sets(const struct spanset_expr *sets, uint32_t filter_count,
                                      struct arena *arena)
{
    struct made *m = arena_calloc(arena, 1, sizeof *m);
    if (!m || !sets)
        return NULL;
    m->stage.kind = STAGE_SPANSETS;
    m->stage.spansets = sets;
    m->pipeline.stages = &m->stage;
    m->pipeline.stage_count = 1;
    m->query.search = &m->pipeline;
    m->query.filter_count = filter_count;
    return &m->query;
}

const struct traceql *traceql_of(const struct expr *condition, struct arena *arena)
{
    struct spanset_expr *filter = arena_calloc(arena, 1, sizeof *filter);
    if (!filter)
        return NULL;
    filter->op = SPANSET_FILTER;
    filter->written = filter->condition = condition;
    return traceql_of_sets(filter, 1, arena);
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
