/* processors.c - the span processors of tracer_provider.processors, and the id generator. */
#define CAIRN_NO_INLINE
#include "config/component.h"

enum { QUEUE_DEFAULT = 2048 };

static uint32_t number(const cairn_config_node *map, const char *key, uint32_t if_zero)
{
    const cairn_config_node *node = cairn_config_get(map, key);
    int64_t v = cairn_config_int(node, -1);
    return v < 0 ? 0 : v == 0 ? if_zero : (uint32_t)v;
}

/* 0 in a member means Cairn's default, so that what the file says with 0 gets another number. */
static void *batch(void *user, const cairn_config_node *properties,
                   struct cairn_config_error *error)
{
    struct cairn_batch_options o = CAIRN_BATCH_OPTIONS_INIT;
    const cairn_config_node *size = cairn_config_get(properties, "max_export_batch_size");
    cairn_exporter *exporter;
    (void)user;
    o.schedule_delay_ms = number(properties, "schedule_delay", 1);
    o.export_timeout_ms = number(properties, "export_timeout", CAIRN_FOREVER);
    o.queue_spans_max = number(properties, "max_queue_size", 0);
    o.batch_spans_max = number(properties, "max_export_batch_size", 0);
    if (o.batch_spans_max > (o.queue_spans_max ? o.queue_spans_max : QUEUE_DEFAULT)) {
        node_fail(size, error, "must be at most max_queue_size, which is %u",
                  o.queue_spans_max ? o.queue_spans_max : QUEUE_DEFAULT);
        return NULL;
    }
    exporter =
        cairn_config_make(CAIRN_CONFIG_EXPORTER, cairn_config_get(properties, "exporter"), error);
    return exporter ? cairn_processor_batch(exporter, &o) : NULL;
}

static void *simple(void *user, const cairn_config_node *properties,
                    struct cairn_config_error *error)
{
    cairn_exporter *exporter =
        cairn_config_make(CAIRN_CONFIG_EXPORTER, cairn_config_get(properties, "exporter"), error);
    (void)user;
    return exporter ? cairn_processor_simple(exporter) : NULL;
}

static const struct shape time_ms = {
    .types = IS_INT | IS_NULL, .min = 0, .max = CAIRN_LIMIT_ZERO - 1};
static const struct shape positive = {
    .types = IS_INT | IS_NULL, .min = 1, .max = CAIRN_LIMIT_ZERO - 1};
static const struct field batch_fields[] = {
    {"schedule_delay", &time_ms, false},  {"export_timeout", &time_ms, false},
    {"max_queue_size", &positive, false}, {"max_export_batch_size", &positive, false},
    {"exporter", &shape_exporter, true},  {0},
};
static const struct shape shape_batch = {.types = IS_MAP, .fields = batch_fields};
static const struct field simple_fields[] = {{"exporter", &shape_exporter, true}, {0}};
static const struct shape shape_simple = {.types = IS_MAP, .fields = simple_fields};

const struct component processor_components[] = {
    {CAIRN_CONFIG_PROCESSOR, "batch", &shape_batch, batch, NULL},
    {CAIRN_CONFIG_PROCESSOR, "simple", &shape_simple, simple, NULL},
    {0},
};

/* Functions NULL: the SDK's own generator. */
static void *random_ids(void *user, const cairn_config_node *properties,
                        struct cairn_config_error *error)
{
    static const struct cairn_id_generator own = {.size = sizeof own};
    (void)user, (void)properties, (void)error;
    return (void *)(uintptr_t)&own;
}

const struct component id_generator_components[] = {
    {CAIRN_CONFIG_ID_GENERATOR, "random", &shape_nothing, random_ids, NULL},
    {0},
};
