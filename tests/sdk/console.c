/* The console exporter's two formats, to the byte: ids and times are given. */
#include "sdk_test.h"

static uint8_t last;

static void next_id(uint8_t *id, size_t n)
{
    memset(id, 0, n);
    id[n - 1] = ++last;
}

static void own_trace_id(void *user, uint8_t id[16])
{
    (void)user;
    next_id(id, 16);
}

static void own_span_id(void *user, uint8_t id[8])
{
    (void)user;
    next_id(id, 8);
}

/* What the exporter writes for one small trace. */
static void write_trace(int32_t format, char *out, size_t room)
{
    struct cairn_id_generator ids = {sizeof ids, NULL, own_trace_id, own_span_id, true};
    cairn_resource *resource = cairn_resource_new(NULL, NULL);
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "console"};
    cairn_processor *p;
    cairn_sdk *sdk;
    cairn_tracer *tracer;
    cairn_span *a, *b;
    FILE *file = tmpfile();
    size_t n;
    last = 0;
    p = cairn_processor_simple(cairn_exporter_console(format, fileno(file)));
    sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1, .id_generator = &ids,
                                  .resource = resource));
    tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    a = cairn_span_start(tracer, "GET /",
                         CAIRN_WITH(.kind = CAIRN_KIND_SERVER, .start_ns = 1700000000000000000));
    b = cairn_span_start(
        tracer, "say \"hi\"",
        CAIRN_WITH(.parent = cairn_context_of(a), .start_ns = 1700000000000001000));
    cairn_span_set(b, CAIRN_STR("key", "a value"), CAIRN_INT("n", 3), CAIRN_BOOL("ok", true));
    cairn_span_add_event_at(b, CAIRN_S("retry"), 1700000000000003500,
                            CAIRN_ATTRS(CAIRN_DOUBLE("wait", 0.5)));
    cairn_span_set_status(b, CAIRN_SPAN_ERROR, "no");
    cairn_span_end_at(b, 1700000000002001000);
    cairn_span_end_at(a, 1700000000012345678);
    cairn_sdk_stop(sdk, 1000);
    cairn_resource_unref(resource);
    rewind(file);
    n = fread(out, 1, room - 1, file);
    out[n] = '\0';
    fclose(file);
}

static void test_text(void **state)
{
    char got[4096];
    (void)state;
    write_trace(CAIRN_CONSOLE_TEXT, got, sizeof got);
    assert_string_equal(
        got,
        "2023-11-14T22:13:20.000001000Z internal \"say \\\"hi\\\"\" 2.000 ms error \"no\" (console)\n"
        "    trace 00000000000000000000000000000001 span 0000000000000003 parent "
        "0000000000000002 key=\"a value\" n=3 ok=true\n"
        "    event retry +2 us wait=0.5\n"
        "2023-11-14T22:13:20.000000000Z server \"GET /\" 12.345 ms (console)\n"
        "    trace 00000000000000000000000000000001 span 0000000000000002\n");
}

static void test_json(void **state)
{
    char got[8192], *second;
    (void)state;
    write_trace(CAIRN_CONSOLE_JSON, got, sizeof got);
    second = strchr(got, '\n');
    assert_non_null(second);
    assert_memory_equal(got, "{\"resourceSpans\":[", 18);
    assert_memory_equal(second + 1, "{\"resourceSpans\":[", 18); /* one line an export */
    assert_non_null(strstr(got, "\"traceId\":\"00000000000000000000000000000001\""));
    assert_non_null(strstr(got, "\"startTimeUnixNano\":\"1700000000000001000\""));
    assert_non_null(strstr(got, "\"parentSpanId\":\"0000000000000002\""));
    assert_non_null(strstr(got, "\"kind\":2"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
