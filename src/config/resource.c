/* resource.c - see resource.h. */
#define CAIRN_NO_INLINE
#include "config/resource.h"

#include "config/component.h"
#include "config/wildcard.h"
#include "trace/pairs.h"

/* ---- attributes ---- */

static const struct {
    const char *name;
    int32_t node, attribute; /* types */
    bool array;
} types[] = {
    {"string", CAIRN_CONFIG_STRING, CAIRN_TYPE_STRING, false},
    {"bool", CAIRN_CONFIG_BOOL, CAIRN_TYPE_BOOL, false},
    {"int", CAIRN_CONFIG_INT, CAIRN_TYPE_INT, false},
    {"double", CAIRN_CONFIG_DOUBLE, CAIRN_TYPE_DOUBLE, false},
    {"string_array", CAIRN_CONFIG_STRING, CAIRN_TYPE_STRING, true},
    {"bool_array", CAIRN_CONFIG_BOOL, CAIRN_TYPE_BOOL, true},
    {"int_array", CAIRN_CONFIG_INT, CAIRN_TYPE_INT, true},
    {"double_array", CAIRN_CONFIG_DOUBLE, CAIRN_TYPE_DOUBLE, true},
};

static cairn_status one_value(const cairn_config_node *node, size_t type, struct cairn_value *ret,
                              struct cairn_config_error *error)
{
    bool fits =
        node->type == types[type].node ||
        (types[type].node == CAIRN_CONFIG_DOUBLE && node->type == CAIRN_CONFIG_INT) ||
        (types[type].node == CAIRN_CONFIG_INT && cairn_config_int(node, INT64_MIN) != INT64_MIN);
    if (!fits)
        return node_fail(node, error, "is %s, but the attribute's type is %s; %s",
                         node_type_text(node->type), types[type].name,
                         types[type].node == CAIRN_CONFIG_STRING ? "put it in quotes or say type"
                                                                 : "change one of the two");
    ret->type = types[type].attribute;
    switch (ret->type) {
    case CAIRN_TYPE_BOOL: ret->as.boolean = cairn_config_bool(node, false); break;
    case CAIRN_TYPE_INT: ret->as.integer = cairn_config_int(node, 0); break;
    case CAIRN_TYPE_DOUBLE: ret->as.number = cairn_config_double(node, 0); break;
    default: ret->as.string = (cairn_str){node->text.p, node->text.n}; break;
    }
    return CAIRN_OK;
}

static cairn_status list_value(const cairn_config_node *node, size_t type, struct arena *arena,
                               struct cairn_value *ret, struct cairn_config_error *error)
{
    size_t count = cairn_config_count(node);
    struct cairn_value *items;
    cairn_status status = CAIRN_OK;
    if (node->type != CAIRN_CONFIG_LIST)
        return node_fail(node, error, "must be a list, because its type is %s", types[type].name);
    items = arena_calloc(arena, count, sizeof *items);
    if (!items)
        return no_memory(node->config, error);
    for (size_t i = 0; i < count && status == CAIRN_OK; i++)
        status = one_value(cairn_config_at(node, i), type, &items[i], error);
    ret->type = CAIRN_TYPE_LIST;
    ret->as.list.items = items;
    ret->as.list.count = (uint32_t)count;
    return status;
}

/* {name, value, type}; a null value leaves the attribute out. */
static cairn_status add_attribute(const cairn_config_node *entry, struct arena *arena,
                                  struct cairn_attrs *attrs, struct cairn_attr *to,
                                  struct cairn_config_error *error)
{
    const char *type_name = cairn_config_string(cairn_config_get(entry, "type"), "string");
    const cairn_config_node *value = cairn_config_get(entry, "value");
    size_t type = 0;
    memset(to, 0, sizeof *to);
    to->key = cairn_str_of(cairn_config_string(cairn_config_get(entry, "name"), ""));
    if (to->key.n == 0)
        return node_fail(entry, error, "name must not be empty");
    while (strcmp(types[type].name, type_name) != 0)
        type++; /* the schema has checked that it is there */
    if (value->type == CAIRN_CONFIG_NULL)
        return CAIRN_OK;
    attrs->count++;
    return types[type].array ? list_value(value, type, arena, &to->value, error)
                             : one_value(value, type, &to->value, error);
}

/* Takes `updating` over *sum; both are released. */
static cairn_status merge(cairn_resource **sum, cairn_resource *updating)
{
    cairn_resource *both = updating ? cairn_resource_merge(*sum, updating) : NULL;
    cairn_resource_unref(*sum);
    cairn_resource_unref(updating);
    *sum = both;
    return both ? CAIRN_OK : CAIRN_ERROR_NO_MEMORY;
}

static cairn_status add_attributes(const cairn_config_node *section, cairn_resource **sum,
                                   struct cairn_config_error *error)
{
    const cairn_config_node *list = cairn_config_get(section, "attributes");
    const char *schema_url = cairn_config_string(cairn_config_get(section, "schema_url"), NULL);
    struct arena arena;
    struct cairn_attr *items;
    struct cairn_attrs attrs = {NULL, 0};
    cairn_status status = CAIRN_OK;
    arena_init(&arena, 0);
    items = arena_calloc(&arena, cairn_config_count(list), sizeof *items);
    if (!items)
        status = no_memory(section->config, error);
    for (size_t i = 0; i < cairn_config_count(list) && status == CAIRN_OK; i++)
        status =
            add_attribute(cairn_config_at(list, i), &arena, &attrs, &items[attrs.count], error);
    attrs.items = items;
    if (status == CAIRN_OK)
        status = merge(sum, cairn_resource_new(&attrs, schema_url));
    arena_release(&arena);
    return status;
}

/* ---- attributes_list ---- */

static cairn_status add_list(const cairn_config_node *node, cairn_resource **sum,
                             struct cairn_config_error *error)
{
    struct str text = str_of(cairn_config_string(node, NULL));
    struct attrs pairs;
    struct cairn_attr *items;
    struct arena arena;
    cairn_status status = CAIRN_OK;
    if (text.n == 0)
        return CAIRN_OK;
    arena_init(&arena, 0);
    if (pairs_parse(text, &arena, &pairs) < 0 ||
        !(items = arena_calloc(&arena, pairs.count, sizeof *items))) {
        status = arena_failed(&arena) ? no_memory(node->config, error)
                                      : node_fail(node, error,
                                                  "must be key=value,key=value with , and = in "
                                                  "values written as %%2C and %%3D");
    } else {
        for (uint32_t i = 0; i < pairs.count; i++) {
            struct attr *a = &pairs.items[i];
            items[i] = cairn_attr_string((cairn_str){a->key.p, a->key.n},
                                         (cairn_str){a->value.string.p, a->value.string.n});
        }
        status = merge(sum, cairn_resource_new(&(struct cairn_attrs){items, pairs.count}, NULL));
    }
    arena_release(&arena);
    return status;
}

/* ---- detection/development ---- */

static bool among(const cairn_config_node *patterns, cairn_str key)
{
    for (size_t i = 0; i < cairn_config_count(patterns); i++) {
        if (wildcard_matches(cairn_config_at(patterns, i)->text, str_in(key)))
            return true;
    }
    return false;
}

/* The attributes that included and excluded leave; with the schema URL unless the file has one. Owned. */
static cairn_resource *filtered(const cairn_resource *all, const cairn_config_node *filter,
                                bool with_url)
{
    const cairn_config_node *included = cairn_config_get(filter, "included");
    const cairn_config_node *excluded = cairn_config_get(filter, "excluded");
    char url[256];
    cairn_str schema_url = cairn_resource_schema_url(all);
    struct cairn_attrs attrs = {NULL, 0};
    struct cairn_attr *items, attr;
    cairn_resource *left = NULL;
    struct arena arena;
    size_t count = 0;
    while (cairn_resource_attribute(all, count, &attr))
        count++;
    arena_init(&arena, 0);
    items = arena_calloc(&arena, count, sizeof *items);
    if (items) {
        for (size_t i = 0; cairn_resource_attribute(all, i, &attr); i++) {
            if ((!included || among(included, attr.key)) && !among(excluded, attr.key))
                items[attrs.count++] = attr;
        }
        attrs.items = items;
        if (schema_url.n >= sizeof url || !with_url)
            schema_url.n = 0;
        memcpy(url, schema_url.n ? schema_url.p : "", schema_url.n);
        url[schema_url.n] = '\0';
        left = cairn_resource_new(&attrs, schema_url.n ? url : NULL);
    }
    arena_release(&arena);
    return left;
}

static cairn_status detect(const cairn_config_node *resource, cairn_resource **sum,
                           struct cairn_config_error *error)
{
    const cairn_config_node *section = cairn_config_get(resource, "detection/development");
    const cairn_config_node *detectors = cairn_config_get(section, "detectors");
    bool with_url = !cairn_config_string(cairn_config_get(resource, "schema_url"), NULL);
    cairn_status status = CAIRN_OK;
    for (size_t i = 0; i < cairn_config_count(detectors) && status == CAIRN_OK; i++) {
        cairn_resource *all =
            cairn_config_make(CAIRN_CONFIG_DETECTOR, cairn_config_at(detectors, i), error);
        if (!all)
            return CAIRN_ERROR_INVALID;
        status = merge(sum, filtered(all, cairn_config_get(section, "attributes"), with_url));
        cairn_resource_unref(all);
    }
    return status;
}

/* The detectors of the SDK, by name. */
#define ROW(name)                                                      \
    static void *name(void *user, const cairn_config_node *properties, \
                      struct cairn_config_error *error)                \
    {                                                                  \
        (void)user, (void)properties, (void)error;                     \
        return cairn_resource_detect(#name);                           \
    }
ROW(container)
ROW(host)
ROW(process)
ROW(process_command_args)
ROW(os)
ROW(service)

const struct component detector_components[] = {
    {CAIRN_CONFIG_DETECTOR, "container", &shape_nothing, container, NULL},
    {CAIRN_CONFIG_DETECTOR, "host", &shape_nothing, host, NULL},
    {CAIRN_CONFIG_DETECTOR, "process", &shape_nothing, process, NULL},
    {CAIRN_CONFIG_DETECTOR, "service", &shape_nothing, service, NULL},
    /* not in the schema */
    {CAIRN_CONFIG_DETECTOR, "os", &shape_nothing, os, NULL},
    {CAIRN_CONFIG_DETECTOR, "process_command_args", &shape_nothing, process_command_args, NULL},
    {0},
};

cairn_resource *config_resource(const struct cairn_config_node *section,
                                struct cairn_config_error *error)
{
    cairn_resource *sum = cairn_resource_new(NULL, NULL);
    if (!section || !sum)
        return sum;
    if (detect(section, &sum, error) == CAIRN_OK &&
        add_list(cairn_config_get(section, "attributes_list"), &sum, error) == CAIRN_OK &&
        add_attributes(section, &sum, error) == CAIRN_OK)
        return sum;
    cairn_resource_unref(sum);
    no_memory(section->config, error);
    return NULL;
}
