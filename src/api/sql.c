/* sql.c - a statement from the query string or the body; its answer as JSON, JSON lines or CSV. */
#include "api/sql.h"

#include "api/params.h"
#include "base/clock.h"
#include "sql/format.h"

enum { ROWS_DEFAULT = 10000, ROWS_MAX = 1000000, TEMP_FACTOR = 16 };

/* A form's "q=..." or the statement as it is: curl sends both as a form. */
static struct str statement(struct call *c)
{
    struct http_request form = {.query = c->req->body};
    struct str q = call_param(c, STR("q"));
    if (q.n)
        return q;
    if (http_content_type_is(c->req, STR("application/x-www-form-urlencoded")) &&
        http_query_get(&form, &c->arena, STR("q"), &q))
        return q;
    return c->req->body;
}

/* timeout=: sooner than the server's own. */
static int shorten(struct call *c, struct err *err)
{
    struct str text = call_param(c, STR("timeout"));
    uint64_t ns, end;
    if (!text.n)
        return 0;
    TRY(param_duration(STR("timeout"), text, &ns, err));
    end = clock_monotonic_ns() + ns;
    if (!c->query.deadline_ns || end < c->query.deadline_ns)
        c->query.deadline_ns = end;
    return 0;
}

int sql_endpoint_run(struct call *c, struct err *err)
{
    struct sql_query query = {.engine = c->api->engine,
                              .q = &c->query,
                              .text = statement(c),
                              .now_ns = clock_realtime_ns(),
                              .heap_bytes_max = c->api->query_bytes_max,
                              .temp_bytes_max = (uint64_t)c->api->query_bytes_max * TEMP_FACTOR};
    struct str format_name = call_param(c, STR("format"));
    enum sql_format format = SQL_JSON;
    struct sql_result result;
    struct sql_writer writer;
    struct sql_sink sink;
    uint32_t rows;
    if (format_name.n && !sql_format_parse(format_name, &format))
        return err_set(err, ERR_INVALID, "parameter format takes json, ndjson or csv");
    TRY(param_limit(STR("limit"), call_param(c, STR("limit")), ROWS_DEFAULT, ROWS_MAX, &rows, err));
    TRY(shorten(c, err));
    if (!query.text.n)
        return err_set(err, ERR_INVALID,
                       "no statement: send it as parameter q, or as the body of a POST");
    query.rows_max = rows;
    sink = sql_writer_init(&writer, format, &c->arena, &c->out);
    TRY(sql_run(&query, &sink, &result, err));
    if (result.truncated)
        c->warning = STR("there are more rows than the limit");
    sql_writer_end(&writer, &result, c->query.spans_scanned, call_warning(c));
    c->content_type = sql_format_type(format);
    return 0;
}
