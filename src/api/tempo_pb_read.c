/* tempo_pb_read.c - requests. Proto3 cannot tell 0 from absent, so both are the default. */
#include "api/tempo_pb.h"
#include "wire/pb.h"

static const uint64_t SECOND_NS = 1000000000;

static int check(const struct pb_reader *r, const char *message, struct err *err)
{
    return r->bad_at ? err_set(err, ERR_INVALID, "malformed %s", message) : 0;
}

/* u32 seconds; 0 = not given. */
static void set_range(uint64_t start_s, uint64_t end_s, uint64_t *start_ns, uint64_t *end_ns)
{
    *start_ns = (start_s & UINT32_MAX) * SECOND_NS;
    *end_ns = end_s ? (end_s & UINT32_MAX) * SECOND_NS : UINT64_MAX;
}

/* An entry of map<string, string>. */
static int read_tag(struct str bytes, struct tempo_search *ret, struct arena *arena,
                    struct err *err)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct str key = STR(""), value = STR("");
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): key = pb_bytes(&r); break;
        case PB_TAG(2, PB_LEN): value = pb_bytes(&r); break;
        default: pb_skip(&r); break;
        }
    }
    TRY(check(&r, "SearchRequest", err));
    if (!ret->tags && !(ret->tags = arena_calloc(arena, TEMPO_TAGS_MAX, sizeof *ret->tags)))
        return ERR_NOMEM;
    if (ret->tag_count == TEMPO_TAGS_MAX)
        return err_set(err, ERR_INVALID, "invalid tags: more than %d", TEMPO_TAGS_MAX);
    ret->tags[ret->tag_count++] =
        (struct attr){.key = key, .value = {.type = VALUE_STRING, .string = value}};
    return 0;
}

static int finish_search(struct tempo_search *s, uint64_t max_ms, uint32_t limit_max,
                         struct err *err)
{
    if (s->query.n && s->tag_count)
        return err_set(err, ERR_INVALID,
                       "invalid request: can't specify tags and q in the same query");
    s->max_duration_ns = max_ms ? max_ms * 1000000 : UINT64_MAX;
    if (s->max_duration_ns < s->min_duration_ns)
        return err_set(err, ERR_INVALID, "invalid maxDuration: must be greater than minDuration");
    if (s->limit > limit_max)
        return err_set(err, ERR_INVALID, "limit %u exceeds max limit %u", s->limit, limit_max);
    if (s->limit == 0)
        s->limit = TEMPO_SEARCH_LIMIT < limit_max ? TEMPO_SEARCH_LIMIT : limit_max;
    if (s->spans_per_set == 0)
        s->spans_per_set = TEMPO_SPANS_PER_SET;
    return tempo_range_check(s->start_ns, s->end_ns, err);
}

int tempo_pb_search_request(struct str bytes, struct arena *arena, uint32_t limit_max,
                            struct tempo_search *ret, struct err *err)
{
    struct pb_reader r = pb_reader_of(bytes);
    uint64_t start = 0, end = 0, max_ms = 0;
    *ret = (struct tempo_search){0};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): TRY(read_tag(pb_bytes(&r), ret, arena, err)); break;
        case PB_TAG(2, PB_VARINT):
            ret->min_duration_ns = (pb_varint(&r) & UINT32_MAX) * 1000000;
            break;
        case PB_TAG(3, PB_VARINT): max_ms = pb_varint(&r) & UINT32_MAX; break;
        case PB_TAG(4, PB_VARINT): ret->limit = (uint32_t)pb_varint(&r); break;
        case PB_TAG(5, PB_VARINT): start = pb_varint(&r); break;
        case PB_TAG(6, PB_VARINT): end = pb_varint(&r); break;
        case PB_TAG(8, PB_LEN): ret->query = pb_bytes(&r); break;
        case PB_TAG(9, PB_VARINT): ret->spans_per_set = (uint32_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    TRY(check(&r, "SearchRequest", err));
    set_range(start, end, &ret->start_ns, &ret->end_ns);
    return finish_search(ret, max_ms, limit_max, err);
}

int tempo_pb_tags_request(struct str bytes, struct tempo_tags *ret, struct err *err)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct str scope = STR("");
    uint64_t start = 0, end = 0;
    *ret = (struct tempo_tags){0};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): scope = pb_bytes(&r); break;
        case PB_TAG(2, PB_LEN): ret->query = pb_bytes(&r); break;
        case PB_TAG(3, PB_VARINT): start = pb_varint(&r); break;
        case PB_TAG(4, PB_VARINT): end = pb_varint(&r); break;
        case PB_TAG(5, PB_VARINT): ret->limit = (uint32_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    TRY(check(&r, "SearchTagsRequest", err));
    TRY(tempo_scope_parse(scope, &ret->scope, err));
    set_range(start, end, &ret->start_ns, &ret->end_ns);
    return tempo_range_check(ret->start_ns, ret->end_ns, err);
}

int tempo_pb_values_request(struct str bytes, struct tempo_tags *ret, struct err *err)
{
    struct pb_reader r = pb_reader_of(bytes);
    uint64_t start = 0, end = 0;
    *ret = (struct tempo_tags){0};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): ret->tag = pb_bytes(&r); break;
        case PB_TAG(2, PB_LEN): ret->query = pb_bytes(&r); break;
        case PB_TAG(4, PB_VARINT): start = pb_varint(&r); break;
        case PB_TAG(5, PB_VARINT): end = pb_varint(&r); break;
        case PB_TAG(6, PB_VARINT): ret->limit = (uint32_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    TRY(check(&r, "SearchTagValuesRequest", err));
    set_range(start, end, &ret->start_ns, &ret->end_ns);
    return tempo_range_check(ret->start_ns, ret->end_ns, err);
}

int tempo_pb_metrics_request(struct str bytes, bool instant, uint64_t now_ns,
                             struct tempo_metrics *ret, struct err *err)
{
    struct pb_reader r = pb_reader_of(bytes);
    *ret = (struct tempo_metrics){.instant = instant};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): ret->query = pb_bytes(&r); break;
        case PB_TAG(2, PB_VARINT): ret->start_ns = pb_varint(&r); break;
        case PB_TAG(3, PB_VARINT): ret->end_ns = pb_varint(&r); break;
        case PB_TAG(4, PB_VARINT): ret->step_ns = pb_varint(&r); break;
        case PB_TAG(16, PB_VARINT): ret->exemplars_max = (uint32_t)pb_varint(&r); break;
        case PB_TAG(17, PB_VARINT): ret->series_max = (uint32_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    TRY(check(&r, instant ? "QueryInstantRequest" : "QueryRangeRequest", err));
    if (ret->end_ns == 0)
        ret->end_ns = now_ns;
    if (ret->start_ns == 0)
        ret->start_ns = ret->end_ns > 3600 * SECOND_NS ? ret->end_ns - 3600 * SECOND_NS : 0;
    if (ret->exemplars_max == 0 || ret->exemplars_max > TEMPO_EXEMPLARS_LIMIT)
        ret->exemplars_max = TEMPO_EXEMPLARS_LIMIT;
    return tempo_range_check(ret->start_ns, ret->end_ns, err);
}
