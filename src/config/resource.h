/* resource.h - the section resource: attributes with types, a list in one string, detectors behind a filter. */
#ifndef CONFIG_RESOURCE_H
#define CONFIG_RESOURCE_H

#include "config/node.h"

/* Owned. `section` may be NULL. Detectors first, attributes_list over them, attributes over both. NULL with *error. */
cairn_resource *config_resource(const struct cairn_config_node *section,
                                struct cairn_config_error *error);

#endif
