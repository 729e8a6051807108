/* otlp_reply.c - what stands in OTLP replies: partial success, google.rpc.Status with RetryInfo. */
#include "wire/otlp_reply.h"
#include "wire/pb.h"

void otlp_pb_encode_response(uint64_t rejected_spans, struct str message, struct buf *out)
{
    size_t partial;
    if (rejected_spans == 0 && message.n == 0)
        return;
    partial = pb_begin(out, PB_TAG(1, PB_LEN));
    if (rejected_spans)
        pb_put_varint(out, PB_TAG(1, PB_VARINT), rejected_spans);
    if (message.n)
        pb_put_bytes(out, PB_TAG(2, PB_LEN), message);
    pb_end(out, partial);
}

int otlp_pb_decode_response(struct str bytes, int64_t *rejected_spans, struct str *message)
{
    struct pb_reader r = pb_reader_of(bytes), partial = pb_reader_of(STR(""));
    int64_t rejected = 0;
    struct str text = {NULL, 0};
    while (pb_next(&r)) {
        if (r.tag == PB_TAG(1, PB_LEN))
            partial = pb_reader_of(pb_bytes(&r));
        else
            pb_skip(&r);
    }
    while (pb_next(&partial)) {
        switch (partial.tag) {
        case PB_TAG(1, PB_VARINT): rejected = (int64_t)pb_varint(&partial); break;
        case PB_TAG(2, PB_LEN): text = pb_bytes(&partial); break;
        default: pb_skip(&partial); break;
        }
    }
    if (r.bad_at || partial.bad_at)
        return ERR_INVALID;
    *rejected_spans = rejected;
    *message = text;
    return 0;
}

/* google.protobuf.Duration {seconds, nanos} in milliseconds, rounded up; negative ones are 0. */
static uint64_t read_duration(struct str bytes, bool *bad)
{
    struct pb_reader r = pb_reader_of(bytes);
    int64_t seconds = 0, nanos = 0;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_VARINT): seconds = (int64_t)pb_varint(&r); break;
        case PB_TAG(2, PB_VARINT): nanos = (int64_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    *bad |= r.bad_at != NULL;
    return otlp_delay_ms(seconds, nanos);
}

/* google.protobuf.Any: only a RetryInfo {Duration retry_delay} is of interest. */
static void read_detail(struct str bytes, struct otlp_status *ret, bool *bad)
{
    struct pb_reader r = pb_reader_of(bytes), info;
    struct str type = {NULL, 0}, value = {NULL, 0};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): type = pb_bytes(&r); break;
        case PB_TAG(2, PB_LEN): value = pb_bytes(&r); break;
        default: pb_skip(&r); break;
        }
    }
    *bad |= r.bad_at != NULL;
    if (!otlp_is_retry_info(type))
        return;
    ret->has_delay = true;
    info = pb_reader_of(value);
    while (pb_next(&info)) {
        if (info.tag == PB_TAG(1, PB_LEN))
            ret->delay_ms = read_duration(pb_bytes(&info), bad);
        else
            pb_skip(&info);
    }
    *bad |= info.bad_at != NULL;
}

int otlp_pb_decode_status(struct str bytes, struct otlp_status *ret)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct otlp_status status = {0};
    bool bad = false;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_VARINT): status.code = (int32_t)pb_varint(&r); break;
        case PB_TAG(2, PB_LEN): status.message = pb_bytes(&r); break;
        case PB_TAG(3, PB_LEN): read_detail(pb_bytes(&r), &status, &bad); break;
        default: pb_skip(&r); break;
        }
    }
    if (bad || r.bad_at)
        return ERR_INVALID;
    *ret = status;
    return 0;
}

void otlp_pb_encode_status(int grpc_code, struct str message, uint32_t retry_delay_ms,
                           struct buf *out)
{
    size_t any, value, delay;
    if (grpc_code)
        pb_put_varint(out, PB_TAG(1, PB_VARINT), (uint64_t)(int64_t)grpc_code);
    if (message.n)
        pb_put_bytes(out, PB_TAG(2, PB_LEN), message);
    if (retry_delay_ms == 0)
        return;
    any = pb_begin(out, PB_TAG(3, PB_LEN)); /* google.protobuf.Any {type_url, value} */
    pb_put_bytes(out, PB_TAG(1, PB_LEN), STR("type.googleapis.com/" RETRY_INFO));
    value = pb_begin(out, PB_TAG(2, PB_LEN)); /* RetryInfo {Duration retry_delay} */
    delay = pb_begin(out, PB_TAG(1, PB_LEN)); /* Duration {seconds, nanos} */
    if (retry_delay_ms >= 1000)
        pb_put_varint(out, PB_TAG(1, PB_VARINT), retry_delay_ms / 1000);
    if (retry_delay_ms % 1000)
        pb_put_varint(out, PB_TAG(2, PB_VARINT), retry_delay_ms % 1000 * 1000000u);
    pb_end(out, delay);
    pb_end(out, value);
    pb_end(out, any);
}
