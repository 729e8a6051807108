/* schema.h - what a file may say: a table of shapes, and the walk that holds a tree against them.
 *
 * A key is a row (struct field); a component is a row of component.c. */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/node.h"

enum {
    IS_NULL = 1u << CAIRN_CONFIG_NULL,
    IS_BOOL = 1u << CAIRN_CONFIG_BOOL,
    IS_INT = 1u << CAIRN_CONFIG_INT,
    IS_NUMBER = 1u << CAIRN_CONFIG_INT | 1u << CAIRN_CONFIG_DOUBLE,
    IS_STRING = 1u << CAIRN_CONFIG_STRING,
    IS_LIST = 1u << CAIRN_CONFIG_LIST,
    IS_MAP = 1u << CAIRN_CONFIG_MAP,
};

struct shape;

struct field {
    const char *key;
    const struct shape *shape;
    bool required;
};

struct shape {
    uint32_t types;             /* IS_... that are allowed */
    double min, max;            /* of numbers; both 0: any */
    const char *const *words;   /* of strings, NULL at the end; NULL: any */
    const struct shape *items;  /* of lists: at least one of these */
    const struct field *fields; /* of maps, key NULL at the end; NULL: none */
    bool open;                  /* of maps: other keys are allowed */
    int32_t kind;               /* of maps: one entry, a component of this kind */
};

/* The whole file. */
extern const struct shape shape_file __attribute__((visibility("hidden")));
/* A component that takes no properties: {} or null. */
extern const struct shape shape_nothing __attribute__((visibility("hidden")));

cairn_status schema_check(const struct cairn_config_node *node, const struct shape *shape,
                          struct cairn_config_error *error);

#endif
