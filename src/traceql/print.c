/* print.c - a tree as text: parsing it gives an equal tree.
 *
 * Parentheses stand where the parse needs them, and around a chain of && in one of || (or the other way round), which
 * people read differently than the language does. Trees that other dialects build print, too; what TraceQL cannot say
 * (a match of any text form) prints as the nearest it can. */
#include "base/hex.h"
#include "traceql/fields.h"
#include "traceql/literal.h"
#include "traceql/traceql.h"

/* ---- Fields and literals ---- */

static bool key_is_plain(const struct field *f)
{
    struct str key = f->key;
    bool digit = key.n && key.p[0] >= '0' && key.p[0] <= '9';
    if (key.n == 0 || (digit && scope_prefix(f->scope).n == 0)) /* .5 is a number */
        return false;
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '"' || attribute_end_bytes(str_from(key, i)))
            return false;
    }
    return true;
}

static void print_key(const struct field *f, struct buf *out)
{
    if (key_is_plain(f)) {
        buf_put_str(out, f->key);
        return;
    }
    buf_put_byte(out, '"');
    for (size_t i = 0; i < f->key.n; i++) {
        if (f->key.p[i] == '"' || f->key.p[i] == '\\')
            buf_put_byte(out, '\\');
        buf_put_byte(out, (unsigned char)f->key.p[i]);
    }
    buf_put_byte(out, '"');
}

void traceql_print_field(const struct field *f, struct buf *out)
{
    const struct intrinsic *intrinsic = intrinsic_of_kind(f->kind);
    if (f->kind == FIELD_ATTRIBUTE) {
        buf_put_str(out, scope_prefix(f->scope));
        buf_put_byte(out, '.');
        print_key(f, out);
    } else if (f->kind == FIELD_SERVICE) {
        buf_put_str(out, STR("resource.service.name"));
    } else if (f->kind == FIELD_START) {
        buf_put_str(out, STR("span:start")); /* other dialects' */
    } else {
        buf_put_str(out, intrinsic->name);
    }
}

static void print_hex(struct str bytes, struct buf *out)
{
    char *at = buf_reserve(out, 2 * bytes.n + 2);
    if (!at)
        return;
    at[0] = '"';
    hex_encode(at + 1, bytes.p, bytes.n);
    at[1 + 2 * bytes.n] = '"';
    out->n += 2 * bytes.n + 2;
}

static void print_int(int64_t n, enum expr_type type, struct buf *out)
{
    if (type == TYPE_STATUS)
        buf_put_str(out, status_name(n));
    else if (type == TYPE_KIND)
        buf_put_str(out, kind_name(n));
    else if (type == TYPE_DURATION)
        literal_print_duration(out, n);
    else
        literal_print_int(out, n);
}

static void print_value(const struct value *v, enum expr_type type, struct buf *out)
{
    switch (v->type) {
    case VALUE_STRING: literal_print_string(out, v->string); break;
    case VALUE_BOOL: buf_put_str(out, v->boolean ? STR("true") : STR("false")); break;
    case VALUE_INT: print_int(v->integer, type, out); break;
    case VALUE_DOUBLE: literal_print_double(out, v->number); break;
    case VALUE_BYTES: print_hex(v->string, out); break;
    default: buf_put_str(out, STR("nil")); break;
    }
}

/* ---- Expressions ---- */

enum level { LOGIC = 1, COMPARE, SUM, UNARY, PRODUCT, POWER, OPERAND };

static const struct {
    const char *spelling;
    enum level level;
} operators[] = {
    [EXPR_AND] = {" && ", LOGIC},
    [EXPR_OR] = {" || ", LOGIC},
    [EXPR_NOT] = {"!", UNARY},
    [EXPR_EQ] = {" = ", COMPARE},
    [EXPR_NE] = {" != ", COMPARE},
    [EXPR_LT] = {" < ", COMPARE},
    [EXPR_LE] = {" <= ", COMPARE},
    [EXPR_GT] = {" > ", COMPARE},
    [EXPR_GE] = {" >= ", COMPARE},
    [EXPR_MATCH] = {" =~ ", COMPARE},
    [EXPR_NOT_MATCH] = {" !~ ", COMPARE},
    [EXPR_EXISTS] = {" != nil", COMPARE},
    [EXPR_TEXT_EQ] = {" = ", COMPARE},
    [EXPR_FIELD] = {"", OPERAND},
    [EXPR_LITERAL] = {"", OPERAND},
    [EXPR_ADD] = {" + ", SUM},
    [EXPR_SUB] = {" - ", SUM},
    [EXPR_MUL] = {" * ", PRODUCT},
    [EXPR_DIV] = {" / ", PRODUCT},
    [EXPR_MOD] = {" % ", PRODUCT},
    [EXPR_POW] = {" ^ ", POWER},
    [EXPR_NEG] = {"-", UNARY},
    [EXPR_AGGREGATE] = {"", OPERAND},
};

static bool is_negative(const struct expr *e)
{
    return e->op == EXPR_LITERAL &&
           ((e->literal.type == VALUE_INT && e->literal.integer < 0 &&
             e->literal.integer != INT64_MIN) ||
            (e->literal.type == VALUE_DOUBLE && __builtin_signbit(e->literal.number)));
}

static enum level level_of(const struct expr *e)
{
    return is_negative(e) ? UNARY : operators[e->op].level;
}

/* What stands at a side of op: does it need parentheses? */
static bool wants_parentheses(const struct expr *e, const struct expr *operand, bool right)
{
    enum level outer = level_of(e), inner = level_of(operand);
    if (inner == OPERAND)
        return false;
    if (outer == LOGIC && inner == LOGIC)
        return e->op != operand->op;
    if (outer == LOGIC || outer == COMPARE)
        return inner < outer || inner == outer; /* a < b < c is (a < b) < c: say so */
    if (inner == UNARY)
        return outer > UNARY; /* -a * b is -(a * b) */
    if (inner < outer || outer == UNARY)
        return true;
    return inner == outer && (outer == POWER ? !right : right);
}

static void print_operand(const struct expr *e, const struct expr *operand, bool right,
                          struct buf *out)
{
    bool parentheses = wants_parentheses(e, operand, right);
    if (parentheses)
        buf_put_byte(out, '(');
    traceql_print_expr(operand, out);
    if (parentheses)
        buf_put_byte(out, ')');
}

static const struct str aggregates[] = {
    [AGGREGATE_COUNT] = STR_INIT("count"), [AGGREGATE_AVG] = STR_INIT("avg"),
    [AGGREGATE_MAX] = STR_INIT("max"),     [AGGREGATE_MIN] = STR_INIT("min"),
    [AGGREGATE_SUM] = STR_INIT("sum"),
};

static void print_aggregate(const struct expr *e, struct buf *out)
{
    buf_put_str(out, aggregates[e->aggregate]);
    buf_put_byte(out, '(');
    if (e->left)
        traceql_print_expr(e->left, out);
    buf_put_byte(out, ')');
}

static enum expr_type type_of_field(const struct field *f, const struct value *v)
{
    enum expr_type type = field_type(f);
    return v->type == VALUE_INT ? type : TYPE_ANY;
}

static void print_leaf(const struct expr *e, struct buf *out)
{
    traceql_print_field(&e->field, out);
    buf_put_str(out, str_of(operators[e->op].spelling));
    if (e->op != EXPR_EXISTS)
        print_value(&e->literal, type_of_field(&e->field, &e->literal), out);
}

void traceql_print_expr(const struct expr *e, struct buf *out)
{
    switch (e->op) {
    case EXPR_FIELD: traceql_print_field(&e->field, out); return;
    case EXPR_LITERAL: print_value(&e->literal, e->type, out); return;
    case EXPR_AGGREGATE: print_aggregate(e, out); return;
    case EXPR_NOT:
    case EXPR_NEG:
        buf_put_str(out, str_of(operators[e->op].spelling));
        print_operand(e, e->left, true, out);
        return;
    default: break;
    }
    if (!e->left) {
        print_leaf(e, out);
        return;
    }
    print_operand(e, e->left, false, out);
    buf_put_str(out, str_of(operators[e->op].spelling));
    if (e->right)
        print_operand(e, e->right, true, out);
}

/* ---- Sets of spans ---- */

static void print_spansets(const struct spanset_expr *e, struct buf *out);

static void print_stage(const struct stage *s, struct buf *out)
{
    switch (s->kind) {
    case STAGE_SPANSETS: print_spansets(s->spansets, out); break;
    case STAGE_SCALAR_FILTER: traceql_print_expr(s->expr, out); break;
    case STAGE_COALESCE: buf_put_str(out, STR("coalesce()")); break;
    case STAGE_BY:
        buf_put_str(out, STR("by("));
        traceql_print_expr(s->expr, out);
        buf_put_byte(out, ')');
        break;
    case STAGE_SELECT:
        for (uint32_t i = 0; i < s->field_count; i++) {
            buf_put_str(out, i ? STR(", ") : STR("select("));
            traceql_print_expr(s->fields[i], out);
        }
        buf_put_byte(out, ')');
        break;
    }
}

static void print_pipeline(const struct pipeline *p, struct buf *out)
{
    for (uint32_t i = 0; i < p->stage_count; i++) {
        if (i)
            buf_put_str(out, STR(" | "));
        print_stage(&p->stages[i], out);
    }
}

static void print_filter(const struct spanset_expr *e, struct buf *out)
{
    const struct expr *condition = e->written ? e->written : e->condition;
    if (!condition) {
        buf_put_str(out, STR("{}"));
        return;
    }
    buf_put_str(out, STR("{ "));
    traceql_print_expr(condition, out);
    buf_put_str(out, STR(" }"));
}

static void print_spanset_operator(const struct spanset_expr *e, struct buf *out)
{
    static const char *const relations[] = {
        [RELATION_CHILD] = ">",     [RELATION_DESCENDANT] = ">>", [RELATION_PARENT] = "<",
        [RELATION_ANCESTOR] = "<<", [RELATION_SIBLING] = "~",
    };
    static const char *const forms[] = {
        [RELATION_PLAIN] = "", [RELATION_NEGATED] = "!", [RELATION_UNION] = "&"};
    if (e->op == SPANSET_RELATION)
        buf_printf(out, " %s%s ", forms[e->form], relations[e->relation]);
    else
        buf_put_str(out, e->op == SPANSET_AND ? STR(" && ") : STR(" || "));
}

/* As with conditions: && and || are one level, relations another, all from the left. */
static bool side_wants_parentheses(const struct spanset_expr *e, const struct spanset_expr *side,
                                   bool right)
{
    bool outer_logic = e->op != SPANSET_RELATION;
    if (side->op == SPANSET_FILTER || side->op == SPANSET_PIPELINE)
        return false;
    if (right)
        return !outer_logic || side->op != SPANSET_RELATION;
    if (outer_logic)
        return side->op != SPANSET_RELATION && side->op != e->op;
    return true;
}

static void print_side(const struct spanset_expr *e, const struct spanset_expr *side, bool right,
                       struct buf *out)
{
    bool parentheses = side_wants_parentheses(e, side, right);
    if (parentheses)
        buf_put_byte(out, '(');
    print_spansets(side, out);
    if (parentheses)
        buf_put_byte(out, ')');
}

static void print_spansets(const struct spanset_expr *e, struct buf *out)
{
    switch (e->op) {
    case SPANSET_FILTER: print_filter(e, out); return;
    case SPANSET_PIPELINE:
        buf_put_byte(out, '(');
        print_pipeline(e->pipeline, out);
        buf_put_byte(out, ')');
        return;
    default: break;
    }
    print_side(e, e->left, false, out);
    print_spanset_operator(e, out);
    print_side(e, e->right, true, out);
}

/* ---- Metrics ---- */

static const char *const metrics[] = {
    [METRIC_RATE] = "rate",
    [METRIC_COUNT] = "count_over_time",
    [METRIC_MIN] = "min_over_time",
    [METRIC_MAX] = "max_over_time",
    [METRIC_AVG] = "avg_over_time",
    [METRIC_SUM] = "sum_over_time",
    [METRIC_QUANTILE] = "quantile_over_time",
    [METRIC_HISTOGRAM] = "histogram_over_time",
    [METRIC_COMPARE] = "compare",
};

static void print_metric(const struct metric *m, struct buf *out)
{
    buf_printf(out, "%s(", metrics[m->kind]);
    if (m->operand)
        traceql_print_expr(m->operand, out);
    for (uint32_t i = 0; i < m->quantile_count; i++) {
        buf_put_str(out, STR(", "));
        literal_print_double(out, m->quantiles[i]);
    }
    if (m->kind == METRIC_COMPARE) {
        print_filter(m->selection, out);
        buf_printf(out, ", %u", m->top_n);
        if (m->end_ns)
            buf_printf(out, ", %llu, %llu", (unsigned long long)m->start_ns,
                       (unsigned long long)m->end_ns);
    }
    buf_put_byte(out, ')');
    for (uint32_t i = 0; i < m->by_count; i++) {
        buf_put_str(out, i ? STR(", ") : STR(" by ("));
        traceql_print_expr(m->by[i], out);
    }
    if (m->by_count)
        buf_put_byte(out, ')');
}

static void print_seconds(const struct metric_expr *m, struct buf *out)
{
    for (uint32_t i = 0; i < m->second_count; i++) {
        const struct second *s = &m->seconds[i];
        if (s->kind == SECOND_COMPARE) {
            buf_put_str(out, str_of(operators[s->op].spelling));
            literal_print_double(out, s->literal);
        } else {
            buf_printf(out, " | %s(%u)", s->kind == SECOND_TOPK ? "topk" : "bottomk", s->n);
        }
    }
}

static void print_math(const struct metric_expr *m, struct buf *out)
{
    static const char *const spellings[] = {
        [MATH_ADD] = " + ", [MATH_SUB] = " - ", [MATH_MUL] = " * ", [MATH_DIV] = " / "};
    switch (m->op) {
    case MATH_SCALAR: literal_print_double(out, m->scalar); return;
    case MATH_METRIC:
        print_pipeline(m->pipeline, out);
        buf_put_str(out, STR(" | "));
        print_metric(m->metric, out);
        break;
    default:
        for (int side = 0; side < 2; side++) {
            const struct metric_expr *e = side ? m->right : m->left;
            bool parentheses = e->op != MATH_SCALAR;
            if (side)
                buf_put_str(out, str_of(spellings[m->op]));
            if (parentheses)
                buf_put_byte(out, '(');
            print_math(e, out);
            if (parentheses)
                buf_put_byte(out, ')');
        }
        break;
    }
    print_seconds(m, out);
}

/* ---- The whole ---- */

void traceql_print(const struct traceql *q, struct buf *out)
{
    if (q->metric)
        print_math(q->metric, out);
    else
        print_pipeline(q->search, out);
    for (uint32_t i = 0; i < q->hint_count; i++) {
        buf_put_str(out, i ? STR(", ") : STR(" with ("));
        buf_put_str(out, q->hints[i].name);
        buf_put_byte(out, '=');
        print_value(&q->hints[i].value, q->hints[i].type, out);
    }
    if (q->hint_count)
        buf_put_byte(out, ')');
}
