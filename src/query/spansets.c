/* spansets.c - a pipeline over one trace: stage by stage, sets of spans in, sets of spans out. */
#include "query/spansets.h"

#include "query/spanset_filters.h"
#include "query/spanset_stages.h"

int spansets_make(struct run *r, const struct pipeline *pipeline, uint32_t filter_count,
                  struct spansets **ret, struct err *err)
{
    struct spansets *s = arena_calloc(&r->own_tables, 1, sizeof *s);
    if (!s)
        return run_out_of_memory(err);
    s->run = r;
    s->pipeline = pipeline;
    TRY(spanset_filters_make(r, pipeline, filter_count, &s->filters, err));
    *ret = s;
    return 0;
}

/* ---- Lists of rows ---- */

static int new_list(struct spansets *s, uint32_t room, struct row_list *ret, struct err *err)
{
    *ret = (struct row_list){arena_alloc(&s->run->rows, (size_t)room * sizeof *ret->rows), 0};
    return ret->rows ? 0 : run_out_of_memory(err);
}

/* Both, each row once. */
static int merge(struct spansets *s, const struct row_list *a, const struct row_list *b,
                 struct row_list *ret, struct err *err)
{
    uint32_t i = 0, k = 0;
    TRY(new_list(s, a->count + b->count, ret, err));
    while (i < a->count || k < b->count) {
        uint32_t x = i < a->count ? a->rows[i] : UINT32_MAX,
                 y = k < b->count ? b->rows[k] : UINT32_MAX;
        ret->rows[ret->count++] = x < y ? x : y;
        i += x <= y;
        k += y <= x;
    }
    return run_tick(s->run, err);
}

int spansets_union(struct spansets *s, const struct view_sets *sets, struct row_list *ret,
                   struct err *err)
{
    size_t words = s->view->rows.count / 64 + 1;
    uint64_t *marks = arena_calloc(&s->run->rows, words, sizeof *marks);
    uint32_t count = 0;
    if (!marks)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < sets->count; i++) {
        for (uint32_t k = 0; k < sets->items[i].count; k++) {
            uint32_t row = sets->items[i].rows[k];
            count += !(marks[row / 64] >> row % 64 & 1);
            marks[row / 64] |= UINT64_C(1) << row % 64;
        }
        TRY(run_tick(s->run, err));
    }
    TRY(new_list(s, count, ret, err));
    for (size_t w = 0; w < words; w++) {
        for (uint64_t left = marks[w]; left; left &= left - 1)
            ret->rows[ret->count++] = (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(left);
    }
    return 0;
}

/* ---- Expressions over sets ---- */

static int run_stages(struct spansets *s, const struct pipeline *pipeline, struct view_sets *sets,
                      struct err *err);

static int select_rows(struct spansets *s, uint32_t number, const struct row_list *in,
                       struct row_list *ret, struct err *err)
{
    const uint64_t *hits;
    TRY(spanset_filters_rows(s->filters, number, &hits, err));
    TRY(new_list(s, in->count, ret, err));
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t row = in->rows[i];
        if (hits[row / 64] >> row % 64 & 1)
            ret->rows[ret->count++] = row;
    }
    return run_tick(s->run, err);
}

static enum relation reverse(enum relation relation)
{
    switch (relation) {
    case RELATION_CHILD: return RELATION_PARENT;
    case RELATION_PARENT: return RELATION_CHILD;
    case RELATION_DESCENDANT: return RELATION_ANCESTOR;
    case RELATION_ANCESTOR: return RELATION_DESCENDANT;
    default: return relation;
    }
}

static int relate(struct spansets *s, const struct spanset_expr *e, const struct row_list *left,
                  const struct row_list *right, struct row_list *ret, struct err *err)
{
    struct run *r = s->run;
    struct trace_tree *tree;
    struct row_list theirs, ours;
    bool plain = e->form != RELATION_NEGATED;
    *ret = (struct row_list){NULL, 0};
    if (!right->count || (!left->count && plain))
        return 0;
    TRY(view_tree(r, s->view, &tree, err));
    TRY(tree_related(r, tree, e->relation, left, right, plain, &r->rows, &theirs, err));
    *ret = theirs;
    if (e->form != RELATION_UNION || !theirs.count)
        return 0;
    TRY(tree_related(r, tree, reverse(e->relation), right, left, true, &r->rows, &ours, err));
    return merge(s, &theirs, &ours, ret, err);
}

/* The spans of a set that the expression keeps. */
static int keep_rows(struct spansets *s, const struct spanset_expr *e, const struct row_list *in,
                     struct row_list *ret, struct err *err)
{
    struct row_list left, right;
    struct view_set set = {.rows = in->rows, .count = in->count};
    struct view_sets sets = {&set, 1};
    if (e->op == SPANSET_FILTER)
        return select_rows(s, e->number, in, ret, err);
    if (e->op == SPANSET_PIPELINE) {
        TRY(run_stages(s, e->pipeline, &sets, err));
        return spansets_union(s, &sets, ret, err);
    }
    TRY(keep_rows(s, e->left, in, &left, err));
    *ret = (struct row_list){NULL, 0};
    if (!left.count && e->op == SPANSET_AND)
        return 0;
    TRY(keep_rows(s, e->right, in, &right, err));
    if (e->op == SPANSET_RELATION)
        return relate(s, e, &left, &right, ret, err);
    if (!right.count && e->op == SPANSET_AND)
        return 0;
    return merge(s, &left, &right, ret, err);
}

/* ---- Stages ---- */

/* Of each set what the expression keeps of it; a pipeline in parentheses by itself keeps its sets apart. */
static int spansets_stage(struct spansets *s, const struct spanset_expr *e, struct view_sets *sets,
                          struct err *err)
{
    uint32_t kept = 0;
    if (e->op == SPANSET_PIPELINE)
        return run_stages(s, e->pipeline, sets, err);
    for (uint32_t i = 0; i < sets->count; i++) {
        struct view_set set = sets->items[i];
        struct row_list in = {set.rows, set.count}, out;
        TRY(keep_rows(s, e, &in, &out, err));
        set.rows = out.rows;
        set.count = out.count;
        if (set.count)
            sets->items[kept++] = set;
        TRY(run_tick(s->run, err));
    }
    sets->count = kept;
    return 0;
}

static int coalesce_stage(struct spansets *s, struct view_sets *sets, struct err *err)
{
    struct row_list all;
    if (!sets->count)
        return 0;
    TRY(spansets_union(s, sets, &all, err));
    sets->items[0] = (struct view_set){.rows = all.rows, .count = all.count};
    sets->count = 1;
    return 0;
}

static int run_stages(struct spansets *s, const struct pipeline *pipeline, struct view_sets *sets,
                      struct err *err)
{
    for (uint32_t i = 0; i < pipeline->stage_count && sets->count; i++) {
        const struct stage *stage = &pipeline->stages[i];
        switch (stage->kind) {
        case STAGE_SPANSETS: TRY(spansets_stage(s, stage->spansets, sets, err)); break;
        case STAGE_SCALAR_FILTER: TRY(scalar_stage(s, stage->expr, sets, err)); break;
        case STAGE_BY: TRY(by_stage(s, stage->expr, sets, err)); break;
        case STAGE_COALESCE: TRY(coalesce_stage(s, sets, err)); break;
        case STAGE_SELECT: break;
        }
        TRY(run_check(s->run, err));
    }
    return 0;
}

/* ---- One trace ---- */

/* All spans as one set. */
static int start_sets(struct spansets *s, struct view_sets *ret, struct err *err)
{
    uint32_t n = (uint32_t)s->view->rows.count;
    struct view_set *set = arena_calloc(&s->run->rows, 1, sizeof *set);
    struct row_list all;
    if (!set)
        return run_out_of_memory(err);
    TRY(new_list(s, n, &all, err));
    for (uint32_t i = 0; i < n; i++)
        all.rows[i] = i;
    *set = (struct view_set){.rows = all.rows, .count = n};
    *ret = (struct view_sets){set, n ? 1 : 0};
    return 0;
}

int spansets_trace(struct spansets *s, struct trace_id id, struct trace_view *view,
                   struct view_sets *sets, struct err *err)
{
    struct run *r = s->run;
    struct row_refs refs;
    bool may;
    arena_reset(&r->rows);
    *sets = (struct view_sets){NULL, 0};
    *view = (struct trace_view){.id = id};
    TRY(run_trace_refs(r, id, &r->rows, &refs, err));
    TRY(spanset_filters_may_hold(s->filters, &refs, &may, err));
    if (!may)
        return 0;
    view->lazy = arena_calloc(&r->rows, 1, sizeof *view->lazy);
    if (!view->lazy)
        return run_out_of_memory(err);
    TRY(run_unique_of_refs(r, &refs, &r->rows, &view->rows, err));
    s->view = view;
    TRY(spanset_filters_begin(s->filters, view, err));
    TRY(start_sets(s, sets, err));
    return run_stages(s, s->pipeline, sets, err);
}

int spansets_each(struct run *r, const struct pipeline *pipeline, uint32_t filter_count,
                  uint64_t start_ns, uint64_t end_ns, const uint64_t *stop_before_ns,
                  spansets_fn *fn, void *user, struct err *err)
{
    struct spansets_walk walk = {start_ns, end_ns, stop_before_ns, fn, user};
    struct spansets *s = NULL;
    TRY(spansets_make(r, pipeline, filter_count, &s, err));
    return spansets_walk(s, &walk, err);
}
