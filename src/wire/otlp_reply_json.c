/* otlp_reply_json.c - OTLP/JSON replies: partial success, google.rpc.Status with RetryInfo. Unknown members are passed
 * over, null counts as absent. */
#include "base/json_reader.h"
#include "wire/otlp_json.h"
#include "wire/otlp_reply.h"

static int result_of(struct json_reader *r)
{
    if (json_read_end(r))
        return 0;
    return r->no_memory ? ERR_NOMEM : ERR_INVALID;
}

/* The next member that is not null; false at the object's end. */
static bool next_member(struct json_reader *r, struct str *key)
{
    while (json_read_member(r, key)) {
        if (json_peek(r) != JSON_NULL_KIND)
            return true;
        json_read_null(r);
    }
    return false;
}

/* A 64-bit integer is a string, as JSON's mapping has it, or a number. */
static int64_t read_i64(struct json_reader *r)
{
    int64_t v = 0;
    struct str text = json_peek(r) == JSON_STRING_KIND ? json_read_string(r) : json_read_number(r);
    if (!r->why && !str_to_i64(text, &v))
        json_read_fail(r, "not a 64-bit integer");
    return v;
}

int otlp_json_decode_response(struct str text, struct arena *arena, int64_t *rejected_spans,
                              struct str *message)
{
    struct json_reader r = json_reader_of(text, arena);
    int64_t rejected = 0;
    struct str said = {NULL, 0}, key;
    int result;
    if (text.n == 0)
        goto done; /* nothing to say, and some servers say it with no bytes at all */
    json_read_object(&r);
    while (next_member(&r, &key)) {
        if (!str_eq(key, STR("partialSuccess"))) {
            json_read_skip(&r);
            continue;
        }
        json_read_object(&r);
        while (next_member(&r, &key)) {
            if (str_eq(key, STR("rejectedSpans")))
                rejected = read_i64(&r);
            else if (str_eq(key, STR("errorMessage")))
                said = json_read_string(&r);
            else
                json_read_skip(&r);
        }
    }
    result = result_of(&r);
    if (result < 0)
        return result;
done:
    *rejected_spans = rejected;
    *message = said;
    return 0;
}

/* A google.protobuf.Duration is text: "1.5s". */
static uint64_t read_duration(struct json_reader *r)
{
    struct str text = json_read_string(r), seconds, digits;
    int64_t s = 0, nanos = 0;
    if (r->why)
        return 0;
    if (text.n == 0 || text.p[text.n - 1] != 's') {
        json_read_fail(r, "not a duration");
        return 0;
    }
    text.n--;
    if (str_cut(text, '.', &seconds, &digits)) {
        uint64_t part;
        if (digits.n > 9 || !str_to_u64(digits, &part)) {
            json_read_fail(r, "not a duration");
            return 0;
        }
        for (size_t i = digits.n; i < 9; i++)
            part *= 10;
        nanos = (int64_t)part;
    }
    if (!str_to_i64(seconds, &s))
        json_read_fail(r, "not a duration");
    return otlp_delay_ms(s, nanos);
}

/* A google.protobuf.Any: the members of the message beside "@type", which stands first. */
static void read_detail(struct json_reader *r, struct otlp_status *ret)
{
    struct str key;
    bool retry_info = false;
    json_read_object(r);
    while (next_member(r, &key)) {
        if (str_eq(key, STR("@type"))) {
            retry_info = otlp_is_retry_info(json_read_string(r));
            ret->has_delay |= retry_info;
        } else if (retry_info && str_eq(key, STR("retryDelay"))) {
            ret->delay_ms = read_duration(r);
        } else {
            json_read_skip(r);
        }
    }
}

int otlp_json_decode_status(struct str text, struct arena *arena, struct otlp_status *ret)
{
    struct json_reader r = json_reader_of(text, arena);
    struct otlp_status status = {0};
    struct str key;
    int result;
    json_read_object(&r);
    while (next_member(&r, &key)) {
        if (str_eq(key, STR("code"))) {
            status.code = (int32_t)read_i64(&r);
        } else if (str_eq(key, STR("message"))) {
            status.message = json_read_string(&r);
        } else if (str_eq(key, STR("details"))) {
            json_read_array(&r);
            while (json_read_element(&r))
                read_detail(&r, &status);
        } else {
            json_read_skip(&r);
        }
    }
    result = result_of(&r);
    if (result == 0)
        *ret = status;
    return result;
}
