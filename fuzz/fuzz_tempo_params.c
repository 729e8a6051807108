/* Targets: requests to Tempo's API, as URLs and as protobuf, up to the aligned range of a metrics query. What is accepted
 * keeps its promises. */
#include "api/tempo_params.h"
#include "api/tempo_pb.h"
#include "fuzz.h"

enum { LIMIT_MAX = 1000 };

static const uint64_t NOW_NS = 1795266841000000000;

static void check_search(const struct tempo_search *s)
{
    FUZZ_CHECK(s->limit > 0 && s->limit <= LIMIT_MAX);
    FUZZ_CHECK(s->spans_per_set > 0);
    FUZZ_CHECK(s->start_ns < s->end_ns);
    FUZZ_CHECK(s->min_duration_ns <= s->max_duration_ns);
    FUZZ_CHECK(s->tag_count <= TEMPO_TAGS_MAX);
    FUZZ_CHECK(!(s->query.n && s->tag_count));
}

static void check_metrics(struct tempo_metrics m)
{
    FUZZ_CHECK(m.start_ns < m.end_ns);
    FUZZ_CHECK(m.exemplars_max <= TEMPO_EXEMPLARS_LIMIT);
    const struct tempo_metrics before = m;
    if (tempo_metrics_align(&m, NULL) < 0)
        return;
    FUZZ_CHECK(m.step_ns > 0 && (m.end_ns - m.start_ns) % m.step_ns == 0);
    FUZZ_CHECK((m.end_ns - m.start_ns) / m.step_ns <= SERIES_BUCKETS_MAX);
    FUZZ_CHECK(m.start_ns <= before.start_ns && m.end_ns >= before.end_ns);
    FUZZ_CHECK(m.series_max > 0);
}

/* "path?query": the path is what stands behind /tag/ */
static void read_url(struct str in, struct arena *arena)
{
    struct http_request req = {0};
    struct tempo_search search;
    struct tempo_tags tags;
    struct tempo_metrics metrics;
    uint64_t start, end;
    str_cut(in, '?', &req.params[0], &req.query);
    if (tempo_params_search(&req, arena, LIMIT_MAX, &search, NULL) == 0)
        check_search(&search);
    if (tempo_params_tags(&req, arena, &tags, NULL) == 0)
        FUZZ_CHECK(tags.scope < TEMPO_SCOPES && tags.start_ns < tags.end_ns);
    if (tempo_params_values(&req, arena, &tags, NULL) == 0)
        FUZZ_CHECK(tags.tag.n > 0 && tags.tag.n <= req.params[0].n);
    if (tempo_params_range(&req, arena, &start, &end, NULL) == 0)
        FUZZ_CHECK(start < end);
    if (tempo_params_metrics(&req, arena, NOW_NS, &metrics, NULL) == 0)
        check_metrics(metrics);
    search = (struct tempo_search){0};
    if (tempo_params_logfmt(in, arena, &search, NULL) == 0)
        FUZZ_CHECK(search.tag_count <= TEMPO_TAGS_MAX);
}

static void read_protobuf(struct str in, struct arena *arena)
{
    struct tempo_search search;
    struct tempo_tags tags;
    struct tempo_metrics metrics;
    if (tempo_pb_search_request(in, arena, LIMIT_MAX, &search, NULL) == 0)
        check_search(&search);
    if (tempo_pb_tags_request(in, &tags, NULL) == 0)
        FUZZ_CHECK(tags.start_ns < tags.end_ns);
    if (tempo_pb_values_request(in, &tags, NULL) == 0)
        FUZZ_CHECK(tags.start_ns < tags.end_ns);
    for (int instant = 0; instant < 2; instant++) {
        if (tempo_pb_metrics_request(in, instant, NOW_NS, &metrics, NULL) == 0)
            check_metrics(metrics);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena, 0);
    read_url(str_make(data, size), &arena);
    read_protobuf(str_make(data, size), &arena);
    arena_release(&arena);
    return 0;
}
