/* pb.c - the rare paths of pb.h: long varints, unknown fields, lengths of large nested messages. */
#include "wire/pb.h"

struct pb_long pb_varint_long(const uint8_t *p, const uint8_t *end)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70 && p < end; shift += 7) {
        uint8_t byte = *p++;
        if (shift == 63 && byte > 1)
            break; /* more than 64 bits */
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return (struct pb_long){p, v};
    }
    return (struct pb_long){NULL, 0};
}

/* Everything up to the end-group tag of the same field number. */
static const uint8_t *skip_group(const uint8_t *p, const uint8_t *end, uint32_t tag)
{
    struct pb_reader r = {p, end, NULL, tag};
    uint32_t open[PB_GROUP_DEPTH_MAX] = {tag >> 3};
    unsigned depth = 1;
    while (depth && pb_next(&r)) {
        switch (r.tag & 7) {
        case PB_SGROUP:
            if (depth == PB_GROUP_DEPTH_MAX)
                return NULL;
            open[depth++] = r.tag >> 3;
            break;
        case PB_EGROUP:
            if (open[--depth] != r.tag >> 3)
                return NULL;
            break;
        default: pb_skip(&r); break;
        }
    }
    return depth || r.bad_at ? NULL : r.p;
}

const uint8_t *pb_skip_value(const uint8_t *p, const uint8_t *end, uint32_t tag)
{
    struct pb_reader r = {p, end, NULL, tag};
    switch (tag & 7) {
    case PB_VARINT: pb_varint(&r); break;
    case PB_I64: pb_fixed64(&r); break;
    case PB_LEN: pb_bytes(&r); break;
    case PB_I32: pb_fixed32(&r); break;
    case PB_SGROUP: return skip_group(p, end, tag);
    default: return NULL; /* an end without a start, or an unknown type */
    }
    return r.bad_at ? NULL : r.p;
}

void pb_end_guess(struct buf *out, size_t start, unsigned length_bytes)
{
    size_t n = out->n - start, need;
    if (out->failed)
        return;
    need = pb_varint_size(n);
    if (need != length_bytes) {
        if (!buf_reserve(out, PB_LENGTH_BYTES_MAX))
            return;
        memmove(out->p + start - length_bytes + need, out->p + start, n);
        out->n = start - length_bytes + need + n;
    }
    pb_put_varint_at(out->p + start - length_bytes, n);
}
