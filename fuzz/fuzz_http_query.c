/* Targets: routing, path decoding, the query string and gRPC's header formats on any bytes. */
#include "fuzz.h"
#include "net/grpc.h"
#include "net/http.h"
#include "net/query.h"
#include "net/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct http_route routes[] = {
        {.methods = HTTP_GET, .path = "/api/traces/{id}"},
        {.methods = HTTP_GET, .path = "/api/{a}/{b}/{c}/{d}"},
        {.methods = HTTP_GET | HTTP_POST, .path = "/{rest*}"},
    };
    struct str in = str_make(data, size), path, name, value, text;
    struct http_request req = {0};
    struct route_match match;
    struct arena arena;
    uint64_t ns;
    size_t at = 0, pairs = 0;
    arena_init(&arena, 0);
    str_cut(in, '?', &path, &req.query);
    route_find(routes, sizeof routes / sizeof *routes, HTTP_GET, path, &arena, &match);
    FUZZ_CHECK(!match.route || (match.methods & HTTP_HEAD));
    if (percent_decode_path(&arena, path, &text))
        FUZZ_CHECK(text.n <= path.n && !memchr(text.p, 0, text.n));
    while (http_query_next(&req, &arena, &at, &name, &value)) {
        FUZZ_CHECK(name.n + value.n <= req.query.n);
        FUZZ_CHECK(++pairs <= size);
    }
    text = grpc_percent_encode(&arena, in);
    for (size_t i = 0; i < text.n; i++)
        FUZZ_CHECK(text.p[i] >= ' ' && text.p[i] <= '~');
    FUZZ_CHECK(grpc_base64(&arena, in).n == (size * 4 + 2) / 3);
    grpc_timeout_parse(in, &ns);
    arena_release(&arena);
    return 0;
}
