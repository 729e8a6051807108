/* env.c - reading OTEL_* and making what they name. */
#define CAIRN_NO_INLINE
#include "sdk/env.h"

#include <stdio.h>
#include <stdlib.h>

#include "sdk/exporter.h"
#include "sdk/sdk.h"
#include "tracer/diag.h"
#include "tracer/propagation.h"
#include "tracer/provider.h"

const char *env_get(const char *name)
{
    return secure_getenv(name);
}

static struct str value_of(env_get_fn *get, const char *name)
{
    return str_trim(str_of(get(name)));
}

static bool is_true(env_get_fn *get, const char *name)
{
    struct str v = value_of(get, name);
    if (v.n && !str_eq_nocase(v, STR("true")) && !str_eq_nocase(v, STR("false")))
        diag_warn("%s=%.*s is neither true nor false, taken as false", name, STR_ARG(v));
    return str_eq_nocase(v, STR("true"));
}

static void number(env_get_fn *get, const char *name, uint32_t min, uint32_t *ret)
{
    struct str v = value_of(get, name);
    uint64_t n;
    if (v.n == 0)
        return;
    if (str_to_u64(v, &n) && n >= min && n < CAIRN_LIMIT_ZERO)
        *ret = (uint32_t)n;
    else
        diag_warn("%s=%.*s is not a number from %u on, ignored", name, STR_ARG(v), min);
}

/* One that is none of the SDK's own: whether it is there shows when it is made, after all libraries had their say. */
static void read_named_sampler(struct env_config *ret)
{
    struct str prefix = STR("parentbased_");
    ret->sampler = ENV_SAMPLER_NAMED;
    ret->sampler_under_parent = str_starts(ret->sampler_name, prefix);
    if (ret->sampler_under_parent)
        ret->sampler_name = str_from(ret->sampler_name, prefix.n);
}

static void read_sampler(env_get_fn *get, struct env_config *ret)
{
    static const struct {
        const char *name;
        enum env_sampler sampler;
    } known[] = {
        {"always_on", ENV_SAMPLER_ON},
        {"always_off", ENV_SAMPLER_OFF},
        {"traceidratio", ENV_SAMPLER_RATIO},
        {"parentbased_always_on", ENV_SAMPLER_PARENT_ON},
        {"parentbased_always_off", ENV_SAMPLER_PARENT_OFF},
        {"parentbased_traceidratio", ENV_SAMPLER_PARENT_RATIO},
    };
    struct str name = value_of(get, "OTEL_TRACES_SAMPLER");
    struct str arg = value_of(get, "OTEL_TRACES_SAMPLER_ARG");
    bool found = name.n == 0;
    double ratio;
    ret->sampler = ENV_SAMPLER_PARENT_ON;
    ret->ratio = 1;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_eq(name, str_of(known[i].name))) {
            ret->sampler = known[i].sampler;
            found = true;
        }
    }
    ret->sampler_name = name;
    ret->sampler_arg = arg;
    if (!found)
        read_named_sampler(ret);
    if (arg.n == 0 ||
        (ret->sampler != ENV_SAMPLER_RATIO && ret->sampler != ENV_SAMPLER_PARENT_RATIO))
        return;
    if (str_to_double(arg, &ratio) && ratio >= 0 && ratio <= 1)
        ret->ratio = ratio;
    else
        diag_warn("OTEL_TRACES_SAMPLER_ARG=%.*s is not a number from 0 to 1, 1 is used",
                  STR_ARG(arg));
}

static void read_batch(env_get_fn *get, struct cairn_batch_options *ret)
{
    *ret = (struct cairn_batch_options){sizeof *ret, 2048, 5000, 512, 30000};
    number(get, "OTEL_BSP_SCHEDULE_DELAY", 1, &ret->schedule_delay_ms);
    number(get, "OTEL_BSP_EXPORT_TIMEOUT", 1, &ret->export_timeout_ms);
    number(get, "OTEL_BSP_MAX_QUEUE_SIZE", 1, &ret->queue_spans_max);
    number(get, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, &ret->batch_spans_max);
    if (ret->batch_spans_max > ret->queue_spans_max) {
        if (value_of(get, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE").n)
            diag_warn("OTEL_BSP_MAX_EXPORT_BATCH_SIZE is more than OTEL_BSP_MAX_QUEUE_SIZE, cut");
        ret->batch_spans_max = ret->queue_spans_max;
    }
}

/* The general names first, the span's own win. */
static void read_limits(env_get_fn *get, struct span_limits *ret)
{
    *ret = span_limits_default;
    number(get, "OTEL_ATTRIBUTE_COUNT_LIMIT", 0, &ret->attribute_count);
    number(get, "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", 0, &ret->attribute_count);
    number(get, "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", 0, &ret->value_length);
    number(get, "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", 0, &ret->value_length);
    number(get, "OTEL_SPAN_EVENT_COUNT_LIMIT", 0, &ret->event_count);
    number(get, "OTEL_SPAN_LINK_COUNT_LIMIT", 0, &ret->link_count);
    number(get, "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", 0, &ret->event_attribute_count);
    number(get, "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", 0, &ret->link_attribute_count);
}

void env_read(env_get_fn *get, struct env_config *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->disabled = is_true(get, "OTEL_SDK_DISABLED");
    ret->service_name = value_of(get, "OTEL_SERVICE_NAME");
    ret->resource_attributes = value_of(get, "OTEL_RESOURCE_ATTRIBUTES");
    ret->exporters = value_of(get, "OTEL_TRACES_EXPORTER");
    if (ret->exporters.n == 0)
        ret->exporters = STR("otlp");
    ret->propagators = value_of(get, "OTEL_PROPAGATORS");
    read_sampler(get, ret);
    read_batch(get, &ret->batch);
    read_limits(get, &ret->limits);
    if (value_of(get, "OTEL_CONFIG_FILE").n)
        diag_warn("OTEL_CONFIG_FILE is not supported, the other variables are used");
}

struct str env_next_name(struct str *list)
{
    struct str name = {NULL, 0};
    while (list->n && name.n == 0) {
        str_cut(*list, ',', &name, list);
        name = str_trim(name);
    }
    return name;
}

/* ---- Making ---- */

static cairn_sampler *under_parent(cairn_sampler *root)
{
    cairn_sampler *s = cairn_sampler_parent_based(root);
    cairn_sampler_unref(root);
    return s;
}

static cairn_sampler *named_sampler(const struct env_config *env, struct str service_name)
{
    const struct cairn_sampler_args args = {.size = sizeof args,
                                            .arg = str_out(env->sampler_arg),
                                            .service_name = str_out(service_name)};
    char name[128];
    cairn_sampler *s;
    bool known;
    snprintf(name, sizeof name, "%.*s", STR_ARG(env->sampler_name));
    s = cairn_sampler_by_name(name, &args, &known);
    if (!known && strcmp(name, "jaeger_remote") == 0)
        diag_warn("OTEL_TRACES_SAMPLER: jaeger_remote needs libcairn-otlp: link it and call "
                  "cairn_otlp_start; parentbased_always_on is used");
    else if (!known)
        diag_warn("OTEL_TRACES_SAMPLER=%s%s is not known, parentbased_always_on is used",
                  env->sampler_under_parent ? "parentbased_" : "", name);
    if (!s)
        return under_parent(cairn_sampler_always_on());
    return env->sampler_under_parent ? under_parent(s) : s;
}

cairn_sampler *env_sampler(const struct env_config *env, struct str service_name)
{
    switch (env->sampler) {
    case ENV_SAMPLER_ON: return cairn_sampler_always_on();
    case ENV_SAMPLER_OFF: return cairn_sampler_always_off();
    case ENV_SAMPLER_RATIO: return cairn_sampler_ratio(env->ratio);
    case ENV_SAMPLER_PARENT_ON: return under_parent(cairn_sampler_always_on());
    case ENV_SAMPLER_PARENT_OFF: return under_parent(cairn_sampler_always_off());
    case ENV_SAMPLER_PARENT_RATIO: return under_parent(cairn_sampler_ratio(env->ratio));
    case ENV_SAMPLER_NAMED: return named_sampler(env, service_name);
    }
    return NULL;
}

static bool among(cairn_propagator *const *parts, size_t count, const cairn_propagator *part)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i] == part)
            return true;
    }
    return false;
}

cairn_propagator *env_propagator(const struct env_config *env)
{
    struct str list = env->propagators.n ? env->propagators : STR("tracecontext,baggage"), name;
    cairn_propagator *parts[16];
    char unknown[256] = "";
    size_t count = 0, unknown_n = 0;
    while ((name = env_next_name(&list)).n) {
        cairn_propagator *p = propagator_by_name(name);
        if (!p) {
            unknown_n += (size_t)snprintf(unknown + unknown_n, sizeof unknown - unknown_n, "%s%.*s",
                                          unknown_n ? ", " : "", STR_ARG(name));
            if (unknown_n >= sizeof unknown)
                unknown_n = sizeof unknown - 1;
        } else if (p != cairn_propagator_none() && !among(parts, count, p)) {
            parts[count++] = p; /* the table of names has fewer than 16 */
        }
    }
    if (unknown_n)
        diag_warn("OTEL_PROPAGATORS: not known, left out: %s", unknown);
    if (count == 0)
        return cairn_propagator_none();
    return count == 1 ? parts[0] : cairn_propagator_composite(parts, count);
}

static cairn_exporter *exporter_of(struct str name)
{
    bool known;
    cairn_exporter *e = exporter_by_name(name, &known);
    if (known)
        return e;
    if (str_eq(name, STR("otlp")))
        diag_error("OTEL_TRACES_EXPORTER=otlp (the default) needs libcairn-otlp: link it and call "
                   "cairn_otlp_start; spans are not exported");
    else
        diag_warn("OTEL_TRACES_EXPORTER: %.*s is not known, left out", STR_ARG(name));
    return NULL;
}

size_t env_processors(const struct env_config *env, cairn_processor **ret, size_t room)
{
    struct str list = env->exporters, name;
    size_t count = 0;
    while (count < room && (name = env_next_name(&list)).n) {
        cairn_exporter *e = str_eq(name, STR("none")) ? NULL : exporter_of(name);
        cairn_processor *p;
        if (!e)
            continue;
        p = str_eq(name, STR("console")) ? cairn_processor_simple(e)
                                         : cairn_processor_batch(e, &env->batch);
        if (p)
            ret[count++] = p;
    }
    return count;
}
