/* Random trees, printed and parsed back: the text of the tree that comes back is the same, and so is its parse. Then the
 * same texts with bytes changed: whatever they are, they parse or say why not. CAIRN_TEST_SEED chooses another run. */
#include "traceql/lower.h"
#include "tree.h"

struct maker {
    uint64_t state;
    struct arena arena;
};

static uint32_t below(struct maker *m, uint32_t n)
{
    m->state ^= m->state << 13;
    m->state ^= m->state >> 7;
    m->state ^= m->state << 17;
    return (uint32_t)((m->state >> 16) % n);
}

static struct expr *node(struct maker *m, enum expr_op op)
{
    struct expr *e = arena_calloc(&m->arena, 1, sizeof *e);
    assert_non_null(e);
    e->op = op;
    return e;
}

static const struct expr *attribute(struct maker *m)
{
    static const struct str keys[] = {STR_INIT("a"),     STR_INIT("http.route"), STR_INIT("x y"),
                                      STR_INIT("\"q\\"), STR_INIT("9"),          STR_INIT("{}|"),
                                      STR_INIT("nil"),   STR_INIT("-\xc3\xa9")};
    static const enum field_scope scopes[] = {SCOPE_SPAN,  SCOPE_RESOURCE, SCOPE_INSTRUMENTATION,
                                              SCOPE_EVENT, SCOPE_LINK,     SCOPE_FIRST};
    struct expr *e = node(m, EXPR_FIELD);
    e->field = (struct field){FIELD_ATTRIBUTE, scopes[below(m, COUNT(scopes))],
                              keys[below(m, COUNT(keys))]};
    return e;
}

static const struct expr *intrinsic(struct maker *m, const enum field_kind *kinds, size_t count)
{
    struct expr *e = node(m, EXPR_FIELD);
    e->field.kind = kinds[below(m, (uint32_t)count)];
    return e;
}

static const struct expr *literal(struct maker *m, struct value v, enum expr_type type)
{
    struct expr *e = node(m, EXPR_LITERAL);
    e->literal = v;
    e->type = type;
    return e;
}

static const struct expr *number_literal(struct maker *m)
{
    static const int64_t ints[] = {0, 1, 7, INT64_MAX, INT64_MIN, 60000000000, 1500};
    static const double doubles[] = {0.5, 1, 1e300, 1e-7, 3.141592653589793, 0.1};
    int64_t n = ints[below(m, COUNT(ints))];
    if (below(m, 2))
        return literal(
            m,
            (struct value){.type = VALUE_DOUBLE,
                           .number = (below(m, 2) ? 1 : -1) * doubles[below(m, COUNT(doubles))]},
            TYPE_FLOAT);
    if (n > 0 && below(m, 2))
        n = -n;
    return literal(m, (struct value){.type = VALUE_INT, .integer = n},
                   below(m, 3) == 0 && n != INT64_MIN ? TYPE_DURATION : TYPE_INT);
}

static const struct expr *number(struct maker *m, int depth)
{
    static const enum field_kind kinds[] = {FIELD_DURATION, FIELD_TRACE_DURATION, FIELD_CHILD_COUNT,
                                            FIELD_NESTED_LEFT};
    struct expr *e;
    if (depth == 0 || below(m, 4) == 0) {
        switch (below(m, 3)) {
        case 0: return attribute(m);
        case 1: return intrinsic(m, kinds, COUNT(kinds));
        default: return number_literal(m);
        }
    }
    if (below(m, 5) == 0) {
        e = node(m, EXPR_NEG);
        e->left = attribute(m); /* a minus before a number is a part of it */
        return e;
    }
    e = node(m, (enum expr_op)(EXPR_ADD + below(m, 6)));
    e->left = number(m, depth - 1);
    e->right = number(m, depth - 1);
    return e;
}

static const struct expr *text_literal(struct maker *m)
{
    static const struct str texts[] = {STR_INIT(""),
                                       STR_INIT("x"),
                                       STR_INIT("a\"b\\c\n"),
                                       STR_INIT("\xff\x01"),
                                       STR_INIT("\xe2\x82\xac"),
                                       STR_INIT("GET /.*")};
    return literal(m, (struct value){.type = VALUE_STRING, .string = texts[below(m, COUNT(texts))]},
                   TYPE_STRING);
}

static const struct expr *text(struct maker *m)
{
    static const enum field_kind kinds[] = {FIELD_NAME,       FIELD_STATUS_MESSAGE,
                                            FIELD_ROOT_NAME,  FIELD_TRACE_ID,
                                            FIELD_EVENT_NAME, FIELD_LINK_SPAN_ID};
    switch (below(m, 3)) {
    case 0: return attribute(m);
    case 1: return intrinsic(m, kinds, COUNT(kinds));
    default: return text_literal(m);
    }
}

static const struct expr *comparison(struct maker *m, int depth)
{
    static const enum field_kind status[] = {FIELD_STATUS};
    struct expr *e = node(m, (enum expr_op)(EXPR_EQ + below(m, 6)));
    switch (below(m, 5)) {
    case 0:
        e->left = number(m, depth);
        e->right = number(m, depth);
        break;
    case 1:
        e->left = text(m);
        e->right = text(m);
        break;
    case 2:
        e->op = below(m, 2) ? EXPR_MATCH : EXPR_NOT_MATCH;
        e->left = text(m);
        e->right =
            literal(m, (struct value){.type = VALUE_STRING, .string = STR("a.*|[b]")}, TYPE_STRING);
        break;
    case 3:
        e->op = below(m, 2) ? EXPR_EQ : EXPR_NE;
        e->left = intrinsic(m, status, 1);
        e->right =
            literal(m, (struct value){.type = VALUE_INT, .integer = below(m, 3)}, TYPE_STATUS);
        break;
    default:
        e->op = below(m, 2) ? EXPR_EQ : EXPR_NE;
        e->left = attribute(m);
        e->right = literal(m, (struct value){.type = VALUE_EMPTY}, TYPE_NIL);
        break;
    }
    return e;
}

static const struct expr *condition(struct maker *m, int depth)
{
    struct expr *e;
    if (depth == 0 || below(m, 3) == 0)
        return below(m, 4) ? comparison(m, depth) : attribute(m);
    if (below(m, 4) == 0) {
        e = node(m, EXPR_NOT);
        e->left = condition(m, depth - 1);
        return e;
    }
    e = node(m, below(m, 2) ? EXPR_AND : EXPR_OR);
    e->left = condition(m, depth - 1);
    e->right = condition(m, depth - 1);
    return e;
}

static const struct spanset_expr *spansets(struct maker *m, int depth);

static const struct pipeline *pipeline(struct maker *m, int depth)
{
    struct pipeline *p = arena_calloc(&m->arena, 1, sizeof *p);
    struct stage *stages = arena_calloc(&m->arena, 3, sizeof *stages);
    const struct expr **fields = arena_calloc(&m->arena, 2, sizeof *fields);
    struct expr *filter = node(m, EXPR_GT), *count = node(m, EXPR_AGGREGATE);
    count->aggregate = AGGREGATE_COUNT;
    filter->left = count;
    filter->right = number_literal(m);
    fields[0] = attribute(m);
    fields[1] = attribute(m);
    p->stages = stages;
    p->stage_count = 3;
    stages[0] = (struct stage){.kind = STAGE_SPANSETS, .spansets = spansets(m, depth)};
    stages[1] = (struct stage){.kind = STAGE_BY, .expr = attribute(m)};
    stages[2] = below(m, 2)
                    ? (struct stage){.kind = STAGE_SCALAR_FILTER, .expr = filter}
                    : (struct stage){.kind = STAGE_SELECT, .fields = fields, .field_count = 2};
    return p;
}

static const struct spanset_expr *spansets(struct maker *m, int depth)
{
    struct spanset_expr *e = arena_calloc(&m->arena, 1, sizeof *e);
    assert_non_null(e);
    if (depth == 0 || below(m, 3) == 0) {
        e->op = SPANSET_FILTER;
        e->written = below(m, 8) ? condition(m, 3) : NULL;
        return e;
    }
    if (depth < 3 && below(m, 4) == 0) { /* at the top a pipeline needs no parentheses */
        e->op = SPANSET_PIPELINE;
        e->pipeline = pipeline(m, 0);
        return e;
    }
    e->op = (enum spanset_op)(SPANSET_AND + below(m, 3));
    e->relation = (enum relation)below(m, 5);
    e->form = (enum relation_form)below(m, 3);
    e->left = spansets(m, depth - 1);
    e->right = spansets(m, depth - 1);
    return e;
}

static void print(const struct traceql *q, struct buf *out)
{
    buf_clear(out);
    traceql_print(q, out);
    assert_false(out->failed);
}

/* Every tree that comes out can be walked: lowered once more, it is what it was. */
static void check_lowered(const struct spanset_expr *e, struct arena *arena)
{
    if (e->op == SPANSET_FILTER && e->condition)
        assert_non_null(lower_condition(arena, e->condition));
}

static void round_trip(struct maker *m, struct buf *first, struct buf *second)
{
    struct traceql made = {.search = pipeline(m, 3)};
    const struct traceql *q, *again;
    struct err err;
    print(&made, first);
    if (traceql_parse(buf_str(first), &m->arena, &q, NULL, &err) < 0)
        fail_msg("\"%.*s\": %s", STR_ARG(buf_str(first)), err.msg);
    print(q, second);
    if (!str_eq(buf_str(first), buf_str(second)))
        fail_msg("\"%.*s\" came back as \"%.*s\"", STR_ARG(buf_str(first)),
                 STR_ARG(buf_str(second)));
    assert_int_equal(traceql_parse(buf_str(second), &m->arena, &again, NULL, &err), 0);
    if (!same_query(q, again))
        fail_msg("\"%.*s\" parses to two trees", STR_ARG(buf_str(first)));
    check_lowered(q->search->stages[0].spansets, &m->arena);
}

static void damage(struct maker *m, struct buf *text)
{
    static const char bytes[] = "{}()|&!<>=~.,+-*/^%\"`\\ 019azn:\xff";
    for (uint32_t n = 1 + below(m, 4); n && text->n; n--) {
        size_t at = below(m, (uint32_t)text->n);
        if (below(m, 3) == 0)
            text->n = at;
        else
            text->p[at] = (unsigned char)bytes[below(m, sizeof bytes - 1)];
    }
}

static void check_damaged(struct maker *m, struct buf *text)
{
    struct traceql_diag diag = {0};
    const struct traceql *q;
    const struct expr *e;
    struct err err = {0};
    struct guarded copy;
    damage(m, text);
    copy = guarded_copy(text->p, text->n);
    if (traceql_parse(copy.bytes, &m->arena, &q, &diag, &err) < 0)
        assert_true(diag.fault && diag.at <= text->n && diag.at + diag.length <= text->n &&
                    err.msg[0]);
    assert_int_equal(traceql_parse_lenient(copy.bytes, &m->arena, &e, &err), 0);
    guarded_free(&copy);
}

static void test_random(void **state)
{
    const char *seed = getenv("CAIRN_TEST_SEED");
    struct maker m = {.state = 0x9e3779b97f4a7c15u ^ (seed ? strtoull(seed, NULL, 10) : 0)};
    struct buf first, second;
    (void)state;
    buf_init(&first, 0);
    buf_init(&second, 0);
    for (int i = 0; i < 3000; i++) {
        arena_init(&m.arena, 0);
        round_trip(&m, &first, &second);
        for (int n = 0; n < 4; n++) {
            buf_clear(&first);
            buf_put_str(&first, buf_str(&second));
            check_damaged(&m, &first);
        }
        arena_release(&m.arena);
    }
    buf_release(&first);
    buf_release(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
