/* item.h - what a query is put together from outside of { }: sets of spans, stages, numbers, aggregates, metrics.
 *
 * One grammar reads them all, since only what follows tells what an opening parenthesis opens; what may be joined with
 * what is decided when it is joined. */
#ifndef TRACEQL_ITEM_H
#define TRACEQL_ITEM_H

#include "traceql/parser.h"

enum item_kind {
    ITEM_SPANSETS,        /* spansets */
    ITEM_STAGES,          /* stages: a pipeline of more than spansets, not yet in parentheses */
    ITEM_NUMBER,          /* expr: EXPR_LITERAL */
    ITEM_SCALAR,          /* expr: EXPR_AGGREGATE; count() without a comparison */
    ITEM_SCALAR_PIPELINE, /* (... | count()): parses, is not run */
    ITEM_METRIC,          /* metric */
};

struct stages {
    struct stage *items;
    size_t count, cap;
};

struct item {
    enum item_kind kind;
    uint32_t at, depth;
    const struct spanset_expr *spansets;
    struct stages stages;
    const struct expr *expr;
    struct metric_expr *metric;
};

/* left and right joined by the operator. ERR_INVALID: they cannot be. */
int item_join(struct parser *p, const struct token *op, struct item *left,
              const struct item *right);
/* A comparison of a metrics query's result with a number: the number of the item. */
int item_add_comparison(struct parser *p, const struct token *op, struct item *metric,
                        const struct item *number);
/* Appends a stage. */
int item_add_stage(struct parser *p, struct item *to, const struct stage *stage);
/* The item as stages, of which a pipeline is made; ERR_INVALID when it is none. */
int item_to_stages(struct parser *p, struct item *item);
/* Stages in parentheses are sets of spans. */
int item_wrap(struct parser *p, struct item *item);

int item_pipeline(struct parser *p, const struct item *item, const struct pipeline **ret);

#endif
