/* propagator.c - see propagator.h. */
#define CAIRN_NO_INLINE
#include "config/propagator.h"

#include "config/component.h"

#define ROW(name, get)                                                                             \
    static void *name(void *user, const cairn_config_node *node, struct cairn_config_error *error) \
    {                                                                                              \
        (void)user, (void)node, (void)error;                                                       \
        return get();                                                                              \
    }
ROW(tracecontext, cairn_propagator_tracecontext)
ROW(baggage, cairn_propagator_baggage)
ROW(b3, cairn_propagator_b3)
ROW(b3multi, cairn_propagator_b3_multi)
ROW(jaeger, cairn_propagator_jaeger)
ROW(ottrace, cairn_propagator_ot)

const struct component propagator_components[] = {
    {CAIRN_CONFIG_PROPAGATOR, "tracecontext", &shape_nothing, tracecontext, NULL},
    {CAIRN_CONFIG_PROPAGATOR, "baggage", &shape_nothing, baggage, NULL},
    {CAIRN_CONFIG_PROPAGATOR, "b3", &shape_nothing, b3, NULL},
    {CAIRN_CONFIG_PROPAGATOR, "b3multi", &shape_nothing, b3multi, NULL},
    {CAIRN_CONFIG_PROPAGATOR, "jaeger", &shape_nothing, jaeger, NULL},
    {CAIRN_CONFIG_PROPAGATOR, "ottrace", &shape_nothing, ottrace, NULL},
    {CAIRN_CONFIG_PROPAGATOR, "xray", NULL, NULL,
     "xray is not part of Cairn; use tracecontext, or register one with cairn_config_register"},
    {0},
};

enum { PARTS_MAX = 16 };

struct parts {
    struct str names[PARTS_MAX];
    cairn_propagator *made[PARTS_MAX];
    size_t count;
};

/* A name that is there already is left out. */
static cairn_status add(struct parts *parts, struct str name, const struct cairn_config_node *place,
                        const struct cairn_config_node *properties,
                        struct cairn_config_error *error)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (str_eq(parts->names[i], name))
            return CAIRN_OK;
    }
    if (parts->count == PARTS_MAX)
        return node_fail(place, error, "more than %d propagators", PARTS_MAX);
    parts->made[parts->count] =
        component_make(CAIRN_CONFIG_PROPAGATOR, name, place, properties, error);
    if (!parts->made[parts->count])
        return CAIRN_ERROR_INVALID;
    parts->names[parts->count++] = name;
    return CAIRN_OK;
}

static cairn_status add_all(struct parts *parts, const struct cairn_config_node *section,
                            struct cairn_config_error *error)
{
    const cairn_config_node *composite = cairn_config_get(section, "composite");
    const cairn_config_node *list = cairn_config_get(section, "composite_list");
    struct str rest = str_of(cairn_config_string(list, NULL)), name;
    cairn_status status = CAIRN_OK;
    for (size_t i = 0; i < cairn_config_count(composite) && status == CAIRN_OK; i++) {
        const cairn_config_node *entry = cairn_config_at(cairn_config_at(composite, i), 0);
        status = add(parts, entry->key, entry, entry, error);
    }
    while (rest.n && status == CAIRN_OK) {
        str_cut(rest, ',', &name, &rest);
        name = str_trim(name);
        if (name.n && !str_eq(name, STR("none")))
            status = add(parts, name, list, NULL, error);
    }
    return status;
}

cairn_propagator *config_propagator(const struct cairn_config_node *section,
                                    struct cairn_config_error *error)
{
    struct parts parts = {.count = 0};
    cairn_propagator *sum = NULL;
    if (add_all(&parts, section, error) == CAIRN_OK) {
        sum = parts.count == 0   ? cairn_propagator_none()
              : parts.count == 1 ? cairn_propagator_ref(parts.made[0])
                                 : cairn_propagator_composite(parts.made, parts.count);
        if (!sum)
            no_memory(section->config, error);
    }
    for (size_t i = 0; i < parts.count; i++)
        cairn_propagator_unref(parts.made[i]);
    return sum;
}
