/* hint.c - what was meant: the nearest name, the right quotes. */
#include "sql/hint.h"

#include <stdio.h>
#include <stdlib.h>

enum { WORD_MAX = 64, HINT_BYTES = 128 };

/* Every name that a statement may use, of one kind. */
struct nearest {
    struct str wanted;
    struct str best;
    size_t best_distance;
    bool is_attribute;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Edits from a to b, both of at most WORD_MAX bytes. */
static size_t distance(struct str a, struct str b)
{
    size_t row[WORD_MAX + 1];
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = diagonal + (lower(a.p[i - 1]) != lower(b.p[j - 1]));
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.n];
}

static void try_name(struct nearest *n, struct str name, bool is_attribute)
{
    size_t d;
    if (name.n > WORD_MAX || n->wanted.n > WORD_MAX)
        return;
    d = distance(n->wanted, name);
    if (d >= n->best_distance)
        return;
    n->best = name;
    n->best_distance = d;
    n->is_attribute = is_attribute;
}

static void try_columns(struct nearest *n, struct sql_context *context)
{
    static const char *const names[] = {"trace_id",
                                        "span_id",
                                        "parent_span_id",
                                        "service",
                                        "name",
                                        "kind",
                                        "status",
                                        "status_message",
                                        "start_time",
                                        "end_time",
                                        "duration",
                                        "scope_name",
                                        "scope_version",
                                        "attributes",
                                        "resource_attributes",
                                        "event_count",
                                        "link_count",
                                        "trace_state",
                                        "root_service",
                                        "root_name",
                                        "span_count",
                                        "error_count",
                                        "services",
                                        "service_count",
                                        "operation_count",
                                        "duration_sum",
                                        "duration_max",
                                        "linked_trace_id",
                                        "linked_span_id",
                                        "key",
                                        "value",
                                        "scope",
                                        "type",
                                        "time",
                                        "span_name",
                                        "parent_service",
                                        "parent_name",
                                        "parent_kind",
                                        "parent_status",
                                        "parent_start_time",
                                        "parent_duration",
                                        "child_service",
                                        "child_name",
                                        "child_kind",
                                        "child_status"};
    struct tag_key_list keys = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        try_name(n, str_of(names[i]), false);
    if (table_keys(context, &keys, NULL) < 0)
        return;
    for (size_t i = 0; i < keys.count; i++)
        try_name(n, keys.items[i].key, true);
}

static void try_functions(struct nearest *n)
{
    static const char *const names[] = {
        "duration",    "time",         "time_bucket", "format_duration",
        "format_time", "quantile",     "percentile",  "p50",
        "p75",         "p90",          "p95",         "p99",
        "p999",        "median",       "histogram",   "count",
        "sum",         "avg",          "min",         "max",
        "total",       "group_concat", "length",      "substr",
        "lower",       "upper",        "round",       "abs",
        "coalesce",    "ifnull",       "iif",         "instr",
        "replace",     "printf",       "json_extract"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        try_name(n, str_of(names[i]), false);
}

static void try_tables(struct nearest *n)
{
    for (const struct sql_table *t = sql_tables; t->name; t++)
        try_name(n, str_of(t->name), false);
}

static void put_names_of_tables(char *hint)
{
    size_t n = (size_t)snprintf(hint, HINT_BYTES, "; there are ");
    for (const struct sql_table *t = sql_tables; t->name && n < HINT_BYTES; t++)
        n += (size_t)snprintf(hint + n, HINT_BYTES - n, "%s%s", t == sql_tables ? "" : ", ",
                              t->name);
}

static void hint_column(struct nearest *n, struct sql_context *context, bool quoted, char *hint)
{
    try_columns(n, context);
    if (n->best.p && n->is_attribute)
        snprintf(hint, HINT_BYTES,
                 n->best_distance ? "; did you mean \"%.*s\"?"
                                  : "; attributes take double quotes: \"%.*s\"",
                 STR_ARG(n->best));
    else if (n->best.p && n->best_distance) /* else it is another table's */
        snprintf(hint, HINT_BYTES, "; did you mean %.*s?", STR_ARG(n->best));
    else if (quoted && n->wanted.n <= WORD_MAX && !memchr(n->wanted.p, '.', n->wanted.n))
        snprintf(hint, HINT_BYTES, "; texts take single quotes: '%.*s'", STR_ARG(n->wanted));
    else if (quoted && n->wanted.n <= WORD_MAX)
        snprintf(hint, HINT_BYTES, "; no span has it, or write \"span.%.*s\"", STR_ARG(n->wanted));
}

static void find_hint(struct sql_context *context, struct str message, bool quoted, char *hint)
{
    static const struct {
        struct str prefix;
        int kind;
    } shapes[] = {{STR_INIT("no such column: "), 0},
                  {STR_INIT("no such table: "), 1},
                  {STR_INIT("no such function: "), 2}};
    struct nearest n = {.best_distance = 3};
    int kind = -1;
    for (int i = 0; i < 3; i++) {
        if (str_starts(message, shapes[i].prefix)) {
            kind = shapes[i].kind;
            n.wanted = str_from(message, shapes[i].prefix.n);
        }
    }
    if (n.wanted.n < 5)
        n.best_distance = n.wanted.n < 3 ? 1 : 2;
    if (kind == 0)
        hint_column(&n, context, quoted, hint);
    if (kind == 1)
        try_tables(&n);
    if (kind == 2)
        try_functions(&n);
    if (kind > 0 && n.best.p)
        snprintf(hint, HINT_BYTES, "; did you mean %.*s?", STR_ARG(n.best));
    else if (kind == 1)
        put_names_of_tables(hint);
}

int hint_error(struct sql_context *context, struct str text, int offset, const char *message,
               struct err *err)
{
    char hint[HINT_BYTES] = "", place[32] = "";
    unsigned line = 1, column = 1;
    if (offset >= 0 && (size_t)offset <= text.n) {
        for (int i = 0; i < offset; i++) {
            column = text.p[i] == '\n' ? 1 : column + ((text.p[i] & 0xc0) != 0x80);
            line += text.p[i] == '\n';
        }
        snprintf(place, sizeof place, "%u:%u: ", line, column);
    }
    if (context->refused)
        snprintf(hint, sizeof hint, ": only SELECT is possible, %s is not", context->refused);
    else if (strstr(message, "may not be modified"))
        snprintf(hint, sizeof hint, ": only SELECT is possible");
    else
        find_hint(context, str_of(message),
                  offset >= 0 && (size_t)offset < text.n && text.p[offset] == '"', hint);
    return err_at(err, ERR_INVALID, offset > 0 ? (size_t)offset : 0, "%s%s%s", place, message,
                  hint);
}
