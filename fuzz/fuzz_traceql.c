/* What parses prints to a text that parses to the same text, and its conditions can be walked within the limits; what does
 * not parse says why and where. Half a query is never an error. */
#include "fuzz.h"

#include <string.h>

#include "traceql/pattern.h"
#include "traceql/traceql.h"

static void walk(const struct expr *e, unsigned depth)
{
    FUZZ_CHECK(depth <= TRACEQL_DEPTH_MAX + 2);
    if (e->left)
        walk(e->left, depth + 1);
    if (e->right)
        walk(e->right, depth + 1);
    if (e->op == EXPR_MATCH || e->op == EXPR_NOT_MATCH) {
        FUZZ_CHECK(e->pattern != NULL);
        pattern_matches(e->pattern, STR("a subject"));
    }
}

static void walk_spansets(const struct spanset_expr *e, unsigned depth)
{
    FUZZ_CHECK(depth <= TRACEQL_DEPTH_MAX);
    if (e->op == SPANSET_FILTER) {
        if (e->condition)
            walk(e->condition, 1);
        return;
    }
    if (e->op != SPANSET_PIPELINE) {
        walk_spansets(e->left, depth + 1);
        walk_spansets(e->right, depth + 1);
        return;
    }
    for (uint32_t i = 0; i < e->pipeline->stage_count; i++) {
        if (e->pipeline->stages[i].kind == STAGE_SPANSETS)
            walk_spansets(e->pipeline->stages[i].spansets, depth + 1);
    }
}

static void check_query(const struct traceql *q, struct arena *arena)
{
    const struct traceql *again;
    struct buf first, second;
    FUZZ_CHECK(!q->search != !q->metric);
    for (uint32_t i = 0; q->search && i < q->search->stage_count; i++) {
        if (q->search->stages[i].kind == STAGE_SPANSETS)
            walk_spansets(q->search->stages[i].spansets, 1);
    }
    buf_init(&first, 0);
    buf_init(&second, 0);
    traceql_print(q, &first);
    if (first.n <= TRACEQL_BYTES_MAX &&
        traceql_parse(buf_str(&first), arena, &again, NULL, NULL) != ERR_TOO_LARGE) {
        FUZZ_CHECK(traceql_parse(buf_str(&first), arena, &again, NULL, NULL) == 0);
        traceql_print(again, &second);
        FUZZ_CHECK(str_eq(buf_str(&first), buf_str(&second)));
    }
    buf_release(&first);
    buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct traceql_diag diag = {0};
    const struct traceql *q;
    const struct expr *e;
    struct arena arena;
    struct field field;
    struct err err = {0};
    arena_init(&arena, 16 << 20);
    if (traceql_parse(text, &arena, &q, &diag, &err) == 0) {
        check_query(q, &arena);
    } else {
        FUZZ_CHECK(diag.fault && diag.at <= size && diag.at + diag.length <= size);
        FUZZ_CHECK(memchr(err.msg, '\0', sizeof err.msg) && err.msg[0] && !strchr(err.msg, '\n'));
    }
    arena_reset(&arena);
    if (traceql_parse_lenient(text, &arena, &e, &err) == 0 && e)
        walk(e, 1);
    if (traceql_parse_field(text, &field, &arena, &err) == 0)
        FUZZ_CHECK(field.kind != FIELD_ATTRIBUTE || field.key.n);
    arena_release(&arena);
    return 0;
}
