/* yaml.h - text to tree: libyaml's events, substitution, types, and the limits that keep both in bounds. */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include "config/node.h"
#include "config/substitute.h"

enum {
    CONFIG_BYTES_MAX = 1 << 20,      /* of a file */
    CONFIG_DEPTH_MAX = 64,           /* levels of lists and maps */
    CONFIG_NODES_MAX = 100000,       /* with what aliases stand for counted each time */
    CONFIG_SCALAR_BYTES_MAX = 65536, /* of one value, after substitution */
};

/* Fills config->root. config->name and the arena are the caller's. */
cairn_status yaml_read(struct cairn_config *config, struct str text, config_env_fn *env,
                       struct cairn_config_error *error);

#endif
