/* load_options.c - see load_options.h. */
#include "cli/load_options.h"

#include <string.h>
#include <time.h>

#include "base/random.h"
#include "base/str.h"

/* in the order of enum load_protocol, behind "auto" */
static const char *const protocols[] = {"auto", "grpc", "http/protobuf", "http/json", NULL};
static const char *const out_formats[] = {"protobuf", "json", NULL};

#define MS       1000000ull
#define SECOND   (1000 * MS)
#define DAY      (24 * 3600 * SECOND)
#define AT(what) .offset = offsetof(struct load_options, what)

/* clang-format off */
const struct option load_options[] = {
    {.name = "target", .arg = "URL", .type = OPTION_STRING, AT(target), .fallback = "127.0.0.1", .env = true,
     .text = "where to send: grpc://HOST:PORT, http://HOST:PORT, https://HOST/PATH; ports and path default to OTLP's"},
    {.name = "protocol", .arg = "NAME", .type = OPTION_CHOICE, AT(protocol), .fallback = "auto", .choices = protocols,
     .text = "grpc, http/protobuf or http/json; auto takes the target's, else grpc"},
    {.name = "header", .arg = "NAME=VALUE", .type = OPTION_LIST, AT(headers),
     .text = "send this header with every request, as an API key; may be given several times"},
    {.name = "gzip", .type = OPTION_FLAG, AT(gzip), .text = "compress the requests"},

    {.name = "shape", .arg = "NAME", .type = OPTION_CHOICE, AT(shape), .fallback = "shop", .choices = load_shape_names,
     .text = "what the traces look like: shop, a web shop of many services; tracegen, small ones as Jaeger's tracegen makes them; deep, a chain; wide, a root with children; huge, one very large tree"},
    {.name = "trace-spans", .arg = "COUNT", .type = OPTION_COUNT, AT(trace_spans), .min = 1, .max = LOAD_TRACE_SPANS_MAX,
     .text = "spans of a trace; else 2 of tracegen, 1000 of deep and wide, 1000000 of huge (shop's traces vary)"},
    {.name = "services", .arg = "COUNT", .type = OPTION_COUNT, AT(services), .max = LOAD_SERVICES_MAX,
     .text = "how many services; else the shape's own number"},
    {.name = "seed", .arg = "N", .type = OPTION_COUNT, AT(seed), .min = 1,
     .text = "same seed, options and --start: same bytes; else 1 with --start, and another one each time without"},
    {.name = "start", .arg = "TIME", .type = OPTION_STRING, AT(start),
     .text = "when the first trace started, as 2026-11-21T13:00:00Z or seconds since 1970, then one each millisecond; else every trace ends when it is made"},

    {.name = "spans", .arg = "COUNT", .type = OPTION_COUNT, AT(spans), .min = 1,
     .text = "send this many spans; the shape huge sends one trace unless told"},
    {.name = "duration", .arg = "TIME", .type = OPTION_DURATION, AT(duration_ns), .max = 365 * DAY,
     .text = "send for this long; 10s when there is no --spans either"},
    {.name = "rate", .arg = "N", .type = OPTION_COUNT, AT(rate), .fallback = "0",
     .text = "spans a second; 0 is as fast as the server takes them"},
    {.name = "batch", .arg = "COUNT", .type = OPTION_COUNT, AT(batch), .fallback = "512", .min = 1, .max = LOAD_BATCH_MAX,
     .text = "spans of a request"},
    {.name = "connections", .arg = "COUNT", .type = OPTION_COUNT, AT(connections), .fallback = "4", .min = 1, .max = LOAD_CONNECTIONS_MAX,
     .text = "connections to the server"},
    {.name = "in-flight", .arg = "COUNT", .type = OPTION_COUNT, AT(in_flight), .fallback = "16", .min = 1, .max = LOAD_IN_FLIGHT_MAX,
     .text = "requests that wait for an answer at the same time, over all connections; over HTTP one per connection at most"},
    {.name = "prepare", .type = OPTION_FLAG, AT(prepare),
     .text = "make all requests before the clock starts; needs --spans, and memory for all of them"},
    {.name = "timeout", .arg = "TIME", .type = OPTION_DURATION, AT(timeout_ns), .fallback = "10s", .min = 10 * MS, .max = DAY,
     .text = "longest wait for an answer"},
    {.name = "retry-time", .arg = "TIME", .type = OPTION_DURATION, AT(retry_ns), .fallback = "60s", .max = DAY,
     .text = "how long a request is tried again when the server is busy or away; 0 never"},

    {.name = "out", .arg = "FILE", .type = OPTION_STRING, AT(out),
     .text = "write the requests to this file (- is standard output) instead of sending them"},
    {.name = "out-format", .arg = "FORMAT", .type = OPTION_CHOICE, AT(out_format), .fallback = "protobuf", .choices = out_formats,
     .text = "protobuf: each request behind its length in four bytes, the highest first; json: one OTLP/JSON request a line"},
    {.name = "ids", .arg = "FILE", .type = OPTION_STRING, AT(ids),
     .text = "write trace id and span count of every trace in each acknowledged request to this file"},
    {.name = "server-pid", .arg = "PID", .type = OPTION_COUNT, AT(server_pid), .min = 1, .max = 1ull << 31,
     .text = "measure the CPU time of this process until it is idle again"},
    {.name = "json", .type = OPTION_FLAG, AT(json), .text = "print the result as JSON"},
    {0},
};
/* clang-format on */

bool load_parse_time(const char *text, uint64_t *ret_ns)
{
    struct tm tm = {0};
    uint64_t number, fraction = 0, scale = SECOND;
    int n = 0;
    time_t seconds;
    if (str_to_u64(str_of(text), &number)) {
        /* seconds reach this number in the year 5138, nanoseconds had it on New Year's Day of 1970 */
        *ret_ns = number < 100000000000 ? number * SECOND : number;
        return number > 0;
    }
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec, &n) != 6)
        return false;
    text += n;
    if (*text == '.') {
        for (text++; *text >= '0' && *text <= '9' && scale > 1; text++)
            fraction += (uint64_t)(*text - '0') * (scale /= 10);
    }
    tm.tm_year -= 1900;
    tm.tm_mon--;
    if (strcmp(text, "Z") != 0 || tm.tm_year < 70 || tm.tm_mon < 0 || tm.tm_mon > 11 ||
        tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 ||
        tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60)
        return false;
    seconds = timegm(&tm);
    *ret_ns = (uint64_t)seconds * SECOND + fraction;
    return seconds > 0;
}

static int check_headers(const struct load_options *o, struct err *err)
{
    struct str name, value;
    for (uint32_t i = 0; i < o->headers.count; i++) {
        if (!load_header_split(o->headers.items[i], &name, &value))
            return err_set(err, ERR_INVALID, "--header: \"%.100s\" is not NAME=VALUE",
                           o->headers.items[i]);
    }
    return 0;
}

/* How much is sent, when the user did not say. */
static void set_length(const struct load_options *o, struct load_run_options *r)
{
    r->gen.spans = o->spans;
    r->duration_ns = o->duration_ns;
    if (r->gen.shape == LOAD_HUGE && o->spans && !o->trace_spans && !o->duration_ns &&
        o->spans <= LOAD_TRACE_SPANS_MAX)
        r->gen.trace_spans = o->spans;
    if (r->gen.spans || r->duration_ns)
        return;
    if (r->gen.shape == LOAD_HUGE)
        r->gen.spans = o->trace_spans ? o->trace_spans : 1000000;
    else
        r->duration_ns = 10 * SECOND;
}

static int check_together(const struct load_options *o, const struct load_run_options *r,
                          struct err *err)
{
    if (o->trace_spans && r->gen.shape == LOAD_SHOP)
        return err_set(err, ERR_INVALID,
                       "--trace-spans does not go with --shape shop, whose traces vary");
    if (o->prepare && r->gen.spans == 0)
        return err_set(err, ERR_INVALID, "--prepare needs --spans");
    if (o->out && r->gen.spans == 0)
        return err_set(err, ERR_INVALID, "--out needs --spans");
    if (o->out && (o->gzip || o->server_pid || o->rate))
        return err_set(err, ERR_INVALID,
                       "--gzip, --rate and --server-pid are about sending; --out does not send");
    if (o->out && o->ids && strcmp(o->out, o->ids) == 0)
        return err_set(err, ERR_INVALID, "--out and --ids cannot go to the same file");
    return check_headers(o, err);
}

int load_options_read(const struct load_options *o, struct load_run_options *ret, struct err *err)
{
    *ret = (struct load_run_options){
        .gen = {.shape = (enum load_shape)o->shape,
                .batch = o->batch,
                .services = (uint32_t)o->services,
                .trace_spans = o->trace_spans},
        .rate = (double)o->rate,
        .prepare = o->prepare,
        .gzip = o->gzip,
        .connections = (unsigned)o->connections,
        .in_flight = (unsigned)o->in_flight,
        .headers = o->headers.items,
        .header_count = o->headers.count,
        .timeout_ms = o->timeout_ns / MS,
        .retry_ms = o->retry_ns / MS,
        .out_format = o->out_format ? LOAD_HTTP_JSON : LOAD_HTTP_PROTOBUF,
        .server_pid = o->server_pid,
    };
    if (o->start && !load_parse_time(o->start, &ret->gen.start_ns))
        return err_set(err, ERR_INVALID,
                       "--start: \"%.60s\" is no time, as in 2026-11-21T13:00:00Z", o->start);
    /* the same ids at another time would add to the traces of the run before */
    ret->gen.seed = o->seed ? o->seed : o->start ? 1 : random_u64() >> 32 | 1;
    set_length(o, ret);
    TRY(check_together(o, ret, err));
    return load_target_parse(o->target, o->protocol - 1, &ret->target, err);
}
