/* answer.c - what a reply means: the retryable codes of OTLP 1.11, RetryInfo, partial success. */
#include <stdio.h>

#include "base/json_reader.h"
#include "load/sender.h"
#include "otlp/retry.h"
#include "wire/otlp_pb.h"
#include "wire/pb.h"

/* gRPC's codes that an exporter may try again; RESOURCE_EXHAUSTED only with RetryInfo. */
enum {
    CANCELLED = 1,
    DEADLINE_EXCEEDED = 4,
    RESOURCE_EXHAUSTED = 8,
    ABORTED = 10,
    OUT_OF_RANGE = 11,
    UNAVAILABLE = 14,
    DATA_LOSS = 15,
};

static bool has_byte_up_to(struct str s, unsigned char last)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] <= last || s.p[i] == 0x7f)
            return true;
    }
    return false;
}

bool load_header_split(const char *text, struct str *name, struct str *value)
{
    struct str all = str_of(text);
    ptrdiff_t colon = str_find(all, ':'), equals = str_find(all, '=');
    bool cut = str_cut(all, equals < 0 || (colon >= 0 && colon < equals) ? ':' : '=', name, value);
    *name = str_trim(*name);
    *value = str_trim(*value);
    return cut && name->n && !has_byte_up_to(*name, ' ') && !has_byte_up_to(*value, 0x1f);
}

/* Words from elsewhere go to a terminal: nothing in them may command it. */
static void say(struct load_answer *a, const char *code, long number, struct str words)
{
    struct str line, rest;
    str_cut(words, '\n', &line, &rest);
    snprintf(a->msg, sizeof a->msg, "%s %ld%s%.*s", code, number, line.n ? ": " : "",
             line.n < 150 ? (int)line.n : 150, line.p ? line.p : "");
    for (char *p = a->msg; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    }
}

static void read_duration(struct str bytes, int64_t *ret_ms)
{
    struct pb_reader r = pb_reader_of(bytes);
    uint64_t seconds = 0, nanos = 0;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_VARINT): seconds = pb_varint(&r); break;
        case PB_TAG(2, PB_VARINT): nanos = pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    if (!r.bad_at && seconds < 1000000 && nanos < 1000000000)
        *ret_ms = (int64_t)(seconds * 1000 + nanos / 1000000);
}

static struct str field(struct str bytes, unsigned number)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct str found = {NULL, 0};
    while (pb_next(&r)) {
        if (r.tag == PB_TAG(number, PB_LEN))
            found = pb_bytes(&r);
        else
            pb_skip(&r);
    }
    return r.bad_at ? (struct str){NULL, 0} : found;
}

/* RetryInfo among the details of a google.rpc.Status; -1 = none. */
static int64_t retry_info(struct str status)
{
    struct pb_reader r = pb_reader_of(status);
    int64_t ms = -1;
    while (pb_next(&r)) {
        struct str any;
        if (r.tag != PB_TAG(3, PB_LEN)) {
            pb_skip(&r);
            continue;
        }
        any = pb_bytes(&r);
        if (str_eq(field(any, 1), STR("type.googleapis.com/google.rpc.RetryInfo"))) {
            ms = 0;
            read_duration(field(field(any, 2), 1), &ms);
        }
    }
    return ms;
}

static bool may_retry(int status, bool told)
{
    return status == CANCELLED || status == DEADLINE_EXCEEDED || status == ABORTED ||
           status == OUT_OF_RANGE || status == UNAVAILABLE || status == DATA_LOSS ||
           (status == RESOURCE_EXHAUSTED && told);
}

static void read_reply(struct str reply, struct load_answer *a)
{
    int64_t rejected = 0;
    struct str message = {NULL, 0};
    if (otlp_pb_decode_response(reply, &rejected, &message) < 0)
        return; /* it is acknowledged all the same */
    a->rejected_spans = rejected > 0 ? (uint64_t)rejected : 0;
    if (a->rejected_spans)
        say(a, "partial success, rejected spans:", (long)rejected, message);
}

void load_answer_grpc(int status, struct str message, struct str details, struct str reply,
                      struct load_answer *ret)
{
    *ret = (struct load_answer){.outcome = LOAD_ACKNOWLEDGED, .delay_ms = -1};
    if (status == 0) {
        read_reply(reply, ret);
        return;
    }
    ret->delay_ms = retry_info(details);
    ret->outcome = may_retry(status, ret->delay_ms >= 0) ? LOAD_TRY_AGAIN : LOAD_REFUSED;
    say(ret, "gRPC status", status, message);
}

/* {"partialSuccess":{"rejectedSpans":"3","errorMessage":"..."}} */
static void read_json_reply(struct str reply, struct load_answer *a)
{
    struct arena arena;
    struct str key, message = {NULL, 0};
    uint64_t rejected = 0;
    arena_init(&arena, 1 << 20);
    struct json_reader r = json_reader_of(reply, &arena);
    if (!json_read_object(&r))
        goto done;
    while (json_read_member(&r, &key)) {
        if (!str_eq(key, STR("partialSuccess")) || !json_read_object(&r)) {
            json_read_skip(&r);
            continue;
        }
        while (json_read_member(&r, &key)) {
            if (str_eq(key, STR("rejectedSpans")))
                str_to_u64(json_peek(&r) == JSON_STRING_KIND ? json_read_string(&r)
                                                             : json_read_number(&r),
                           &rejected);
            else if (str_eq(key, STR("errorMessage")))
                message = json_read_string(&r);
            else
                json_read_skip(&r);
        }
    }
    a->rejected_spans = rejected;
    if (rejected)
        say(a, "partial success, rejected spans:", (long)rejected, message);
done:
    arena_release(&arena);
}

void load_answer_http(long status, uint64_t retry_after_s, struct str reply, bool json,
                      struct load_answer *ret)
{
    *ret = (struct load_answer){.outcome = LOAD_ACKNOWLEDGED, .delay_ms = -1};
    if (status >= 200 && status < 300) {
        if (json)
            read_json_reply(reply, ret);
        else
            read_reply(reply, ret);
        return;
    }
    if (retry_after_s)
        ret->delay_ms = (int64_t)(retry_after_s < 1000000 ? retry_after_s * 1000 : 1000000000);
    ret->outcome = retry_status_allows(status) ? LOAD_TRY_AGAIN : LOAD_REFUSED;
    say(ret, "HTTP", status, json ? reply : field(reply, 2));
}
