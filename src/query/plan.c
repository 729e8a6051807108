/* plan.c - classifying a filter's terms and running them over row groups. */
#include "query/plan.h"

/* What an expression looks at. */
enum {
    USES_SERVICE = 1,
    USES_RESOURCE = 2,
    USES_SCOPE = 4,
    USES_NAME = 8,
    USES_KIND = 16,
    USES_STATUS = 32,
    USES_OTHER_COLUMNS = 64, /* times and ids */
    USES_SPAN = 128,
};

static unsigned field_uses(const struct field *f)
{
    switch (f->kind) {
    case FIELD_SERVICE: return USES_SERVICE;
    case FIELD_NAME: return USES_NAME;
    case FIELD_KIND: return USES_KIND;
    case FIELD_STATUS: return USES_STATUS;
    case FIELD_DURATION:
    case FIELD_START:
    case FIELD_TRACE_ID:
    case FIELD_SPAN_ID:
    case FIELD_PARENT_ID: return USES_OTHER_COLUMNS;
    case FIELD_SCOPE_NAME:
    case FIELD_SCOPE_VERSION: return USES_SCOPE;
    case FIELD_ATTRIBUTE:
        if (f->scope == SCOPE_RESOURCE)
            return USES_RESOURCE;
        return f->scope == SCOPE_INSTRUMENTATION ? USES_SCOPE : USES_SPAN;
    default: return USES_SPAN;
    }
}

static unsigned uses(const struct expr *e)
{
    switch (e->op) {
    case EXPR_AND:
    case EXPR_OR: return uses(e->left) | uses(e->right);
    case EXPR_NOT: return uses(e->left);
    default: return field_uses(&e->field);
    }
}

/* field op integer as a range; false when it is something else. */
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

static enum term_kind classify(struct plan_term *t)
{
    unsigned u = uses(t->expr);
    if (u & USES_SPAN)
        return TERM_SPAN;
    switch (u) {
    case USES_SERVICE: return TERM_SERVICE;
    case USES_RESOURCE:
    case USES_RESOURCE | USES_SERVICE: return TERM_RESOURCE;
    case USES_SCOPE: return TERM_SCOPE;
    case USES_NAME: return TERM_NAME;
    case USES_KIND: return TERM_KIND;
    case USES_STATUS: return TERM_STATUS;
    default: break;
    }
    if (t->expr->op > EXPR_NOT && duration_range(t->expr, &t->low, &t->high))
        return TERM_DURATION;
    return TERM_ROW;
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
    if (e->op <= EXPR_NOT)
        return none;
    if (e->op == EXPR_EQ && text.n)
        return text;
    if (e->op == EXPR_TEXT_EQ && only_a_string(text))
        return text;
    return e->field.kind == FIELD_ATTRIBUTE ? e->field.key : none;
}

/* Puts the term where its kind belongs, so that cheap ones run first. */
static void insert_term(struct plan *p, struct plan_term term)
{
    uint32_t at = p->count++;
    for (; at > 0 && p->terms[at - 1].kind > term.kind; at--)
        p->terms[at] = p->terms[at - 1];
    p->terms[at] = term;
}

static int add_terms(struct run *r, struct plan *p, const struct expr *e, struct err *err)
{
    struct plan_term term = {.expr = e};
    if (e->op == EXPR_AND && p->count + 2 <= PLAN_TERMS_MAX) {
        TRY(add_terms(r, p, e->left, err));
        if (p->count < PLAN_TERMS_MAX)
            return add_terms(r, p, e->right, err);
        term.expr = e->right;
    }
    if (p->count == PLAN_TERMS_MAX)
        return err_set(err, ERR_TOO_LARGE, "the filter has too many terms");
    term.kind = classify(&term);
    if (term.kind == TERM_SPAN)
        term.needle = needle_of(term.expr);
    term.tables = arena_calloc(&r->own_tables, r->snap.count, sizeof *term.tables);
    if (!term.tables)
        return run_out_of_memory(err);
    insert_term(p, term);
    return 0;
}

int plan_make(struct run *r, const struct trace_query *query, struct plan *ret, struct err *err)
{
    *ret = (struct plan){.start_ns = query->start_ns, .end_ns = query->end_ns};
    return query->filter ? add_terms(r, ret, query->filter, err) : 0;
}

static const struct resource no_resource;
static const struct scope no_scope;

static uint32_t table_size(const struct source *src, enum term_kind kind)
{
    switch (kind) {
    case TERM_SERVICE: return src->service_count;
    case TERM_RESOURCE: return src->resource_count;
    case TERM_SCOPE: return src->scope_count;
    case TERM_NAME: return src->name_count;
    case TERM_KIND: return SPAN_KIND_CONSUMER + 1;
    default: return STATUS_ERROR + 1;
    }
}

/* A span that has nothing but what the table's entry gives it. */
static int entry_span(struct run *r, enum term_kind kind, uint32_t source, uint32_t id,
                      struct resource *resource, struct span *span, struct err *err)
{
    switch (kind) {
    case TERM_SERVICE:
        resource->service_name = run_string(r, source, SOURCE_SERVICES, id);
        span->resource = resource;
        return 0;
    case TERM_RESOURCE: return run_resource(r, source, id, &span->resource, err);
    case TERM_SCOPE: return run_scope(r, source, id, &span->scope, err);
    case TERM_NAME: span->name = run_string(r, source, SOURCE_NAMES, id); return 0;
    case TERM_KIND: span->kind = (enum span_kind)id; return 0;
    default: span->status_code = (enum status_code)id; return 0;
    }
}

static int make_table(struct run *r, struct plan_term *t, uint32_t source, struct err *err)
{
    const struct source *src = &r->snap.sources[source];
    uint32_t n = table_size(src, t->kind);
    uint8_t *table = arena_calloc(&r->own_tables, n, 1);
    if (!table)
        return run_out_of_memory(err);
    if (t->kind == TERM_SERVICE)
        TRY(source_need_table(src, SOURCE_SERVICES, err));
    if (t->kind == TERM_NAME)
        TRY(source_need_table(src, SOURCE_NAMES, err));
    for (uint32_t id = 0; id < n; id++) {
        struct resource resource = no_resource;
        struct span span = {.resource = &no_resource, .scope = &no_scope};
        TRY(entry_span(r, t->kind, source, id, &resource, &span, err));
        arena_reset(&r->scratch);
        table[id] = expr_matches(t->expr, &span, &r->scratch);
        TRY(run_tick(r, err));
    }
    t->tables[source] = table;
    return 0;
}

static uint32_t select_times(const struct plan *p, const struct row_group *g, uint32_t *selection)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        selection[n] = i;
        n += g->start_ns[i] >= p->start_ns && g->start_ns[i] <= p->end_ns;
    }
    return n;
}

static uint32_t select_ids(const uint8_t *table, const uint32_t *ids, uint32_t *selection,
                           uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        selection[kept] = selection[i];
        kept += table[ids[selection[i]]];
    }
    return kept;
}

static uint32_t select_bytes(const uint8_t *table, uint32_t size, const uint8_t *values,
                             uint32_t *selection, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t v = values[selection[i]];
        selection[kept] = selection[i];
        kept += v < size && table[v];
    }
    return kept;
}

static uint32_t select_durations(const struct plan_term *t, const uint64_t *durations,
                                 uint32_t *selection, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t v = durations[selection[i]];
        selection[kept] = selection[i];
        kept += v >= t->low && v <= t->high;
    }
    return kept;
}

static uint32_t select_term(const struct plan_term *t, uint32_t source, const struct row_group *g,
                            uint32_t *selection, uint32_t n)
{
    const uint8_t *table = t->tables[source];
    switch (t->kind) {
    case TERM_SERVICE: return select_ids(table, g->service, selection, n);
    case TERM_RESOURCE: return select_ids(table, g->resource, selection, n);
    case TERM_SCOPE: return select_ids(table, g->scope, selection, n);
    case TERM_NAME: return select_ids(table, g->name, selection, n);
    case TERM_KIND: return select_bytes(table, SPAN_KIND_CONSUMER + 1, g->kind, selection, n);
    case TERM_STATUS: return select_bytes(table, STATUS_ERROR + 1, g->status, selection, n);
    case TERM_DURATION: return select_durations(t, g->duration_ns, selection, n);
    default: return n;
    }
}

int plan_select(struct run *r, struct plan *p, uint32_t source, const struct row_group *group,
                uint32_t *selection, uint32_t *ret_count, struct err *err)
{
    uint32_t n = select_times(p, group, selection);
    for (uint32_t i = 0; i < p->count && n; i++) {
        struct plan_term *t = &p->terms[i];
        if (t->kind < TERM_DURATION && !t->tables[source])
            TRY(make_table(r, t, source, err));
        n = select_term(t, source, group, selection, n);
    }
    r->q->spans_scanned += group->count;
    *ret_count = n;
    return 0;
}

/* A span with what the row's columns say, and its resource and scope. */
static int row_span(struct run *r, struct row_ref ref, const struct row *row, struct trace_id id,
                    struct span *span, struct err *err)
{
    const struct source *src = &r->snap.sources[ref.source];
    *span = (struct span){
        .trace_id = id,
        .span_id = row->span_id,
        .parent_span_id = row->parent_id,
        .kind = (enum span_kind)row->kind,
        .status_code = (enum status_code)row->status,
        .start_ns = row->start_ns,
        .end_ns = row->start_ns + row->duration_ns,
    };
    TRY(source_need_table(src, SOURCE_NAMES, err));
    span->name = run_string(r, ref.source, SOURCE_NAMES, row->name);
    TRY(run_resource(r, ref.source, row->resource, &span->resource, err));
    return run_scope(r, ref.source, row->scope, &span->scope, err);
}

static bool has(struct str bytes, struct str needle)
{
    return memmem(bytes.p ? bytes.p : "", bytes.n, needle.p, needle.n) != NULL;
}

/* 0 when a term's needle is neither in the span nor in its resource or scope; 1 when decoding has to tell. */
static int may_match(struct run *r, const struct plan *p, struct row_ref ref, const struct row *row,
                     struct err *err)
{
    const struct source *src = &r->snap.sources[ref.source];
    for (uint32_t i = 0; i < p->count; i++) {
        struct str needle = p->terms[i].needle, bytes;
        if (!needle.n)
            continue;
        TRY(source_span_peek(src, r->reader, ref.row, &bytes, err));
        if (has(bytes, needle))
            continue;
        if (p->terms[i].expr->field.kind != FIELD_ATTRIBUTE ||
            p->terms[i].expr->field.scope != SCOPE_ANY)
            return 0;
        TRY(source_need_table(src, SOURCE_RESOURCES, err));
        TRY(source_need_table(src, SOURCE_SCOPES, err));
        if (!has(source_string(src, SOURCE_RESOURCES, row->resource), needle) &&
            !has(source_string(src, SOURCE_SCOPES, row->scope), needle))
            return 0;
    }
    return 1;
}

int plan_row_matches(struct run *r, const struct plan *p, struct row_ref ref, const struct row *row,
                     struct trace_id id, struct err *err)
{
    bool have_row = false, have_span = false;
    struct span span;
    arena_reset(&r->scratch);
    for (uint32_t i = 0; i < p->count; i++) {
        const struct plan_term *t = &p->terms[i];
        if (t->kind < TERM_ROW)
            continue;
        if (t->kind == TERM_ROW && !have_row) {
            TRY(row_span(r, ref, row, id, &span, err));
            have_row = true;
        }
        if (t->kind == TERM_SPAN && !have_span) {
            int rc = may_match(r, p, ref, row, err);
            if (rc <= 0)
                return rc;
            TRY(run_span(r, ref, row, &r->scratch, false, &span, err));
            have_span = true;
        }
        if (!expr_matches(t->expr, &span, &r->scratch))
            return 0;
    }
    return 1;
}

int plan_matches(struct run *r, struct plan *p, struct row_ref ref, const struct row *row,
                 struct trace_id id, struct err *err)
{
    struct row_group g = {
        .count = 1,
        .start_ns = &row->start_ns,
        .duration_ns = &row->duration_ns,
        .service = &row->service,
        .name = &row->name,
        .resource = &row->resource,
        .scope = &row->scope,
        .kind = &row->kind,
        .status = &row->status,
    };
    uint32_t selection[1], n;
    TRY(plan_select(r, p, ref.source, &g, selection, &n, err));
    return n ? plan_row_matches(r, p, ref, row, id, err) : 0;
}
