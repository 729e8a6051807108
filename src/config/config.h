/* config.h - what the library's own files call: parsing with another environment, and the reader of OTEL_CONFIG_FILE. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "config/node.h"
#include "config/yaml.h"

/* The schema that Cairn knows. */
enum { CONFIG_FORMAT_MAJOR = 1, CONFIG_FORMAT_MINOR = 1 };

/* cairn_config_parse_text with the variables that env answers. */
cairn_config *config_parse(const char *name, struct str text, config_env_fn *env,
                           struct cairn_config_error *error);

/* A cairn_config_reader (sdk.h). */
cairn_sdk *config_read_for_sdk(const char *path, const struct cairn_sdk_options *options);

#endif
