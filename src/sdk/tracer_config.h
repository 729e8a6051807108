/* tracer_config.h - which tracers are on: a configurator asked once for each tracer and change, its answers kept in the
 * tracers. An SDK without one pays a load and a branch for each start. */
#ifndef SDK_TRACER_CONFIG_H
#define SDK_TRACER_CONFIG_H

#include <cairn/sdk.h>

#include <stdatomic.h>

struct tracer_configs {
    /* Unique in the process for each change of each SDK; 0: no configurator, every tracer is enabled. */
    _Atomic uint64_t generation;
    _Atomic(cairn_tracer_configurator *) configurator; /* holds a reference */
    _Atomic int64_t asking;                            /* threads that may be looking at it */
};

/* Keeps a reference to configurator, NULL = none. Waits for threads that are asking the one before. */
void tracer_configs_set(struct tracer_configs *c, cairn_tracer_configurator *configurator);

/* Asks for a tracer that has no answer of this generation, and keeps the answer. */
bool tracer_configs_ask(struct tracer_configs *c, cairn_tracer *tracer, uint64_t generation);

#endif
