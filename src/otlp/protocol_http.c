/* protocol_http.c - OTLP over HTTP, protobuf and JSON: a POST, the status says how it went.
 *
 * Bodies of answers are read by their Content-Type, because proxies and servers answer failures in a format of their
 * own choice; what is neither protobuf nor JSON is not looked into. */
#define CAIRN_NO_INLINE
#include <cairn/otlp.h>

#include <stdio.h>

#include "base/clock.h"
#include "otlp/protocol.h"
#include "otlp/retry.h"
#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"

enum { ANSWER_RETRY_AFTER, ANSWER_CONTENT_TYPE };

static const char *const answer_headers[] = {"retry-after", "content-type", NULL};

/* The path of a URL begins after the authority. */
static bool has_path(struct str url)
{
    struct str scheme, rest;
    if (!str_cut(url, ':', &scheme, &rest))
        return false;
    return str_find(str_from(rest, 2), '/') >= 0;
}

/* A URL of one's own is used as it is (an empty path is "/"); the general one gets v1/traces appended. */
static struct str http_url(struct arena *arena, struct str endpoint, bool own, bool insecure)
{
    (void)insecure; /* the scheme says it */
    if (own)
        return arena_printf(arena, "%.*s%s", STR_ARG(endpoint), has_path(endpoint) ? "" : "/");
    return arena_printf(arena, "%.*s%sv1/traces", STR_ARG(endpoint),
                        endpoint.n && endpoint.p[endpoint.n - 1] == '/' ? "" : "/");
}

/* The encoding of an answer's body; 0 when it is another one. */
static int32_t encoding_of(const struct otlp_answer *answer, int32_t asked)
{
    struct str type, parameters;
    str_cut(answer->headers[ANSWER_CONTENT_TYPE], ';', &type, &parameters);
    type = str_trim(type);
    if (type.n == 0)
        return asked;
    if (str_eq_nocase(type, STR("application/x-protobuf")))
        return CAIRN_OTLP_PROTOBUF;
    return str_eq_nocase(type, STR("application/json")) ? CAIRN_OTLP_JSON : 0;
}

static void read_success(const struct otlp_answer *answer, int32_t encoding, struct arena *arena,
                         struct otlp_verdict *ret)
{
    ret->outcome = OTLP_SENT; /* the spans arrived, even if the rest cannot be read */
    if (encoding == CAIRN_OTLP_PROTOBUF)
        otlp_pb_decode_response(answer->body, &ret->rejected, &ret->message);
    else if (encoding == CAIRN_OTLP_JSON)
        otlp_json_decode_response(answer->body, arena, &ret->rejected, &ret->message);
}

static void read_failure(const struct otlp_answer *answer, int32_t encoding, struct arena *arena,
                         struct otlp_verdict *ret)
{
    struct otlp_status status = {0};
    ret->outcome = retry_status_allows(answer->http) ? OTLP_TRY_AGAIN : OTLP_GIVE_UP;
    snprintf(ret->what, sizeof ret->what, "HTTP status %ld", answer->http);
    ret->has_delay = retry_after_parse(answer->headers[ANSWER_RETRY_AFTER],
                                       clock_realtime_ns() / 1000000000u, &ret->delay_ms);
    if (encoding == CAIRN_OTLP_PROTOBUF && otlp_pb_decode_status(answer->body, &status) == 0)
        ret->message = status.message;
    if (encoding == CAIRN_OTLP_JSON && otlp_json_decode_status(answer->body, arena, &status) == 0)
        ret->message = status.message;
}

static void judge(const struct otlp_answer *answer, int32_t asked, struct arena *arena,
                  struct otlp_verdict *ret)
{
    int32_t encoding = encoding_of(answer, asked);
    if (answer->http >= 200 && answer->http < 300)
        read_success(answer, encoding, arena, ret);
    else
        read_failure(answer, encoding, arena, ret);
}

static void judge_protobuf(const struct otlp_answer *answer, struct arena *arena,
                           struct otlp_verdict *ret)
{
    judge(answer, CAIRN_OTLP_PROTOBUF, arena, ret);
}

static void judge_json(const struct otlp_answer *answer, struct arena *arena,
                       struct otlp_verdict *ret)
{
    judge(answer, CAIRN_OTLP_JSON, arena, ret);
}

static const char *const protobuf_headers[] = {"Content-Type: application/x-protobuf", NULL};
static const char *const json_headers[] = {"Content-Type: application/json", NULL};

const struct otlp_protocol protocol_http_protobuf = {
    .name = "http/protobuf",
    .transport = CAIRN_OTLP_HTTP,
    .encoding = CAIRN_OTLP_PROTOBUF,
    .default_endpoint = "http://localhost:4318",
    .request_headers = protobuf_headers,
    .gzip_header = "Content-Encoding: gzip",
    .answer_headers = answer_headers,
    .url = http_url,
    .judge = judge_protobuf,
};

const struct otlp_protocol protocol_http_json = {
    .name = "http/json",
    .transport = CAIRN_OTLP_HTTP,
    .encoding = CAIRN_OTLP_JSON,
    .default_endpoint = "http://localhost:4318",
    .request_headers = json_headers,
    .gzip_header = "Content-Encoding: gzip",
    .answer_headers = answer_headers,
    .url = http_url,
    .judge = judge_json,
};
