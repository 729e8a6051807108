/* view.c - the values of expressions over the spans of one trace, with as little of each span as they need. */
#include "query/view.h"
#include "query/spansets.h"
#include "query/summary.h"

static void needs_of_trace(const struct expr *e, struct view_needs *n)
{
    if (e->left)
        needs_of_trace(e->left, n);
    if (e->right)
        needs_of_trace(e->right, n);
    if (e->left || e->op == EXPR_LITERAL)
        return;
    n->facts |= e->field.kind == FIELD_TRACE_DURATION || e->field.kind == FIELD_ROOT_NAME ||
                e->field.kind == FIELD_ROOT_SERVICE;
    n->tree |= e->field.kind == FIELD_CHILD_COUNT || e->field.kind >= FIELD_NESTED_LEFT;
}

void view_needs_of(const struct expr *e, struct view_needs *ret)
{
    *ret = (struct view_needs){.tree = false};
    needs_of_trace(e, ret);
    leaf_needs_add(e, &ret->span);
}

/* ---- What the whole trace says ---- */

int view_tree(struct run *r, const struct trace_view *view, struct trace_tree **ret,
              struct err *err)
{
    struct view_lazy *lazy = view->lazy;
    if (!lazy->has_tree)
        TRY(tree_make(r, &view->rows, &r->rows, &lazy->tree, err));
    lazy->has_tree = true;
    *ret = &lazy->tree;
    return 0;
}

static int view_facts(struct run *r, const struct trace_view *view, struct err *err)
{
    struct view_lazy *lazy = view->lazy;
    const struct trace_row *rows = view->rows.items, *root = &rows[summary_root(&view->rows)];
    uint64_t end = 0;
    if (lazy->has_facts)
        return 0;
    TRY(source_need_table(&r->snap.sources[root->ref.source], SOURCE_NAMES, err));
    TRY(source_need_table(&r->snap.sources[root->ref.source], SOURCE_SERVICES, err));
    for (size_t i = 0; i < view->rows.count; i++) {
        uint64_t last = rows[i].row.start_ns + rows[i].row.duration_ns;
        end = last > end ? last : end;
    }
    lazy->facts = (struct trace_facts){
        .duration_ns = end > rows[0].row.start_ns ? end - rows[0].row.start_ns : 0,
        .root_name = run_string(r, root->ref.source, SOURCE_NAMES, root->row.name),
        .root_service = run_string(r, root->ref.source, SOURCE_SERVICES, root->row.service),
    };
    lazy->has_facts = true;
    return 0;
}

/* ---- One span ---- */

static int row_span(struct run *r, const struct trace_view *view, const struct trace_row *t,
                    const struct leaf_needs *needs, struct span *span, struct err *err)
{
    *span = (struct span){.trace_id = view->id,
                          .span_id = t->row.span_id,
                          .parent_span_id = t->row.parent_id,
                          .start_ns = t->row.start_ns,
                          .end_ns = t->row.start_ns + t->row.duration_ns,
                          .kind = (enum span_kind)t->row.kind,
                          .status_code = (enum status_code)t->row.status,
                          .resource = run_empty_span.resource,
                          .scope = run_empty_span.scope};
    if (needs->resource)
        TRY(run_resource(r, t->ref.source, t->row.resource, &span->resource, err));
    if (needs->scope)
        TRY(run_scope(r, t->ref.source, t->row.scope, &span->scope, err));
    if (needs->rows & ROWS_NAME) {
        TRY(source_need_table(&r->snap.sources[t->ref.source], SOURCE_NAMES, err));
        span->name = run_string(r, t->ref.source, SOURCE_NAMES, t->row.name);
    }
    return 0;
}

int view_span(struct run *r, const struct trace_view *view, uint32_t row,
              const struct view_needs *needs, struct span *span, struct span_view *ret,
              struct err *err)
{
    const struct trace_row *t = &view->rows.items[row];
    struct trace_tree *tree;
    arena_reset(&r->scratch);
    if (needs->span.message)
        TRY(run_span(r, t->ref, &t->row, &r->scratch, false, span, err));
    else
        TRY(row_span(r, view, t, &needs->span, span, err));
    *ret = (struct span_view){.span = span};
    if (needs->facts) {
        TRY(view_facts(r, view, err));
        ret->trace = &view->lazy->facts;
    }
    if (needs->tree) {
        TRY(view_tree(r, view, &tree, err));
        view->lazy->of_row = tree_facts_of(tree, row);
        ret->tree = &view->lazy->of_row;
    }
    return 0;
}

int view_value(struct run *r, const struct trace_view *view, uint32_t row, const struct expr *e,
               const struct view_needs *needs, struct value *ret, struct err *err)
{
    struct span_view seen;
    TRY(view_span(r, view, row, needs, &view->lazy->span, &seen, err));
    *ret = expr_value(e, &seen, &r->scratch);
    return 0;
}
