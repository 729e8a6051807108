/* parse_metrics.c - the functions that count spans over time, and what filters their result. */
#include "traceql/check.h"
#include "traceql/fields.h"

enum { COMPARE_VALUES = 10, COMPARE_VALUES_MAX = 1000 };

struct function {
    struct str name;
    enum metric_kind kind;
    bool has_operand;
    uint32_t by_max; /* quantiles and buckets are one more label */
};

static const struct function functions[] = {
    {STR_INIT("rate"), METRIC_RATE, false, TRACEQL_BY_MAX},
    {STR_INIT("count_over_time"), METRIC_COUNT, false, TRACEQL_BY_MAX},
    {STR_INIT("min_over_time"), METRIC_MIN, true, TRACEQL_BY_MAX},
    {STR_INIT("max_over_time"), METRIC_MAX, true, TRACEQL_BY_MAX},
    {STR_INIT("avg_over_time"), METRIC_AVG, true, TRACEQL_BY_MAX},
    {STR_INIT("sum_over_time"), METRIC_SUM, true, TRACEQL_BY_MAX},
    {STR_INIT("quantile_over_time"), METRIC_QUANTILE, true, TRACEQL_BY_MAX - 1},
    {STR_INIT("histogram_over_time"), METRIC_HISTOGRAM, true, TRACEQL_BY_MAX - 1},
    {STR_INIT("compare"), METRIC_COMPARE, false, 0},
};

static const struct function *function_at(const struct parser *p)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (parser_at_word(p, functions[i].name))
            return &functions[i];
    }
    return NULL;
}

struct str metric_name_at(size_t i)
{
    return i < sizeof functions / sizeof *functions ? functions[i].name : STR("");
}

bool at_metric(const struct parser *p)
{
    return function_at(p) != NULL;
}

/* ---- Arguments ---- */

static int parse_number_token(struct parser *p, const char *what, bool whole, struct token *ret)
{
    *ret = p->token;
    if (!parser_at(p, TOKEN_INT) && (whole || !parser_at(p, TOKEN_FLOAT)))
        return syntax_expected(p, what);
    return parser_advance(p);
}

static int parse_quantiles(struct parser *p, struct metric *m)
{
    if (!parser_at(p, TOKEN_COMMA))
        return syntax_expected(p, "',' and a quantile from 0 to 1, as in (duration, 0.9)");
    while (parser_at(p, TOKEN_COMMA)) {
        struct token t;
        double q;
        TRY(parser_advance(p));
        TRY(parse_number_token(p, "a quantile from 0 to 1", false, &t));
        q = t.kind == TOKEN_INT ? (double)t.value.integer : t.value.number;
        if (q > 1)
            note(p, TRACEQL_TYPE, t.at, t.length, "a quantile is from 0 to 1; 0.9 is 90 %%");
        if (m->quantile_count == TRACEQL_QUANTILES_MAX)
            return too_large(p, t.at, t.length, "more than %d quantiles", TRACEQL_QUANTILES_MAX);
        m->quantiles[m->quantile_count++] = q;
    }
    return 0;
}

static int parse_operand(struct parser *p, struct metric *m)
{
    const struct expr *e;
    TRY(parse_field(p, "an attribute or an intrinsic, as in (duration)", &m->operand));
    e = m->operand;
    if (e->type != TYPE_ANY && !type_is_number(e->type))
        note(p, TRACEQL_TYPE, e->at, e->length, "'%.*s' is %s; the function takes a number",
             STR_ARG(term_text(p, e)), type_name(e->type));
    return m->kind == METRIC_QUANTILE ? parse_quantiles(p, m) : 0;
}

/* , startNs, endNs: what of the range is looked at. */
static int parse_compare_range(struct parser *p, struct metric *m)
{
    struct token start, end;
    TRY(parser_advance(p));
    TRY(parse_number_token(p, "the selection's start in Unix nanoseconds", true, &start));
    TRY(parser_expect(p, TOKEN_COMMA, "and the selection's end in Unix nanoseconds"));
    TRY(parse_number_token(p, "the selection's end in Unix nanoseconds", true, &end));
    if (end.value.integer <= start.value.integer &&
        (end.value.integer != 0 || start.value.integer != 0))
        note(p, TRACEQL_TYPE, end.at, end.length, "the selection's end must be behind its start");
    m->start_ns = (uint64_t)start.value.integer;
    m->end_ns = (uint64_t)end.value.integer;
    return 0;
}

static int parse_compare(struct parser *p, struct metric *m)
{
    struct token n;
    m->top_n = COMPARE_VALUES;
    if (!parser_at(p, TOKEN_OPEN_BRACE))
        return syntax_expected(p, "the selection, as in compare({ status = error })");
    TRY(parse_filter(p, &m->selection));
    if (!parser_at(p, TOKEN_COMMA))
        return 0;
    TRY(parser_advance(p));
    TRY(parse_number_token(p, "how many values to list", true, &n));
    if (n.value.integer < 1 || n.value.integer > COMPARE_VALUES_MAX)
        note(p, TRACEQL_TYPE, n.at, n.length, "compare() lists 1 to %d values of each attribute",
             COMPARE_VALUES_MAX);
    m->top_n = (uint32_t)n.value.integer;
    return parser_at(p, TOKEN_COMMA) ? parse_compare_range(p, m) : 0;
}

static int parse_by(struct parser *p, const struct function *f, struct metric *m)
{
    const struct expr *const *fields;
    uint32_t count, at = p->token.at;
    if (f->by_max == 0)
        return 0; /* compare() takes none, which the next token tells */
    TRY(parser_advance(p));
    TRY(parser_expect(p, TOKEN_OPEN, "behind 'by'"));
    TRY(parse_fields(p, "an attribute or an intrinsic, as in by (resource.service.name)", &fields,
                     &count));
    if (count > f->by_max) {
        note(p, TRACEQL_UNSUPPORTED, at, p->behind - at, "%.*s() groups by %u attributes at most",
             STR_ARG(f->name), f->by_max);
        return 0;
    }
    memcpy(m->by, fields, count * sizeof *fields);
    m->by_count = count;
    return 0;
}

int parse_metric(struct parser *p, const struct metric **ret)
{
    const struct function *f = function_at(p);
    struct metric *m = parser_alloc(p, 1, sizeof *m);
    if (!m)
        return parser_full(p);
    *ret = m;
    m->kind = f->kind;
    TRY(parser_advance(p));
    TRY(parser_expect(p, TOKEN_OPEN, "behind the function's name"));
    if (m->kind == METRIC_COMPARE)
        TRY(parse_compare(p, m));
    else if (f->has_operand)
        TRY(parse_operand(p, m));
    TRY(parser_expect(p, TOKEN_CLOSE, "behind the function's arguments"));
    return parser_at_word(p, STR("by")) ? parse_by(p, f, m) : 0;
}

/* ---- Second stages ---- */

static int add_second(struct parser *p, struct metric_expr *of, struct second second, uint32_t at,
                      uint32_t length)
{
    if (of->op == MATH_METRIC && of->metric->kind == METRIC_COMPARE)
        note(p, TRACEQL_TYPE, at, length, "compare() gives no series to filter");
    if (of->second_count == TRACEQL_SECONDS_MAX)
        return too_large(p, at, length, "more than %d filters of one result", TRACEQL_SECONDS_MAX);
    of->seconds[of->second_count++] = second;
    return 0;
}

int add_comparison(struct parser *p, struct metric_expr *of, enum expr_op op, double literal,
                   uint32_t at, uint32_t length)
{
    struct second second = {.kind = SECOND_COMPARE, .op = op, .literal = literal};
    return add_second(p, of, second, at, length);
}

bool at_second(const struct parser *p)
{
    return parser_at_word(p, STR("topk")) || parser_at_word(p, STR("bottomk"));
}

int parse_second(struct parser *p, struct metric_expr *of)
{
    struct second second = {.kind = parser_at_word(p, STR("topk")) ? SECOND_TOPK : SECOND_BOTTOMK};
    uint32_t at = p->token.at;
    struct token n;
    TRY(parser_advance(p));
    TRY(parser_expect(p, TOKEN_OPEN, "and the number of series to keep"));
    TRY(parse_number_token(p, "the number of series to keep", true, &n));
    TRY(parser_expect(p, TOKEN_CLOSE, ""));
    if (n.value.integer < 1 || n.value.integer > UINT32_MAX)
        note(p, TRACEQL_TYPE, n.at, n.length, "topk and bottomk keep at least 1 series");
    second.n = (uint32_t)n.value.integer;
    return add_second(p, of, second, at, p->behind - at);
}
