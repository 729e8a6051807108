/* Spans of HTTP requests from any bytes: the input's lines are method, target or URL, then header values. No secret of
 * a URL survives its redaction. */
#include "fuzz.h"

#include <string.h>

#include <cairn/cairn.h>

#include "instrumentation/http/parts.h"

static const char *const names[] = {
    "host",       "forwarded",  "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
    "user-agent", "traceparent"};

struct input {
    cairn_str method, target;
    cairn_str values[sizeof names / sizeof *names];
};

static cairn_str take_line(cairn_str *rest)
{
    cairn_str line = text_first(*rest, text_find(*rest, "\n"));
    *rest = text_from(*rest, line.n + 1);
    return line;
}

static bool get(void *carrier, cairn_str name, size_t index, cairn_str *value)
{
    const struct input *input = carrier;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (index == 0 && text_eq(name, names[i]) && input->values[i].n) {
            *value = input->values[i];
            return true;
        }
    }
    return false;
}

static cairn_tracer *tracer_once(void)
{
    static cairn_sdk *sdk;
    cairn_processor *processor;
    if (!sdk) {
        /* full after one span: what is recorded is built and then refused */
        processor = cairn_processor_simple(cairn_exporter_memory(1));
        sdk = cairn_sdk_new(CAIRN_SDK(.processors = &processor, .processor_count = 1));
        cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
    }
    return cairn_tracer_get("fuzz");
}

/* What stands before the last @ of the authority is not in what comes out. */
static void check_redaction(cairn_str target)
{
    struct cairn_http_options options = {.size = sizeof options};
    char room[URL_REDACTED_MAX];
    cairn_str out = url_redact(target, &options, room);
    struct url url = url_split(out, false);
    FUZZ_CHECK(url.user.p == NULL || text_eq(url.user, "REDACTED") ||
               text_eq(url.user, "REDACTED:REDACTED") || out.n == URL_REDACTED_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cairn_str rest = cairn_str_make((const char *)data, size);
    struct input input;
    struct cairn_http_exchange exchange;
    cairn_tracer *tracer = tracer_once();
    input.method = take_line(&rest);
    input.target = take_line(&rest);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        input.values[i] = take_line(&rest);
    check_redaction(input.target);
    cairn_http_server_start(&exchange, tracer,
                            &(struct cairn_http_request){.size = sizeof(struct cairn_http_request),
                                                         .method = input.method,
                                                         .target = input.target,
                                                         .get_header = get,
                                                         .carrier = &input});
    cairn_http_server_route(&exchange, input.target);
    cairn_http_server_end(&exchange, (int32_t)size, NULL);
    cairn_http_client_start(&exchange, tracer,
                            &(struct cairn_http_call){.size = sizeof(struct cairn_http_call),
                                                      .method = input.method,
                                                      .url = input.target,
                                                      .url_template = input.values[0]});
    cairn_http_client_end(&exchange, (int32_t)size, NULL, NULL);
    return 0;
}
