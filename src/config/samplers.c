/* samplers.c - the samplers of tracer_provider.sampler. */
#define CAIRN_NO_INLINE
#include <cairn/composable.h>
#include <cairn/jaeger_remote.h>

#include "config/component.h"

static void *always_on(void *user, const cairn_config_node *properties,
                       struct cairn_config_error *error)
{
    (void)user, (void)properties, (void)error;
    return cairn_sampler_always_on();
}

static void *always_off(void *user, const cairn_config_node *properties,
                        struct cairn_config_error *error)
{
    (void)user, (void)properties, (void)error;
    return cairn_sampler_always_off();
}

static void *ratio(void *user, const cairn_config_node *properties,
                   struct cairn_config_error *error)
{
    (void)user, (void)error;
    return cairn_sampler_ratio(cairn_config_double(cairn_config_get(properties, "ratio"), 1));
}

static void *probability(void *user, const cairn_config_node *properties,
                         struct cairn_config_error *error)
{
    (void)user, (void)error;
    return cairn_sampler_probability(cairn_config_double(cairn_config_get(properties, "ratio"), 1));
}

static void *always_record(void *user, const cairn_config_node *properties,
                           struct cairn_config_error *error)
{
    cairn_sampler *made, *root = cairn_config_make(CAIRN_CONFIG_SAMPLER,
                                                   cairn_config_get(properties, "root"), error);
    (void)user;
    if (!root)
        return NULL;
    made = cairn_sampler_always_record(root);
    cairn_sampler_unref(root);
    return made;
}

/* The node is itself the composable: {rule_based: ...}. */
static void *composite(void *user, const cairn_config_node *properties,
                       struct cairn_config_error *error)
{
    cairn_composable *composable = cairn_config_make(CONFIG_COMPOSABLE, properties, error);
    cairn_sampler *made;
    (void)user;
    if (!composable)
        return NULL;
    made = cairn_sampler_composite(composable);
    cairn_composable_unref(composable);
    return made;
}

/* The sampler under a key; *ret stays NULL when the key is not there. */
static bool part(const cairn_config_node *properties, const char *key, cairn_sampler **ret,
                 struct cairn_config_error *error)
{
    const cairn_config_node *node = cairn_config_get(properties, key);
    if (!node)
        return true;
    *ret = cairn_config_make(CAIRN_CONFIG_SAMPLER, node, error);
    return *ret != NULL;
}

static void *parent_based(void *user, const cairn_config_node *properties,
                          struct cairn_config_error *error)
{
    struct cairn_parent_based_options o = {.size = sizeof o};
    cairn_sampler *made = NULL;
    (void)user;
    if (part(properties, "root", &o.root, error) &&
        part(properties, "remote_parent_sampled", &o.remote_sampled, error) &&
        part(properties, "remote_parent_not_sampled", &o.remote_not_sampled, error) &&
        part(properties, "local_parent_sampled", &o.local_sampled, error) &&
        part(properties, "local_parent_not_sampled", &o.local_not_sampled, error))
        made = cairn_sampler_parent_based_with(&o);
    cairn_sampler_unref(o.root);
    cairn_sampler_unref(o.remote_sampled);
    cairn_sampler_unref(o.remote_not_sampled);
    cairn_sampler_unref(o.local_sampled);
    cairn_sampler_unref(o.local_not_sampled);
    return made;
}

static void *jaeger_remote(void *user, const cairn_config_node *properties,
                           struct cairn_config_error *error)
{
    struct cairn_jaeger_remote_options o = {.size = sizeof o};
    int64_t interval = cairn_config_int(cairn_config_get(properties, "interval"), 60000);
    const cairn_config_node *endpoint = cairn_config_get(properties, "endpoint");
    cairn_sampler *made;
    (void)user;
    o.endpoint = cairn_config_string(endpoint, "");
    if (component_check_url(endpoint, o.endpoint, error) != CAIRN_OK ||
        !part(properties, "initial_sampler", &o.initial_sampler, error))
        return NULL;
    o.service_name = component_service_name;
    o.polling_interval_ms = interval ? (uint32_t)interval : 1;
    made = cairn_sampler_jaeger_remote(&o);
    cairn_sampler_unref(o.initial_sampler);
    return made;
}

static const struct shape share = {.types = IS_NUMBER | IS_NULL, .min = 0, .max = 1};
static const struct field ratio_fields[] = {{"ratio", &share, false}, {0}};
static const struct shape shape_ratio = {.types = IS_MAP | IS_NULL, .fields = ratio_fields};

static const struct field parent_based_fields[] = {
    {"root", &shape_sampler, false},
    {"remote_parent_sampled", &shape_sampler, false},
    {"remote_parent_not_sampled", &shape_sampler, false},
    {"local_parent_sampled", &shape_sampler, false},
    {"local_parent_not_sampled", &shape_sampler, false},
    {0},
};
static const struct shape shape_parent_based = {.types = IS_MAP | IS_NULL,
                                                .fields = parent_based_fields};

static const struct field record_fields[] = {{"root", &shape_sampler, true}, {0}};
static const struct shape shape_record = {.types = IS_MAP, .fields = record_fields};
static const struct shape shape_composite = {.types = IS_MAP, .kind = CONFIG_COMPOSABLE};

static const struct shape text = {.types = IS_STRING};
static const struct shape time_ms = {
    .types = IS_INT | IS_NULL, .min = 0, .max = CAIRN_LIMIT_ZERO - 1};
static const struct field jaeger_fields[] = {{"endpoint", &text, true},
                                             {"interval", &time_ms, false},
                                             {"initial_sampler", &shape_sampler, true},
                                             {0}};
static const struct shape shape_jaeger = {.types = IS_MAP, .fields = jaeger_fields};

const struct component sampler_components[] = {
    {CAIRN_CONFIG_SAMPLER, "always_on", &shape_nothing, always_on, NULL},
    {CAIRN_CONFIG_SAMPLER, "always_off", &shape_nothing, always_off, NULL},
    {CAIRN_CONFIG_SAMPLER, "trace_id_ratio_based", &shape_ratio, ratio, NULL},
    {CAIRN_CONFIG_SAMPLER, "parent_based", &shape_parent_based, parent_based, NULL},
    {CAIRN_CONFIG_SAMPLER, "always_record", &shape_record, always_record, NULL},
    {CAIRN_CONFIG_SAMPLER, "probability/development", &shape_ratio, probability, NULL},
    {CAIRN_CONFIG_SAMPLER, "jaeger_remote/development", &shape_jaeger, jaeger_remote, NULL},
    {CAIRN_CONFIG_SAMPLER, "composite/development", &shape_composite, composite, NULL},
    {0},
};
