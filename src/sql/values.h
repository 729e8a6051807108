/* values.h - from the engine's values to SQL's. */
#ifndef SQL_VALUES_H
#define SQL_VALUES_H

#include "sql/table.h"

/* Integers past 2^63 count as the largest. */
static inline int64_t clamp_ns(uint64_t ns)
{
    return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

const char *status_text(int64_t status); /* "unset", "ok", "error" */

void result_str(sqlite3_context *ctx, struct str s); /* copied */
void result_id(sqlite3_context *ctx, const void *bytes, size_t n);
/* Strings as text, booleans as 0 and 1, bytes as blobs, arrays and lists as JSON, EMPTY as NULL. */
void result_value(sqlite3_context *ctx, const struct value *v);
/* As SQL has it: booleans become integers, NaN NULL, arrays and lists their JSON in the arena (NULL when that is full). */
struct value value_for_sql(struct value v, struct arena *arena);
void result_attrs_json(sqlite3_context *ctx, const struct attrs *attrs); /* {"key":value,...} */
/* The value of a field as a column of this form shows it. Of forms that are one value. */
void result_form(sqlite3_context *ctx, enum column_form form, const struct value *v);

/* What a column shows of a span. */
void result_of_span(sqlite3_context *ctx, const struct column *column, const struct span *span);

/* The same number for the same row in every scan: SQLite tells the rows of an OR's sides apart by it. */
sqlite3_int64 row_number(struct trace_id trace, struct span_id span, uint32_t part);

/* Numbers of FORM_WHOLE columns. */
enum whole { WHOLE_ATTRIBUTES = 1, WHOLE_RESOURCE, WHOLE_EVENTS, WHOLE_LINKS, WHOLE_TRACE_STATE };

#endif
