/* env.h - the OTEL_* variables as one structure: read once, by whoever starts the SDK.
 *
 * Empty counts as unset; a value that makes no sense gives one diagnostic and the default. */
#ifndef SDK_ENV_H
#define SDK_ENV_H

#include "sdk/record.h"

/* Answers a variable's value or NULL. */
typedef const char *env_get_fn(const char *name);

enum env_kind {
    ENV_BOOLEAN,   /* bool at offset */
    ENV_NUMBER,    /* uint32_t at offset, from min on */
    ENV_TEXT,      /* struct str at offset, as given */
    ENV_LEVEL,     /* int32_t at offset */
    ENV_ELSEWHERE, /* read by another part: the sampler's, the exporter's */
    ENV_REFUSED,   /* known, not supported: one warning with the hint */
};

/* A variable that Cairn knows; docs/configuration.md has the same rows. */
struct env_variable {
    const char *name;
    const char *standard; /* the default, as the documentation writes it */
    enum env_kind kind;
    uint32_t min, if_zero; /* NUMBER: the least, and what 0 means when not 0 */
    size_t offset;         /* in struct env_config */
    const char *hint;      /* REFUSED: what to do */
};
/* name NULL at the end. */
extern const struct env_variable env_variables[] __attribute__((visibility("hidden")));

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
    int32_t log_level;                            /* CAIRN_DIAGNOSTIC_...; 0 = silent */
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

/* Slices borrow from what get answers. Sets the level of diagnostics first. */
void env_read(env_get_fn *get, struct env_config *ret);

/* OTEL_CONFIG_FILE, the one variable that is read before all others; false when it is not set. A path that is too long is
 * cut. */
bool env_config_file(env_get_fn *get, char path[4096]);

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
