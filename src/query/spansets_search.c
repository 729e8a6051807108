/* spansets_search.c - the newest traces of which a TraceQL search keeps a set of spans.
 *
 * First the traces are found, of each only its start is kept; then the pipeline runs once more over those in the answer. */
#include "query/newest.h"
#include "query/query.h"
#include "query/spansets.h"
#include "query/summary.h"
#include "query/trace_tree.h"

/* A field that conditions, by() or aggregates name or select() adds. */
struct shown {
    struct expr expr; /* EXPR_FIELD */
    struct view_needs needs;
    struct str key;
};

enum { SHOWN_MAX = 256 };

struct search {
    struct run run;
    const struct spansets_query *query;
    struct newest newest;
    uint64_t floor_ns;
    struct spansets *spansets;
    struct shown *shown;
    uint32_t shown_count;
    struct view_needs needs; /* of all shown */
};

/* ---- Which fields are shown ---- */

/* Bare, without scope. NULL: the answer has a place of its own for it. */
static const char *intrinsic_key(enum field_kind kind)
{
    switch (kind) {
    case FIELD_SERVICE: return "service.name";
    case FIELD_KIND: return "kind";
    case FIELD_STATUS: return "status";
    case FIELD_STATUS_MESSAGE: return "statusMessage";
    case FIELD_PARENT_ID: return "span:parentID";
    case FIELD_SCOPE_NAME: return "instrumentation:name";
    case FIELD_SCOPE_VERSION: return "instrumentation:version";
    case FIELD_EVENT_NAME: return "event:name";
    case FIELD_EVENT_TIME: return "event:timeSinceStart";
    case FIELD_LINK_TRACE_ID: return "link:traceID";
    case FIELD_LINK_SPAN_ID: return "link:spanID";
    case FIELD_CHILD_COUNT: return "span:childCount";
    case FIELD_NESTED_LEFT: return "nestedSetLeft";
    case FIELD_NESTED_RIGHT: return "nestedSetRight";
    case FIELD_NESTED_PARENT: return "nestedSetParent";
    default: return NULL;
    }
}

static bool same_field(const struct field *a, const struct field *b)
{
    return a->kind == b->kind &&
           (a->kind != FIELD_ATTRIBUTE || (a->scope == b->scope && str_eq(a->key, b->key)));
}

static int show_field(struct search *s, const struct field *f, struct err *err)
{
    const char *intrinsic = intrinsic_key(f->kind);
    struct shown *shown = &s->shown[s->shown_count];
    if (f->kind != FIELD_ATTRIBUTE && !intrinsic)
        return 0;
    for (uint32_t i = 0; i < s->shown_count; i++) {
        if (same_field(&s->shown[i].expr.field, f))
            return 0;
    }
    if (s->shown_count == SHOWN_MAX)
        return err_set(err, ERR_TOO_LARGE, "the query names more than %d fields", SHOWN_MAX);
    *shown = (struct shown){.expr = {.op = EXPR_FIELD, .field = *f}};
    shown->key = f->kind == FIELD_ATTRIBUTE ? f->key : str_of(intrinsic);
    view_needs_of(&shown->expr, &shown->needs);
    leaf_needs_add(&shown->expr, &s->needs.span);
    s->needs.tree |= shown->needs.tree;
    s->needs.facts |= shown->needs.facts;
    s->shown_count++;
    return 0;
}

static int show_expr(struct search *s, const struct expr *e, struct err *err)
{
    if (!e || e->op == EXPR_LITERAL)
        return 0;
    if (!e->left && e->op != EXPR_AGGREGATE)
        return show_field(s, &e->field, err);
    TRY(show_expr(s, e->left, err));
    return show_expr(s, e->right, err);
}

static int show_pipeline(struct search *s, const struct pipeline *p, struct err *err);

static int show_spansets(struct search *s, const struct spanset_expr *e, struct err *err)
{
    switch (e->op) {
    case SPANSET_FILTER: return show_expr(s, e->written ? e->written : e->condition, err);
    case SPANSET_PIPELINE: return show_pipeline(s, e->pipeline, err);
    default: TRY(show_spansets(s, e->left, err)); return show_spansets(s, e->right, err);
    }
}

static int show_pipeline(struct search *s, const struct pipeline *p, struct err *err)
{
    for (uint32_t i = 0; i < p->stage_count; i++) {
        const struct stage *stage = &p->stages[i];
        if (stage->kind == STAGE_SPANSETS)
            TRY(show_spansets(s, stage->spansets, err));
        else
            TRY(show_expr(s, stage->expr, err));
        for (uint32_t k = 0; stage->kind == STAGE_SELECT && k < stage->field_count; k++)
            TRY(show_expr(s, stage->fields[k], err));
    }
    return 0;
}

/* ---- The answer ---- */

static int copy_attr(struct search *s, struct str key, struct value value, struct attr *ret,
                     struct err *err)
{
    struct arena *arena = s->run.q->arena;
    *ret = (struct attr){arena_str(arena, key), value};
    value_copy(&ret->value, arena);
    return arena_failed(arena) ? run_out_of_memory(err) : 0;
}

static bool has_key(const struct spanset_span *span, struct str key)
{
    for (uint32_t i = 0; i < span->attr_count; i++) {
        if (str_eq(span->attrs[i].key, key))
            return true;
    }
    return false;
}

/* Of fields with the same bare name the first that has a value. */
static int show_attrs(struct search *s, const struct trace_view *view, uint32_t row,
                      struct spanset_span *ret, struct err *err)
{
    struct run *r = &s->run;
    struct span_view seen;
    struct span span;
    if (!s->shown_count)
        return 0;
    ret->attrs = arena_calloc(r->q->arena, s->shown_count, sizeof *ret->attrs);
    if (!ret->attrs)
        return run_out_of_memory(err);
    TRY(view_span(r, view, row, &s->needs, &span, &seen, err));
    for (uint32_t i = 0; i < s->shown_count; i++) {
        struct value v = expr_value(&s->shown[i].expr, &seen, &r->scratch);
        if (v.type != VALUE_EMPTY && !has_key(ret, s->shown[i].key))
            TRY(copy_attr(s, s->shown[i].key, v, &ret->attrs[ret->attr_count++], err));
    }
    return 0;
}

static int show_span(struct search *s, const struct trace_view *view, uint32_t row,
                     struct spanset_span *ret, struct err *err)
{
    struct run *r = &s->run;
    const struct trace_row *t = &view->rows.items[row];
    const struct source *src = &r->snap.sources[t->ref.source];
    TRY(source_need_table(src, SOURCE_NAMES, err));
    TRY(source_need_table(src, SOURCE_SERVICES, err));
    *ret = (struct spanset_span){
        .span_id = t->row.span_id,
        .name = arena_str(r->q->arena, source_string(src, SOURCE_NAMES, t->row.name)),
        .service = arena_str(r->q->arena, source_string(src, SOURCE_SERVICES, t->row.service)),
        .start_ns = t->row.start_ns,
        .duration_ns = t->row.duration_ns,
    };
    TRY(show_attrs(s, view, row, ret, err));
    return run_tick(r, err);
}

static int show_set(struct search *s, const struct trace_view *view, const struct view_set *set,
                    struct spanset *ret, struct err *err)
{
    struct arena *arena = s->run.q->arena;
    uint32_t count = set->count < s->query->spans_per_set ? set->count : s->query->spans_per_set;
    *ret = (struct spanset){.spans = arena_calloc(arena, count, sizeof *ret->spans),
                            .matched_count = set->count,
                            .attrs = arena_calloc(arena, set->attr_count, sizeof *ret->attrs)};
    if (!ret->spans || !ret->attrs)
        return run_out_of_memory(err);
    for (; ret->span_count < count; ret->span_count++)
        TRY(show_span(s, view, set->rows[ret->span_count], &ret->spans[ret->span_count], err));
    for (; ret->attr_count < set->attr_count; ret->attr_count++)
        TRY(copy_attr(s, set->attrs[ret->attr_count].key, set->attrs[ret->attr_count].value,
                      &ret->attrs[ret->attr_count], err));
    return 0;
}

static int show_trace(struct search *s, struct trace_id id, struct spanset_trace *ret,
                      struct err *err)
{
    struct trace_view view;
    struct view_sets sets;
    struct row_list all;
    TRY(spansets_trace(s->spansets, id, &view, &sets, err));
    *ret = (struct spanset_trace){.sets =
                                      arena_calloc(s->run.q->arena, sets.count, sizeof *ret->sets)};
    if (!ret->sets)
        return run_out_of_memory(err);
    TRY(summary_of_rows(&s->run, id, &view.rows, &ret->summary, err));
    TRY(spansets_union(s->spansets, &sets, &all, err));
    ret->summary.matched_count = all.count;
    for (; ret->set_count < sets.count; ret->set_count++)
        TRY(show_set(s, &view, &sets.items[ret->set_count], &ret->sets[ret->set_count], err));
    return 0;
}

static int show_all(struct search *s, struct spanset_list *ret, struct err *err)
{
    struct run *r = &s->run;
    newest_sort(&s->newest);
    *ret = (struct spanset_list){arena_calloc(r->q->arena, s->newest.count, sizeof *ret->items), 0};
    if (!ret->items)
        return run_out_of_memory(err);
    for (size_t i = 0; i < s->newest.count; i++) {
        int rc = show_trace(s, s->newest.heap[i].id, &ret->items[ret->count], err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
        ret->count += rc == 0;
        TRY(run_check(r, err));
    }
    return 0;
}

/* ---- The search ---- */

static int found_trace(struct run *r, const struct trace_view *view, const struct view_sets *sets,
                       void *user, struct err *err)
{
    struct search *s = user;
    struct found found = {view->id, view->rows.items[0].row.start_ns};
    (void)r;
    (void)sets;
    TRY(newest_keep(&s->newest, found, err));
    s->floor_ns = newest_floor_ns(&s->newest);
    return 0;
}

static int search(struct search *s, struct spanset_list *ret, struct err *err)
{
    const struct spansets_query *query = s->query;
    struct spansets_walk walk = {.start_ns = query->start_ns,
                                 .end_ns = query->end_ns,
                                 .stop_before_ns = &s->floor_ns,
                                 .fn = found_trace,
                                 .user = s};
    TRY(run_check(&s->run, err));
    s->shown = arena_calloc(&s->run.own_tables, SHOWN_MAX + 1, sizeof *s->shown);
    if (!s->shown)
        return run_out_of_memory(err);
    TRY(show_pipeline(s, query->query->search, err));
    TRY(spansets_make(&s->run, query->query->search, query->query->filter_count, &s->spansets,
                      err));
    if (query->limit)
        TRY(spansets_walk(s->spansets, &walk, err));
    return show_all(s, ret, err);
}

int query_spansets(struct store *store, struct engine_query *q, const struct spansets_query *query,
                   struct spanset_list *ret, struct err *err)
{
    struct search s = {.query = query, .newest = {.limit = query->limit}};
    int rc;
    if (!query->query->search)
        return err_set(err, ERR_INVALID, "the query is no search but counts spans over time");
    run_begin(&s.run, store, q, NULL);
    s.newest.arena = &s.run.own_tables;
    rc = search(&s, ret, err);
    run_end(&s.run);
    return rc;
}
