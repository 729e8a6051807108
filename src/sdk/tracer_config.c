/* tracer_config.c - see tracer_config.h; and configurators made of rules. */
#define CAIRN_NO_INLINE
#include "sdk/tracer_config.h"

#include <sched.h>
#include <stdlib.h>

#include "tracer/provider.h"

struct rule {
    char *pattern;
    struct cairn_tracer_config config;
};

struct cairn_tracer_configurator {
    atomic_uint refs;
    cairn_tracer_configurator_fn *configure;
    void *user;
    void (*free_user)(void *user);
    /* made of rules: configure is by_rules, user the configurator itself */
    struct cairn_tracer_config otherwise;
    struct rule *rules;
    size_t rule_count;
};

static const struct cairn_tracer_config enabled = CAIRN_TRACER_CONFIG_INIT;

cairn_tracer_configurator *cairn_tracer_configurator_custom(cairn_tracer_configurator_fn *configure,
                                                            void *user,
                                                            void (*free_user)(void *user))
{
    cairn_tracer_configurator *c = configure ? calloc(1, sizeof *c) : NULL;
    if (!configure)
        misuse("a tracer configurator without a function");
    if (!c) {
        if (free_user)
            free_user(user);
        return NULL;
    }
    atomic_init(&c->refs, 1);
    c->configure = configure;
    c->user = user;
    c->free_user = free_user;
    return c;
}

/* `*` is any characters, `?` any one. With one place to come back to it takes at most n * m steps. */
static bool matches(const char *pattern, const char *name)
{
    const char *star = NULL, *from = NULL;
    while (*name) {
        if (*pattern == '*') {
            star = ++pattern;
            from = name;
        } else if (*pattern == '?' || *pattern == *name) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star;
            name = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static void by_rules(void *user, const struct cairn_tracer_options *scope,
                     struct cairn_tracer_config *config)
{
    const cairn_tracer_configurator *c = user;
    for (size_t i = 0; i < c->rule_count; i++) {
        if (matches(c->rules[i].pattern, scope->name)) {
            *config = c->rules[i].config;
            return;
        }
    }
    *config = c->otherwise;
}

static void config_copy(struct cairn_tracer_config *to, const struct cairn_tracer_config *from)
{
    *to = enabled;
    if (from)
        options_copy(to, sizeof *to, from);
    to->size = sizeof *to;
}

static void destroy(cairn_tracer_configurator *c)
{
    for (size_t i = 0; i < c->rule_count; i++)
        free(c->rules[i].pattern);
    free(c->rules);
    if (c->free_user)
        c->free_user(c->user);
    free(c);
}

cairn_tracer_configurator *
cairn_tracer_configurator_rules(const struct cairn_tracer_config *otherwise,
                                const struct cairn_tracer_rule *rules, size_t count)
{
    cairn_tracer_configurator *c;
    if ((!rules && count) || count > ITEMS_MAX) {
        misuse("tracer rules with a wrong count");
        return NULL;
    }
    c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    atomic_init(&c->refs, 1);
    c->configure = by_rules;
    c->user = c;
    config_copy(&c->otherwise, otherwise);
    c->rules = calloc(count ? count : 1, sizeof *c->rules);
    for (size_t i = 0; c->rules && i < count; i++) {
        struct rule *r = &c->rules[c->rule_count];
        r->pattern = strdup(rules[i].pattern ? rules[i].pattern : "");
        if (!r->pattern)
            break;
        config_copy(&r->config, rules[i].config);
        c->rule_count++;
    }
    if (c->rule_count < count || !c->rules) {
        destroy(c);
        return NULL;
    }
    return c;
}

cairn_tracer_configurator *cairn_tracer_configurator_ref(cairn_tracer_configurator *c)
{
    if (c)
        atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void cairn_tracer_configurator_unref(cairn_tracer_configurator *c)
{
    if (c && atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) == 1)
        destroy(c);
}

/* ---- In an SDK ---- */

void tracer_configs_set(struct tracer_configs *c, cairn_tracer_configurator *configurator)
{
    static _Atomic uint64_t generations;
    cairn_tracer_configurator *old;
    old = atomic_exchange(&c->configurator, cairn_tracer_configurator_ref(configurator));
    atomic_store(&c->generation, configurator ? atomic_fetch_add(&generations, 1) + 1 : 0);
    while (old && atomic_load(&c->asking) > 0) /* whoever begins from here on finds the new one */
        sched_yield();
    cairn_tracer_configurator_unref(old);
}

/* Slow: a tracer's first use after a change. The scope's strings end in NUL, tracer.c made them. */
bool tracer_configs_ask(struct tracer_configs *c, cairn_tracer *tracer, uint64_t generation)
{
    const struct scope *s = &tracer->scope;
    struct cairn_attrs attrs = {(const struct cairn_attr *)(const void *)s->attrs.items,
                                s->attrs.count};
    struct cairn_tracer_options scope = {sizeof scope, s->name.p, s->version.p, s->schema_url.p,
                                         &attrs};
    struct cairn_tracer_config config = enabled;
    cairn_tracer_configurator *configurator;
    atomic_fetch_add(&c->asking, 1);
    configurator = atomic_load(&c->configurator);
    if (configurator)
        configurator->configure(configurator->user, &scope, &config);
    atomic_fetch_sub(&c->asking, 1);
    atomic_store_explicit(&tracer->configured, generation << 1 | config.enabled,
                          memory_order_relaxed);
    return config.enabled;
}
