/* env.h - the OTEL_* variables as one structure: read once, by whoever starts the SDK.
 *
 * Empty counts as unset; a value that makes no sense gives one diagnostic and the default. */
#ifndef SDK_ENV_H
#define SDK_ENV_H

#include "sdk/record.h"

/* Answers a variable's value or NULL. */
typedef const char *env_get_fn(const char *name);

enum env_sampler {
    ENV_SAMPLER_ON,
    ENV_SAMPLER_OFF,
    ENV_SAMPLER_RATIO,
    ENV_SAMPLER_PARENT_ON,
    ENV_SAMPLER_PARENT_OFF,
    ENV_SAMPLER_PARENT_RATIO,
    ENV_SAMPLER_NAMED, /* registered by a library or the application */
};

struct env_config {
    bool disabled;
    struct str service_name, resource_attributes; /* as given */
    enum env_sampler sampler;
    double ratio;
    struct str sampler_name, sampler_arg; /* as given; the name of NAMED without parentbased_ */
    bool sampler_under_parent;            /* NAMED */
    struct str exporters;                 /* comma list; "otlp" when unset */
    struct str propagators;               /* comma list; empty when unset */
    struct cairn_batch_options batch;
    struct span_limits limits;
};

/* Slices borrow from what get answers. */
void env_read(env_get_fn *get, struct env_config *ret);

/* The process's environment; nothing for set-uid programs. */
const char *env_get(const char *name);

/* Takes the next name of a comma list off *list; empty at the end. */
struct str env_next_name(struct str *list);

/* The sampler that the configuration names; service_name is the SDK's, for those that ask a server. Owned. */
cairn_sampler *env_sampler(const struct env_config *env, struct str service_name);
/* The propagator. Owned. */
cairn_propagator *env_propagator(const struct env_config *env);
/* Up to `room` processors for the exporters. Owned. */
size_t env_processors(const struct env_config *env, cairn_processor **ret, size_t room);

#endif
