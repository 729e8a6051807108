/* compare.h - values against values: what comparisons mean, shared by match.c and value.c only. */
#ifndef TRACEQL_COMPARE_H
#define TRACEQL_COMPARE_H

#include "traceql/ast.h"

/* op of EXPR_EQ to EXPR_GE. An array on one side: see expr_holds_in. */
bool compare_holds(enum expr_op op, const struct value *a, const struct value *b);
/* EXPR_MATCH, EXPR_NOT_MATCH; of strings and arrays of them. */
bool compare_matches(enum expr_op op, const struct value *v, const struct pattern *pattern);

/* ---- value.c ---- */

typedef bool value_test(const struct value *v, void *user);
/* Does the test hold for one of the field's values? Intrinsics of the span always have one (an empty string, a zero id);
 * those of the trace only when the view has it. */
bool field_any(const struct field *f, const struct span_view *view, value_test *test, void *user);
/* It may have several values. */
bool field_is_multiple(const struct field *f);

/* ---- match.c ---- */

/* What a condition says. Values that are no booleans say nothing, and so does their negation. */
enum truth { TRUTH_NO, TRUTH_YES, TRUTH_NONE };
enum truth expr_truth(const struct expr *e, const struct span_view *view, struct arena *scratch);

#endif
