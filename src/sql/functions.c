/* functions.c - functions of one row: times, durations, regular expressions.
 *
 * A NULL argument makes NULL; what cannot be read is an error that repeats it. */
#include "sql/functions.h"

#include <stdlib.h>

#include "base/clock.h"
#include "sql/times.h"
#include "traceql/pattern.h"

enum { SHOWN_MAX = 60 };

static struct str text_of(sqlite3_value *v)
{
    const unsigned char *p = sqlite3_value_text(v);
    return str_make(p, (size_t)sqlite3_value_bytes(v));
}

static void refuse(sqlite3_context *ctx, const char *function, struct str text, const char *wanted)
{
    char *message = sqlite3_mprintf("%s: \"%.*s\" is not %s", function,
                                    (int)(text.n < SHOWN_MAX ? text.n : SHOWN_MAX),
                                    text.p ? text.p : "", wanted);
    if (message)
        sqlite3_result_error(ctx, message, -1);
    else
        sqlite3_result_error_nomem(ctx);
    sqlite3_free(message);
}

static bool any_null(int argc, sqlite3_value **argv)
{
    for (int i = 0; i < argc; i++) {
        if (sqlite3_value_type(argv[i]) == SQLITE_NULL)
            return true;
    }
    return false;
}

/* Nanoseconds of a number or a text. */
static bool read_duration(sqlite3_context *ctx, const char *function, sqlite3_value *v,
                          int64_t *ret)
{
    if (sqlite3_value_type(v) != SQLITE_TEXT) {
        *ret = sqlite3_value_int64(v);
        return true;
    }
    if (duration_parse(text_of(v), ret))
        return true;
    refuse(ctx, function, text_of(v), "a duration, as in 1.5s or 250ms");
    return false;
}

static void duration(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    int64_t ns;
    if (!any_null(argc, argv) && read_duration(ctx, "duration", argv[0], &ns))
        sqlite3_result_int64(ctx, ns);
}

static void time_ns(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct sql_context *context = sqlite3_user_data(ctx);
    int64_t ns;
    if (any_null(argc, argv))
        return;
    if (sqlite3_value_type(argv[0]) == SQLITE_INTEGER)
        sqlite3_result_value(ctx, argv[0]);
    else if (time_parse(text_of(argv[0]), context->now_ns, &ns))
        sqlite3_result_int64(ctx, ns);
    else
        refuse(ctx, "time", text_of(argv[0]), "a time, as in 2026-01-31T12:00:00Z or now-1h");
}

static void time_bucket(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    int64_t width, t, rest, start;
    if (any_null(argc, argv) || !read_duration(ctx, "time_bucket", argv[0], &width))
        return;
    if (width <= 0) {
        refuse(ctx, "time_bucket", text_of(argv[0]), "a width above 0");
        return;
    }
    t = sqlite3_value_int64(argv[1]);
    rest = t % width;
    if (__builtin_sub_overflow(t, rest < 0 ? rest + width : rest, &start))
        start = INT64_MIN;
    sqlite3_result_int64(ctx, start);
}

static void format_duration(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    char text[DURATION_TEXT_MAX];
    if (any_null(argc, argv))
        return;
    duration_format(text, sqlite3_value_int64(argv[0]));
    sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
}

static void format_time(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    char text[31];
    int64_t ns;
    if (any_null(argc, argv))
        return;
    ns = sqlite3_value_int64(argv[0]);
    clock_format_rfc3339(text, ns < 0 ? 0 : (uint64_t)ns);
    sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
}

/* ---- text REGEXP pattern is regexp(pattern, text) ---- */

struct compiled {
    struct arena arena;
    const struct pattern *pattern;
};

static void compiled_free(void *user)
{
    struct compiled *c = user;
    arena_release(&c->arena);
    free(c);
}

/* Patterns match the whole text; SQL's find it anywhere. */
static struct compiled *compile(sqlite3_context *ctx, struct str text)
{
    struct compiled *c = calloc(1, sizeof *c);
    struct err err = {0};
    struct str whole;
    if (!c) {
        sqlite3_result_error_nomem(ctx);
        return NULL;
    }
    arena_init(&c->arena, (size_t)1 << 20);
    whole = arena_printf(&c->arena, "(?s:.*)(?:%.*s)(?s:.*)", STR_ARG(text));
    /* alone, too: its parentheses must not close ours */
    if (text.n <= PATTERN_BYTES_MAX && whole.p &&
        pattern_compile(text, &c->arena, &c->pattern, &err) == 0 &&
        pattern_compile(whole, &c->arena, &c->pattern, &err) == 0)
        return c;
    compiled_free(c);
    if (err.msg[0])
        sqlite3_result_error(ctx, err.msg, -1);
    else
        refuse(ctx, "REGEXP", text, "a regular expression that is short enough");
    return NULL;
}

static void regexp(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct compiled *c = sqlite3_get_auxdata(ctx, 0);
    bool fresh = c == NULL;
    if (any_null(argc, argv))
        return;
    if (fresh)
        c = compile(ctx, text_of(argv[0]));
    if (!c)
        return;
    sqlite3_result_int(ctx, pattern_matches(c->pattern, text_of(argv[1])));
    if (fresh)
        sqlite3_set_auxdata(ctx, 0, c, compiled_free);
}

int functions_register(sqlite3 *db, struct sql_context *context)
{
    static const struct {
        const char *name;
        int args;
        int flags;
        void (*call)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"duration", 1, SQLITE_DETERMINISTIC, duration},
        {"time", 1, SQLITE_DETERMINISTIC, time_ns}, /* 'now' stands still while a statement runs */
        {"time_bucket", 2, SQLITE_DETERMINISTIC, time_bucket},
        {"format_duration", 1, SQLITE_DETERMINISTIC, format_duration},
        {"format_time", 1, SQLITE_DETERMINISTIC, format_time},
        {"regexp", 2, SQLITE_DETERMINISTIC, regexp},
    };
    int code = SQLITE_OK;
    for (size_t i = 0; i < sizeof functions / sizeof *functions && code == SQLITE_OK; i++)
        code = sqlite3_create_function_v2(db, functions[i].name, functions[i].args,
                                          SQLITE_UTF8 | functions[i].flags, context,
                                          functions[i].call, NULL, NULL, NULL);
    return code;
}
