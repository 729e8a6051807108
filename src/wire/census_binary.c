/* census_binary.c - see census_binary.h. */
#include "wire/census_binary.h"

#include <string.h>

enum { VERSION = 0, FIELD_TRACE_ID = 0, FIELD_SPAN_ID = 1, FIELD_OPTIONS = 2, FIELDS = 3 };
enum { OPTION_SAMPLED = 1 }; /* the other bits have no meaning */

bool census_binary_parse(struct str bytes, struct census_binary *ret)
{
    struct census_binary read = {.sampled = false};
    uint8_t options = 0;
    struct {
        void *to;
        size_t n;
        bool seen;
    } fields[FIELDS] = {
        [FIELD_TRACE_ID] = {read.trace_id.bytes, TRACE_ID_BYTES, false},
        [FIELD_SPAN_ID] = {read.span_id.bytes, SPAN_ID_BYTES, false},
        [FIELD_OPTIONS] = {&options, 1, false},
    };
    if (bytes.n == 0 || bytes.p[0] != VERSION)
        return false;
    for (size_t at = 1; at < bytes.n;) {
        unsigned id = (unsigned char)bytes.p[at++];
        if (id >= FIELDS)
            break;
        if (fields[id].seen || bytes.n - at < fields[id].n)
            return false;
        memcpy(fields[id].to, bytes.p + at, fields[id].n);
        fields[id].seen = true;
        at += fields[id].n;
    }
    if (trace_id_is_zero(read.trace_id) || span_id_is_zero(read.span_id))
        return false;
    read.sampled = options & OPTION_SAMPLED;
    *ret = read;
    return true;
}

void census_binary_format(uint8_t out[CENSUS_BINARY_BYTES], const struct census_binary *context)
{
    *out++ = VERSION;
    *out++ = FIELD_TRACE_ID;
    memcpy(out, context->trace_id.bytes, TRACE_ID_BYTES);
    out += TRACE_ID_BYTES;
    *out++ = FIELD_SPAN_ID;
    memcpy(out, context->span_id.bytes, SPAN_ID_BYTES);
    out += SPAN_ID_BYTES;
    *out++ = FIELD_OPTIONS;
    *out = context->sampled ? OPTION_SAMPLED : 0;
}
