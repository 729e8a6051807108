/* propagator.h - the section propagator: a list of components, a list in one string, each name once. */
#ifndef CONFIG_PROPAGATOR_H
#define CONFIG_PROPAGATOR_H

#include "config/node.h"

/* Owned. `section` may be NULL: then nothing is propagated. NULL with *error. */
cairn_propagator *config_propagator(const struct cairn_config_node *section,
                                    struct cairn_config_error *error);

#endif
