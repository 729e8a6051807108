/* The waterfall's look, in goldens: widths, errors, events, attributes, orphans, deep and wide trees, odd names. */
#include "cli/waterfall.h"

#include "golden.h"
#include "spans.h"

#define MS 1000000ull
/* 2026-11-21 13:14:01.123456789 UTC */
#define T0 1795266841123456789ull

static struct attr service_names[4];
static struct resource services[4];
static struct scope scope;

static struct span at(struct span s, int service)
{
    s.resource = &services[service];
    s.scope = &scope;
    return s;
}

static struct span failed(struct span s, const char *message)
{
    s.status_code = STATUS_ERROR;
    s.status_message = str_of(message);
    return s;
}

static struct attr hub_attrs[4], exception_attrs[3];
static struct span_event hub_events[1], exception_events[1];

/* A small shop of three services, with an error, events and attributes. */
static size_t shop(struct span *s)
{
    size_t n = 0;
    hub_attrs[0] = test_string("http.request.method", "POST");
    hub_attrs[1] = test_string("http.route", "/");
    hub_attrs[2] = test_int("http.response.status_code", 502);
    hub_attrs[3] = test_string("note", "a long value that goes on and on, \x1b[31mwith an escape, "
                                       "until it does not fit any more whatever the width is");
    exception_attrs[0] = test_string("exception.type", "ConnectionError");
    exception_attrs[1] = test_string("exception.message", "connection refused");
    hub_events[0] = (struct span_event){.time_ns = T0 + 5 * MS, .name = STR("request parsed")};
    exception_events[0] = (struct span_event){
        .time_ns = T0 + 310 * MS, .name = STR("exception"), .attrs = {exception_attrs, 2}};
    s[n++] = at(test_span(1, 1, 0, "POST /", T0, 412345678), 0);
    s[0].attrs = (struct attrs){hub_attrs, 4};
    s[0].events = hub_events;
    s[0].event_count = 1;
    s[n++] = at(test_span(1, 2, 1, "GET fizzer", T0 + 12 * MS, 200 * MS), 0);
    s[n++] = at(test_span(1, 3, 2, "GET /fizz", T0 + 14 * MS, 195 * MS), 1);
    s[n++] = at(test_span(1, 4, 3, "compute", T0 + 20 * MS, 180 * MS), 1);
    s[n++] = at(test_span(1, 7, 3, "log", T0 + 201 * MS, 950), 1);
    s[n++] = at(
        failed(test_span(1, 5, 1, "GET buzzer", T0 + 215 * MS, 95 * MS), "upstream connect error"),
        0);
    s[n++] = at(failed(test_span(1, 6, 5, "GET /buzz", T0 + 218 * MS, 92 * MS), ""), 2);
    s[n - 1].events = exception_events;
    s[n - 1].event_count = 1;
    s[n++] = at(test_span(1, 8, 1, "render answer", T0 + 320 * MS, 90 * MS), 0);
    return n;
}

static size_t orphans(struct span *s)
{
    s[0] = at(test_span(2, 1, 0, "first root", T0, 10 * MS), 0);
    s[1] = at(test_span(2, 2, 0, "second root, later", T0 + 5 * MS, 10 * MS), 1);
    s[2] = at(test_span(2, 3, 99, "its parent is missing", T0 + 2 * MS, 4 * MS), 2);
    s[3] = at(test_span(2, 4, 3, "child of the orphan", T0 + 3 * MS, 1 * MS), 2);
    s[4] = at(test_span(2, 5, 6, "one half of a circle", T0 + 4 * MS, 1 * MS), 2);
    s[5] = at(test_span(2, 6, 5, "the other half", T0 + 6 * MS, 1 * MS), 2);
    return 6;
}

static size_t deep(struct span *s)
{
    for (uint64_t i = 0; i < 40; i++)
        s[i] = at(test_span(3, i + 1, i, "recursive call", T0 + i * MS, (80 - 2 * i) * MS),
                  (int)(i % 3));
    return 40;
}

static size_t odd(struct span *s)
{
    s[0] = at(test_span(4, 1, 0, "支払い処理 / Zahlung ausführen", T0, 3 * MS), 3);
    s[1] = at(test_span(4, 2, 1, "", T0, 0), 3);
    s[2] = at(test_span(4, 3, 1, "evil \x1b[2J\x1b]0;title\x07 \xe2\x80\xae name", T0 + MS, MS), 3);
    s[3] = at(test_span(4, 4, 1,
                        "SELECT a.id, a.name, b.total FROM accounts a JOIN balances b ON a.id = "
                        "b.account_id WHERE b.total > 100 ORDER BY b.total DESC",
                        T0 + MS, MS),
              3);
    s[4] = at(test_span(4, 5, 1, "ends before it starts", T0 + 2 * MS, 0), 3);
    s[4].end_ns = T0;
    s[5] = at(test_span(4, 6, 1, "bad \xff\xfe utf-8", T0 + 2 * MS, MS), 3);
    return 6;
}

static size_t many(struct span *s)
{
    s[0] = at(test_span(5, 1, 0, "batch", T0, 90 * MS), 0);
    for (uint64_t i = 1; i < 30; i++)
        s[i] = at(test_span(5, i + 1, 1, "item", T0 + 3 * i * MS, 2 * MS), 1);
    return 30;
}

static size_t instant(struct span *s)
{
    s[0] = at(test_span(6, 1, 0, "nothing took any time", T0, 0), 0);
    return 1;
}

static const struct {
    const char *golden;
    size_t (*spans)(struct span *s);
    struct waterfall_options options;
} cases[] = {
    {"shop-80.txt", shop, {.width = 80, .rows_max = 500}},
    {"shop-120.txt", shop, {.width = 120, .rows_max = 500}},
    {"shop-40.txt", shop, {.width = 40, .rows_max = 500}},
    {"shop-color.txt", shop, {.width = 80, .rows_max = 500, .colors = true}},
    {"shop-events.txt", shop, {.width = 100, .rows_max = 500, .events = true}},
    {"shop-all.txt", shop, {.width = 100, .rows_max = 500, .events = true, .attributes = true}},
    {"orphans.txt", orphans, {.width = 80, .rows_max = 500}},
    {"deep.txt", deep, {.width = 80, .rows_max = 500}},
    {"odd.txt", odd, {.width = 100, .rows_max = 500}},
    {"many.txt", many, {.width = 80, .rows_max = 10}},
    {"instant.txt", instant, {.width = 80, .rows_max = 10}},
};

static void test_goldens(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span spans[64];
        struct arena arena;
        struct buf out;
        arena_init(&arena, 0);
        buf_init(&out, 0);
        size_t n = cases[i].spans(spans);
        assert_int_equal(waterfall_write(spans, (uint32_t)n, &cases[i].options, &arena, &out), 0);
        golden_check(cases[i].golden, buf_str(&out));
        buf_release(&out);
        arena_release(&arena);
    }
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"hub", "fizzer", "buzzer", "payments-and-billing-eu"};
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_goldens)};
    setenv("TZ", "UTC", 1);
    golden_arguments(argc, argv);
    for (int i = 0; i < 4; i++)
        services[i] = test_resource(&service_names[i], names[i]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
