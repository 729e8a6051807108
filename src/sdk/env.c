/* env.c - reading OTEL_* and making what they name. */
#define CAIRN_NO_INLINE
#include "sdk/env.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
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

/* ---- One variable, by its row ---- */

static bool boolean(const char *name, struct str v)
{
    if (!str_eq_nocase(v, STR("true")) && !str_eq_nocase(v, STR("false")))
        diag_warn("%s=%.*s is neither true nor false, taken as false", name, STR_ARG(v));
    return str_eq_nocase(v, STR("true"));
}

static void number(const struct env_variable *row, struct str v, uint32_t *ret)
{
    uint64_t n;
    if (str_to_u64(v, &n) && n >= row->min && n < CAIRN_LIMIT_ZERO)
        *ret = n == 0 ? row->if_zero : (uint32_t)n;
    else
        diag_warn("%s=%.*s is not a number from %u on, ignored", row->name, STR_ARG(v), row->min);
}

static void level(const char *name, struct str v, int32_t *ret)
{
    static const struct {
        const char *name;
        int32_t level;
    } known[] = {
        {"none", 0},
        {"off", 0},
        {"fatal", 0},
        {"error", CAIRN_DIAGNOSTIC_ERROR},
        {"warn", CAIRN_DIAGNOSTIC_WARNING},
        {"warning", CAIRN_DIAGNOSTIC_WARNING},
        {"info", CAIRN_DIAGNOSTIC_INFO},
        {"debug", CAIRN_DIAGNOSTIC_INFO},
        {"trace", CAIRN_DIAGNOSTIC_INFO},
        {"all", CAIRN_DIAGNOSTIC_INFO},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_eq_nocase(v, str_of(known[i].name))) {
            *ret = known[i].level;
            cairn_set_diagnostic_level(*ret);
            return;
        }
    }
    diag_warn("%s=%.*s is not known, info is used", name, STR_ARG(v));
}

static void read_variable(env_get_fn *get, const struct env_variable *row, struct env_config *ret)
{
    char *at = (char *)ret + row->offset;
    struct str v = value_of(get, row->name);
    if (v.n == 0)
        return;
    switch (row->kind) {
    case ENV_BOOLEAN: *(bool *)(void *)at = boolean(row->name, v); break;
    case ENV_NUMBER: number(row, v, (uint32_t *)(void *)at); break;
    case ENV_TEXT: *(struct str *)(void *)at = v; break;
    case ENV_LEVEL: level(row->name, v, (int32_t *)(void *)at); break;
    case ENV_ELSEWHERE: break;
    case ENV_REFUSED: diag_warn("%s is not supported, %s", row->name, row->hint); break;
    }
}

/* ---- The sampler ---- */

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
        if (str_eq_nocase(name, str_of(known[i].name))) {
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

/* ---- All of them ---- */

static void check_batch(env_get_fn *get, struct cairn_batch_options *b)
{
    if (b->batch_spans_max <= b->queue_spans_max)
        return;
    if (value_of(get, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE").n)
        diag_warn("OTEL_BSP_MAX_EXPORT_BATCH_SIZE is more than OTEL_BSP_MAX_QUEUE_SIZE, cut");
    b->batch_spans_max = b->queue_spans_max;
}

void env_read(env_get_fn *get, struct env_config *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->log_level = CAIRN_DIAGNOSTIC_INFO;
    ret->exporters = STR("otlp");
    ret->batch = (struct cairn_batch_options){sizeof ret->batch, 2048, 5000, 512, 30000};
    ret->limits = span_limits_default;
    for (const struct env_variable *row = env_variables; row->name; row++)
        read_variable(get, row, ret);
    read_sampler(get, ret);
    check_batch(get, &ret->batch);
}

bool env_config_file(env_get_fn *get, char path[4096])
{
    struct str v = value_of(get, "OTEL_CONFIG_FILE");
    snprintf(path, 4096, "%.*s", STR_ARG(v));
    return v.n > 0;
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

/* Names that others know, with what to do instead. */
static const char *hint_for(struct str name)
{
    static const struct {
        const char *name, *hint;
    } known[] = {
        {"xray", "xray (not part of Cairn: use tracecontext)"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_eq_nocase(name, str_of(known[i].name)))
            return known[i].hint;
    }
    return NULL;
}

cairn_propagator *env_propagator(const struct env_config *env)
{
    struct str list = env->propagators.n ? env->propagators : STR("tracecontext,baggage"), name;
    cairn_propagator *parts[16];
    struct buf unknown;
    size_t count = 0;
    buf_init(&unknown, 400);
    while ((name = env_next_name(&list)).n) {
        cairn_propagator *p = propagator_by_name(name);
        const char *hint = p ? NULL : hint_for(name);
        if (!p && !unknown.failed)
            buf_printf(&unknown, "%s%.*s", unknown.n ? ", " : "",
                       STR_ARG(hint ? str_of(hint) : name));
        else if (p && p != cairn_propagator_none() && !among(parts, count, p))
            parts[count++] = p; /* the table of names has fewer than 16 */
    }
    if (unknown.n)
        diag_warn("OTEL_PROPAGATORS: not known, left out: %.*s", STR_ARG(buf_str(&unknown)));
    buf_release(&unknown);
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
    if (str_eq_nocase(name, STR("otlp")))
        diag_error("OTEL_TRACES_EXPORTER=otlp (the default) needs libcairn-otlp: link it and call "
                   "cairn_otlp_start; spans are not exported");
    else if (str_eq_nocase(name, STR("zipkin")))
        diag_warn("OTEL_TRACES_EXPORTER: zipkin is not supported and has left the specification, "
                  "left out; use otlp");
    else if (str_eq_nocase(name, STR("logging")))
        diag_warn(
            "OTEL_TRACES_EXPORTER: logging is the old name of console, left out; use console");
    else
        diag_warn("OTEL_TRACES_EXPORTER: %.*s is not known, left out", STR_ARG(name));
    return NULL;
}

size_t env_processors(const struct env_config *env, cairn_processor **ret, size_t room)
{
    struct str list = env->exporters, name;
    size_t count = 0;
    while (count < room && (name = env_next_name(&list)).n) {
        cairn_exporter *e = str_eq_nocase(name, STR("none")) ? NULL : exporter_of(name);
        cairn_processor *p;
        if (!e)
            continue;
        p = str_eq_nocase(name, STR("console")) ? cairn_processor_simple(e)
                                                : cairn_processor_batch(e, &env->batch);
        if (p)
            ret[count++] = p;
    }
    return count;
}
