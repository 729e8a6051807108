/* pb.c - the rare paths of pb.h: long varints, unknown fields, lengths of large nested messages. */
#include "wire/pb.h"

uint64_t pb_varint_slow(struct pb_reader *r)
{
    const uint8_t *at = r->p;
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte;
        if (r->p >= r->end)
            break;
        byte = *r->p++;
        if (shift == 63 && byte > 1)
            break; /* more than 64 bits */
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return v;
    }
    pb_fail(r, at);
    return 0;
}

/* Everything up to the end-group tag of the same field number. */
static void skip_group(struct pb_reader *r)
{
    uint32_t open[PB_GROUP_DEPTH_MAX];
    unsigned depth = 0;
    const uint8_t *at = r->p;
    open[depth++] = r->tag >> 3;
    while (depth && pb_next(r)) {
        switch (r->tag & 7) {
        case PB_SGROUP:
            if (depth == PB_GROUP_DEPTH_MAX) {
                pb_fail(r, at);
                return;
            }
            open[depth++] = r->tag >> 3;
            break;
        case PB_EGROUP:
            if (open[--depth] != r->tag >> 3) {
                pb_fail(r, at);
                return;
            }
            break;
        default: pb_skip(r); break;
        }
    }
    if (depth)
        pb_fail(r, at);
}

void pb_skip(struct pb_reader *r)
{
    switch (r->tag & 7) {
    case PB_VARINT: pb_varint(r); break;
    case PB_I64: pb_fixed64(r); break;
    case PB_LEN: pb_bytes(r); break;
    case PB_I32: pb_fixed32(r); break;
    case PB_SGROUP: skip_group(r); break;
    default: pb_fail(r, r->p); break; /* an end without a start, or an unknown type */
    }
}

void pb_end(struct buf *out, size_t start)
{
    size_t n = out->n - start, more;
    if (out->failed)
        return;
    more = pb_varint_size(n) - 1;
    if (more) {
        if (!buf_reserve(out, more))
            return;
        memmove(out->p + start + more, out->p + start, n);
        out->n += more;
    }
    pb_put_varint_at(out->p + start - 1, n);
}
