/* load.c - how many spans a core makes and encodes in a second: what `cairn load` can send at most.
 *
 * The CPU time of this process counts. Each figure is the median of five rounds over the same generator. */
#include <stdio.h>
#include <stdlib.h>

#include "load/request.h"
#include "load/stats.h"

enum { BATCH = 512, ROUNDS = 5, SPANS = 512 * 600 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void require(int code)
{
    if (code < 0) {
        fprintf(stderr, "bench_load: out of memory\n");
        exit(1);
    }
}

static double round_of(struct load_gen *gen, struct load_encoder *encoder)
{
    struct load_request request;
    const struct span *spans;
    size_t count, made = 0;
    double start = load_cpu_own();
    load_request_init(&request);
    while (made < SPANS) {
        require(load_gen_next(gen, &spans, &count));
        require(load_encode(encoder, spans, count, &request));
        made += count;
    }
    load_request_release(&request);
    return (double)made / (load_cpu_own() - start);
}

static void measure(const char *name, enum load_shape shape, enum load_protocol protocol, bool gzip,
                    const char *target)
{
    const struct load_gen_options options = {.shape = shape, .seed = 1, .batch = BATCH};
    struct load_encoder encoder;
    struct load_gen *gen;
    double rates[ROUNDS];
    require(load_gen_new(&options, &gen, NULL));
    require(load_encoder_init(&encoder, protocol, gzip, protocol == LOAD_GRPC, false));
    for (int i = 0; i < ROUNDS; i++)
        rates[i] = round_of(gen, &encoder);
    qsort(rates, ROUNDS, sizeof *rates, by_value);
    printf("%s\t%.0f\tspans/CPU-s\t%s\n", name, rates[ROUNDS / 2], target);
    load_encoder_release(&encoder);
    load_gen_free(gen);
}

int main(void)
{
    measure("load.make_shop", LOAD_SHOP, LOAD_GRPC, false, ">=500000");
    measure("load.make_shop_gzip", LOAD_SHOP, LOAD_GRPC, true, "");
    measure("load.make_shop_json", LOAD_SHOP, LOAD_HTTP_JSON, false, "");
    measure("load.make_tracegen", LOAD_TRACEGEN, LOAD_GRPC, false, "");
    measure("load.make_huge", LOAD_HUGE, LOAD_GRPC, false, "");
    return 0;
}
