/* push.c - see push.h: the plan, and the expressions made from it. */
#include "sql/push.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/hex.h"
#include "sql/values.h"

enum { IN_MAX = 200, PLAN_BYTES_MAX = 1024 };

/* ---- xBestIndex ---- */

/* A letter for each operator that can go down; 0 for the others. */
static char letter(unsigned char op)
{
    switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ: return '=';
    case SQLITE_INDEX_CONSTRAINT_NE: return '!';
    case SQLITE_INDEX_CONSTRAINT_LT: return '<';
    case SQLITE_INDEX_CONSTRAINT_LE: return 'l';
    case SQLITE_INDEX_CONSTRAINT_GT: return '>';
    case SQLITE_INDEX_CONSTRAINT_GE: return 'g';
    case SQLITE_INDEX_CONSTRAINT_GLOB: return '*';
    case SQLITE_INDEX_CONSTRAINT_LIKE: return '%';
    case SQLITE_INDEX_CONSTRAINT_REGEXP: return '~';
    case SQLITE_INDEX_CONSTRAINT_ISNULL: return '0';
    case SQLITE_INDEX_CONSTRAINT_ISNOTNULL: return '1';
    default: return 0;
    }
}

static bool compares(char op)
{
    return op && strchr("=!<l>g", op);
}

/* Is there something the engine can do with it? */
static bool can_push(const struct column *column, char op)
{
    switch (column->form) {
    case FORM_TEXT: return compares(op) || op == '*';
    case FORM_INT: return compares(op);
    case FORM_KIND:
    case FORM_STATUS:
    case FORM_ID: return op == '=' || op == '!';
    case FORM_PARENT: return op && strchr("=!01", op);
    case FORM_VALUE: return op && op != '0';
    case FORM_KEY: return op == '=';
    case FORM_END:
    case FORM_WHOLE:
    case FORM_ELEMENT: break;
    }
    return false;
}

/* How many of the rows pass, about. */
static double share(const struct column *column, char op)
{
    if (op == '=')
        return column->form == FORM_ID || column->form == FORM_PARENT ? 0.000001
               : column->form == FORM_INT                             ? 0.0001
                                                                      : 0.05;
    return op == '!' || op == '1' ? 0.9 : op == '*' || op == '~' || op == '%' ? 0.2 : 0.3;
}

struct planner {
    const struct table *table;
    sqlite3_index_info *info;
    struct buf text;
    int args;
    double rows;
    bool by_trace, by_span;
};

static void take(struct planner *p, int i, char op)
{
    const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
    const struct column *column = &p->table->columns[c->iColumn];
    buf_printf(&p->text, " %c%d", op, c->iColumn);
    p->info->aConstraintUsage[i].argvIndex = ++p->args;
    p->rows *= share(column, op);
    if (op == '=') {
        p->by_trace |= column->field.kind == FIELD_TRACE_ID;
        p->by_span |= column->field.kind == FIELD_SPAN_ID;
    }
}

static void take_constraints(struct planner *p)
{
    for (int i = 0; i < p->info->nConstraint && p->text.n < PLAN_BYTES_MAX; i++) {
        const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
        char op = letter(c->op);
        const struct column *column;
        if (!c->usable || c->iColumn < 0 || (uint32_t)c->iColumn >= p->table->column_count)
            continue;
        column = &p->table->columns[c->iColumn];
        if (!can_push(column, op))
            continue;
        if (compares(op) && column->form != FORM_INT &&
            strcmp(sqlite3_vtab_collation(p->info, i), "BINARY") != 0)
            continue;
        /* a list at once, but ids one by one: each is a look-up */
        if (op == '=' && column->form != FORM_ID && sqlite3_vtab_in(p->info, i, 1))
            op = 'i';
        take(p, i, op);
    }
}

static bool groups_well(const struct column *c)
{
    return c->form == FORM_TEXT || c->form == FORM_KIND || c->form == FORM_STATUS ||
           c->form == FORM_VALUE;
}

/* Rows of equal ORDER BY columns side by side, in their order: without it SQLite sorts all rows for a GROUP BY. */
static void take_order(struct planner *p, uint64_t *plan)
{
    const sqlite3_index_info *info = p->info;
    int distinct = sqlite3_vtab_distinct(p->info);
    uint64_t keys = 0, whole = 0;
    if (distinct == 0 || info->nOrderBy == 0 || info->nOrderBy > GROUP_COLUMNS_MAX)
        return;
    for (int i = 0; i < info->nOrderBy; i++) {
        int column = info->aOrderBy[i].iColumn;
        if (column < 0 || !groups_well(&p->table->columns[column]))
            return;
        keys |= (uint64_t)1 << column;
    }
    for (uint32_t i = 0; i < p->table->column_count; i++) {
        if (p->table->columns[i].form == FORM_WHOLE || p->table->columns[i].form == FORM_ELEMENT)
            whole |= (uint64_t)1 << i;
    }
    if (info->colUsed & whole)
        return;
    for (int i = 0; i < info->nOrderBy; i++)
        buf_printf(&p->text, " g%d%c", info->aOrderBy[i].iColumn,
                   info->aOrderBy[i].desc ? '-' : '+');
    *plan |= PLAN_GROUPED;
    if (distinct >= 2 && (info->colUsed & ~keys) == 0)
        *plan |= PLAN_DISTINCT;
    p->info->orderByConsumed = 1;
}

int push_best_index(struct table *t, sqlite3_index_info *info, bool may_group)
{
    double spans = table_spans(t->context);
    struct planner p = {.table = t, .info = info, .rows = spans};
    uint64_t plan = 0;
    buf_init(&p.text, 0);
    buf_printf(&p.text, "u%llx", (unsigned long long)info->colUsed);
    take_constraints(&p);
    if (p.by_trace)
        plan = PLAN_TRACE;
    else if (may_group)
        take_order(&p, &plan);
    buf_put_byte(&p.text, '\0');
    info->idxNum = (int)plan;
    info->idxStr = p.text.failed ? NULL : sqlite3_mprintf("%s", (const char *)p.text.p);
    info->needToFreeIdxStr = 1;
    buf_release(&p.text);
    if (!info->idxStr)
        return SQLITE_NOMEM;
    if (p.by_trace) {
        info->estimatedRows = p.by_span ? 1 : 20;
        info->estimatedCost = 200;
    } else {
        info->estimatedRows = p.rows < 1 ? 1 : (sqlite3_int64)p.rows;
        /* all spans are looked at, however few pass: not once for each side of an OR */
        info->estimatedCost = 1000 + spans + p.rows / 2;
    }
    return SQLITE_OK;
}

int push_equal(const sqlite3_index_info *info, int column)
{
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &info->aConstraint[i];
        if (c->usable && c->iColumn == column && c->op == SQLITE_INDEX_CONSTRAINT_EQ)
            return i;
    }
    return -1;
}

/* ---- xFilter ---- */

/* What a condition says of a row: an expression, everything, or nothing. */
enum verdict { VERDICT_EXPR, VERDICT_ALL, VERDICT_NOTHING };

struct reader {
    struct arena *arena;
    struct pushed *ret;
    const struct column *column;
    char op;
    const struct expr *expr; /* VERDICT_EXPR */
    bool failed;             /* the arena is full */
};

static enum expr_op expr_op(char op)
{
    switch (op) {
    case '!': return EXPR_NE;
    case '<': return EXPR_LT;
    case 'l': return EXPR_LE;
    case '>': return EXPR_GT;
    case 'g': return EXPR_GE;
    default: return EXPR_EQ;
    }
}

static enum verdict give(struct reader *r, const struct expr *e)
{
    r->expr = e;
    r->failed |= e == NULL;
    return VERDICT_EXPR;
}

static const struct expr *leaf(struct reader *r, enum expr_op op, struct value literal)
{
    return expr_compare(r->arena, op, r->column->field, literal);
}

static enum verdict exists(struct reader *r)
{
    return give(r, leaf(r, EXPR_EXISTS, (struct value){0}));
}

static struct str keep_text(struct reader *r, sqlite3_value *v)
{
    const unsigned char *p = sqlite3_value_text(v);
    struct str s = arena_str(r->arena, str_make(p, (size_t)sqlite3_value_bytes(v)));
    r->failed |= s.p == NULL;
    return s;
}

static struct value text_value(struct str s)
{
    return (struct value){.type = VALUE_STRING, .string = s};
}

/* The smallest string above all that start with prefix; empty when there is none. */
static struct str above(struct reader *r, struct str prefix)
{
    char *p = arena_alloc(r->arena, prefix.n + 1);
    size_t n = prefix.n;
    if (!p)
        return (struct str){NULL, 0};
    memcpy(p, prefix.p, n);
    while (n && (unsigned char)p[n - 1] == 0xff)
        n--;
    if (n)
        p[n - 1] = (char)((unsigned char)p[n - 1] + 1);
    return str_make(p, n);
}

static enum verdict glob(struct reader *r, struct str pattern)
{
    struct str prefix = {pattern.p, 0}, end;
    const struct expr *e;
    while (prefix.n < pattern.n && !strchr("*?[", pattern.p[prefix.n]))
        prefix.n++;
    if (prefix.n == 0)
        return VERDICT_ALL;
    e = leaf(r, EXPR_GE, text_value(prefix));
    end = above(r, prefix);
    if (end.n && e)
        e = expr_and(r->arena, e, leaf(r, EXPR_LT, text_value(end)));
    return give(r, e);
}

static enum verdict of_text(struct reader *r, sqlite3_value *v)
{
    struct str s;
    if (sqlite3_value_type(v) == SQLITE_NULL)
        return VERDICT_NOTHING;
    if (sqlite3_value_type(v) == SQLITE_BLOB)
        return VERDICT_ALL;
    s = keep_text(r, v);
    if (r->failed)
        return VERDICT_ALL;
    return r->op == '*' ? glob(r, s) : give(r, leaf(r, expr_op(r->op), text_value(s)));
}

/* Start times narrow the range: that prunes whole groups. */
static enum verdict narrow(struct reader *r, int64_t v)
{
    uint64_t *start = &r->ret->start_ns, *end = &r->ret->end_ns, low = 0, high = UINT64_MAX;
    if (r->op == '!')
        return VERDICT_ALL;
    if (v < 0 || (v == 0 && r->op == '<'))
        return r->op == '>' || r->op == 'g' ? VERDICT_ALL : VERDICT_NOTHING;
    if (strchr("=>g", r->op))
        low = (uint64_t)v + (r->op == '>');
    if (strchr("=<l", r->op))
        high = (uint64_t)v - (r->op == '<');
    if (high == INT64_MAX)
        high = UINT64_MAX; /* later ones count as the largest */
    *start = low > *start ? low : *start;
    *end = high < *end ? high : *end;
    return *start > *end ? VERDICT_NOTHING : VERDICT_ALL;
}

static enum verdict of_int(struct reader *r, sqlite3_value *v)
{
    switch (sqlite3_value_numeric_type(v)) {
    case SQLITE_NULL: return VERDICT_NOTHING;
    case SQLITE_INTEGER:
        if (r->column->field.kind == FIELD_START && r->op != 'i')
            return narrow(r, sqlite3_value_int64(v));
        return give(r, leaf(r, expr_op(r->op),
                            (struct value){.type = VALUE_INT, .integer = sqlite3_value_int64(v)}));
    case SQLITE_FLOAT:
        return give(r,
                    leaf(r, expr_op(r->op),
                         (struct value){.type = VALUE_DOUBLE, .number = sqlite3_value_double(v)}));
    default: return VERDICT_ALL;
    }
}

/* Names of numbers. 0 is what unknown numbers are shown as, too: not for the engine. */
static enum verdict of_names(struct reader *r, sqlite3_value *v)
{
    int count = r->column->form == FORM_KIND ? 6 : 3;
    struct str s;
    if (sqlite3_value_type(v) == SQLITE_NULL)
        return VERDICT_NOTHING;
    s = keep_text(r, v);
    for (int i = 0; i < count && !r->failed; i++) {
        const char *name =
            r->column->form == FORM_KIND ? span_kind_name((enum span_kind)i) : status_text(i);
        if (str_eq(s, str_of(name)))
            return i == 0 ? VERDICT_ALL
                          : give(r, leaf(r, expr_op(r->op),
                                         (struct value){.type = VALUE_INT, .integer = i}));
    }
    return r->op == '!' ? VERDICT_ALL : VERDICT_NOTHING;
}

/* Only lower-case digits are what the column shows. */
static bool read_id(struct str hex, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < hex.n; i++) {
        if (hex.p[i] >= 'A' && hex.p[i] <= 'F')
            return false;
    }
    return hex_decode(bytes, n, hex);
}

static enum verdict of_id(struct reader *r, sqlite3_value *v)
{
    enum field_kind kind = r->column->field.kind;
    size_t n =
        kind == FIELD_TRACE_ID || kind == FIELD_LINK_TRACE_ID ? TRACE_ID_BYTES : SPAN_ID_BYTES;
    uint8_t *bytes;
    if (r->op == '0' || r->op == '1') {
        const struct expr *there = leaf(r, EXPR_EXISTS, (struct value){0});
        return give(r, r->op == '1' ? there : expr_not(r->arena, there));
    }
    if (sqlite3_value_type(v) == SQLITE_NULL)
        return VERDICT_NOTHING;
    bytes = arena_alloc(r->arena, n);
    r->failed |= bytes == NULL;
    if (!bytes || !read_id(keep_text(r, v), bytes, n))
        return r->op == '!' ? VERDICT_ALL : VERDICT_NOTHING;
    if (r->op == '=' && kind == FIELD_TRACE_ID) {
        r->ret->by_trace = true;
        memcpy(r->ret->trace_id.bytes, bytes, n);
    } else if (r->op == '=' && kind == FIELD_SPAN_ID) {
        r->ret->by_span = true;
        memcpy(r->ret->span_id.bytes, bytes, n);
    }
    return give(r, leaf(r, expr_op(r->op),
                        (struct value){.type = VALUE_BYTES, .string = str_make(bytes, n)}));
}

static const struct expr *or_if(struct reader *r, bool condition, const struct expr *e,
                                enum expr_op op, struct value literal)
{
    return condition ? expr_or(r->arena, e, leaf(r, op, literal)) : e;
}

static bool passes(char op, double value, double literal)
{
    switch (op) {
    case '<': return value < literal;
    case 'l': return value <= literal;
    case '>': return value > literal;
    case 'g': return value >= literal;
    default: return value >= literal && value <= literal;
    }
}

/* SQL has no booleans: they are 0 and 1 there; and every text is above every number. */
static enum verdict of_number(struct reader *r, struct value n)
{
    double v = n.type == VALUE_INT ? (double)n.integer : n.number;
    const struct expr *e = leaf(r, expr_op(r->op), n);
    e = or_if(r, passes(r->op, 0, v), e, EXPR_EQ,
              (struct value){.type = VALUE_BOOL, .boolean = false});
    e = or_if(r, passes(r->op, 1, v), e, EXPR_EQ,
              (struct value){.type = VALUE_BOOL, .boolean = true});
    if (r->op == '>' || r->op == 'g') {
        e = or_if(r, true, e, EXPR_GE, text_value(STR("")));
        e = or_if(r, true, e, EXPR_GE, (struct value){.type = VALUE_BYTES, .string = STR("")});
    }
    return give(r, e);
}

static enum verdict of_any(struct reader *r, sqlite3_value *v)
{
    struct str s;
    if (r->op == '1')
        return exists(r);
    switch (sqlite3_value_type(v)) {
    case SQLITE_NULL: return VERDICT_NOTHING;
    case SQLITE_INTEGER:
        if (!strchr("=<l>gi", r->op))
            return exists(r);
        return of_number(r, (struct value){VALUE_INT, {.integer = sqlite3_value_int64(v)}});
    case SQLITE_FLOAT:
        if (!strchr("=<l>gi", r->op))
            return exists(r);
        return of_number(r, (struct value){VALUE_DOUBLE, {.number = sqlite3_value_double(v)}});
    case SQLITE_TEXT: break;
    default: return exists(r);
    }
    if (r->op != '=' && r->op != 'i')
        return exists(r);
    s = keep_text(r, v);
    /* arrays and lists are shown as JSON */
    if (r->failed || (s.n && (s.p[0] == '[' || s.p[0] == '{')))
        return exists(r);
    return give(r, leaf(r, EXPR_EQ, text_value(s)));
}

/* Spans that have the key anywhere. */
static enum verdict of_key(struct reader *r, sqlite3_value *v)
{
    struct field field = {.kind = FIELD_ATTRIBUTE, .scope = SCOPE_ANY};
    if (sqlite3_value_type(v) == SQLITE_NULL)
        return VERDICT_NOTHING;
    field.key = keep_text(r, v);
    return give(r, expr_compare(r->arena, EXPR_EXISTS, field, (struct value){0}));
}

static enum verdict of_value(struct reader *r, sqlite3_value *v)
{
    switch (r->column->form) {
    case FORM_TEXT: return of_text(r, v);
    case FORM_INT: return of_int(r, v);
    case FORM_KIND:
    case FORM_STATUS: return of_names(r, v);
    case FORM_ID:
    case FORM_PARENT: return of_id(r, v);
    case FORM_VALUE: return of_any(r, v);
    case FORM_KEY: return of_key(r, v);
    case FORM_END:
    case FORM_WHOLE:
    case FORM_ELEMENT: break;
    }
    return VERDICT_ALL;
}

/* column IN (...) */
static enum verdict of_list(struct reader *r, sqlite3_value *list)
{
    const struct expr *any = NULL;
    sqlite3_value *v;
    int n = 0;
    for (int code = sqlite3_vtab_in_first(list, &v); code == SQLITE_OK && v;
         code = sqlite3_vtab_in_next(list, &v)) {
        switch (of_value(r, v)) {
        case VERDICT_ALL: return VERDICT_ALL;
        case VERDICT_NOTHING: continue;
        case VERDICT_EXPR: break;
        }
        if (r->failed || ++n > IN_MAX)
            return VERDICT_ALL;
        any = any ? expr_or(r->arena, any, r->expr) : r->expr;
    }
    return any ? give(r, any) : VERDICT_NOTHING;
}

static void take_group(struct pushed *ret, const char **at)
{
    char *end;
    unsigned long column = strtoul(*at + 1, &end, 10);
    ret->groups[ret->group_count++] = (struct group_column){(uint32_t)column, *end == '-'};
    *at = end + 1;
}

int push_read(const struct table *t, const char *plan, int argc, sqlite3_value **argv,
              struct arena *arena, struct pushed *ret)
{
    struct reader r = {.arena = arena, .ret = ret};
    char *end;
    int arg = 0;
    *ret = (struct pushed){.end_ns = UINT64_MAX};
    ret->columns_used = strtoull(plan + 1, &end, 16);
    for (const char *at = end; *at == ' ';) {
        enum verdict verdict;
        at++;
        if (*at == 'g' && arg == argc) {
            take_group(ret, &at);
            continue;
        }
        r.op = *at;
        r.column = &t->columns[strtoul(at + 1, &end, 10)];
        at = end;
        verdict = r.op == 'i' ? of_list(&r, argv[arg]) : of_value(&r, argv[arg]);
        arg++;
        ret->nothing |= verdict == VERDICT_NOTHING;
        if (verdict == VERDICT_EXPR && r.expr)
            ret->filter = expr_and(r.arena, ret->filter, r.expr);
    }
    return r.failed || arena_failed(r.arena) ? ERR_NOMEM : 0;
}
