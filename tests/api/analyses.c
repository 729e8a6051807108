/* analyses.c - the questions about many traces over a real server: goldens of a small shop, and what is refused. */
#include "golden.h"
#include "server.h"
#include "spans.h"

#define T0 1795266841000000000ull /* 2026-11-21 13:14:01 UTC */
#define MS 1000000ull
/* the hour around it */
#define WINDOW "start=2026-11-21T13:00:00Z&end=2026-11-21T14:00:00Z"

static struct test_server server;
static struct attr names[3], fast_attrs[1], slow_attrs[1];
static struct resource frontend, cart, db;

/* The frontend asks the cart, which asks the database: `slow` of them wait for a lock. */
static void send_trace(uint64_t id, bool slow)
{
    uint64_t t = T0 + id * 1000 * MS, wait = slow ? 80 * MS : 0;
    struct span s[4] = {
        test_span(id, 0xa1, 0, "GET /cart", t, 30 * MS + wait),
        test_span(id, 0xa2, 0xa1, "Cart.Get", t + 2 * MS, 20 * MS + wait),
        test_span(id, 0xa3, 0xa2, "SELECT", t + 4 * MS, 10 * MS + wait),
        test_span(id, 0xa4, 0xa1, "render", t + 24 * MS + wait, 4 * MS),
    };
    s[0].resource = s[3].resource = &frontend;
    s[1].resource = &cart;
    s[2].resource = &db;
    s[0].kind = s[1].kind = SPAN_KIND_SERVER;
    s[2].kind = SPAN_KIND_CLIENT;
    s[0].attrs = (struct attrs){slow ? slow_attrs : fast_attrs, 1};
    if (slow)
        s[0].status_code = s[2].status_code = STATUS_ERROR;
    test_send(&server, s, slow ? 4 : 3 + id % 2);
}

static int set_up(void **state)
{
    (void)state;
    frontend = test_resource(&names[0], "frontend");
    cart = test_resource(&names[1], "cart");
    db = test_resource(&names[2], "db");
    fast_attrs[0] = test_string("version", "1.0");
    slow_attrs[0] = test_string("version", "1.1");
    test_server_start(&server);
    for (uint64_t id = 1; id <= 8; id++)
        send_trace(id, id > 6);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_server_stop(&server);
    return 0;
}

static const struct {
    const char *golden, *path;
} goldens[] = {
    {"analyses-dependencies.json", "dependencies?" WINDOW},
    {"analyses-operations.json", "operations?service=cart&" WINDOW},
    {"analyses-trace-critical-path.json", "traces/7/critical-path"},
    {"analyses-trace-self-time.json", "traces/7/self-time"},
    {"analyses-critical-path.json", "critical-path?" WINDOW},
    {"analyses-paths.json", "paths?" WINDOW},
    {"analyses-paths-of-errors.json", "paths?q=%7Bstatus%3Derror%7D&" WINDOW},
    {"analyses-compare-traces.json",
     "compare/paths?a=00000000000000000000000000000001&b=00000000000000000000000000000007&" WINDOW},
    {"analyses-compare-sets.json",
     "compare/paths?a=%7B.version%3D%221.0%22%7D&b=%7B.version%3D%221.1%22%7D&" WINDOW},
    {"analyses-compare-attributes.json",
     "compare/attributes?q=%7Bname%3D%22GET%20%2Fcart%22%7D&selection=%7Bstatus%3Derror%7D&" WINDOW},
};

static void test_goldens(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(goldens); i++) {
        struct test_answer answer;
        char path[512], name[128];
        snprintf(path, sizeof path, "/api/cairn/v1/%s%sprettyPrint=true", goldens[i].path,
                 strchr(goldens[i].path, '?') ? "&" : "?");
        snprintf(name, sizeof name, "golden/%s", goldens[i].golden);
        test_get(&server, path, &answer);
        if (answer.status != 200)
            fail_msg("%s: %ld %s", path, answer.status, (const char *)answer.body.p);
        buf_put_byte(&answer.body, '\n');
        golden_check(name, buf_str(&answer.body));
        test_answer_release(&answer);
    }
}

static const struct {
    const char *path;
    long status;
    const char *says;
} refusals[] = {
    {"traces/99/critical-path", 404, "trace not found"},
    {"traces/xyz/self-time", 400, "not a trace id"},
    {"paths?q=%7B", 400, "1:"},
    {"paths?q=%7B%7D%7Crate()&" WINDOW, 400, "search"},
    {"paths?limit=100001", 400, "maximum"},
    {"paths?start=tomorrow", 400, "RFC 3339"},
    {"paths?start=2026-11-21T14:00:00Z&end=2026-11-21T13:00:00Z", 400, "after end"},
    {"paths?start=2026-11-21T14:00:00Z&since=1h", 400, "exclude"},
    {"paths?since=-1h", 400, "duration"},
    {"compare/paths?a=%7B%7D", 400, "a and b are required"},
    {"compare/attributes", 400, "selection is required"},
    {"compare/attributes?selection=%7Bstatus%7D", 400, "1:"},
    {"compare/attributes?q=%7B%7D%7Crate()//&selection=%7Bstatus%3Derror%7D", 400, "2:"},
    {"compare/attributes?q=%7B%7D//&selection=%7Bstatus%3Derror%7D//&" WINDOW, 200, "cutKeys"},
    {"compare/paths?a=00000000000000000000000000000001&b=ffffffffffffffff", 404, "not found"},
    {"compare/paths?a=1&b=7&" WINDOW, 200, "\"aTraces\":1,\"bTraces\":1"},
    {"compare/paths?a=1&b=xyz&" WINDOW, 400, "1:"},
};

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct test_answer answer;
        char path[512];
        snprintf(path, sizeof path, "/api/cairn/v1/%s", refusals[i].path);
        test_get(&server, path, &answer);
        buf_put_byte(&answer.body, '\0');
        if (answer.status != refusals[i].status ||
            !strstr((const char *)answer.body.p, refusals[i].says))
            fail_msg("%s: %ld %s", path, answer.status, (const char *)answer.body.p);
        test_answer_release(&answer);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goldens),
        cmocka_unit_test(test_refusals),
    };
    golden_arguments(argc, argv);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
