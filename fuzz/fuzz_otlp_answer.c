/* What a server may answer to an export: status, headers and body of any content, read by every protocol. The first byte is
 * the status, each of the next lines a header's value, the rest the body. */
#include "fuzz.h"
#include "otlp/protocol.h"

static void judge(const struct otlp_protocol *protocol, const struct otlp_answer *answer)
{
    struct otlp_verdict v = {.outcome = OTLP_GIVE_UP};
    struct arena arena;
    size_t sum = 0;
    arena_init(&arena, 1 << 20);
    protocol->judge(answer, &arena, &v);
    for (size_t i = 0; i < v.message.n; i++) /* all of it may be read */
        sum += (unsigned char)v.message.p[i];
    FUZZ_CHECK(sum <= 255 * v.message.n);
    FUZZ_CHECK(v.outcome == OTLP_SENT || v.what[0]);
    FUZZ_CHECK(v.outcome != OTLP_SENT || answer->http == 200 || protocol->needs_h2);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 400, 404, 429, 503};
    struct otlp_answer answer = {.body = str_make(data, size)};
    if (size == 0)
        return 0;
    answer.http = statuses[data[0] % (sizeof statuses / sizeof *statuses)];
    answer.body = str_from(answer.body, 1);
    for (int i = 0; i < ANSWER_HEADERS_MAX; i++)
        str_cut(answer.body, '\n', &answer.headers[i], &answer.body);
    judge(&protocol_http_protobuf, &answer);
    judge(&protocol_http_json, &answer);
    judge(&protocol_grpc, &answer);
    return 0;
}
