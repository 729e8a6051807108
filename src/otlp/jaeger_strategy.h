/* jaeger_strategy.h - Jaeger's answer about sampling: JSON in, a sampler out. No I/O. */
#ifndef OTLP_JAEGER_STRATEGY_H
#define OTLP_JAEGER_STRATEGY_H

#include <cairn/sampler.h>

#include "base/arena.h"
#include "base/str.h"

enum jaeger_kind { JAEGER_PROBABILISTIC, JAEGER_RATE_LIMITING, JAEGER_PER_OPERATION };

struct jaeger_strategy {
    enum jaeger_kind kind;
    double ratio;                             /* PROBABILISTIC; the default of PER_OPERATION */
    double per_second;                        /* RATE_LIMITING; the lower bound of PER_OPERATION */
    struct cairn_operation_ratio *operations; /* PER_OPERATION, in the arena */
    size_t operation_count;                   /* at most CAIRN_OPERATIONS_MAX + 1 */
};

/* Reads an answer. NULL, or what is wrong (static text); then *ret is not to be used. Names borrow from json or live in
 * the arena. */
const char *jaeger_strategy_read(struct str json, struct arena *arena, struct jaeger_strategy *ret);

/* Owned; NULL without memory. */
cairn_sampler *jaeger_strategy_sampler(const struct jaeger_strategy *s);

#endif
