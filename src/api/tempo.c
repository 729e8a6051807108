/* tempo.c - Tempo's API, as Grafana, Kiali and tempo-cli call it: the tables of its endpoints, and those that need no
 * engine.
 *
 * On Tempo's own port every path is Tempo's. The query port has Jaeger's /api/traces/{id} already, so there all of Tempo's
 * API stands below /tempo, and at the root what nobody else has. */
#include "api/tempo.h"
#include "api/dialects.h"

static void echo(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)req, (void)user;
    http_reply_text(x, 200, "echo");
}

static void ready(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct api *api = user;
    bool stopping = atomic_load(&api->stopping);
    (void)req;
    http_reply_text(x, stopping ? 503 : 200, stopping ? "stopping\n" : "ready\n");
}

/* Grafana decides by the version what it may ask for: that of the Tempo whose features are here. */
static void buildinfo(struct http_exchange *x, const struct http_request *req, void *user)
{
    const struct {
        struct str key;
        const char *value;
    } members[] = {
        {STR_INIT("version"), "2.9.0"},     {STR_INIT("revision"), ((struct api *)user)->version},
        {STR_INIT("branch"), "cairn"},      {STR_INIT("buildUser"), "cairn"},
        {STR_INIT("buildDate"), "unknown"}, {STR_INIT("goVersion"), "none"},
    };
    struct http_reply reply = {.status = 200, .content_type = "application/json"};
    struct json_writer w;
    (void)req;
    buf_init(&reply.body, 0);
    json_init(&w, &reply.body, 0);
    json_object_begin(&w);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_key(&w, members[i].key);
        json_str(&w, str_of(members[i].value));
    }
    json_object_end(&w);
    http_reply(x, &reply);
}

/* clang-format off */
#define SHARED(prefix)                                                              \
    {prefix "/api/echo", .handler = echo},                                          \
    {prefix "/api/search", .run = tempo_search_http},                               \
    {prefix "/api/search/tags", .run = tempo_tags_http},                            \
    {prefix "/api/v2/search/tags", .run = tempo_tags_v2_http},                      \
    {prefix "/api/search/tag/{rest*}", .run = tempo_values_http},                   \
    {prefix "/api/v2/search/tag/{rest*}", .run = tempo_values_v2_http},             \
    {prefix "/api/v2/traces/{id}", .run = tempo_trace_v2},                          \
    {prefix "/api/metrics/query_range", .run = tempo_range_http},                   \
    {prefix "/api/metrics/query", .run = tempo_instant_http}
#define OWN(prefix)                                                                 \
    {prefix "/ready", .handler = ready},                                            \
    {prefix "/api/status/buildinfo", .handler = buildinfo},                         \
    {prefix "/api/traces/{id}", .run = tempo_trace_v1},                             \
    {prefix "/api/{rest*}", .run = call_unknown}

const struct endpoint tempo_endpoints[] = {SHARED(""), OWN(""), {0}};
const struct endpoint tempo_guest_endpoints[] = {SHARED(""), SHARED("/tempo"), OWN("/tempo"), {0}};

#define RPC(method, function) {"/tempopb.StreamingQuerier/" method, .run = function, .grpc = true}

const struct endpoint tempo_grpc_endpoints[] = {
    RPC("Search", tempo_search_grpc),
    RPC("SearchTags", tempo_tags_grpc),
    RPC("SearchTagsV2", tempo_tags_v2_grpc),
    RPC("SearchTagValues", tempo_values_grpc),
    RPC("SearchTagValuesV2", tempo_values_v2_grpc),
    RPC("MetricsQueryRange", tempo_range_grpc),
    RPC("MetricsQueryInstant", tempo_instant_grpc),
    {0},
};
/* clang-format on */
