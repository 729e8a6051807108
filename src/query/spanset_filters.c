/* spanset_filters.c - see spanset_filters.h. */
#include "query/spanset_filters.h"

#include <stdlib.h>

/* ---- Conditions, taken apart ---- */

enum term_kind {
    TERM_ALL,    /* every span */
    TERM_FILTER, /* without the trace: by filters[filter] */
    TERM_AND,
    TERM_OR,
    TERM_NOT,
    TERM_VIEW, /* span by span */
};

struct term {
    enum term_kind kind;
    uint32_t filter;
    const struct term *left, *right;
    const struct expr *expr;
    struct view_needs needs;
};

enum { NO_FILTER = UINT32_MAX }; /* every span */

struct condition {
    const struct term *term; /* NULL: the pipeline has no filter of this number */
    uint32_t candidates;     /* the filter that finds traces, or NO_FILTER */
    bool answers;            /* its spans may be in the pipeline's answer */
};

/* ---- What is remembered of groups ---- */

enum { MEMO_GROUPS = 64, PARTIAL_MAX = 2 };

struct memo {
    struct bits known, hits;
    uint32_t partial; /* how often a few rows were asked for */
};

struct memo_group {
    bool used;
    uint32_t source, group;
    uint64_t stamp;
    struct memo **of_filter; /* NULL = nothing is known */
};

struct spanset_filters {
    struct run *r;
    const struct pipeline *pipeline;
    struct condition *conditions;
    uint32_t condition_count;
    bool any_span; /* may be in the answer */
    struct filter **filters;
    uint32_t filter_count;
    size_t filter_cap;
    struct memo_group groups[MEMO_GROUPS];
    uint64_t stamp;
    /* of the trace */
    const struct trace_view *view;
    const uint32_t *by_ref;          /* rows in the order of their places; NULL = as they are */
    const uint64_t **condition_rows; /* NULL = not asked yet */
    size_t words;
};

/* ---- Making ---- */

static int add_filter(struct spanset_filters *f, const struct expr *condition, uint32_t *ret,
                      struct err *err)
{
    struct run *r = f->r;
    struct trace_query query = {.filter = condition, .end_ns = UINT64_MAX};
    struct filter *filter = arena_alloc(&r->own_tables, sizeof *filter);
    struct filter **all = arena_grow(&r->own_tables, f->filters, f->filter_count, &f->filter_cap,
                                     (size_t)f->filter_count + 1, sizeof(struct filter *));
    if (!filter || !all)
        return run_out_of_memory(err);
    TRY(filter_make(r, &query, filter, err));
    f->filters = all;
    f->filters[f->filter_count] = filter;
    *ret = f->filter_count++;
    return 0;
}

/* Values that are no booleans have no opposite: their negation stays whole. */
static bool has_opposite(const struct expr *e)
{
    while (e->op == EXPR_NOT)
        e = e->left;
    return e->op < EXPR_FIELD;
}

static int make_term(struct spanset_filters *f, const struct expr *e, const struct term **ret,
                     struct err *err)
{
    struct term *t = arena_calloc(&f->r->own_tables, 1, sizeof *t);
    if (!t)
        return run_out_of_memory(err);
    *ret = t;
    t->expr = e;
    if (!e)
        return 0; /* TERM_ALL */
    if (!expr_needs_trace(e)) {
        t->kind = TERM_FILTER;
        return add_filter(f, e, &t->filter, err);
    }
    if (e->op > EXPR_NOT || !has_opposite(e)) {
        t->kind = TERM_VIEW;
        view_needs_of(e, &t->needs);
        return 0;
    }
    t->kind = e->op == EXPR_AND ? TERM_AND : e->op == EXPR_OR ? TERM_OR : TERM_NOT;
    TRY(make_term(f, e->left, &t->left, err));
    return t->kind == TERM_NOT ? 0 : make_term(f, e->right, &t->right, err);
}

static int make_condition(struct spanset_filters *f, const struct spanset_expr *s, struct err *err)
{
    const struct expr *alone;
    struct condition *c;
    if (s->number >= f->condition_count)
        return err_set(err, ERR_INVALID, "the query counts its filters wrongly");
    c = &f->conditions[s->number];
    if (c->term)
        return 0;
    TRY(make_term(f, s->condition, &c->term, err));
    c->candidates = NO_FILTER;
    if (c->term->kind == TERM_FILTER) {
        c->candidates = c->term->filter;
        return 0;
    }
    if (expr_without_trace(s->condition, &f->r->own_tables, &alone) < 0)
        return run_out_of_memory(err);
    return alone ? add_filter(f, alone, &c->candidates, err) : 0;
}

static int make_pipeline(struct spanset_filters *f, const struct pipeline *p, struct err *err);

static int make_spansets(struct spanset_filters *f, const struct spanset_expr *s, struct err *err)
{
    switch (s->op) {
    case SPANSET_FILTER: return make_condition(f, s, err);
    case SPANSET_PIPELINE: return make_pipeline(f, s->pipeline, err);
    default: TRY(make_spansets(f, s->left, err)); return make_spansets(f, s->right, err);
    }
}

static int make_pipeline(struct spanset_filters *f, const struct pipeline *p, struct err *err)
{
    for (uint32_t i = 0; i < p->stage_count; i++) {
        if (p->stages[i].kind == STAGE_SPANSETS)
            TRY(make_spansets(f, p->stages[i].spansets, err));
    }
    return 0;
}

static const struct spanset_expr *first_stage(const struct pipeline *p)
{
    return p->stage_count && p->stages[0].kind == STAGE_SPANSETS ? p->stages[0].spansets : NULL;
}

/* Marks the filters whose spans may be in the answer; false: any span may be. Later stages only take away. */
static bool mark_answers(struct spanset_filters *f, const struct spanset_expr *s)
{
    const struct spanset_expr *first;
    switch (s->op) {
    case SPANSET_FILTER: f->conditions[s->number].answers = true; return true;
    case SPANSET_PIPELINE: first = first_stage(s->pipeline); return first && mark_answers(f, first);
    case SPANSET_RELATION:
        if (s->form != RELATION_UNION)
            return mark_answers(f, s->right);
        break;
    default: break;
    }
    return mark_answers(f, s->left) && mark_answers(f, s->right);
}

int spanset_filters_make(struct run *r, const struct pipeline *pipeline, uint32_t count,
                         struct spanset_filters **ret, struct err *err)
{
    struct spanset_filters *f = arena_calloc(&r->own_tables, 1, sizeof *f);
    const struct spanset_expr *first = first_stage(pipeline);
    if (!f)
        return run_out_of_memory(err);
    f->r = r;
    f->pipeline = pipeline;
    f->condition_count = count;
    f->conditions = arena_calloc(&r->own_tables, count, sizeof *f->conditions);
    f->condition_rows = arena_calloc(&r->own_tables, count, sizeof *f->condition_rows);
    if (!f->conditions || !f->condition_rows)
        return run_out_of_memory(err);
    TRY(make_pipeline(f, pipeline, err));
    f->any_span = !first || !mark_answers(f, first);
    for (uint32_t i = 0; i < count; i++)
        f->any_span |= f->conditions[i].answers && f->conditions[i].candidates == NO_FILTER;
    for (uint32_t i = 0; i < MEMO_GROUPS; i++) {
        f->groups[i].of_filter =
            arena_calloc(&r->own_tables, f->filter_count, sizeof(struct memo *));
        if (!f->groups[i].of_filter)
            return run_out_of_memory(err);
    }
    *ret = f;
    return 0;
}

/* ---- Groups ---- */

static struct memo_group *find_group(struct spanset_filters *f, uint32_t source, uint32_t group)
{
    struct memo_group *oldest = &f->groups[0];
    for (uint32_t i = 0; i < MEMO_GROUPS; i++) {
        struct memo_group *g = &f->groups[i];
        if (g->used && g->source == source && g->group == group) {
            g->stamp = ++f->stamp;
            return g;
        }
        if (g->stamp < oldest->stamp)
            oldest = g;
    }
    for (uint32_t i = 0; i < f->filter_count; i++) {
        if (oldest->of_filter[i]) {
            bits_clear(&oldest->of_filter[i]->known);
            oldest->of_filter[i]->partial = 0;
        }
    }
    oldest->used = true;
    oldest->source = source;
    oldest->group = group;
    oldest->stamp = ++f->stamp;
    return oldest;
}

/* Makes the rows of `in` known; of a part that is asked again and again, all of the group's. */
static int learn(struct spanset_filters *f, struct memo *m, uint32_t filter, uint32_t source,
                 uint32_t group, const struct bits *in, struct err *err)
{
    struct run *r = f->r;
    const struct source *src = &r->snap.sources[source];
    uint64_t scanned = r->q->spans_scanned;
    struct bits want = *in, hits;
    int rc;
    bits_and_not(&want, &m->known);
    if (bits_empty(&want))
        return 0;
    if (src->part && ++m->partial > PARTIAL_MAX) {
        bits_clear(&want);
        bits_set_range(&want, 0, source_group_rows(src, group));
        bits_and_not(&want, &m->known);
    }
    rc = filter_rows(r, f->filters[filter], source, group, &want, &hits, err);
    r->q->spans_scanned = scanned; /* who walks counts */
    if (rc < 0 && !run_skips(r, rc))
        return rc;
    if (rc < 0)
        bits_clear(&hits);
    bits_and_not(&m->hits, &want);
    bits_or(&m->hits, &hits);
    bits_or(&m->known, &want);
    return 0;
}

/* The hits that are known, the rows of `in` among them. */
static int ask(struct spanset_filters *f, uint32_t filter, uint32_t source, uint32_t group,
               const struct bits *in, const struct bits **ret, struct err *err)
{
    struct memo **m = &find_group(f, source, group)->of_filter[filter];
    if (!*m)
        *m = arena_calloc(&f->r->own_tables, 1, sizeof **m);
    if (!*m)
        return run_out_of_memory(err);
    TRY(learn(f, *m, filter, source, group, in, err));
    *ret = &(*m)->hits;
    return 0;
}

static int filter_possible_in(struct spanset_filters *f, uint32_t filter,
                              const struct run_group *group, bool *ret, struct err *err)
{
    *ret = filter_group_possible(f->filters[filter], &group->range);
    return *ret ? filter_possible(f->r, f->filters[filter], group->source, ret, err) : 0;
}

int spanset_filters_possible(struct spanset_filters *f, const struct run_group *group, bool *ret,
                             struct err *err)
{
    *ret = f->any_span;
    for (uint32_t i = 0; i < f->condition_count && !*ret; i++) {
        if (f->conditions[i].answers)
            TRY(filter_possible_in(f, f->conditions[i].candidates, group, ret, err));
    }
    return 0;
}

int spanset_filters_candidates(struct spanset_filters *f, uint32_t source, uint32_t group,
                               const struct bits *in, struct bits *ret, struct err *err)
{
    const struct bits *hits;
    f->r->q->spans_scanned += bits_count(in);
    if (f->any_span) {
        *ret = *in;
        return 0;
    }
    bits_clear(ret);
    for (uint32_t i = 0; i < f->condition_count; i++) {
        if (!f->conditions[i].answers)
            continue;
        TRY(ask(f, f->conditions[i].candidates, source, group, in, &hits, err));
        bits_or(ret, hits);
    }
    bits_and(ret, in);
    return 0;
}

/* ---- Rows of a trace, group by group ---- */

/* From i on: the refs of one group, as bits; answers where they end. */
static size_t group_of_refs(const struct run *r, const struct row_refs *refs, size_t i,
                            uint32_t *group, struct bits *in)
{
    uint32_t source = refs->items[i].source;
    const struct source *src = &r->snap.sources[source];
    uint32_t first;
    *group = source_group_of(src, refs->items[i].row);
    first = source_group_first(src, *group);
    bits_clear(in);
    for (; i < refs->count && refs->items[i].source == source &&
           refs->items[i].row - first < source_group_rows_max(src);
         i++)
        bits_set(in, refs->items[i].row - first);
    return i;
}

static int any_hit(struct spanset_filters *f, uint32_t filter, const struct row_refs *refs,
                   bool *ret, struct err *err)
{
    *ret = false;
    for (size_t i = 0; i < refs->count && !*ret;) {
        uint32_t source = refs->items[i].source, group;
        const struct bits *hits;
        struct bits in;
        i = group_of_refs(f->r, refs, i, &group, &in);
        TRY(ask(f, filter, source, group, &in, &hits, err));
        bits_and(&in, hits);
        *ret = !bits_empty(&in);
        TRY(run_tick(f->r, err));
    }
    return 0;
}

static int may_hold(struct spanset_filters *f, const struct spanset_expr *s,
                    const struct row_refs *refs, bool *ret, struct err *err)
{
    const struct spanset_expr *first;
    uint32_t filter;
    bool both = s->op == SPANSET_AND || s->op == SPANSET_RELATION;
    switch (s->op) {
    case SPANSET_FILTER:
        filter = f->conditions[s->number].candidates;
        *ret = true;
        return filter == NO_FILTER ? 0 : any_hit(f, filter, refs, ret, err);
    case SPANSET_PIPELINE:
        first = first_stage(s->pipeline);
        *ret = true;
        return first ? may_hold(f, first, refs, ret, err) : 0;
    default: break;
    }
    TRY(may_hold(f, s->right, refs, ret, err));
    if (*ret != both || (s->op == SPANSET_RELATION && s->form == RELATION_NEGATED))
        return 0;
    return may_hold(f, s->left, refs, ret, err);
}

int spanset_filters_may_hold(struct spanset_filters *f, const struct row_refs *refs, bool *ret,
                             struct err *err)
{
    const struct spanset_expr *first = first_stage(f->pipeline);
    *ret = true;
    return first ? may_hold(f, first, refs, ret, err) : 0;
}

/* ---- The spans of a trace ---- */

static int place_cmp(const void *a, const void *b, void *user)
{
    const struct trace_row *rows = user;
    const struct row_ref *x = &rows[*(const uint32_t *)a].ref, *y = &rows[*(const uint32_t *)b].ref;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* In which order the rows stand in their sources: mostly as they are. */
static int order_by_place(struct spanset_filters *f, struct err *err)
{
    const struct trace_rows *rows = &f->view->rows;
    uint32_t *order;
    bool sorted = true;
    f->by_ref = NULL;
    for (size_t i = 1; i < rows->count && sorted; i++) {
        const struct row_ref *a = &rows->items[i - 1].ref, *b = &rows->items[i].ref;
        sorted = a->source < b->source || (a->source == b->source && a->row < b->row);
    }
    if (sorted)
        return 0;
    order = arena_alloc(&f->r->rows, rows->count * sizeof *order);
    if (!order)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < rows->count; i++)
        order[i] = i;
    qsort_r(order, rows->count, sizeof *order, place_cmp, rows->items);
    f->by_ref = order;
    return 0;
}

int spanset_filters_begin(struct spanset_filters *f, const struct trace_view *view, struct err *err)
{
    f->view = view;
    f->words = view->rows.count / 64 + 1;
    memset(f->condition_rows, 0, f->condition_count * sizeof *f->condition_rows);
    return order_by_place(f, err);
}

static uint64_t *new_rows(struct spanset_filters *f)
{
    return arena_calloc(&f->r->rows, f->words, sizeof(uint64_t));
}

static bool has_row(const uint64_t *words, uint32_t i)
{
    return words[i / 64] >> i % 64 & 1;
}

static void set_row(uint64_t *words, uint32_t i)
{
    words[i / 64] |= UINT64_C(1) << i % 64;
}

/* The rows of `in` that the filter lets pass, added to ret. */
static int filter_view(struct spanset_filters *f, uint32_t filter, const uint64_t *in,
                       uint64_t *ret, struct err *err)
{
    const struct trace_rows *rows = &f->view->rows;
    size_t end;
    for (size_t at = 0; at < rows->count; at = end) {
        const struct row_ref *ref = &rows->items[f->by_ref ? f->by_ref[at] : at].ref;
        const struct source *src = &f->r->snap.sources[ref->source];
        uint32_t source = ref->source, group = source_group_of(src, ref->row),
                 first = source_group_first(src, group);
        const struct bits *hits;
        struct bits want;
        bits_clear(&want);
        for (end = at; end < rows->count; end++) {
            uint32_t i = f->by_ref ? f->by_ref[end] : (uint32_t)end;
            ref = &rows->items[i].ref;
            if (ref->source != source || ref->row - first >= source_group_rows_max(src))
                break;
            if (has_row(in, i))
                bits_set(&want, ref->row - first);
        }
        TRY(ask(f, filter, source, group, &want, &hits, err));
        for (; at < end; at++) {
            uint32_t i = f->by_ref ? f->by_ref[at] : (uint32_t)at;
            if (has_row(in, i) && bits_has(hits, rows->items[i].ref.row - first))
                set_row(ret, i);
        }
        TRY(run_tick(f->r, err));
    }
    return 0;
}

static int term_view(struct spanset_filters *f, const struct term *t, const uint64_t *in,
                     uint64_t *ret, struct err *err)
{
    for (uint32_t i = 0; i < f->view->rows.count; i++) {
        struct span_view seen;
        struct span span;
        int rc;
        if (!has_row(in, i))
            continue;
        rc = view_span(f->r, f->view, i, &t->needs, &span, &seen, err);
        if (rc < 0 && !run_skips(f->r, rc))
            return rc;
        if (rc == 0 && expr_holds_in(t->expr, &seen, &f->r->scratch))
            set_row(ret, i);
        TRY(run_tick(f->r, err));
    }
    return 0;
}

/* The rows of `in` for which the term holds; ret is empty before. */
static int term_rows(struct spanset_filters *f, const struct term *t, const uint64_t *in,
                     uint64_t *ret, struct err *err)
{
    uint64_t *half = NULL;
    if (t->kind == TERM_FILTER)
        return filter_view(f, t->filter, in, ret, err);
    if (t->kind == TERM_VIEW)
        return term_view(f, t, in, ret, err);
    if (t->kind != TERM_ALL) {
        half = new_rows(f);
        if (!half)
            return run_out_of_memory(err);
        TRY(term_rows(f, t->left, in, half, err));
    }
    switch (t->kind) {
    case TERM_AND: return term_rows(f, t->right, half, ret, err);
    case TERM_OR:
        TRY(term_rows(f, t->right, in, ret, err));
        for (size_t w = 0; w < f->words; w++)
            ret[w] |= half[w];
        return 0;
    case TERM_NOT:
        for (size_t w = 0; w < f->words; w++)
            ret[w] = in[w] & ~half[w];
        return 0;
    default: memcpy(ret, in, f->words * sizeof *ret); return 0;
    }
}

int spanset_filters_rows(struct spanset_filters *f, uint32_t number, const uint64_t **ret,
                         struct err *err)
{
    uint64_t *all, *rows;
    if (!f->condition_rows[number]) {
        all = new_rows(f);
        rows = new_rows(f);
        if (!all || !rows)
            return run_out_of_memory(err);
        for (uint32_t i = 0; i < f->view->rows.count; i++)
            set_row(all, i);
        TRY(term_rows(f, f->conditions[number].term, all, rows, err));
        f->condition_rows[number] = rows;
    }
    *ret = f->condition_rows[number];
    return 0;
}
