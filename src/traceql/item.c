/* item.c - joining what a query is put together from. */
#include "traceql/item.h"

#include "traceql/arith.h"
#include "traceql/check.h"

static const char *describe(const struct item *item)
{
    switch (item->kind) {
    case ITEM_SPANSETS: return "sets of spans";
    case ITEM_STAGES: return "a stage of a pipeline";
    case ITEM_NUMBER: return "a number";
    case ITEM_SCALAR: return "an aggregate";
    case ITEM_SCALAR_PIPELINE: return "a pipeline's aggregate";
    case ITEM_METRIC: return "a metrics query";
    }
    return "";
}

static int cannot_join(struct parser *p, const struct token *op, const struct item *left,
                       const struct item *right)
{
    const char *spelling = token_spelling(op->kind);
    if (left->kind == ITEM_SPANSETS && right->kind == ITEM_SPANSETS)
        return syntax_error(p, op->at, op->length,
                            "'%s' does not relate sets of spans; &&, ||, >, >>, <, << and ~ do",
                            spelling);
    if (left->kind == ITEM_STAGES || right->kind == ITEM_STAGES)
        return syntax_error(p, op->at, op->length,
                            "'%s' cannot join a stage; pipelines are joined in parentheses, as in "
                            "(… | count() > 1) %s (…)",
                            spelling, spelling);
    if (left->kind == right->kind)
        return syntax_error(p, op->at, op->length, "'%s' cannot join two %s", spelling,
                            left->kind == ITEM_NUMBER   ? "numbers"
                            : left->kind == ITEM_METRIC ? "metrics queries"
                                                        : "aggregates");
    return syntax_error(p, op->at, op->length, "'%s' cannot join %s with %s", spelling,
                        describe(left), describe(right));
}

static int deeper(struct parser *p, struct item *left, const struct item *right)
{
    if (++p->node_count > TRACEQL_NODES_MAX)
        return too_large(p, left->at, 0, "more than %d operands and operators", TRACEQL_NODES_MAX);
    left->depth = 1 + (left->depth > right->depth ? left->depth : right->depth);
    if (left->depth > TRACEQL_DEPTH_MAX)
        return too_large(p, left->at, 0, "nested deeper than %d levels", TRACEQL_DEPTH_MAX);
    return 0;
}

/* ---- Sets of spans ---- */

struct relating {
    enum token_kind token;
    enum spanset_op op;
    enum relation relation;
    enum relation_form form;
};

static const struct relating relations[] = {
    {TOKEN_AND, SPANSET_AND, 0, 0},
    {TOKEN_OR, SPANSET_OR, 0, 0},
    {TOKEN_GT, SPANSET_RELATION, RELATION_CHILD, RELATION_PLAIN},
    {TOKEN_LT, SPANSET_RELATION, RELATION_PARENT, RELATION_PLAIN},
    {TOKEN_DESCENDANT, SPANSET_RELATION, RELATION_DESCENDANT, RELATION_PLAIN},
    {TOKEN_ANCESTOR, SPANSET_RELATION, RELATION_ANCESTOR, RELATION_PLAIN},
    {TOKEN_SIBLING, SPANSET_RELATION, RELATION_SIBLING, RELATION_PLAIN},
    {TOKEN_NOT_CHILD, SPANSET_RELATION, RELATION_CHILD, RELATION_NEGATED},
    {TOKEN_NOT_PARENT, SPANSET_RELATION, RELATION_PARENT, RELATION_NEGATED},
    {TOKEN_NOT_DESCENDANT, SPANSET_RELATION, RELATION_DESCENDANT, RELATION_NEGATED},
    {TOKEN_NOT_ANCESTOR, SPANSET_RELATION, RELATION_ANCESTOR, RELATION_NEGATED},
    {TOKEN_NOT_MATCH, SPANSET_RELATION, RELATION_SIBLING, RELATION_NEGATED},
    {TOKEN_UNION_CHILD, SPANSET_RELATION, RELATION_CHILD, RELATION_UNION},
    {TOKEN_UNION_PARENT, SPANSET_RELATION, RELATION_PARENT, RELATION_UNION},
    {TOKEN_UNION_DESCENDANT, SPANSET_RELATION, RELATION_DESCENDANT, RELATION_UNION},
    {TOKEN_UNION_ANCESTOR, SPANSET_RELATION, RELATION_ANCESTOR, RELATION_UNION},
    {TOKEN_UNION_SIBLING, SPANSET_RELATION, RELATION_SIBLING, RELATION_UNION},
};

static int join_spansets(struct parser *p, const struct token *op, struct item *left,
                         const struct item *right)
{
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++) {
        struct spanset_expr *e;
        if (relations[i].token != op->kind)
            continue;
        if (!(e = parser_alloc(p, 1, sizeof *e)))
            return parser_full(p);
        *e = (struct spanset_expr){.op = relations[i].op,
                                   .relation = relations[i].relation,
                                   .form = relations[i].form,
                                   .left = left->spansets,
                                   .right = right->spansets};
        left->spansets = e;
        return deeper(p, left, right);
    }
    return cannot_join(p, op, left, right);
}

/* ---- Operators on numbers ---- */

static bool expr_operator(enum token_kind token, enum expr_op *ret)
{
    static const struct {
        enum token_kind token;
        enum expr_op op;
    } table[] = {
        {TOKEN_EQ, EXPR_EQ},   {TOKEN_NE, EXPR_NE},   {TOKEN_LT, EXPR_LT},   {TOKEN_LE, EXPR_LE},
        {TOKEN_GT, EXPR_GT},   {TOKEN_GE, EXPR_GE},   {TOKEN_ADD, EXPR_ADD}, {TOKEN_SUB, EXPR_SUB},
        {TOKEN_MUL, EXPR_MUL}, {TOKEN_DIV, EXPR_DIV}, {TOKEN_MOD, EXPR_MOD}, {TOKEN_POW, EXPR_POW},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].token == token) {
            *ret = table[i].op;
            return true;
        }
    }
    return false;
}

static bool is_comparison(enum expr_op op)
{
    return op >= EXPR_EQ && op <= EXPR_GE;
}

static int join_numbers(struct parser *p, const struct token *op, enum expr_op what,
                        struct item *left, const struct item *right)
{
    struct expr *e;
    if (is_comparison(what) || what == EXPR_MOD || what == EXPR_POW)
        return cannot_join(p, op, left, right);
    if (left->expr->type == TYPE_DURATION || right->expr->type == TYPE_DURATION)
        return syntax_error(p, op->at, op->length, "there is no arithmetic on durations here");
    if (!(e = parser_alloc(p, 1, sizeof *e)))
        return parser_full(p);
    e->op = EXPR_LITERAL;
    e->literal = value_arithmetic(what, &left->expr->literal, &right->expr->literal);
    e->type = e->literal.type == VALUE_INT ? TYPE_INT : TYPE_FLOAT;
    if (e->literal.type == VALUE_EMPTY)
        return syntax_error(p, op->at, op->length, "division by zero");
    left->expr = e;
    return 0;
}

/* ---- Aggregates ---- */

static bool is_scalar(const struct item *item)
{
    return item->kind == ITEM_SCALAR || item->kind == ITEM_NUMBER;
}

static enum expr_op turned_round(enum expr_op op)
{
    switch (op) {
    case EXPR_LT: return EXPR_GT;
    case EXPR_LE: return EXPR_GE;
    case EXPR_GT: return EXPR_LT;
    case EXPR_GE: return EXPR_LE;
    default: return op;
    }
}

static int make_filter(struct parser *p, enum expr_op op, struct item *left,
                       const struct item *right)
{
    bool turned = left->kind == ITEM_NUMBER;
    struct stage stage = {.kind = STAGE_SCALAR_FILTER};
    struct expr *e = parser_alloc(p, 1, sizeof *e);
    if (!e)
        return parser_full(p);
    e->op = turned ? turned_round(op) : op;
    e->type = TYPE_BOOL;
    e->left = turned ? right->expr : left->expr;
    e->right = turned ? left->expr : right->expr;
    e->at = left->at;
    e->length = p->behind - left->at;
    stage.expr = e;
    *left = (struct item){.kind = ITEM_STAGES, .at = left->at, .depth = 1};
    return item_add_stage(p, left, &stage);
}

/* Aggregates with each other: the language has them, nobody runs them. */
static int join_scalars(struct parser *p, const struct token *op, enum expr_op what,
                        struct item *left, const struct item *right)
{
    bool pipelines = left->kind == ITEM_SCALAR_PIPELINE;
    if (!is_comparison(what) || (left->kind != ITEM_NUMBER && right->kind != ITEM_NUMBER) ||
        pipelines)
        note(p, TRACEQL_UNSUPPORTED, op->at, op->length,
             "aggregates are compared with numbers only, as in count() > 2; '%s' between them is "
             "not supported",
             token_spelling(op->kind));
    if (is_comparison(what))
        return make_filter(p, what, left, right);
    if (left->kind == ITEM_NUMBER) {
        left->kind = right->kind;
        left->expr = right->expr;
    }
    return deeper(p, left, right);
}

/* ---- Metrics ---- */

static double number_of(const struct value *v)
{
    return v->type == VALUE_INT ? (double)v->integer : v->number;
}

static int metric_operand(struct parser *p, const struct token *op, const struct item *item,
                          const struct metric_expr **ret)
{
    struct metric_expr *m;
    if (item->kind == ITEM_METRIC) {
        *ret = item->metric;
        if (item->metric->op == MATH_METRIC && item->metric->metric->kind == METRIC_COMPARE)
            note(p, TRACEQL_TYPE, op->at, op->length,
                 "compare() gives no series to calculate with");
        return 0;
    }
    if (item->expr->type == TYPE_DURATION)
        return syntax_error(p, op->at, op->length,
                            "a metrics query is calculated with numbers; durations are seconds");
    if (!(m = parser_alloc(p, 1, sizeof *m)))
        return parser_full(p);
    m->op = MATH_SCALAR;
    m->scalar = number_of(&item->expr->literal);
    *ret = m;
    return 0;
}

static int join_metrics(struct parser *p, const struct token *op, enum expr_op what,
                        struct item *left, const struct item *right)
{
    struct metric_expr *m;
    if (is_comparison(what)) {
        if (left->kind != ITEM_METRIC || right->kind != ITEM_NUMBER)
            return cannot_join(p, op, left, right);
        return item_add_comparison(p, op, left, right);
    }
    if (what == EXPR_MOD || what == EXPR_POW)
        return syntax_error(p, op->at, op->length,
                            "metrics queries are joined by + - * /, not by '%s'",
                            token_spelling(op->kind));
    if (!(m = parser_alloc(p, 1, sizeof *m)))
        return parser_full(p);
    m->op = what == EXPR_ADD   ? MATH_ADD
            : what == EXPR_SUB ? MATH_SUB
            : what == EXPR_MUL ? MATH_MUL
                               : MATH_DIV;
    TRY(metric_operand(p, op, left, &m->left));
    TRY(metric_operand(p, op, right, &m->right));
    left->kind = ITEM_METRIC;
    left->metric = m;
    return deeper(p, left, right);
}

int item_add_comparison(struct parser *p, const struct token *op, struct item *metric,
                        const struct item *number)
{
    enum expr_op what;
    double n;
    if (number->kind != ITEM_NUMBER || !expr_operator(op->kind, &what) || !is_comparison(what))
        return cannot_join(p, op, metric, number);
    n = number_of(&number->expr->literal);
    if (number->expr->type == TYPE_DURATION)
        n /= 1e9; /* results are in seconds */
    return add_comparison(p, metric->metric, what, n, op->at, p->behind - op->at);
}

int item_join(struct parser *p, const struct token *op, struct item *left, const struct item *right)
{
    enum expr_op what;
    bool pipelines = left->kind == ITEM_SCALAR_PIPELINE &&
                     (right->kind == ITEM_SCALAR_PIPELINE || right->kind == ITEM_NUMBER);
    if (left->kind == ITEM_SPANSETS && right->kind == ITEM_SPANSETS)
        return join_spansets(p, op, left, right);
    if (!expr_operator(op->kind, &what))
        return cannot_join(p, op, left, right);
    if (left->kind == ITEM_NUMBER && right->kind == ITEM_NUMBER)
        return join_numbers(p, op, what, left, right);
    if (pipelines && (is_comparison(what) || right->kind == ITEM_SCALAR_PIPELINE))
        return join_scalars(p, op, what, left, right);
    if (is_scalar(left) && is_scalar(right))
        return join_scalars(p, op, what, left, right);
    if ((left->kind == ITEM_METRIC || left->kind == ITEM_NUMBER) &&
        (right->kind == ITEM_METRIC || right->kind == ITEM_NUMBER))
        return join_metrics(p, op, what, left, right);
    return cannot_join(p, op, left, right);
}

/* ---- Stages ---- */

int item_add_stage(struct parser *p, struct item *to, const struct stage *stage)
{
    struct stages *s = &to->stages;
    struct stage *grown =
        arena_grow(p->arena, s->items, s->count, &s->cap, s->count + 1, sizeof *grown);
    if (!grown)
        return parser_full(p);
    if (++p->node_count > TRACEQL_NODES_MAX)
        return too_large(p, to->at, 0, "more than %d operands, operators and stages",
                         TRACEQL_NODES_MAX);
    s->items = grown;
    s->items[s->count++] = *stage;
    return 0;
}

/* A pipeline in parentheses that stands alone needs none. */
static int add_spansets(struct parser *p, struct item *to, const struct spanset_expr *spansets)
{
    struct stage stage = {.kind = STAGE_SPANSETS, .spansets = spansets};
    if (spansets->op != SPANSET_PIPELINE)
        return item_add_stage(p, to, &stage);
    for (uint32_t i = 0; i < spansets->pipeline->stage_count; i++)
        TRY(item_add_stage(p, to, &spansets->pipeline->stages[i]));
    return 0;
}

int item_to_stages(struct parser *p, struct item *item)
{
    const struct spanset_expr *spansets = item->spansets;
    uint32_t at = item->at, length = p->behind - at;
    switch (item->kind) {
    case ITEM_STAGES: return 0;
    case ITEM_SPANSETS:
        item->kind = ITEM_STAGES;
        item->stages = (struct stages){0};
        return add_spansets(p, item, spansets);
    case ITEM_SCALAR:
    case ITEM_SCALAR_PIPELINE:
        return syntax_error(p, at, length,
                            "an aggregate must be compared with a number, as in count() > 2");
    case ITEM_NUMBER:
        return syntax_error(p, at, length,
                            "a number alone is no query; a query starts with { and a condition");
    case ITEM_METRIC: break;
    }
    return syntax_error(p, at, length, "a metrics query is no stage of a pipeline");
}

int item_wrap(struct parser *p, struct item *item)
{
    struct spanset_expr *e;
    if (item->kind != ITEM_STAGES)
        return 0;
    if (!(e = parser_alloc(p, 1, sizeof *e)))
        return parser_full(p);
    e->op = SPANSET_PIPELINE;
    TRY(item_pipeline(p, item, &e->pipeline));
    item->kind = ITEM_SPANSETS;
    item->spansets = e;
    return deeper(p, item, item);
}

int item_pipeline(struct parser *p, const struct item *item, const struct pipeline **ret)
{
    struct pipeline *pipeline = parser_alloc(p, 1, sizeof *pipeline);
    if (!pipeline)
        return parser_full(p);
    pipeline->stages = item->stages.items;
    pipeline->stage_count = (uint32_t)item->stages.count;
    *ret = pipeline;
    return 0;
}
