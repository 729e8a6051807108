/* node.h - the configuration as a tree: one kind of node for every value, with the line that it came from.
 *
 * The tree is built once and then only read. What an alias stands for is shared, not copied. */
#ifndef CONFIG_NODE_H
#define CONFIG_NODE_H

#include <cairn/config.h>

#include "base/arena.h"

struct cairn_config {
    struct arena arena; /* everything of the tree */
    struct str name;    /* of the file, as messages say it */
    struct cairn_config_node *root;
    bool newer; /* written for a later version of the schema: keys may be there that nobody knows */
};

struct cairn_config_node {
    int32_t type; /* CAIRN_CONFIG_... */
    uint32_t line;
    uint32_t index;  /* among the parent's entries */
    uint32_t height; /* levels below */
    uint64_t weight; /* nodes of this tree, what aliases stand for counted each time */
    const struct cairn_config *config;
    const struct cairn_config_node *parent; /* NULL for the root */
    struct str key;                         /* below a map; ends in NUL */
    struct str text;                        /* of a scalar, after substitution; ends in NUL */
    bool open;                              /* being built */
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct {
            struct cairn_config_node **items;
            size_t count, cap;
        } list; /* of lists and maps */
    } as;
};

/* "an integer", "null", ... */
const char *node_type_text(int32_t type);

/* Fills *error with the place of the node and the message. The first failure stays. Answers CAIRN_ERROR_INVALID. */
cairn_status node_fail(const struct cairn_config_node *node, struct cairn_config_error *error,
                       const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same for a line of a file (0: the whole file) with a status of its own. */
cairn_status file_fail(struct str name, uint32_t line, struct cairn_config_error *error,
                       cairn_status status, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

cairn_status no_memory(const struct cairn_config *config, struct cairn_config_error *error);

static inline struct str str_in(cairn_str s)
{
    return (struct str){s.p, s.n};
}

#endif
