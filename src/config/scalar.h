/* scalar.h - the type of a plain scalar, by YAML 1.2's core schema. */
#ifndef CONFIG_SCALAR_H
#define CONFIG_SCALAR_H

#include "config/node.h"

/* Sets type and value of the node from its text. Integers beyond 64 bits become doubles. */
void scalar_resolve(struct cairn_config_node *node);

#endif
