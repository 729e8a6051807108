/* parse.c - a query: pipelines of stages, joined by operators, and what stands behind them.
 *
 * Operators between items bind as those between fields do (parse_expr.c). */
#include <stdio.h>

#include "base/utf8.h"
#include "traceql/arith.h"
#include "traceql/check.h"
#include "traceql/fields.h"
#include "traceql/item.h"
#include "traceql/lower.h"

static int parse_sequence(struct parser *p, struct item *ret);
static int parse_joined(struct parser *p, int least, struct item *ret);

/* ---- Stages with a name ---- */

static int parse_by(struct parser *p, struct stage *ret)
{
    const struct expr *lowered;
    struct term t;
    TRY(parser_advance(p));
    TRY(parser_expect(p, TOKEN_OPEN, "behind 'by'"));
    TRY(parse_expr(p, "what to group by, as in by(resource.service.name)", &t));
    TRY(parser_expect(p, TOKEN_CLOSE, "or an operator"));
    if (!t.has_field)
        note(p, TRACEQL_TYPE, t.expr->at, t.expr->length,
             "by() groups by something of the span; '%.*s' is the same for all",
             STR_ARG(term_text(p, t.expr)));
    *ret = (struct stage){.kind = STAGE_BY, .expr = t.expr};
    if (p->diag.fault)
        return 0;
    if (!(lowered = lower_value(p->arena, t.expr)))
        return parser_full(p);
    if (lowered->op != EXPR_LITERAL)
        ret->expr = lowered;
    return 0;
}

static int parse_coalesce(struct parser *p, struct stage *ret)
{
    *ret = (struct stage){.kind = STAGE_COALESCE};
    TRY(parser_advance(p));
    TRY(parser_expect(p, TOKEN_OPEN, "behind 'coalesce'"));
    return parser_expect(p, TOKEN_CLOSE, "behind 'coalesce('");
}

static int parse_select(struct parser *p, struct stage *ret)
{
    *ret = (struct stage){.kind = STAGE_SELECT};
    TRY(parser_advance(p));
    TRY(parser_expect(p, TOKEN_OPEN, "behind 'select'"));
    return parse_fields(p, "an attribute or an intrinsic, as in select(span.http.route, name)",
                        &ret->fields, &ret->field_count);
}

struct named_stage {
    struct str name;
    int (*parse)(struct parser *p, struct stage *ret);
    bool first; /* may a pipeline start with it? */
};

static const struct named_stage named_stages[] = {
    {STR_INIT("by"), parse_by, true},
    {STR_INIT("coalesce"), parse_coalesce, false},
    {STR_INIT("select"), parse_select, true},
};

static const struct named_stage *named_stage_at(const struct parser *p)
{
    for (size_t i = 0; i < sizeof named_stages / sizeof *named_stages; i++) {
        if (parser_at_word(p, named_stages[i].name))
            return &named_stages[i];
    }
    return NULL;
}

/* ---- Aggregates ---- */

static const struct {
    struct str name;
    enum aggregate aggregate;
} aggregates[] = {
    {STR_INIT("count"), AGGREGATE_COUNT}, {STR_INIT("avg"), AGGREGATE_AVG},
    {STR_INIT("max"), AGGREGATE_MAX},     {STR_INIT("min"), AGGREGATE_MIN},
    {STR_INIT("sum"), AGGREGATE_SUM},
};

static bool aggregate_at(const struct parser *p, enum aggregate *ret)
{
    for (size_t i = 0; i < sizeof aggregates / sizeof *aggregates; i++) {
        if (parser_at_word(p, aggregates[i].name)) {
            *ret = aggregates[i].aggregate;
            return true;
        }
    }
    return false;
}

static int parse_aggregate_operand(struct parser *p, struct expr *e)
{
    struct term t;
    TRY(parse_expr(p, "what to aggregate, as in max(duration)", &t));
    e->type = t.expr->type;
    e->left = t.expr;
    if (t.expr->type != TYPE_ANY && !type_is_number(t.expr->type))
        note(p, TRACEQL_TYPE, t.expr->at, t.expr->length, "'%.*s' is %s; aggregates take numbers",
             STR_ARG(term_text(p, t.expr)), type_name(t.expr->type));
    else if (!t.has_field)
        note(p, TRACEQL_TYPE, t.expr->at, t.expr->length,
             "an aggregate takes something of the span; '%.*s' is the same for all",
             STR_ARG(term_text(p, t.expr)));
    if (!p->diag.fault && !(e->left = lower_value(p->arena, t.expr)))
        return parser_full(p);
    return 0;
}

static int parse_aggregate(struct parser *p, enum aggregate aggregate, struct item *ret)
{
    struct expr *e = parser_alloc(p, 1, sizeof *e);
    uint32_t at = p->token.at;
    if (!e)
        return parser_full(p);
    e->op = EXPR_AGGREGATE;
    e->aggregate = aggregate;
    e->type = TYPE_INT;
    TRY(parser_advance(p));
    TRY(parser_expect(p, TOKEN_OPEN, "behind the aggregate's name"));
    if (aggregate != AGGREGATE_COUNT)
        TRY(parse_aggregate_operand(p, e));
    TRY(parser_expect(p, TOKEN_CLOSE, "behind the aggregate"));
    e->at = at;
    e->length = p->behind - at;
    *ret = (struct item){.kind = ITEM_SCALAR, .at = at, .depth = 1, .expr = e};
    return 0;
}

/* ---- One item ---- */

static int parse_number(struct parser *p, struct item *ret)
{
    struct expr *e = parser_alloc(p, 1, sizeof *e);
    if (!e)
        return parser_full(p);
    e->op = EXPR_LITERAL;
    e->at = p->token.at;
    e->length = p->token.length;
    *ret = (struct item){.kind = ITEM_NUMBER, .at = e->at, .depth = 1, .expr = e};
    return parse_literal(p, &e->literal, &e->type);
}

static int parse_minus(struct parser *p, struct item *ret)
{
    struct expr *e;
    uint32_t at = p->token.at;
    TRY(parser_advance(p));
    TRY(parser_enter(p));
    if (parser_at(p, TOKEN_SUB))
        TRY(parse_minus(p, ret));
    else if (parser_at(p, TOKEN_OPEN))
        TRY(parse_joined(p, 0, ret));
    else if (parser_at(p, TOKEN_INT) || parser_at(p, TOKEN_FLOAT) || parser_at(p, TOKEN_DURATION))
        TRY(parse_number(p, ret));
    else
        return syntax_expected(p, "a number behind '-'");
    parser_leave(p);
    if (ret->kind != ITEM_NUMBER)
        return syntax_error(p, at, 1, "'-' stands before numbers only");
    if (!(e = parser_alloc(p, 1, sizeof *e)))
        return parser_full(p);
    *e = *ret->expr;
    e->literal = value_negative(&e->literal);
    ret->expr = e;
    ret->at = at;
    return 0;
}

static int parse_wrapped(struct parser *p, struct item *ret)
{
    uint32_t at = p->token.at;
    TRY(parser_enter(p));
    TRY(parser_advance(p));
    TRY(parse_sequence(p, ret));
    TRY(parser_expect(p, TOKEN_CLOSE, "or '|'"));
    parser_leave(p);
    ret->at = at;
    return item_wrap(p, ret);
}

/* Behind a pipe: a stage whose name is not known. */
static int unknown_stage(struct parser *p)
{
    struct str names[32], word = p->token.text, nearest,
                          shown = {word.p, word.n < 40 ? word.n : 40};
    size_t n = 0;
    for (size_t i = 0; i < sizeof named_stages / sizeof *named_stages; i++)
        names[n++] = named_stages[i].name;
    for (size_t i = 0; i < sizeof aggregates / sizeof *aggregates; i++)
        names[n++] = aggregates[i].name;
    for (size_t i = 0; metric_name_at(i).n; i++)
        names[n++] = metric_name_at(i);
    nearest = nearest_name(word, names, n);
    if (nearest.n)
        return syntax_error(p, p->token.at, p->token.length,
                            "unknown stage '%.*s'; did you mean '%.*s'?", STR_ARG(shown),
                            STR_ARG(nearest));
    return syntax_error(p, p->token.at, p->token.length,
                        "unknown stage '%.*s'; there are { … }, by, select, coalesce, aggregates "
                        "such as count() > 2, and metrics functions such as rate()",
                        STR_ARG(shown));
}

static int unexpected_item(struct parser *p, const struct item *left, const char *behind)
{
    char what[80];
    struct str word = p->token.text;
    if (at_metric(p))
        return syntax_error(p, p->token.at, p->token.length,
                            "a metrics function stands behind a pipe, as in { … } | %.*s()",
                            STR_ARG(word));
    if (at_second(p))
        return syntax_error(p, p->token.at, p->token.length,
                            "'%.*s' stands behind a metrics function, as in { … } | rate() | "
                            "%.*s(5)",
                            STR_ARG(word), STR_ARG(word));
    if (*behind == '|' && parser_at(p, TOKEN_WORD))
        return unknown_stage(p);
    if (*behind == '\0' && (parser_at(p, TOKEN_WORD) || parser_at(p, TOKEN_ATTRIBUTE)))
        return syntax_error(p, p->token.at, p->token.length,
                            "expected '{': conditions stand in braces, as in "
                            "{ span.http.status_code >= 500 }");
    if (*behind == '\0')
        return syntax_expected(p, "a query such as { span.http.status_code >= 500 }");
    if (*behind == '=' && parser_at(p, TOKEN_EQ))
        return syntax_error(p, p->token.at - 1, 2, "'==' is no operator; equality is '='");
    snprintf(what, sizeof what, "%s behind '%s'",
             *behind == '|'                        ? "a stage"
             : left && left->kind == ITEM_SPANSETS ? "{ … }"
                                                   : "a number",
             behind);
    return syntax_expected(p, what);
}

static int parse_item(struct parser *p, const struct item *left, const char *behind,
                      struct item *ret)
{
    const struct named_stage *named = named_stage_at(p);
    enum aggregate aggregate;
    struct stage stage;
    *ret = (struct item){.at = p->token.at, .depth = 1};
    if (named) {
        if (!named->first)
            return syntax_error(p, p->token.at, p->token.length,
                                "a pipeline cannot start with %.*s()", STR_ARG(named->name));
        TRY(named->parse(p, &stage));
        ret->kind = ITEM_STAGES;
        return item_add_stage(p, ret, &stage);
    }
    if (aggregate_at(p, &aggregate))
        return parse_aggregate(p, aggregate, ret);
    switch (p->token.kind) {
    case TOKEN_OPEN_BRACE: ret->kind = ITEM_SPANSETS; return parse_filter(p, &ret->spansets);
    case TOKEN_OPEN: return parse_wrapped(p, ret);
    case TOKEN_SUB: return parse_minus(p, ret);
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_DURATION: return parse_number(p, ret);
    default: break;
    }
    if (parser_at_word(p, STR("minInt")) || parser_at_word(p, STR("maxInt")))
        return parse_number(p, ret);
    return unexpected_item(p, left, behind);
}

/* ---- Operators ---- */

enum { LEVEL_NONE, LEVEL_LOGIC, LEVEL_COMPARE, LEVEL_SUM, LEVEL_PRODUCT, LEVEL_POWER, LEVEL_ITEM };

/* How strongly the token binds; LEVEL_NONE when it is no operator. */
static int level_of(enum token_kind kind)
{
    switch (kind) {
    case TOKEN_AND:
    case TOKEN_OR: return LEVEL_LOGIC;
    case TOKEN_ADD:
    case TOKEN_SUB: return LEVEL_SUM;
    case TOKEN_MUL:
    case TOKEN_DIV:
    case TOKEN_MOD: return LEVEL_PRODUCT;
    case TOKEN_POW: return LEVEL_POWER;
    case TOKEN_NOT: return LEVEL_NONE;
    default: return kind >= TOKEN_EQ ? LEVEL_COMPARE : LEVEL_NONE;
    }
}

/* least 0: one item without operators. left, or NULL, and behind are what stands before, for messages. */
static int parse_behind(struct parser *p, const struct item *left, const char *behind, int least,
                        struct item *ret)
{
    int level;
    TRY(parse_item(p, left, behind, ret));
    while (least && (level = level_of(p->token.kind)) >= least) {
        const struct token op = p->token;
        struct item right;
        TRY(parser_advance(p));
        TRY(parser_enter(p));
        TRY(parse_behind(p, ret, token_spelling(op.kind),
                         level == LEVEL_POWER ? LEVEL_POWER : level + 1, &right));
        parser_leave(p);
        TRY(item_join(p, &op, ret, &right));
    }
    return 0;
}

static int parse_joined(struct parser *p, int least, struct item *ret)
{
    return parse_behind(p, NULL, "", least, ret);
}

/* ---- Pipelines ---- */

/* What filters a metrics query that is not in parentheses. */
static int parse_seconds(struct parser *p, struct item *metric)
{
    for (;;) {
        const struct token op = p->token;
        struct item number;
        int level = level_of(op.kind);
        if (parser_at(p, TOKEN_PIPE)) {
            TRY(parser_advance(p));
            if (!at_second(p))
                return syntax_expected(p, "topk(n) or bottomk(n) behind a metrics query");
            TRY(parse_second(p, metric->metric));
        } else if (level == LEVEL_COMPARE) {
            TRY(parser_advance(p));
            TRY(parse_behind(p, metric, token_spelling(op.kind), LEVEL_SUM, &number));
            TRY(item_add_comparison(p, &op, metric, &number));
        } else if (level >= LEVEL_SUM) {
            return syntax_error(p, op.at, op.length,
                                "metrics queries that are calculated with stand in parentheses, as "
                                "in ({ … } | rate()) %s 5",
                                token_spelling(op.kind));
        } else {
            return 0;
        }
    }
}

static int start_metric(struct parser *p, struct item *item)
{
    struct metric_expr *m = parser_alloc(p, 1, sizeof *m);
    if (!m)
        return parser_full(p);
    m->op = MATH_METRIC;
    TRY(item_pipeline(p, item, &m->pipeline));
    TRY(parse_metric(p, &m->metric));
    item->kind = ITEM_METRIC;
    item->metric = m;
    return parse_seconds(p, item);
}

static int add_stage(struct parser *p, struct item *to)
{
    const struct named_stage *named = named_stage_at(p);
    struct stage stage;
    struct item next;
    if (named) {
        TRY(named->parse(p, &stage));
        return item_add_stage(p, to, &stage);
    }
    TRY(parse_behind(p, to, "|", LEVEL_LOGIC, &next));
    if (next.kind == ITEM_SCALAR) { /* ends a scalar pipeline, if it ends a parenthesis */
        to->kind = ITEM_SCALAR_PIPELINE;
        to->expr = next.expr;
        return 0;
    }
    TRY(item_to_stages(p, &next));
    for (size_t i = 0; i < next.stages.count; i++)
        TRY(item_add_stage(p, to, &next.stages.items[i]));
    if (next.depth > to->depth)
        to->depth = next.depth;
    return 0;
}

static int parse_sequence(struct parser *p, struct item *ret)
{
    TRY(parse_joined(p, LEVEL_LOGIC, ret));
    while (parser_at(p, TOKEN_PIPE)) {
        if (ret->kind == ITEM_METRIC)
            return parse_seconds(p, ret);
        TRY(item_to_stages(p, ret));
        TRY(parser_advance(p));
        if (at_metric(p))
            return start_metric(p, ret);
        TRY(add_stage(p, ret));
        if (ret->kind == ITEM_SCALAR_PIPELINE)
            return 0;
    }
    return 0;
}

/* ---- The whole ---- */

static int end_query(struct parser *p, struct item *item, struct traceql *q)
{
    if (item->kind == ITEM_METRIC) {
        q->metric = item->metric;
    } else {
        TRY(item_to_stages(p, item));
        TRY(item_pipeline(p, item, &q->search));
    }
    TRY(parse_hints(p, q));
    q->filter_count = p->filter_count;
    return parser_at(p, TOKEN_END) ? 0 : syntax_expected(p, "'|', an operator or the end");
}

static int check_text(struct parser *p, struct str text)
{
    size_t valid;
    if (text.n > TRACEQL_BYTES_MAX)
        return too_large(p, 0, 0, "the query is longer than %d bytes", TRACEQL_BYTES_MAX);
    valid = utf8_valid_prefix(text);
    if (valid < text.n)
        return syntax_error(p, (uint32_t)valid, 1, "this is not UTF-8");
    return 0;
}

static int parse_query(struct parser *p, struct str text, struct arena *arena, struct traceql *q,
                       struct err *err)
{
    struct item item;
    *p = (struct parser){.lexer = {.text = text}, .arena = arena, .err = err};
    TRY(check_text(p, text));
    TRY(parser_start(p, text, arena, err));
    TRY(parse_sequence(p, &item));
    TRY(end_query(p, &item, q));
    return parser_finish(p);
}

int traceql_parse(struct str text, struct arena *arena, const struct traceql **ret,
                  struct traceql_diag *diag, struct err *err)
{
    struct traceql *q = arena_calloc(arena, 1, sizeof *q);
    struct parser p;
    int code;
    if (!q) {
        if (diag)
            *diag = (struct traceql_diag){TRACEQL_TYPE, 0, 0};
        return err_set(err, ERR_TOO_LARGE, "no memory for the query");
    }
    q->text = text;
    code = parse_query(&p, text, arena, q, err);
    if (code < 0 && diag)
        *diag = p.diag;
    if (code == 0)
        *ret = q;
    return code;
}

int traceql_parse_field(struct str text, struct field *ret, struct arena *arena, struct err *err)
{
    struct parser p = {.lexer = {.text = text}, .arena = arena, .err = err};
    const struct expr *e;
    TRY(check_text(&p, text));
    TRY(parser_start(&p, text, arena, err));
    TRY(parse_field(&p, "an attribute or an intrinsic, as in span.http.route or name", &e));
    if (!parser_at(&p, TOKEN_END))
        return syntax_expected(&p, "the end behind one attribute");
    TRY(parser_finish(&p));
    *ret = e->field;
    return 0;
}
