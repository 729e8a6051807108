/* schema.c - holding a tree against its shape. The first thing that is wrong ends the walk. */
#define CAIRN_NO_INLINE
#include "config/schema.h"

#include <stdio.h>

#include "config/component.h"

const struct shape shape_nothing = {.types = IS_MAP | IS_NULL};

/* "an integer, null or a map" */
static const char *types_text(uint32_t types, char *out, size_t size)
{
    size_t n = 0;
    if (types & 1u << CAIRN_CONFIG_DOUBLE)
        types &= ~(uint32_t)IS_INT; /* "a number" is both */
    out[0] = '\0';
    for (int32_t t = CAIRN_CONFIG_MAP; t >= CAIRN_CONFIG_NULL && n < size; t--) {
        if (types & 1u << t) {
            types &= ~(1u << t);
            n += (size_t)snprintf(out + n, size - n, "%s%s",
                                  n == 0  ? ""
                                  : types ? ", "
                                          : " or ",
                                  node_type_text(t));
        }
    }
    return out;
}

static cairn_status wrong_type(const struct cairn_config_node *node, uint32_t types,
                               struct cairn_config_error *error)
{
    char wanted[100];
    return node_fail(node, error, "must be %s, is %s%s", types_text(types, wanted, sizeof wanted),
                     node_type_text(node->type),
                     node->type == CAIRN_CONFIG_NULL ? "; give it a value or leave the key out"
                     : types & IS_STRING && node->type < CAIRN_CONFIG_LIST ? "; put it in quotes"
                                                                           : "");
}

static cairn_status check_number(const struct cairn_config_node *node, const struct shape *shape,
                                 struct cairn_config_error *error)
{
    double v = cairn_config_double(node, 0);
    if ((shape->min == 0 && shape->max == 0) || (v >= shape->min && v <= shape->max))
        return CAIRN_OK;
    return node_fail(node, error, "must be from %.15g to %.15g, is %.15g", shape->min, shape->max,
                     v);
}

static cairn_status check_words(const struct cairn_config_node *node, const struct shape *shape,
                                struct cairn_config_error *error)
{
    char known[256];
    size_t n = 0;
    known[0] = '\0';
    for (size_t i = 0; shape->words[i]; i++) {
        if (str_eq(node->text, str_of(shape->words[i])))
            return CAIRN_OK;
        if (n < sizeof known)
            n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "",
                                  shape->words[i]);
    }
    return node_fail(node, error, "\"%.*s\" is not known; known: %s",
                     node->text.n < 60 ? (int)node->text.n : 60, node->text.p, known);
}

static const struct field *field_of(const struct shape *shape, struct str key)
{
    for (const struct field *f = shape->fields; f && f->key; f++) {
        if (str_eq(key, str_of(f->key)))
            return f;
    }
    return NULL;
}

static cairn_status unknown_key(const struct cairn_config_node *entry, const struct shape *shape,
                                struct cairn_config_error *error)
{
    char known[300] = "";
    size_t n = 0;
    for (const struct field *f = shape->fields; f && f->key && n < sizeof known; f++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n ? ", " : "", f->key);
    if (!n)
        return node_fail(entry, error, "not a key that may stand here: no keys may; remove it");
    return node_fail(entry, error, "not a key that may stand here; known: %s", known);
}

static cairn_status check_fields(const struct cairn_config_node *map, const struct shape *shape,
                                 struct cairn_config_error *error)
{
    cairn_status status = CAIRN_OK;
    for (size_t i = 0; i < map->as.list.count && status == CAIRN_OK; i++) {
        const struct cairn_config_node *entry = map->as.list.items[i];
        const struct field *f = field_of(shape, entry->key);
        if (f)
            status = schema_check(entry, f->shape, error);
        else if (!shape->open && !entry->config->newer)
            status = unknown_key(entry, shape, error);
    }
    return status;
}

/* Null instead of a map lacks what is required too. */
static cairn_status check_required(const struct cairn_config_node *node, const struct shape *shape,
                                   struct cairn_config_error *error)
{
    for (const struct field *f = shape->fields; f && f->key; f++) {
        if (f->required && !cairn_config_get(node, f->key))
            return node_fail(node, error, "needs the key %s", f->key);
    }
    return CAIRN_OK;
}

/* {name: properties}; what Cairn does not know belongs to whoever registered the name. */
static cairn_status check_component(const struct cairn_config_node *map, int32_t kind,
                                    struct cairn_config_error *error)
{
    const struct cairn_config_node *properties = cairn_config_at(map, 0);
    const struct component *known;
    if (map->as.list.count != 1)
        return node_fail(map, error, "must have one key, the name of %s; has %zu",
                         component_kind_text(kind), map->as.list.count);
    known = component_find(kind, properties->key);
    if (known && known->shape)
        return schema_check(properties, known->shape, error);
    if (!((IS_MAP | IS_NULL) & 1u << properties->type))
        return wrong_type(properties, IS_MAP | IS_NULL, error);
    return CAIRN_OK;
}

static cairn_status check_list(const struct cairn_config_node *list, const struct shape *shape,
                               struct cairn_config_error *error)
{
    cairn_status status = CAIRN_OK;
    if (list->as.list.count == 0)
        return node_fail(list, error, "is an empty list; give it an entry or leave the key out");
    for (size_t i = 0; i < list->as.list.count && status == CAIRN_OK; i++)
        status = schema_check(list->as.list.items[i], shape->items, error);
    return status;
}

cairn_status schema_check(const struct cairn_config_node *node, const struct shape *shape,
                          struct cairn_config_error *error)
{
    bool whole = node->type == CAIRN_CONFIG_DOUBLE &&
                 cairn_config_int(node, INT64_MIN) != INT64_MIN; /* 5000.0 is an integer */
    cairn_status status;
    if (!(shape->types & 1u << node->type) && !(whole && shape->types & IS_INT))
        return wrong_type(node, shape->types, error);
    if (node->type == CAIRN_CONFIG_INT || node->type == CAIRN_CONFIG_DOUBLE)
        return check_number(node, shape, error);
    if (node->type == CAIRN_CONFIG_STRING && shape->words)
        return check_words(node, shape, error);
    if (node->type == CAIRN_CONFIG_LIST)
        return shape->items ? check_list(node, shape, error) : CAIRN_OK;
    if (node->type == CAIRN_CONFIG_MAP && shape->kind)
        return check_component(node, shape->kind, error);
    status = check_required(node, shape, error);
    if (status == CAIRN_OK && node->type == CAIRN_CONFIG_MAP)
        status = check_fields(node, shape, error);
    return status;
}
