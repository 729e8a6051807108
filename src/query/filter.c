/* filter.c - taking a filter apart into comparisons, answering these group by group, joining the answers. */
#include "query/filter.h"

#include "query/filter_leaf.h"

/* ---- What a comparison looks at ---- */

static enum leaf_kind kind_of_field(const struct field *f)
{
    switch (f->kind) {
    case FIELD_SERVICE: return LEAF_SERVICE;
    case FIELD_NAME: return LEAF_NAME;
    case FIELD_KIND: return LEAF_KIND;
    case FIELD_STATUS: return LEAF_STATUS;
    case FIELD_DURATION:
    case FIELD_START:
    case FIELD_TRACE_ID:
    case FIELD_SPAN_ID:
    case FIELD_PARENT_ID: return LEAF_ROW;
    case FIELD_SCOPE_NAME:
    case FIELD_SCOPE_VERSION: return LEAF_SCOPE;
    case FIELD_ATTRIBUTE:
        if (f->scope == SCOPE_RESOURCE)
            return LEAF_RESOURCE;
        if (f->scope == SCOPE_INSTRUMENTATION)
            return LEAF_SCOPE;
        return f->scope == SCOPE_FIRST ? LEAF_FIRST : LEAF_SPAN;
    default: return field_needs_trace(f) ? LEAF_CONSTANT : LEAF_SPAN;
    }
}

static enum leaf_kind kind_of(const struct expr *e)
{
    if (e->op == EXPR_LITERAL)
        return LEAF_CONSTANT;
    return e->op > EXPR_TEXT_EQ || e->left ? LEAF_GENERAL : kind_of_field(&e->field);
}

/* Not answered by itself but by joining answers. A value that is no boolean has no opposite: its negation is answered
 * whole. */
static bool joins(const struct expr *e)
{
    const struct expr *base = e;
    while (base->op == EXPR_NOT)
        base = base->left;
    return e->op <= EXPR_NOT && base->op < EXPR_FIELD;
}

/* The duration against an integer, as a range; false when it is something else. */
static bool duration_range(const struct expr *e, uint64_t *low, uint64_t *high)
{
    uint64_t v = (uint64_t)e->literal.integer;
    if (e->field.kind != FIELD_DURATION || e->literal.type != VALUE_INT || e->literal.integer < 0 ||
        e->literal.integer == INT64_MAX)
        return false;
    *low = 0;
    *high = UINT64_MAX;
    switch (e->op) {
    case EXPR_EQ: *low = *high = v; return true;
    case EXPR_GE: *low = v; return true;
    case EXPR_GT: *low = v + 1; return true;
    case EXPR_LE: *high = v; return true;
    case EXPR_LT:
        if (v == 0)
            return false;
        *high = v - 1;
        return true;
    default: return false;
    }
}

/* Could a value that is no string have this text? Numbers, true, false, base64, lists: see value_text. */
static bool only_a_string(struct str text)
{
    bool letter = false, sign = false;
    if (!text.n || text.p[0] == '[' || text.p[0] == '{')
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!word && !(c >= '0' && c <= '9') && !memchr("+/=.-", c, 5))
            return true;
        letter |= word && c != 'e';
        sign |= c == '.' || c == '-'; /* not in base64 */
    }
    return letter && sign && !str_eq(text, STR("-Infinity"));
}

/* What a span's bytes must contain for a comparison to hold: the string it asks for, else the key. Strings stand
 * in a message as they are, so most spans are told apart without being decoded. */
static struct str needle_of(const struct expr *e)
{
    struct str none = {NULL, 0}, text = e->literal.type == VALUE_STRING ? e->literal.string : none;
    if (e->op == EXPR_EQ && text.n)
        return text;
    if (e->op == EXPR_TEXT_EQ && only_a_string(text))
        return text;
    return e->field.kind == FIELD_ATTRIBUTE ? e->field.key : none;
}

/* Ids stand in messages as bytes, in queries as text; of arrays and others see needle_of. */
static bool has_needle(const struct field *f)
{
    return f->kind == FIELD_ATTRIBUTE || f->kind == FIELD_STATUS_MESSAGE ||
           f->kind == FIELD_EVENT_NAME;
}

/* ---- What the spans that a comparison sees must have ---- */

static void need_field(const struct field *f, struct leaf_needs *n)
{
    switch (f->kind) {
    case FIELD_NAME: n->rows |= ROWS_NAME; return;
    case FIELD_SERVICE:
        n->rows |= ROWS_RESOURCE;
        n->resource = true;
        return;
    case FIELD_KIND:
    case FIELD_STATUS: n->rows |= ROWS_TEMPLATE; return;
    case FIELD_DURATION: n->rows |= ROWS_START | ROWS_DURATION; return;
    case FIELD_START: n->rows |= ROWS_START; return;
    case FIELD_TRACE_ID: n->trace_id = true; return;
    case FIELD_SPAN_ID: n->rows |= ROWS_SPAN_ID; return;
    case FIELD_PARENT_ID: n->rows |= ROWS_PARENT; return;
    case FIELD_SCOPE_NAME:
    case FIELD_SCOPE_VERSION: n->scope = true; break;
    case FIELD_ATTRIBUTE:
        n->resource |=
            f->scope == SCOPE_RESOURCE || f->scope == SCOPE_ANY || f->scope == SCOPE_FIRST;
        n->scope |=
            f->scope == SCOPE_INSTRUMENTATION || f->scope == SCOPE_ANY || f->scope == SCOPE_FIRST;
        n->message |= f->scope != SCOPE_RESOURCE && f->scope != SCOPE_INSTRUMENTATION;
        break;
    default: n->message |= !field_needs_trace(f); break;
    }
    if (n->resource)
        n->rows |= ROWS_RESOURCE;
    if (n->scope)
        n->rows |= ROWS_TEMPLATE;
}

void leaf_needs_add(const struct expr *e, struct leaf_needs *n)
{
    if (!e->left && e->op != EXPR_LITERAL) {
        need_field(&e->field, n);
        return;
    }
    if (e->left)
        leaf_needs_add(e->left, n);
    if (e->right)
        leaf_needs_add(e->right, n);
}

/* ---- Making ---- */

/* { .flag } is { .flag = true }: as such it can be answered from columns. */
static const struct expr *as_comparison(struct run *r, const struct expr *e)
{
    struct value yes = {.type = VALUE_BOOL, .boolean = true};
    return e->op == EXPR_FIELD ? expr_compare(&r->own_tables, EXPR_EQ, e->field, yes) : e;
}

static int add_leaves(struct run *r, struct filter *f, const struct expr *e, struct err *err)
{
    struct filter_leaf *leaf;
    if (joins(e)) {
        TRY(add_leaves(r, f, e->left, err));
        return e->op == EXPR_NOT ? 0 : add_leaves(r, f, e->right, err);
    }
    if (f->count == FILTER_LEAVES_MAX)
        return err_set(err, ERR_TOO_LARGE, "the filter has more than %d comparisons",
                       FILTER_LEAVES_MAX);
    leaf = &f->leaves[f->count++];
    leaf->node = e;
    leaf->expr = e = as_comparison(r, e);
    leaf->sources = arena_calloc(&r->own_tables, r->snap.count, sizeof *leaf->sources);
    if (!e || !leaf->sources)
        return run_out_of_memory(err);
    leaf->kind = kind_of(e);
    if (leaf->kind == LEAF_ROW && duration_range(e, &leaf->low, &leaf->high))
        leaf->kind = LEAF_DURATION;
    if ((leaf->kind == LEAF_SPAN || leaf->kind == LEAF_FIRST) && has_needle(&e->field))
        leaf->needle = needle_of(e);
    leaf_needs_add(e, &leaf->needs);
    return 0;
}

int filter_make(struct run *r, const struct trace_query *query, struct filter *ret, struct err *err)
{
    *ret = (struct filter){
        .root = query->filter, .start_ns = query->start_ns, .end_ns = query->end_ns};
    return query->filter ? add_leaves(r, ret, query->filter, err) : 0;
}

static struct filter_leaf *leaf_of(struct filter *f, const struct expr *e)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->leaves[i].node == e)
            return &f->leaves[i];
    }
    return NULL;
}

/* ---- Once for each source ---- */

uint32_t leaf_table_size(const struct source *src, enum leaf_kind kind)
{
    switch (kind) {
    case LEAF_SERVICE: return src->service_count;
    case LEAF_RESOURCE: return src->resource_count;
    case LEAF_SCOPE: return src->scope_count;
    case LEAF_NAME: return src->name_count;
    case LEAF_KIND: return SPAN_KIND_CONSUMER + 1;
    default: return STATUS_ERROR + 1;
    }
}

/* A span that has nothing but what the table's entry gives it. */
static int entry_span(struct run *r, enum leaf_kind kind, uint32_t source, uint32_t id,
                      struct resource *resource, struct span *span, struct err *err)
{
    switch (kind) {
    case LEAF_SERVICE:
        resource->service_name = run_string(r, source, SOURCE_SERVICES, id);
        span->resource = resource;
        return 0;
    case LEAF_RESOURCE: return run_resource(r, source, id, &span->resource, err);
    case LEAF_SCOPE: return run_scope(r, source, id, &span->scope, err);
    case LEAF_NAME: span->name = run_string(r, source, SOURCE_NAMES, id); return 0;
    case LEAF_KIND: span->kind = (enum span_kind)id; return 0;
    default: span->status_code = (enum status_code)id; return 0;
    }
}

/* Does it hold for each entry of a table? */
static int make_table(struct run *r, const struct filter_leaf *leaf, enum leaf_kind kind,
                      uint32_t source, uint8_t **ret, bool *any, struct err *err)
{
    const struct source *src = &r->snap.sources[source];
    uint32_t n = leaf_table_size(src, kind);
    uint8_t *table = arena_calloc(&r->own_tables, n, 1);
    if (!table)
        return run_out_of_memory(err);
    if (kind == LEAF_SERVICE)
        TRY(source_need_table(src, SOURCE_SERVICES, err));
    if (kind == LEAF_NAME)
        TRY(source_need_table(src, SOURCE_NAMES, err));
    for (uint32_t id = 0; id < n; id++) {
        struct resource resource = {.service_name = STR("")};
        struct span span = run_empty_span;
        TRY(entry_span(r, kind, source, id, &resource, &span, err));
        arena_reset(&r->scratch);
        table[id] = expr_matches(leaf->expr, &span, &r->scratch);
        *any |= table[id];
        TRY(run_tick(r, err));
    }
    *ret = table;
    return 0;
}

static int prepare_span_leaf(struct run *r, const struct filter_leaf *leaf, uint32_t source,
                             struct leaf_source *ls, struct err *err)
{
    const struct source *src = &r->snap.sources[source];
    bool any = false;
    if (src->head) {
        ls->possible = true;
        return 0;
    }
    if (leaf->kind == LEAF_FIRST)
        return leaf_first_prepare(r, leaf, source, ls, err);
    TRY(leaf_columns_prepare(r, leaf, src->part, ls, err));
    if (leaf->expr->field.kind != FIELD_ATTRIBUTE || leaf->expr->field.scope != SCOPE_ANY)
        return 0;
    TRY(make_table(r, leaf, LEAF_RESOURCE, source, &ls->table, &any, err));
    TRY(make_table(r, leaf, LEAF_SCOPE, source, &ls->scope_table, &any, err));
    ls->possible |= any;
    return 0;
}

static bool constant_holds(const struct filter_leaf *leaf)
{
    return expr_matches(leaf->expr, &run_empty_span, NULL);
}

static int leaf_at(struct run *r, struct filter_leaf *leaf, uint32_t source,
                   const struct leaf_source **ret, struct err *err)
{
    struct leaf_source *ls = leaf->sources[source];
    if (!ls) {
        ls = arena_calloc(&r->own_tables, 1, sizeof *ls);
        if (!ls)
            return run_out_of_memory(err);
        if (leaf->kind == LEAF_SPAN || leaf->kind == LEAF_FIRST)
            TRY(prepare_span_leaf(r, leaf, source, ls, err));
        else if (leaf->kind == LEAF_CONSTANT)
            ls->possible = constant_holds(leaf);
        else if (leaf->kind < LEAF_DURATION)
            TRY(make_table(r, leaf, leaf->kind, source, &ls->table, &ls->possible, err));
        else
            ls->possible = true;
        leaf->sources[source] = ls;
    }
    *ret = ls;
    return 0;
}

static int possible(struct run *r, struct filter *f, const struct expr *e, uint32_t source,
                    bool *ret, struct err *err)
{
    const struct leaf_source *ls;
    if (!joins(e)) {
        TRY(leaf_at(r, leaf_of(f, e), source, &ls, err));
        *ret = ls->possible;
        return 0;
    }
    *ret = true;
    if (e->op == EXPR_NOT)
        return 0;
    TRY(possible(r, f, e->left, source, ret, err));
    return *ret == (e->op == EXPR_AND) ? possible(r, f, e->right, source, ret, err) : 0;
}

int filter_possible(struct run *r, struct filter *f, uint32_t source, bool *ret, struct err *err)
{
    *ret = true;
    return f->root ? possible(r, f, f->root, source, ret, err) : 0;
}

/* Only terms that all must hold can rule a group out by its longest duration. */
static bool reaches(struct filter *f, const struct expr *e, uint64_t duration_max_ns)
{
    if (e->op == EXPR_AND)
        return reaches(f, e->left, duration_max_ns) && reaches(f, e->right, duration_max_ns);
    if (!joins(e)) {
        const struct filter_leaf *leaf = leaf_of(f, e);
        return leaf->kind != LEAF_DURATION || leaf->low <= duration_max_ns;
    }
    return true;
}

bool filter_group_possible(struct filter *f, const struct group_range *range)
{
    return range->start_max_ns >= f->start_ns && range->start_min_ns <= f->end_ns &&
           (!f->root || reaches(f, f->root, range->duration_max_ns));
}

/* ---- Expressions ---- */

/* The dearest comparison in it: of two terms that both must hold the cheaper one comes first. */
static enum leaf_kind cost(struct filter *f, const struct expr *e)
{
    enum leaf_kind left, right;
    if (!joins(e))
        return leaf_of(f, e)->kind;
    left = cost(f, e->left);
    right = e->op == EXPR_NOT ? left : cost(f, e->right);
    return left > right ? left : right;
}

static int eval(struct run *r, struct filter *f, const struct expr *e, const struct group_at *at,
                const struct bits *in, struct bits *ret, struct err *err)
{
    struct bits half;
    const struct expr *first = e->left, *second = e->right;
    bits_clear(ret);
    if (bits_empty(in))
        return 0;
    if (!joins(e)) {
        struct filter_leaf *leaf = leaf_of(f, e);
        const struct leaf_source *ls;
        TRY(leaf_at(r, leaf, at->source, &ls, err));
        return leaf_rows(r, leaf, ls, at, in, ret, err);
    }
    switch (e->op) {
    case EXPR_AND:
        if (cost(f, first) > cost(f, second)) {
            first = e->right;
            second = e->left;
        }
        TRY(eval(r, f, first, at, in, &half, err));
        return eval(r, f, second, at, &half, ret, err);
    case EXPR_OR: {
        struct bits rest = *in;
        TRY(eval(r, f, first, at, in, &half, err));
        bits_and_not(&rest, &half);
        TRY(eval(r, f, second, at, &rest, ret, err));
        bits_or(ret, &half);
        return 0;
    }
    default: /* EXPR_NOT */
        TRY(eval(r, f, first, at, in, &half, err));
        *ret = *in;
        bits_and_not(ret, &half);
        return 0;
    }
}

/* The rows that start inside the time range; all when the group lies inside. */
static int in_time(struct run *r, const struct filter *f, const struct group_at *at,
                   const struct bits *in, struct bits *ret, struct err *err)
{
    struct group_range range = source_group_range(at->src, at->group);
    struct bits_walk w = bits_begin(in);
    struct row_group g;
    uint32_t row;
    if (range.start_min_ns >= f->start_ns && range.start_max_ns <= f->end_ns) {
        *ret = *in;
        return 0;
    }
    bits_clear(ret);
    TRY(source_group(at->src, r->scanner, at->group, ROWS_START, &g, err));
    while (bits_next(&w, &row)) {
        if (g.start_ns[row] >= f->start_ns && g.start_ns[row] <= f->end_ns)
            bits_set(ret, row);
    }
    return 0;
}

int filter_rows(struct run *r, struct filter *f, uint32_t source, uint32_t group,
                const struct bits *in, struct bits *ret, struct err *err)
{
    struct group_at at = {source, group, &r->snap.sources[source]};
    struct bits timely;
    page_begin(r->scanner);
    r->q->spans_scanned += bits_count(in);
    if (!f->root)
        return in_time(r, f, &at, in, ret, err);
    TRY(in_time(r, f, &at, in, &timely, err));
    return eval(r, f, f->root, &at, &timely, ret, err);
}
