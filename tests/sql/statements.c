/* Statements over five spans that are known to the last digit: every table, every function, every refusal. */
#include "fixture.h"

#include "base/clock.h"
#include "spans.h"

enum { MS = 1000000 };

static struct sql_fixture fixture;

static struct span span_of(uint64_t trace, uint64_t id, uint64_t parent, const char *name,
                           uint64_t ms, uint64_t duration_ms)
{
    return test_span(trace, id, parent, name, FIXTURE_NOW_NS + ms * MS, duration_ms * MS);
}

/* Trace 1: front GET / -> cart add -> db; cart add again. Trace 2: one span that failed. */
static void append_spans(void)
{
    static struct value numbers[] = {{.type = VALUE_INT, .integer = 1},
                                     {.type = VALUE_INT, .integer = 2}};
    struct attr service[3], front_attrs[] = {test_string("http.route", "/"),
                                             test_int("http.response.status_code", 200)};
    struct attr cart_attrs[] = {
        test_string("http.route", "/cart/{id}"),
        test_int("http.response.status_code", 500),
        {STR_INIT("retry"), {.type = VALUE_BOOL, .boolean = true}},
        {STR_INIT("load"), {.type = VALUE_DOUBLE, .number = 0.5}},
        {STR_INIT("ids"), {.type = VALUE_ARRAY, .array = {numbers, 2}}},
        {STR_INIT("key"), {.type = VALUE_BYTES, .string = STR_INIT("\x01\xff")}}};
    struct attr db_attrs[] = {test_string("http.response.status_code", "text"),
                              test_string("retry", "")};
    struct attr event_attrs[] = {test_string("exception.type", "IOError")};
    struct resource front = test_resource(&service[0], "front"),
                    cart = test_resource(&service[1], "cart"),
                    db = test_resource(&service[2], "db");
    struct span_event event = {
        FIXTURE_NOW_NS + 12 * MS, STR_INIT("exception"), {event_attrs, 1}, 0};
    struct span_link link = {.trace_state = STR_INIT("")};
    struct span spans[] = {span_of(1, 1, 0, "GET /", 0, 100), span_of(1, 2, 1, "add", 10, 20),
                           span_of(1, 3, 2, "SELECT", 12, 5), span_of(1, 4, 1, "add", 40, 30),
                           span_of(2, 5, 0, "job", 500, 1500)};
    const struct resource *resources[] = {&front, &cart, &db, &cart, &front};
    for (size_t i = 0; i < COUNT(spans); i++)
        spans[i].resource = resources[i];
    memset(link.trace_id.bytes, 0xab, sizeof link.trace_id.bytes);
    memset(link.span_id.bytes, 0xcd, sizeof link.span_id.bytes);
    spans[0].kind = SPAN_KIND_SERVER;
    spans[0].attrs = (struct attrs){front_attrs, 2};
    spans[1].kind = SPAN_KIND_CLIENT;
    spans[1].attrs = (struct attrs){cart_attrs, COUNT(cart_attrs)};
    spans[1].events = &event;
    spans[1].event_count = 1;
    spans[2].attrs = (struct attrs){db_attrs, 2};
    spans[4].status_code = STATUS_ERROR;
    spans[4].status_message = STR("it, \"broke\"");
    spans[4].links = &link;
    spans[4].link_count = 1;
    fixture_append(&fixture, spans, 3);
    fixture_append(&fixture, spans + 3, 2);
}

#define T1 "00000000000000000000000000000001"
#define T2 "00000000000000000000000000000002"

static const struct {
    const char *sql, *want; /* as CSV without the heads */
} cases[] = {
    /* columns */
    {"select trace_id, span_id, parent_span_id from spans where name = 'SELECT'",
     T1 ",0000000000000003,0000000000000002\n"},
    {"select service, name, kind, status, status_message from spans where status = 'error'",
     "front,job,unspecified,error,\"it, \"\"broke\"\"\"\n"},
    {"select start_time, end_time, duration from spans where name = 'job'",
     "1767225600500000000,1767225602000000000,1500000000\n"},
    {"select typeof(start_time), typeof(name), typeof(parent_span_id) from spans where span_id = "
     "'0000000000000001'",
     "integer,text,null\n"},
    {"select count(*) from spans where parent_span_id is null", "2\n"},
    {"select count(*) from spans where parent_span_id is not null", "3\n"},
    {"select attributes from spans where name = 'GET /'",
     "\"{\"\"http.route\"\":\"\"/\"\",\"\"http.response.status_code\"\":200}\"\n"},
    {"select resource_attributes ->> '$.\"service.name\"' from spans where name = 'job'",
     "front\n"},
    {"select event_count, link_count from spans order by start_time", "0,0\n1,0\n0,0\n0,0\n0,1\n"},
    /* attributes */
    {"select \"http.route\" from spans order by start_time", "/\n/cart/{id}\n\n\n\n"},
    {"select [http.route], `http.route`, \"span.http.route\" from spans where name = 'GET /'",
     "/,/,/\n"},
    {"select \"resource.service.name\", \"service.name\" from spans where name = 'job'",
     "front,front\n"},
    {"select \"event.exception.type\", \"exception.type\" from spans where service = 'cart' order by start_time",
     "IOError,IOError\n,\n"},
    {"select \"span.of.nobody\" is null, count(*) from spans group by 1", "1,5\n"},
    {"select \"retry\", typeof(\"retry\"), \"load\", \"ids\", hex(\"key\") from spans where \"retry\" = 1",
     "1,integer,0.5,\"[1,2]\",01FF\n"},
    {"select count(*) from spans where \"retry\" is not null", "2\n"},
    {"select count(*) from spans where \"http.route\" is null", "3\n"},
    {"select count(*) from spans where \"http.response.status_code\" >= 500",
     "2\n"}, /* and a text */
    {"select count(*) from spans where \"http.response.status_code\" = 500", "1\n"},
    {"select count(*) from spans where \"http.response.status_code\" <> 500", "2\n"},
    {"select count(*) from spans where \"http.response.status_code\" < 300.5", "1\n"},
    {"select count(*) from spans where \"http.response.status_code\" in (200, 500, 404)", "2\n"},
    {"select count(*) from spans where \"ids\" = '[1,2]'", "1\n"},
    {"select count(*) from spans where \"load\" = 0.5 and \"load\" > 0", "1\n"},
    {"select count(*) from spans where \"http.route\" glob '/c*'", "1\n"},
    {"select count(*) from spans where \"http.route\" like '/CART%'", "1\n"},
    /* conditions that go down */
    {"select count(*) from spans where start_time > time('2026-01-01') and duration <= duration('30ms')",
     "3\n"},
    {"select count(*) from spans where start_time between time('now+10ms') and time('now+12ms')",
     "2\n"},
    {"select count(*) from spans where start_time < 0 or start_time >= -1", "5\n"},
    {"select count(*) from spans where duration = '20000000' and duration <> 1e9", "1\n"},
    {"select count(*) from spans where service <> 'cart'", "3\n"},
    {"select count(*) from spans where service in ('cart', 'db', 'nobody', null)", "3\n"},
    {"select count(*) from spans where service > 'cart' and service < 'front'", "1\n"},
    {"select count(*) from spans where service = 'CART' collate nocase", "2\n"},
    {"select count(*) from spans where service = null", "0\n"},
    {"select count(*) from spans where kind = 'server' or kind = 'client'", "2\n"},
    {"select count(*) from spans where kind in ('server', 'nonsense')", "1\n"},
    {"select count(*) from spans where kind = 'unspecified'", "3\n"},
    {"select count(*) from spans where status <> 'error'", "4\n"},
    {"select count(*) from spans where name glob 'S*T'", "1\n"},
    {"select count(*) from spans where name regexp '^(add|job)$'", "3\n"},
    {"select count(*) from spans where name regexp 'E'", "2\n"},
    {"select count(*) from spans where trace_id = '" T1 "'", "4\n"},
    {"select count(*) from spans where trace_id in ('" T1 "', '" T2 "', 'x')", "5\n"},
    {"select count(*) from spans where trace_id <> '" T1 "'", "1\n"},
    {"select count(*) from spans where trace_id = '" T1 "' and span_id = '0000000000000002'",
     "1\n"},
    {"select count(*) from spans where trace_id = 'AB' or trace_id = ''", "0\n"},
    {"select count(*) from spans where parent_span_id = '0000000000000001'", "2\n"},
    /* joins */
    {"select p.service, c.service, count(*) from spans c join spans p on p.trace_id = c.trace_id and "
     "p.span_id = c.parent_span_id group by 1, 2 order by 1, 2",
     "cart,db,1\nfront,cart,2\n"},
    {"with recursive up(trace_id, span_id, depth) as (select trace_id, span_id, 0 from spans where "
     "parent_span_id is null union all select s.trace_id, s.span_id, depth + 1 from up join spans s on "
     "s.trace_id = up.trace_id and s.parent_span_id = up.span_id) select depth, count(*) from up group by 1",
     "0,2\n1,2\n2,1\n"},
    /* groups */
    {"select service, count(*), max(duration) from spans group by service",
     "cart,2,30000000\ndb,1,5000000\nfront,2,1500000000\n"},
    {"select service, count(*) from spans group by service order by service desc",
     "front,2\ndb,1\ncart,2\n"},
    {"select distinct service from spans", "cart\ndb\nfront\n"},
    {"select distinct kind, status from spans order by kind desc, status",
     "unspecified,error\nunspecified,unset\nserver,unset\nclient,unset\n"},
    {"select \"http.response.status_code\", count(*) from spans group by 1",
     ",2\n200,1\n500,1\ntext,1\n"},
    {"select name, end_time - start_time from spans group by service, name order by service, name",
     "add,20000000\nSELECT,5000000\nGET /,100000000\njob,1500000000\n"},
    /* other tables */
    {"select scope, key, type, value from span_attributes where span_id = '0000000000000003'",
     "span,http.response.status_code,string,text\nspan,retry,string,\"\"\nresource,service.name,string,db\n"},
    {"select count(*) from span_attributes where key = 'http.route'", "2\n"},
    {"select name, time, attributes ->> '$.\"exception.type\"', service, span_name from events",
     "exception,1767225600012000000,IOError,cart,add\n"},
    {"select count(*) from events where name = 'nothing'", "0\n"},
    {"select trace_id, linked_trace_id, linked_span_id, attributes from links",
     T2 ",abababababababababababababababab,cdcdcdcdcdcdcdcd,{}\n"},
    {"select count(*) from links where linked_trace_id = 'abababababababababababababababab'",
     "1\n"},
    {"select trace_id, root_service, root_name, duration, span_count, error_count, services, service_count "
     "from traces",
     T2 ",front,job,1500000000,1,1,\"[\"\"front\"\"]\",1\n" T1
        ",front,GET /,100000000,4,0,\"[\"\"cart\"\",\"\"db\"\",\"\"front\"\"]\",3\n"},
    {"select root_name from traces order by start_time desc limit 1", "job\n"},
    {"select root_name from traces where trace_id = '" T1 "'", "GET /\n"},
    {"select root_name from traces where root_name glob 'G*' and start_time < time('now+1s')",
     "GET /\n"},
    {"select span_count from traces where duration > duration('1s')", "1\n"},
    {"select service, operation_count, span_count, error_count, duration_max from services",
     "cart,2,2,0,30000000\ndb,1,1,0,5000000\nfront,2,2,1,1500000000\n"},
    {"select name, kind, span_count from operations where service = 'front'",
     "GET /,server,1\njob,unspecified,1\n"},
    {"select sum(span_count) from operations('now+1ms', 'now+20ms')", "2\n"},
    {"select sum(span_count) from services("
     "1767225600500000000"
     ")",
     "1\n"},
    {"select trace_id, parent_span_id, span_id, parent_service, parent_name, parent_kind, parent_status, "
     "parent_start_time, parent_duration from calls where span_id = '0000000000000002'",
     T1 ",0000000000000001,0000000000000002,front,GET /,server,unset,1767225600000000000,"
        "100000000\n"},
    {"select child_service, child_name, child_kind, child_status, start_time, duration from calls "
     "where parent_span_id = '0000000000000001' order by start_time",
     "cart,add,client,unset,1767225600010000000,20000000\n"
     "cart,add,unspecified,unset,1767225600040000000,30000000\n"},
    {"select count(*) from calls", "3\n"},
    {"select count(*) from calls where trace_id = '" T1 "' and parent_service = 'front'", "2\n"},
    {"select count(*) from calls where trace_id in ('" T1 "', '" T2 "', 'x')", "3\n"},
    {"select count(*) from calls where trace_id = '00000000000000000000000000000009'", "0\n"},
    {"select count(*) from calls where start_time between time('now+11ms') and time('now+40ms')",
     "2\n"},
    {"select count(*) from calls where child_service = 'db' or child_service = 'nobody'", "1\n"},
    {"select count(*) from calls where parent_span_id is null or start_time > 5 and start_time < 5",
     "0\n"},
    /* functions */
    {"select duration('1.5s'), duration('2d'), duration(7), duration(null)",
     "1500000000,172800000000000,7,\n"},
    {"select time('now') - time('now-1h'), time('2026-01-01T01:00:00.5+01:00') - time('2026-01-01')",
     "3600000000000,500000000\n"},
    {"select time_bucket('1m', 125000000000), time_bucket(10, -1)", "120000000000,-10\n"},
    {"select time_bucket(10, -9223372036854775807)", "-9223372036854775808\n"},
    {"select \"http.route\" /*/ ' */ from spans where \"http.route\" = '/'", "/\n"},
    {"select format_duration(1500000000), format_duration(999), format_duration(61000000000), "
     "format_duration(12345678), format_duration(-5)",
     "1.50s,999ns,1m1s,12.3ms,-5ns\n"},
    {"select format_time(1767225600000000001)", "2026-01-01T00:00:00.000000001Z\n"},
    {"select p50(value), quantile(value, 0.25), percentile(value, 100), median(value) from "
     "json_each('[5,1,4,2,3]')",
     "3,2,5,3\n"},
    {"select p99(x) from (select null x union all select 'text')", "\n"},
    {"select histogram(value, 2) from json_each('[0,1,2,10]')",
     "\"[{\"\"from\"\":0,\"\"to\"\":5,\"\"count\"\":3},{\"\"from\"\":5,\"\"to\"\":10,\"\"count\"\":1}]\"\n"},
    {"select 'a' regexp 'A', 'xay' regexp '(?i)A', 'b' regexp 'a|c'", "0,1,0\n"},
    {"select 1; -- nothing more\n /* here */ ;", "1\n"},
    {"values (9007199254740993, 0.1, x'00')", "9007199254740993,0.1,AA==\n"},
};

static void test_answers(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *got = fixture_csv(&fixture, cases[i].sql);
        got = strchr(got, '\n') + 1;
        if (strcmp(got, cases[i].want) != 0) {
            print_message("%s\ngot:\n%swant:\n%s\n", cases[i].sql, got, cases[i].want);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* Senders whose clocks or ends are made up; names with a zero byte; numbers that a double does not hold. */
static void test_odd_spans(void **state)
{
    static const struct {
        const char *sql, *want;
    } odd[] = {
        {"select start_time, duration from spans where name = 'late'",
         "9223372036854775807,9223372036854775802\n"},
        {"select count(*) from spans where start_time > 5", "6\n"},
        {"select count(*) from spans where duration > 5", "5\n"},
        {"select count(*) from spans where duration >= 9223372036854775807", "1\n"},
        {"select count(*) from spans where start_time = 9223372036854775807", "1\n"},
        {"select count(*) from calls where duration > 5 and start_time > 5", "1\n"},
        {"select count(*) from spans where name glob 'zero'", "1\n"},
        /* two sides of a call with one id */
        {"select kind from spans where trace_id = '" T2 "' and kind = 'client' or trace_id in ('" T2
         "', 'x') and kind = 'server' order by 1",
         "client\nserver\n"},
        {"select count(*) from events where name <> 'one'", "1\n"},
        {"select count(*) from events where name > 'one' and name < 'tx'", "1\n"},
        {"select count(*) from links where linked_span_id <> '0100000000000000'", "1\n"},
        {"select count(*) from (select distinct \"number\" from spans where \"number\" < 1)",
         "1\n"},
        {"select count(*) from (select \"number\" from spans where \"number\" > 1 group by \"number\")",
         "2\n"},
    };
    struct sql_fixture f;
    struct value numbers[] = {{.type = VALUE_DOUBLE, .number = 0.0},
                              {.type = VALUE_DOUBLE, .number = -0.0},
                              {.type = VALUE_INT, .integer = 9007199254740993},
                              {.type = VALUE_DOUBLE, .number = 9007199254740992.0}};
    struct attr attrs[COUNT(numbers)];
    struct span spans[] = {span_of(1, 1, 0, "a", 0, 1),     span_of(1, 2, 1, "late", 0, 0),
                           span_of(1, 3, 0, "long", 0, 0),  span_of(1, 4, 0, "zero", 0, 1),
                           span_of(1, 5, 0, "b", 0, 1),     span_of(2, 6, 0, "shared", 0, 0),
                           span_of(2, 6, 0, "shared", 0, 0)};
    struct span_event events[] = {{.name = STR_INIT("one")}, {.name = STR_INIT("two")}};
    struct span_link links[] = {{.trace_id = {{1}}, .span_id = {{1}}},
                                {.trace_id = {{1}}, .span_id = {{2}}}};
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        attrs[i] = (struct attr){STR("number"), numbers[i]};
        spans[i].attrs = (struct attrs){&attrs[i], 1};
    }
    spans[1].start_ns = (UINT64_C(1) << 63) + 5;
    spans[1].end_ns = UINT64_MAX;
    spans[2].start_ns = 1;
    spans[2].end_ns = UINT64_MAX;
    spans[3].name = STR("zero\0byte");
    spans[5].kind = SPAN_KIND_CLIENT;
    spans[6].kind = SPAN_KIND_SERVER;
    spans[0].events = events;
    spans[0].links = links;
    spans[0].event_count = spans[0].link_count = 2;
    fixture_open(&f);
    fixture_append(&f, spans, COUNT(spans));
    for (int sealed = 0; sealed < 2; sealed++) {
        for (size_t i = 0; i < COUNT(odd); i++) {
            const char *got = strchr(fixture_csv(&f, odd[i].sql), '\n') + 1;
            if (strcmp(got, odd[i].want) != 0) {
                print_message("%s (%d)\ngot:\n%swant:\n%s\n", odd[i].sql, sealed, got, odd[i].want);
                wrong++;
            }
        }
        fixture_seal(&f);
    }
    fixture_close(&f);
    assert_int_equal(wrong, 0);
}

static const struct {
    const char *sql;
    int code;
    const char *message;
} refusals[] = {
    {"", ERR_INVALID, "no statement"},
    {" -- nothing\n", ERR_INVALID, "no statement"},
    {"select", ERR_INVALID, "incomplete input"},
    {"select * fro spans", ERR_INVALID, "1:10: near \"fro\": syntax error"},
    {"select *\nfrom spans where servce = 1", ERR_INVALID,
     "2:18: no such column: servce; did you mean service?"},
    {"select http.route from spans", ERR_INVALID,
     "1:8: no such column: http.route; attributes take double quotes: \"http.route\""},
    {"select \"http.rout\" from spans", ERR_INVALID,
     "1:8: no such column: http.rout; did you mean \"http.route\"?"},
    {"select 1 from spans where name = \"add\"", ERR_INVALID,
     "1:34: no such column: add; texts take single quotes: 'add'"},
    {"select \"a.b.c\" from spans", ERR_INVALID,
     "1:8: no such column: a.b.c; no span has it, or write \"span.a.b.c\""},
    {"select * from span", ERR_INVALID, "no such table: span; did you mean spans?"},
    {"select * from nowhere", ERR_INVALID,
     "no such table: nowhere; there are spans, span_attributes, events, links, traces, services, operations, calls"},
    {"select p98(1)", ERR_INVALID, "1:8: no such function: p98; did you mean p90?"},
    {"select 'x' regexp 'a)|(x'", ERR_INVALID,
     "unmatched closing parenthesis, at character 2 of the regular expression"},
    {"select kind from calls", ERR_INVALID, "1:8: no such column: kind"},
    {"select ?", ERR_INVALID, "parameters (?, :name) have no values here"},
    {"select 1; select 2", ERR_INVALID, "one statement at a time: \"select 2\" is too much"},
    {"attach '/tmp/x' as y", ERR_INVALID, "not authorized: only SELECT is possible, ATTACH is not"},
    {"pragma page_size", ERR_INVALID, "not authorized: only SELECT is possible, PRAGMA is not"},
    {"select * from pragma_page_size", ERR_INVALID, NULL},
    {"insert into spans(name) values ('x')", ERR_INVALID,
     "not authorized: only SELECT is possible, INSERT is not"},
    {"delete from spans", ERR_INVALID, "table spans may not be modified: only SELECT is possible"},
    {"update spans set name = ''", ERR_INVALID, NULL},
    {"create table t(x)", ERR_INVALID, NULL},
    {"create temp table t(x)", ERR_INVALID, NULL},
    {"create virtual table t using fts5(x)", ERR_INVALID, NULL},
    {"drop table spans", ERR_INVALID, NULL},
    {"begin", ERR_INVALID, "not authorized: only SELECT is possible, a transaction is not"},
    {"vacuum into '/tmp/cairn-never'", ERR_INVALID, NULL},
    {"reindex", ERR_INVALID, NULL},
    {"analyze", ERR_INVALID, NULL},
    {"select load_extension('x')", ERR_INVALID, NULL},
    {"select duration('soon')", ERR_INVALID,
     "duration: \"soon\" is not a duration, as in 1.5s or 250ms"},
    {"select time('2026-02-30')", ERR_INVALID,
     "time: \"2026-02-30\" is not a time, as in 2026-01-31T12:00:00Z or now-1h"},
    {"select time_bucket('0s', 1)", ERR_INVALID, "time_bucket: \"0s\" is not a width above 0"},
    {"select quantile(1, 2)", ERR_INVALID, "the quantile must be from 0 to 1"},
    {"select percentile(1, 101)", ERR_INVALID, "the percentile must be from 0 to 100"},
    {"select histogram(1, 0)", ERR_INVALID, "histogram takes from 1 to 1000 buckets"},
    {"select 'a' regexp '('", ERR_INVALID, NULL},
    {"select * from operations('soon')", ERR_INVALID,
     "\"soon\" is no time: nanoseconds, an RFC 3339 time or 'now-1h'"},
    {"select zeroblob(100000000)", ERR_TOO_LARGE, "a text or blob is larger than 16 MiB"},
};

static void test_refusals(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        int code = fixture_run(&fixture, refusals[i].sql, SQL_CSV);
        if (code == refusals[i].code && fixture.err.msg[0] &&
            (!refusals[i].message || strcmp(fixture.err.msg, refusals[i].message) == 0))
            continue;
        print_message("%s\ngot %d: %s\nwant: %s\n", refusals[i].sql, code, fixture.err.msg,
                      refusals[i].message ? refusals[i].message : "(any words)");
        wrong++;
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(access("/tmp/cairn-never", F_OK), -1);
}

static void test_formats(void **state)
{
    (void)state;
    assert_int_equal(
        fixture_run(&fixture, "values (1, null, 'a\"b'), (9007199254740993, 0.5, x'ff')", SQL_JSON),
        0);
    assert_string_equal(
        fixture.out.p,
        "{\"columns\":[\"column1\",\"column2\",\"column3\"],\"rows\":[[1,null,\"a\\\"b\"],["
        "\"9007199254740993\",0.5,\"/w==\"]],\"truncated\":false,\"spansScanned\":0}");
    assert_int_equal(fixture_run(&fixture, "select 1 a, '' b, null c", SQL_JSON_LINES), 0);
    assert_string_equal(fixture.out.p, "{\"a\":1,\"b\":\"\",\"c\":null}\n");
    assert_int_equal(fixture_run(&fixture, "select 1 a, '' b, null c", SQL_CSV), 0);
    assert_string_equal(fixture.out.p, "a,b,c\n1,\"\",\n");
    fixture.rows_max = 2;
    assert_int_equal(fixture_run(&fixture, "values (1), (2), (3)", SQL_JSON), 0);
    assert_non_null(strstr((char *)fixture.out.p, "\"rows\":[[1],[2]],\"truncated\":true"));
    fixture.rows_max = 1000000;
}

/* The same answers from memory, from a part, and from both. */
static int setup(void **state)
{
    (void)state;
    fixture_open(&fixture);
    append_spans();
    return 0;
}

static int setup_sealed(void **state)
{
    setup(state);
    fixture_seal(&fixture);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answers, setup_sealed, teardown),
        cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
        cmocka_unit_test(test_odd_spans),
        cmocka_unit_test_setup_teardown(test_formats, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
