/* Jaeger's answers about sampling: what is accepted is in range and makes a sampler that answers. */
#include "fuzz.h"
#include "otlp/jaeger_strategy.h"

enum { BUDGET = 4 * 1024 * 1024 };

static void ask(cairn_sampler *s, cairn_str name)
{
    static const struct cairn_span_context none;
    static const uint8_t id[16] = {1, [15] = 1};
    struct cairn_sampling_params p = {
        .size = sizeof p, .trace_id = id, .parent = &none, .name = name};
    struct cairn_sampling_result r = {.size = sizeof r, .decision = -1};
    cairn_sampler_should_sample(s, &p, &r);
    FUZZ_CHECK(r.decision == CAIRN_DROP || r.decision == CAIRN_RECORD_AND_SAMPLE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jaeger_strategy strategy;
    struct arena arena;
    cairn_sampler *s;
    arena_init(&arena, BUDGET);
    if (!jaeger_strategy_read(str_make(data, size), &arena, &strategy)) {
        FUZZ_CHECK(strategy.ratio >= 0 && strategy.ratio <= 1 && strategy.per_second >= 0);
        FUZZ_CHECK(strategy.operation_count <= CAIRN_OPERATIONS_MAX + 1);
        s = jaeger_strategy_sampler(&strategy);
        FUZZ_CHECK(s);
        ask(s, cairn_str_of("other"));
        for (size_t i = 0; i < strategy.operation_count; i++) {
            FUZZ_CHECK(strategy.operations[i].ratio >= 0 && strategy.operations[i].ratio <= 1);
            ask(s, strategy.operations[i].operation);
        }
        cairn_sampler_unref(s);
    }
    arena_release(&arena);
    return 0;
}
