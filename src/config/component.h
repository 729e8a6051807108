/* component.h - what a file can name: Cairn's own components, one row each, and those that others registered. */
#ifndef CONFIG_COMPONENT_H
#define CONFIG_COMPONENT_H

#include "config/schema.h"

/* Kinds of our own, behind the public ones. */
enum { CONFIG_COMPOSABLE = CAIRN_CONFIG_DETECTOR + 1 /* part of a composite sampler */ };

struct component {
    int32_t kind; /* CAIRN_CONFIG_EXPORTER, ...; 0 ends a table */
    const char *name;
    const struct shape *shape; /* of its properties; NULL: any */
    cairn_config_create_fn *create;
    const char *refused; /* not supported: what to do instead */
};

/* The service.name of the SDK that this thread is making; NULL outside of cairn_config_create. */
extern _Thread_local const char *component_service_name __attribute__((visibility("hidden")));

/* The tables, each beside the functions that it names. */
extern const struct component exporter_components[] __attribute__((visibility("hidden")));
extern const struct component processor_components[] __attribute__((visibility("hidden")));
extern const struct component sampler_components[] __attribute__((visibility("hidden")));
extern const struct component composable_components[] __attribute__((visibility("hidden")));
extern const struct component propagator_components[] __attribute__((visibility("hidden")));
extern const struct component id_generator_components[] __attribute__((visibility("hidden")));
extern const struct component detector_components[] __attribute__((visibility("hidden")));

/* "an exporter" */
const char *component_kind_text(int32_t kind);

/* A row of our own; NULL when there is none. */
const struct component *component_find(int32_t kind, struct str name);

/* Makes a component by name. `place` is where messages point to; properties may be NULL. */
void *component_make(int32_t kind, struct str name, const struct cairn_config_node *place,
                     const struct cairn_config_node *properties, struct cairn_config_error *error);

/* http://..., https://... with something behind and no blanks. */
cairn_status component_check_url(const struct cairn_config_node *node, const char *url,
                                 struct cairn_config_error *error);

/* {name: ...} of these kinds. */
extern const struct shape shape_exporter __attribute__((visibility("hidden")));
extern const struct shape shape_sampler __attribute__((visibility("hidden")));

#endif
