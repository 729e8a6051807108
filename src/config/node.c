/* node.c - reading the tree, and saying where in it something is wrong. */
#define CAIRN_NO_INLINE
#include "config/node.h"

#include <stdarg.h>
#include <stdio.h>

const cairn_config_node *cairn_config_root(const cairn_config *config)
{
    return config ? config->root : NULL;
}

int32_t cairn_config_type(const cairn_config_node *node)
{
    return node ? node->type : CAIRN_CONFIG_MISSING;
}

uint32_t cairn_config_line(const cairn_config_node *node)
{
    return node ? node->line : 0;
}

size_t cairn_config_count(const cairn_config_node *node)
{
    return cairn_config_type(node) >= CAIRN_CONFIG_LIST ? node->as.list.count : 0;
}

const cairn_config_node *cairn_config_at(const cairn_config_node *node, size_t index)
{
    return index < cairn_config_count(node) ? node->as.list.items[index] : NULL;
}

cairn_str cairn_config_key_at(const cairn_config_node *map, size_t index)
{
    const cairn_config_node *entry = cairn_config_at(map, index);
    return entry ? (cairn_str){entry->key.p, entry->key.n} : (cairn_str){NULL, 0};
}

const cairn_config_node *cairn_config_get(const cairn_config_node *map, const char *key)
{
    struct str wanted = str_of(key);
    if (cairn_config_type(map) != CAIRN_CONFIG_MAP)
        return NULL;
    for (size_t i = 0; i < map->as.list.count; i++) {
        if (str_eq(map->as.list.items[i]->key, wanted))
            return map->as.list.items[i];
    }
    return NULL;
}

bool cairn_config_bool(const cairn_config_node *node, bool fallback)
{
    return cairn_config_type(node) == CAIRN_CONFIG_BOOL ? node->as.boolean : fallback;
}

int64_t cairn_config_int(const cairn_config_node *node, int64_t fallback)
{
    if (cairn_config_type(node) == CAIRN_CONFIG_INT)
        return node->as.integer;
    if (cairn_config_type(node) == CAIRN_CONFIG_DOUBLE && node->as.number >= -0x1p53 &&
        node->as.number <= 0x1p53 && node->as.number == (double)(int64_t)node->as.number)
        return (int64_t)node->as.number; /* 5000.0 */
    return fallback;
}

double cairn_config_double(const cairn_config_node *node, double fallback)
{
    if (cairn_config_type(node) == CAIRN_CONFIG_INT)
        return (double)node->as.integer;
    return cairn_config_type(node) == CAIRN_CONFIG_DOUBLE ? node->as.number : fallback;
}

const char *cairn_config_string(const cairn_config_node *node, const char *fallback)
{
    return cairn_config_type(node) == CAIRN_CONFIG_STRING ? node->text.p : fallback;
}

const char *node_type_text(int32_t type)
{
    static const char *const texts[] = {"missing",  "null",     "a boolean", "an integer",
                                        "a number", "a string", "a list",    "a map"};
    return texts[type];
}

/* ---- Failing ---- */

__attribute__((format(printf, 6, 0))) static cairn_status
fill(struct str name, uint32_t line, struct cairn_config_error *error, cairn_status status,
     const char *path, const char *fmt, va_list args)
{
    char place[16] = "";
    size_t room;
    int n;
    if (!error || error->size < sizeof *error || error->status != CAIRN_OK)
        return status;
    error->status = status;
    error->line = line;
    if (line)
        snprintf(place, sizeof place, ":%u", line);
    n = snprintf(error->text, sizeof error->text, "%.*s%s: %s%s", STR_ARG(name), place, path,
                 *path ? ": " : "");
    room = sizeof error->text - 1;
    room = n < 0 || (size_t)n > room ? room : (size_t)n;
    vsnprintf(error->text + room, sizeof error->text - room, fmt, args);
    return status;
}

/* "tracer_provider.processors[0].batch", built from its end. */
static const char *path_of(const struct cairn_config_node *node, char *room, size_t size)
{
    char *at = room + size - 1;
    *at = '\0';
    for (; node && node->parent; node = node->parent) {
        char part[128];
        bool in_list = node->parent->type == CAIRN_CONFIG_LIST;
        bool first = !node->parent->parent;
        int n = in_list ? snprintf(part, sizeof part, "[%u]", node->index)
                        : snprintf(part, sizeof part, "%s%.*s", first ? "" : ".",
                                   node->key.n < 100 ? (int)node->key.n : 100, node->key.p);
        if (n > at - room)
            break;
        at -= n;
        memcpy(at, part, (size_t)n);
    }
    return at;
}

cairn_status node_fail(const struct cairn_config_node *node, struct cairn_config_error *error,
                       const char *fmt, ...)
{
    char room[300];
    va_list args;
    va_start(args, fmt);
    if (node)
        fill(node->config->name, node->line, error, CAIRN_ERROR_INVALID,
             path_of(node, room, sizeof room), fmt, args);
    else
        fill(STR("configuration"), 0, error, CAIRN_ERROR_INVALID, "", fmt, args);
    va_end(args);
    return CAIRN_ERROR_INVALID;
}

cairn_status file_fail(struct str name, uint32_t line, struct cairn_config_error *error,
                       cairn_status status, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fill(name, line, error, status, "", fmt, args);
    va_end(args);
    return status;
}

cairn_status no_memory(const struct cairn_config *config, struct cairn_config_error *error)
{
    return file_fail(config ? config->name : STR("configuration"), 0, error, CAIRN_ERROR_NO_MEMORY,
                     "out of memory");
}

cairn_status cairn_config_fail(const cairn_config_node *node, struct cairn_config_error *error,
                               const char *message)
{
    return node_fail(node, error, "%s", message ? message : "not valid");
}
