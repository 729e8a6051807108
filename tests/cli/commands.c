/* The program itself: trace and search against a server, their exit statuses and their words. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../api/server.h"
#include "base/clock.h"
#include "golden.h"
#include "spans.h"

static struct test_server server;

/* Runs the program with these arguments; output and errors come back in one text. */
static int run(const char *arguments, char *text, size_t size)
{
    char command[2048];
    snprintf(command, sizeof command,
             "cairn_program() { " CAIRN_PROGRAM " \"$@\"; }; "
             "export CAIRN_SERVER=http://127.0.0.1:%d; HTTP=http://127.0.0.1:%d; DIR=%s; "
             "{ cairn_program %s; } 2>&1",
             server.query_port, server.http_port, server.dir, arguments);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, size - 1, f);
    text[n] = '\0';
    return WEXITSTATUS(pclose(f));
}

struct answer_case {
    const char *arguments;
    int status;
    const char *words[3];
};

static void check_answers(const struct answer_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        static char text[1 << 16];
        int status = run(cases[i].arguments, text, sizeof text);
        for (int w = 0; w < 3 && cases[i].words[w]; w++) {
            if (!strstr(text, cases[i].words[w]))
                fail_msg("cairn %s: \"%s\" is not in: %s", cases[i].arguments, cases[i].words[w],
                         text);
        }
        if (status != cases[i].status)
            fail_msg("cairn %s: exit status %d: %s", cases[i].arguments, status, text);
    }
}

static void test_answers(void **state)
{
    static const struct answer_case cases[] = {
        {"", 2, {"Usage: cairn COMMAND"}},
        {"help", 0, {"Usage: cairn COMMAND", "serve", "search"}},
        {"--version", 0, {"cairn " CAIRN_VERSION "\n"}},
        {"help search", 0, {"Usage: cairn search", "--min-duration TIME", "[CAIRN_SERVER]"}},
        {"search --help", 0, {"Usage: cairn search"}},
        {"help delete", 0, {"Usage: cairn delete", "--server URL"}},
        {"help nothing", 2, {"unknown command nothing"}},
        {"serach", 2, {"did you mean search?"}},
        {"trace", 2, {"ID is missing"}},
        {"trace xyz", 1, {"\"xyz\" is not a trace id"}},
        {"trace ff", 1, {"there is no trace 000000000000000000000000000000ff"}},
        {"trace abc1", 0, {"shop  GET /cart", "2 spans, 1 service, 1 error", "out of stock"}},
        {"trace 00-0000000000000000000000000000abc1-00000000000000a1-01", 0, {"shop  GET /cart"}},
        {"trace abc1 --json", 0, {"{\"result\":{\"resourceSpans\":"}},
        {"trace abc1 --color always", 0, {"\x1b[1;31m✗"}},
        {"trace abc1 --server http://127.0.0.1:1",
         1,
         {"no server answers at http://127.0.0.1:1", "cairn serve"}},
        {"search --since 1d", 0, {"000000000000000000000000000abc1", "3 h ago", "GET /cart"}},
        {"search", 0, {"no traces found"}},
        {"search --since 1d --tag sku=4711", 0, {"abc1"}},
        {"search --since 1d --tag sku=4712", 0, {"no traces found"}},
        {"search --since 1d --tag sku", 1, {"--tag: \"sku\" is not KEY=VALUE"}},
        {"search --since 1d --service 'a b&c=d'", 0, {"no traces found"}},
        {"search --since 1d --min-duration fast", 1, {"query.durationMin", "HTTP 400"}},
        {"search --since 1d --limit 1", 0, {"the newest 1 are shown; --limit shows more"}},
        {"search --since 1d --json", 0, {"{\"summaries\":[{\"traceId\":"}},
        {"search --sinse 1d", 2, {"did you mean --since?"}},
        {"search --since 1d '{ sku = 1 }'", 2, {"unknown name 'sku'"}},
        {"search '{ duration = \"x\" }'",
         2,
         {"cairn search: 1:3: 'duration' is a duration and cannot be compared with a string\n",
          "  { duration = \"x\" }\n    ^~~~~~~~~~~~~~\n"}},
        {"search '{} | rate()'", 2, {"'cairn metrics' shows it"}},
        {"search '{}' --service shop", 2, {"with a query there are no other conditions"}},
        {"search '{}' '{}'", 2, {"unexpected argument {}"}},
        {"search '{}' --server http://127.0.0.1:1", 1, {"no server answers"}},
        {"metrics", 2, {"QUERY is missing"}},
        {"metrics '{}'", 2, {"this is a search, for 'cairn search'"}},
        {"metrics '{} | rte()'", 2, {"did you mean 'rate'?", "       ^~~\n"}},
        {"metrics '{} | rate()' --start soon", 1, {"--start: \"soon\" is neither an age"}},
        {"metrics '{} | rate()' --start 1h --end 2h", 1, {"the start is not before the end"}},
        {"metrics '{} | rate()' --server http://127.0.0.1:1", 1, {"no server answers"}},
        {"sql 'select service, name, 1.5, null from spans where name = '\\''GET /cart'\\'''",
         0,
         {"service  name", "shop     GET /cart", "NULL"}},
        {"sql --format csv 'select \"sku\" from spans where \"sku\" is not null'",
         0,
         {"sku\n4711\n"}},
        {"sql --format jsonl 'select count(*) as n from spans'", 0, {"{\"n\":3}\n"}},
        {"sql --format json --limit 1 'select 1 union all select 2'", 0, {"\"truncated\":true"}},
        {"sql --limit 1 'select 1 union all select 2'", 0, {"the first 1 rows are shown"}},
        {"sql 'select 1 from spans where 0'", 0, {"no rows"}},
        {"sql --timeout 1ms 'select count(*) from spans a, spans b, spans c, spans d, spans e, spans f, "
         "spans g, spans h, spans i, spans j, spans k, spans l'",
         1,
         {"took too long (HTTP 504)"}},
        {"sql 'select servce from spans'",
         1,
         {"cairn sql: no such column: servce; did you mean service? (HTTP 400)\n  select servce from "
          "spans\n         ^\n"}},
        {"sql 'drop table spans'", 1, {"only SELECT is possible"}},
        {"sql", 2, {"give one statement"}},
        {"sql 'select 1' 'select 2'", 2, {"give one statement"}},
        {"sql --file /nowhere", 2, {"/nowhere: No such file"}},
        {"sql - </dev/null", 1, {"no statement"}},
        {"sql --data-dir /nowhere 'select 1'", 1, {"/nowhere is no directory"}},
        {"sql --data-dir $DIR 'select 1'", 1, {"is in use by process"}},
        {"stats $CAIRN_SERVER", 0, {"total\tspans\t3\n", "service\tshop\t2\n"}},
        {"stats --json --top 1 $CAIRN_SERVER", 0, {"{\"spans\":3,", "\"columns\":["}},
        {"stats $DIR", 1, {"is in use by process", "ask it by its URL"}},
        {"stats /nowhere", 1, {"/nowhere: No such file"}},
        {"check $DIR", 2, {"is in use by process", "stop that server first"}},
        {"check /tmp", 2, {"no data directory: it has no MANIFEST"}},
        {"check", 2, {"DIR is missing"}},
        {"snapshot $CAIRN_SERVER", 2, {"TARGET is missing"}},
        {"snapshot $CAIRN_SERVER a/b", 1, {"give a name, not a path"}},
        {"snapshot $CAIRN_SERVER .hidden", 1, {"a snapshot's name is letters"}},
        {"snapshot $CAIRN_SERVER copy", 0, {"/copy\t3 spans, 1 part"}},
        {"snapshot $CAIRN_SERVER copy", 1, {"exists already"}},
        {"snapshot $DIR other", 1, {"in use: ask its server"}},
        {"check $DIR/snapshots/copy", 0, {"checked 1 part", "3 spans", "all is well"}},
        {"sql --data-dir $DIR/snapshots/copy 'select count(*) from spans'",
         0,
         {"count(*)\n       3\n"}},
        {"stats $DIR/snapshots/copy", 0, {"total\tspans\t3\n", "key\tsku\t1\t"}},
        {"export $CAIRN_SERVER", 0, {"{\"resourceSpans\":[", "exported 2 traces, 3 spans"}},
        {"export --trace abc1 $DIR/snapshots/copy", 0, {"exported 1 trace, 2 spans"}},
        {"export --format jaeger --service shop $CAIRN_SERVER", 0, {"{\"data\":[\n{\"traceID\":"}},
        {"export --format zipkin --since 1d $CAIRN_SERVER", 0, {"\"sku\":\"4711\"", "1 trace"}},
        {"export --since yesterday $CAIRN_SERVER", 1, {"neither an age"}},
        {"export $DIR", 1, {"is in use: ask its server"}},
        {"export --output $DIR/out.pb --format otlp-pb $CAIRN_SERVER && cairn_program import "
         "--data-dir $DIR/new $DIR/out.pb && cairn_program export $CAIRN_SERVER >"
         "$DIR/1 && cairn_program export $DIR/new >$DIR/2 && cmp $DIR/1 "
         "$DIR/2",
         0,
         {"imported 3 spans"}},
        {"export --format jaeger $CAIRN_SERVER | cairn_program import --data-dir $DIR/j",
         0,
         {"imported 3 spans"}},
        {"import --server $HTTP $DIR/2 </dev/null", 0, {"imported 3 spans"}},
        {"export $CAIRN_SERVER", 0, {"exported 2 traces, 3 spans"}}, /* the same again: folded */
        {"import --server http://127.0.0.1:1 --retry 0s $DIR/2", 1, {"imported 0 spans"}},
        {"import --server $HTTP --on-error skip $DIR/LOCK $DIR/2", 1, {"neither OTLP nor"}},
        {"export $CAIRN_SERVER | sed s/startTime/start:Time/ | tr -d : | cairn_program import --server "
         "$HTTP --on-error skip",
         1,
         {"standard input: line 1", "2 pieces could not be read"}},
        {"import $DIR/none", 1, {"No such file"}},
        {"serve --otlp-grpc-listen nonsense",
         1,
         {"nonsense", "choose another with --otlp-grpc-listen"}},
        {"load --help", 0, {"Usage: cairn load", "--shape NAME", "[CAIRN_TARGET]"}},
        {"load --shape square", 2, {"--shape: \"square\" is none of shop, tracegen, deep"}},
        {"load --prepare", 2, {"--prepare needs --spans", "cairn load --help"}},
        {"load --batch 0", 2, {"--batch: \"0\" is too small"}},
        {"load --target grpc://127.0.0.1:1", 1, {"no server answers at grpc://127.0.0.1:1"}},
        {"load --spans 5 --out /nowhere/x", 1, {"/nowhere/x cannot be written: No such file"}},
        {"serve --ack maybe", 2, {"--ack: \"maybe\" is none of fsync, write, memory"}},
    };
    (void)state;
    check_answers(cases, COUNT(cases));
}

/* TraceQL, answered by the server's Tempo API. */
static void test_queries(void **state)
{
    static const struct answer_case cases[] = {
        {"search --since 1d '{ .sku = \"4711\" }' --width 120",
         0,
         {"0000000000000000000000000000abc1", "GET /cart", "+1 ms      9 ms  reserve"}},
        {"search --since 1d '{ .sku = \"4712\" }'", 0, {"no traces found"}},
        {"search --since 1d '{ name = \"GET /cart\" } > { status = error }'",
         0,
         {"reserve", "status=error"}},
        {"search --since 1d '{} | count() > 2'", 0, {"no traces found"}},
        {"search --since 1d '{}' --limit 1 --json", 0, {"{\"traces\":[{\"traceID\":\"abc1\""}},
        {"metrics '{} | count_over_time() by (name)' --since 1d --step 6h --format csv",
         0,
         {"time,name,value\n", "Z,GET /cart,", "Z,reserve,"}},
        {"metrics '{} | count_over_time()' --since 1d --step 1h --width 60",
         0,
         {"0 ┤", "└", "count_over_time"}},
        {"metrics '{ .a = 1 } | sum_over_time(.a)' --since 1d", 0, {"no spans found"}},
        {"metrics '{} | rate()' --since 1d --format json", 0, {"{\"series\":["}},
        {"metrics '{} | rate()' --since 1d --step never", 1, {"step", "HTTP 400"}},
    };
    (void)state;
    check_answers(cases, COUNT(cases));
}

/* Questions about many traces. */
static void test_analyses(void **state)
{
    static const struct answer_case cases[] = {
        {"deps --since 7d", 0, {"no calls between services"}},
        {"deps --since 7d --format dot", 0, {"digraph services {"}},
        {"deps --since 7d --format json", 0, {"{\"dependencies\":[]}"}},
        {"deps --since yesterday", 2, {"--since"}},
        {"diff '{}' '{ status = error }' --since 1d", 0, {"EFFECT", "shop GET /cart > reserve"}},
        {"diff '{}' '{ status = error }' --since 1d --width 60", 0, {"…", "…> reserve\n"}},
        {"diff '{}' '{ status = error }' --since 1d --by attribute",
         0,
         {"+100.0 %    0.0 %  100.0 %  span.sku"}},
        {"diff abc1 '{ .a = 1 }' --since 1d", 0, {"no traces found for B"}},
        {"diff '{ .a = 1 }' '{ status = error }' --since 1d --by attribute",
         0,
         {"no traces found for A"}},
        {"diff abc1 abc1 --limit 0", 2, {"--limit"}},
        {"sql 'select name, duration from spans order by duration limit 1'",
         0,
         {"name     duration\n", "reserve   9000000\n"}},
        {"sql 'select name, duration * 1.5 as x from spans order by 2 limit 1' --width 12",
         0,
         {"name  reserve\nx     13500000\n"}},
        {"sql 'select name, 1 from spans where false' --width 5", 0, {"name", "no rows"}},
        {"sql 'select nme from spans'", 1, {"no such column: nme", "\n         ^\n"}},
    };
    (void)state;
    check_answers(cases, COUNT(cases));
}

/* Ports of other programs: one that nobody named is done without when it is taken, all others must be had. The last one is
 * never to be had, so that no server stays. */
static void test_ports(void **state)
{
#define SERVE                                                                                   \
    "serve --data-dir /nowhere/x --otlp-grpc-listen off --otlp-http-listen off --query-listen " \
    "127.0.0.1:0 "
    static const struct answer_case cases[] = {
        {SERVE "--tempo-listen off --jaeger-grpc-listen ${HTTP#http://}",
         1,
         {"going on without Zipkin's API", "127.0.0.1:9411", "--jaeger-grpc-listen"}},
        {SERVE "--tempo-listen off --zipkin-listen 127.0.0.1:9411",
         1,
         {"127.0.0.1:9411", "in use; choose another with --zipkin-listen"}},
        {"help; export CAIRN_ZIPKIN_LISTEN=127.0.0.1:9411; cairn_program " SERVE
         "--tempo-listen off",
         1,
         {"in use; choose another with --zipkin-listen"}},
    };
#undef SERVE
    struct sockaddr_in zipkin = {
        .sin_family = AF_INET, .sin_port = htons(9411), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)state;
    /* when it fails, somebody else has it, which will do */
    (void)!bind(fd, (struct sockaddr *)&zipkin, sizeof zipkin);
    (void)!listen(fd, 1);
    check_answers(cases, COUNT(cases));
    close(fd);
}

static void test_lists(void **state)
{
    static const char *const widths[] = {"60", "80", "100", "120"};
    (void)state;
    for (size_t i = 0; i < COUNT(widths); i++) {
        static char text[1 << 16];
        char arguments[128], golden[64];
        snprintf(arguments, sizeof arguments, "search --since 7d --width %s", widths[i]);
        snprintf(golden, sizeof golden, "search-%s.txt", widths[i]);
        assert_int_equal(run(arguments, text, sizeof text), 0);
        golden_check(golden, str_of(text));
    }
}

static void test_delete(void **state)
{
    static const struct {
        const char *arguments;
        int status;
        const char *words;
    } steps[] = {
        {"delete", 2, "ID is missing"},
        {"delete xyz", 1, "\"xyz\" is not a trace id"},
        {"delete ff", 1, "there is no trace 000000000000000000000000000000ff"},
        {"delete 00-0000000000000000000000000000abc1-00000000000000a1-01", 0,
         "0000000000000000000000000000abc1\tdeleted\n"},
        {"trace abc1", 1, "there is no trace"},
        {"delete abc1", 1, "there is no trace"},
        {"search --since 1d", 0, "no traces found"},
        {"delete abc2 --server http://127.0.0.1:1", 1, "no server answers"},
        {"serve --retention-rule status=error:30d", 1, "--retention"},
        {"serve --retention 72h --retention-rule status=bad:30d", 1, "status=bad:30d"},
        {"serve --retention 72h --retention-rule 'duration>2s:30d,status=error'", 1,
         "\"status=error\""},
        {"serve --retention 72h --retention-rule 'duration>2s:1d'", 1, "no longer than"},
    };
    static char text[1 << 16];
    (void)state;
    for (size_t i = 0; i < COUNT(steps); i++) {
        int status = run(steps[i].arguments, text, sizeof text);
        if (status != steps[i].status || !strstr(text, steps[i].words))
            fail_msg("cairn %s: exit status %d: %s", steps[i].arguments, status, text);
    }
}

static int start(void **state)
{
    static struct attr names[2], sku;
    static struct resource shop, long_name;
    static char snapshots[100];
    uint64_t hour = 3600ull * 1000000000, now = clock_realtime_ns();
    struct span spans[3];
    (void)state;
    shop = test_resource(&names[0], "shop");
    long_name = test_resource(&names[1], "a-service-with-a-very-long-name-in-production");
    sku = test_string("sku", "4711");
    spans[0] = test_span(0xabc1, 0xa1, 0, "GET /cart", now - 3 * hour - hour / 2, 120000000);
    spans[1] =
        test_span(0xabc1, 0xa2, 0xa1, "reserve", now - 3 * hour - hour / 2 + 1000000, 9000000);
    spans[1].status_code = STATUS_ERROR;
    spans[1].status_message = STR("out of stock");
    spans[1].attrs = (struct attrs){&sku, 1};
    spans[2] = test_span(0xabc2, 0xb1, 0,
                         "an operation whose name is long, too, and \x1b[2J has more than text",
                         now - 75 * hour, 3725000000000);
    spans[0].resource = spans[1].resource = &shop;
    spans[2].resource = &long_name;
    test_server_start(&server);
    snprintf(snapshots, sizeof snapshots, "%s/snapshots", server.dir);
    assert_int_equal(mkdir(snapshots, 0700), 0);
    server.api.snapshot_dir = snapshots;
    test_send(&server, spans, 3);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    test_server_stop(&server);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers), cmocka_unit_test(test_queries),
        cmocka_unit_test(test_ports),   cmocka_unit_test(test_analyses),
        cmocka_unit_test(test_lists),   cmocka_unit_test(test_delete)};
    golden_arguments(argc, argv);
    return cmocka_run_group_tests(tests, start, stop);
}
