/* tracers.h - the section tracer_configurator/development: which tracers are on. */
#ifndef CONFIG_TRACERS_H
#define CONFIG_TRACERS_H

#include "config/node.h"

/* Owned. NULL with *error. */
cairn_tracer_configurator *config_tracers(const struct cairn_config_node *section,
                                          struct cairn_config_error *error);

#endif
