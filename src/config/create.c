/* create.c - from a configuration to an SDK: every section makes its part of cairn_sdk_options, then the SDK is made of
 * them. Until then nothing is visible outside, so that a failure leaves nothing behind. */
#define CAIRN_NO_INLINE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/component.h"
#include "config/config.h"
#include "config/propagator.h"
#include "config/resource.h"
#include "config/tracers.h"

enum { PROCESSORS_MAX = 8 };

/* What was made on the way; o holds what the application gave and, where it gave nothing, what the file says. */
struct plan {
    const struct cairn_config *config;
    struct cairn_config_error *error;
    struct cairn_sdk_options o;
    struct cairn_limits limits;
    struct cairn_id_generator ids;
    cairn_processor *processors[PROCESSORS_MAX];
    cairn_resource *resource;
    cairn_sampler *sampler;
    cairn_propagator *propagator;
    cairn_tracer_configurator *configurator;
};

static const cairn_config_node *section(const struct plan *p, const char *name)
{
    return cairn_config_get(p->config->root, name);
}

static const cairn_config_node *of_tracer(const struct plan *p, const char *name)
{
    return cairn_config_get(section(p, "tracer_provider"), name);
}

/* ---- Parts ---- */

/* The application's resource over the file's. */
static cairn_status plan_resource(struct plan *p)
{
    cairn_resource *file = config_resource(section(p, "resource"), p->error);
    if (!file)
        return no_memory(p->config, p->error);
    p->resource = p->o.resource ? cairn_resource_merge(file, p->o.resource) : file;
    if (p->o.resource)
        cairn_resource_unref(file);
    p->o.resource = p->resource;
    if (!p->o.detectors)
        p->o.detectors = "none"; /* those that the file names have run */
    return p->resource ? CAIRN_OK : no_memory(p->config, p->error);
}

/* 0 is the word for the default in struct cairn_limits, so that the file's 0 gets another. */
static void take_limit(uint32_t *to, const cairn_config_node *map, const char *key)
{
    int64_t v = cairn_config_int(cairn_config_get(map, key), -1);
    if (*to == 0 && v >= 0)
        *to = v == 0 ? CAIRN_LIMIT_ZERO : v >= CAIRN_LIMIT_ZERO ? CAIRN_LIMIT_NONE : (uint32_t)v;
}

static void plan_limits(struct plan *p)
{
    const cairn_config_node *of[] = {of_tracer(p, "limits"), section(p, "attribute_limits")};
    const struct cairn_limits *given = p->o.limits;
    struct cairn_limits *l = &p->limits;
    if (given)
        memcpy(l, given, given->size < sizeof *l ? given->size : sizeof *l);
    l->size = sizeof *l;
    for (size_t i = 0; i < 2; i++) { /* the span's own limits before the general ones */
        take_limit(&l->attribute_count, of[i], "attribute_count_limit");
        take_limit(&l->attribute_value_length, of[i], "attribute_value_length_limit");
    }
    take_limit(&l->event_count, of[0], "event_count_limit");
    take_limit(&l->link_count, of[0], "link_count_limit");
    take_limit(&l->event_attribute_count, of[0], "event_attribute_count_limit");
    take_limit(&l->link_attribute_count, of[0], "link_attribute_count_limit");
    p->o.limits = l;
}

static cairn_status plan_propagator(struct plan *p)
{
    if (p->o.propagator)
        return CAIRN_OK;
    p->propagator = config_propagator(section(p, "propagator"), p->error);
    p->o.propagator = p->propagator;
    return p->propagator ? CAIRN_OK : CAIRN_ERROR_INVALID;
}

/* The service.name that the SDK will have, for samplers that ask a server about it. Ends in NUL. */
static void service_name_of(const struct plan *p, char *out, size_t room)
{
    cairn_resource *least = cairn_resource_default(),
                   *all = cairn_resource_merge(least, p->resource);
    struct cairn_attr a;
    snprintf(out, room, "%s", p->o.service_name ? p->o.service_name : "");
    for (size_t i = 0; !*out && cairn_resource_attribute(all, i, &a); i++) {
        if (str_eq(str_in(a.key), STR("service.name")) && a.value.type == CAIRN_TYPE_STRING)
            snprintf(out, room, "%.*s", (int)a.value.as.string.n, a.value.as.string.p);
    }
    cairn_resource_unref(least);
    cairn_resource_unref(all);
}

static cairn_status plan_sampler(struct plan *p)
{
    const cairn_config_node *node = of_tracer(p, "sampler");
    char service[256];
    if (p->o.sampler || !node)
        return CAIRN_OK;
    service_name_of(p, service, sizeof service);
    component_service_name = service;
    p->sampler = cairn_config_make(CAIRN_CONFIG_SAMPLER, node, p->error);
    component_service_name = NULL;
    p->o.sampler = p->sampler;
    return p->sampler ? CAIRN_OK : CAIRN_ERROR_INVALID;
}

static cairn_status plan_configurator(struct plan *p)
{
    const cairn_config_node *node = of_tracer(p, "tracer_configurator/development");
    if (p->o.tracer_configurator || !node)
        return CAIRN_OK;
    p->configurator = config_tracers(node, p->error);
    p->o.tracer_configurator = p->configurator;
    return p->configurator ? CAIRN_OK : CAIRN_ERROR_INVALID;
}

static cairn_status plan_ids(struct plan *p)
{
    const cairn_config_node *node = of_tracer(p, "id_generator");
    const struct cairn_id_generator *made;
    if (p->o.id_generator || !node)
        return CAIRN_OK;
    made = cairn_config_make(CAIRN_CONFIG_ID_GENERATOR, node, p->error);
    if (!made)
        return CAIRN_ERROR_INVALID;
    memcpy(&p->ids, made, made->size < sizeof p->ids ? made->size : sizeof p->ids);
    p->o.id_generator = &p->ids;
    return CAIRN_OK;
}

/* After a failure: the application's have been taken over too. */
static void free_processors(struct plan *p)
{
    for (size_t i = 0; i < PROCESSORS_MAX; i++)
        cairn_processor_free(p->processors[i]);
    for (size_t i = 0; i < p->o.processor_count && p->o.processors != p->processors; i++)
        cairn_processor_free(p->o.processors[i]);
}

static cairn_status plan_processors(struct plan *p)
{
    const cairn_config_node *list = of_tracer(p, "processors");
    size_t count = cairn_config_count(list);
    if (p->o.processors)
        return CAIRN_OK;
    if (count > PROCESSORS_MAX)
        return node_fail(list, p->error, "more than %d span processors", PROCESSORS_MAX);
    for (size_t i = 0; i < count; i++) {
        p->processors[i] =
            cairn_config_make(CAIRN_CONFIG_PROCESSOR, cairn_config_at(list, i), p->error);
        if (!p->processors[i])
            return CAIRN_ERROR_INVALID;
    }
    p->o.processors = p->processors;
    p->o.processor_count = count;
    return CAIRN_OK;
}

/* Processors last: nothing after them fails. */
static cairn_status plan_all(struct plan *p)
{
    cairn_status status = plan_resource(p);
    if (status == CAIRN_OK)
        status = plan_propagator(p);
    if (status == CAIRN_OK && !p->o.disabled)
        status = plan_sampler(p);
    if (status == CAIRN_OK && !p->o.disabled)
        status = plan_configurator(p);
    if (status == CAIRN_OK && !p->o.disabled)
        status = plan_ids(p);
    if (status == CAIRN_OK && !p->o.disabled)
        status = plan_processors(p);
    plan_limits(p);
    return status;
}

/* ---- What is said about a file that works ---- */

static void say(int32_t severity, const struct cairn_config_node *node, const char *what)
{
    struct cairn_config_error line = CAIRN_CONFIG_ERROR_INIT;
    node_fail(node, &line, "%s", what);
    cairn_diagnose(severity, cairn_str_of(line.text));
}

static void say_notes(const struct cairn_config *config)
{
    static const char *const ignored[] = {"meter_provider", "logger_provider",
                                          "instrumentation/development"};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        const cairn_config_node *node = cairn_config_get(config->root, ignored[i]);
        if (node)
            say(CAIRN_DIAGNOSTIC_INFO, node, "left out: Cairn makes traces only");
    }
    for (size_t i = 0; i < cairn_config_count(config->root); i++) {
        const cairn_config_node *node = cairn_config_at(config->root, i);
        bool known = false;
        for (const struct field *f = shape_file.fields; f->key; f++)
            known |= str_eq(node->key, str_of(f->key));
        if (!known)
            say(CAIRN_DIAGNOSTIC_WARNING, node, "not a section that Cairn knows, left out");
    }
    if (config->newer)
        say(CAIRN_DIAGNOSTIC_WARNING, cairn_config_get(config->root, "file_format"),
            "newer than 1.1, the version that Cairn knows: keys that came later are left out");
}

static int32_t level_of(const cairn_config_node *node)
{
    switch (*cairn_config_string(node, "info")) {
    case 'f': return 0; /* fatal: nothing that Cairn says is */
    case 'e': return CAIRN_DIAGNOSTIC_ERROR;
    case 'w': return CAIRN_DIAGNOSTIC_WARNING;
    default: return CAIRN_DIAGNOSTIC_INFO;
    }
}

/* ---- Create ---- */

cairn_sdk *cairn_config_create(const cairn_config *config, const struct cairn_sdk_options *options,
                               struct cairn_config_error *error)
{
    struct cairn_config_error own = CAIRN_CONFIG_ERROR_INIT;
    struct plan p = {.config = config, .error = error ? error : &own};
    cairn_sdk *sdk = NULL;
    int saved = errno;
    if (options)
        memcpy(&p.o, options, options->size < sizeof p.o ? options->size : sizeof p.o);
    p.o.size = sizeof p.o;
    if (!config) {
        free_processors(&p);
        return NULL;
    }
    p.o.disabled |= cairn_config_bool(section(&p, "disabled"), false) ||
                    (!section(&p, "tracer_provider") && !p.o.processors);
    if (plan_all(&p) == CAIRN_OK) {
        cairn_set_diagnostic_level(level_of(section(&p, "log_level")));
        say_notes(config);
        sdk = cairn_sdk_new(&p.o);
        if (!sdk)
            no_memory(config, p.error);
    } else {
        free_processors(&p);
    }
    cairn_resource_unref(p.resource);
    cairn_sampler_unref(p.sampler);
    cairn_propagator_unref(p.propagator);
    cairn_tracer_configurator_unref(p.configurator);
    errno = saved;
    return sdk;
}
