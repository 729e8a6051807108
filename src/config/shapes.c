/* shapes.c - the schema of the file down to the components: one row for each key. */
#define CAIRN_NO_INLINE
#include "config/component.h"

static const struct shape text = {.types = IS_STRING};
static const struct shape text_or_null = {.types = IS_STRING | IS_NULL};
static const struct shape boolean = {.types = IS_BOOL};
static const struct shape boolean_or_null = {.types = IS_BOOL | IS_NULL};
static const struct shape texts = {.types = IS_LIST, .items = &text};
static const struct shape limit = {.types = IS_INT | IS_NULL, .min = 0, .max = UINT32_MAX};
static const struct shape anything = {.types = IS_MAP | IS_NULL, .open = true};

/* ---- attribute_limits, tracer_provider.limits ---- */

static const struct field attribute_limits_fields[] = {
    {"attribute_value_length_limit", &limit, false},
    {"attribute_count_limit", &limit, false},
    {0},
};
static const struct shape attribute_limits = {.types = IS_MAP, .fields = attribute_limits_fields};

static const struct field limits_fields[] = {
    {"attribute_value_length_limit", &limit, false},
    {"attribute_count_limit", &limit, false},
    {"event_count_limit", &limit, false},
    {"link_count_limit", &limit, false},
    {"event_attribute_count_limit", &limit, false},
    {"link_attribute_count_limit", &limit, false},
    {0},
};
static const struct shape limits = {.types = IS_MAP, .fields = limits_fields};

/* ---- resource ---- */

static const char *const attribute_types[] = {"string",    "bool",         "int",
                                              "double",    "string_array", "bool_array",
                                              "int_array", "double_array", NULL};
static const struct shape attribute_type = {.types = IS_STRING | IS_NULL, .words = attribute_types};
static const struct shape scalar = {.types = IS_STRING | IS_BOOL | IS_NUMBER};
static const struct shape attribute_value = {
    .types = IS_STRING | IS_BOOL | IS_NUMBER | IS_NULL | IS_LIST, .items = &scalar};
static const struct field attribute_fields[] = {{"name", &text, true},
                                                {"value", &attribute_value, true},
                                                {"type", &attribute_type, false},
                                                {0}};
static const struct shape attribute = {.types = IS_MAP, .fields = attribute_fields};
static const struct shape attributes = {.types = IS_LIST, .items = &attribute};

static const struct field filter_fields[] = {
    {"included", &texts, false}, {"excluded", &texts, false}, {0}};
static const struct shape filter = {.types = IS_MAP, .fields = filter_fields};
static const struct shape detector = {.types = IS_MAP, .kind = CAIRN_CONFIG_DETECTOR};
static const struct shape detectors = {.types = IS_LIST, .items = &detector};
static const struct field detection_fields[] = {
    {"attributes", &filter, false}, {"detectors", &detectors, false}, {0}};
static const struct shape detection = {.types = IS_MAP, .fields = detection_fields};

static const struct field resource_fields[] = {
    {"attributes", &attributes, false},
    {"attributes_list", &text_or_null, false},
    {"schema_url", &text_or_null, false},
    {"detection/development", &detection, false},
    {0},
};
static const struct shape resource = {.types = IS_MAP, .fields = resource_fields};

/* ---- propagator ---- */

static const struct shape propagator_part = {.types = IS_MAP, .kind = CAIRN_CONFIG_PROPAGATOR};
static const struct shape propagator_parts = {.types = IS_LIST, .items = &propagator_part};
static const struct field propagator_fields[] = {
    {"composite", &propagator_parts, false}, {"composite_list", &text_or_null, false}, {0}};
static const struct shape propagator = {.types = IS_MAP, .fields = propagator_fields};

/* ---- tracer_provider ---- */

static const struct shape processor = {.types = IS_MAP, .kind = CAIRN_CONFIG_PROCESSOR};
static const struct shape processors = {.types = IS_LIST, .items = &processor};
static const struct shape id_generator = {.types = IS_MAP, .kind = CAIRN_CONFIG_ID_GENERATOR};

static const struct field tracer_config_fields[] = {{"enabled", &boolean, false}, {0}};
static const struct shape tracer_config = {.types = IS_MAP, .fields = tracer_config_fields};
static const struct field tracer_fields[] = {
    {"name", &text, true}, {"config", &tracer_config, true}, {0}};
static const struct shape tracer = {.types = IS_MAP, .fields = tracer_fields};
static const struct shape tracers = {.types = IS_LIST, .items = &tracer};
static const struct field configurator_fields[] = {
    {"default_config", &tracer_config, false}, {"tracers", &tracers, false}, {0}};
static const struct shape configurator = {.types = IS_MAP, .fields = configurator_fields};

static const struct field tracer_provider_fields[] = {
    {"processors", &processors, true},
    {"limits", &limits, false},
    {"sampler", &shape_sampler, false},
    {"id_generator", &id_generator, false},
    {"tracer_configurator/development", &configurator, false},
    {0},
};
static const struct shape tracer_provider = {.types = IS_MAP, .fields = tracer_provider_fields};

/* ---- The file ---- */

#define FOUR(level) level, level "2", level "3", level "4"
static const char *const levels[] = {FOUR("trace"), FOUR("debug"), FOUR("info"), FOUR("warn"),
                                     FOUR("error"), FOUR("fatal"), NULL};
static const struct shape log_level = {.types = IS_STRING | IS_NULL, .words = levels};

static const struct field file_fields[] = {
    {"file_format", &text, true},
    {"disabled", &boolean_or_null, false},
    {"log_level", &log_level, false},
    {"resource", &resource, false},
    {"attribute_limits", &attribute_limits, false},
    {"propagator", &propagator, false},
    {"tracer_provider", &tracer_provider, false},
    /* other signals and other readers: any content */
    {"meter_provider", &anything, false},
    {"logger_provider", &anything, false},
    {"instrumentation/development", &anything, false},
    {"distribution", &anything, false},
    {0},
};
const struct shape shape_file = {.types = IS_MAP, .fields = file_fields, .open = true};
