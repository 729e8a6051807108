/* wire.c - how many spans a core decodes and encodes in a second, over the shop's requests of 512 spans.
 *
 * The CPU time of this thread counts, not the clock on the wall. Each figure is the median of five rounds; a round goes
 * through all requests until it has taken at least ROUND_NS, so that it leaves the first-level caches cold as
 * requests from a network do. Arenas and buffers are reused, as the server does.
 *
 *     bench_wire [NAME]      only the measurements whose names contain NAME */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "load/gen.h"
#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"

enum {
    REQUESTS = 64,
    BATCH = 512,
    ROUNDS = 5,
    ROUND_NS = 200000000,
};

struct data {
    struct buf requests[REQUESTS];
    struct buf texts[REQUESTS];
    struct arena arenas[REQUESTS]; /* what the batches live in */
    struct span_batch batches[REQUESTS];
    struct arena scratch;
    struct buf out;
    const char *only;
};

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void require(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_wire: %s failed\n", what);
        exit(1);
    }
}

static void decode_pb(struct data *d, int i)
{
    struct span_batch batch;
    arena_reset(&d->scratch);
    require(otlp_pb_decode(buf_str(&d->requests[i]), NULL, &d->scratch, &batch, NULL) == 0 &&
                batch.span_count == BATCH,
            "decoding");
}

static void encode_pb(struct data *d, int i)
{
    buf_clear(&d->out);
    otlp_pb_encode(d->batches[i].spans, d->batches[i].span_count, &d->out);
    require(d->out.n == d->requests[i].n && !d->out.failed, "encoding");
}

static void decode_json(struct data *d, int i)
{
    struct span_batch batch;
    arena_reset(&d->scratch);
    require(otlp_json_decode(buf_str(&d->texts[i]), NULL, &d->scratch, &batch, NULL) == 0 &&
                batch.span_count == BATCH,
            "decoding JSON");
}

static void encode_json(struct data *d, int i)
{
    struct json_writer w;
    buf_clear(&d->out);
    json_init(&w, &d->out, 0);
    otlp_json_write(&w, d->batches[i].spans, d->batches[i].span_count, 0);
    require(d->out.n == d->texts[i].n && !d->out.failed, "encoding JSON");
}

/* Spans per CPU-second of one round. */
static double round_speed(struct data *d, void (*work)(struct data *, int))
{
    uint64_t start = cpu_ns(), spent;
    double spans = 0;
    do {
        for (int i = 0; i < REQUESTS; i++)
            work(d, i);
        spans += (double)REQUESTS * BATCH;
        spent = cpu_ns() - start;
    } while (spent < ROUND_NS);
    return spans * 1e9 / (double)spent;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void measure(struct data *d, const char *name, const char *target,
                    void (*work)(struct data *, int))
{
    double speeds[ROUNDS];
    if (d->only && !strstr(name, d->only))
        return;
    round_speed(d, work); /* warms arenas and buffers */
    for (int i = 0; i < ROUNDS; i++)
        speeds[i] = round_speed(d, work);
    qsort(speeds, ROUNDS, sizeof *speeds, by_value);
    printf("%s\t%.0f\tspans/CPU-s\t%s\n", name, speeds[ROUNDS / 2], target);
}

static void make_data(struct data *d)
{
    static const struct load_gen_options options = {
        .shape = LOAD_SHOP, .seed = 1, .batch = BATCH, .start_ns = 1790000000000000000u};
    struct load_gen *shop;
    size_t bytes = 0;
    require(load_gen_new(&options, &shop, NULL) == 0, "allocating");
    arena_init(&d->scratch, 0);
    buf_init(&d->out, 0);
    for (int i = 0; i < REQUESTS; i++) {
        buf_init(&d->requests[i], 0);
        buf_init(&d->texts[i], 0);
        arena_init(&d->arenas[i], 0);
        load_gen_encode(shop, &d->requests[i]);
        require(otlp_pb_decode(buf_str(&d->requests[i]), NULL, &d->arenas[i], &d->batches[i],
                               NULL) == 0,
                "decoding");
        buf_clear(&d->out);
        bytes += d->requests[i].n;
    }
    load_gen_free(shop);
    for (int i = 0; i < REQUESTS; i++) {
        struct json_writer w;
        json_init(&w, &d->texts[i], 0);
        otlp_json_write(&w, d->batches[i].spans, d->batches[i].span_count, 0);
    }
    printf("wire.bytes_per_span\t%.0f\tB\t\n", (double)bytes / REQUESTS / BATCH);
}

static void free_data(struct data *d)
{
    for (int i = 0; i < REQUESTS; i++) {
        buf_release(&d->requests[i]);
        buf_release(&d->texts[i]);
        arena_release(&d->arenas[i]);
    }
    arena_release(&d->scratch);
    buf_release(&d->out);
}

int main(int argc, char **argv)
{
    static struct data data;
    data.only = argc > 1 ? argv[1] : NULL;
    make_data(&data);
    measure(&data, "wire.decode_pb", ">=2500000", decode_pb);
    measure(&data, "wire.encode_pb", ">=2500000", encode_pb);
    measure(&data, "wire.decode_json", "", decode_json);
    measure(&data, "wire.encode_json", "", encode_json);
    free_data(&data);
    return 0;
}
