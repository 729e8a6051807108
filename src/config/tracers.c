/* tracers.c - see tracers.h. */
#define CAIRN_NO_INLINE
#include "config/tracers.h"

static struct cairn_tracer_config read_config(const cairn_config_node *node)
{
    struct cairn_tracer_config c = CAIRN_TRACER_CONFIG_INIT;
    c.enabled = cairn_config_bool(cairn_config_get(node, "enabled"), true);
    return c;
}

cairn_tracer_configurator *config_tracers(const struct cairn_config_node *section,
                                          struct cairn_config_error *error)
{
    struct cairn_tracer_config otherwise = read_config(cairn_config_get(section, "default_config"));
    const cairn_config_node *tracers = cairn_config_get(section, "tracers");
    size_t count = cairn_config_count(tracers);
    cairn_tracer_configurator *made = NULL;
    struct cairn_tracer_config *configs;
    struct cairn_tracer_rule *rules;
    struct arena arena;
    arena_init(&arena, 0);
    configs = arena_calloc(&arena, count, sizeof *configs);
    rules = arena_calloc(&arena, count, sizeof *rules);
    for (size_t i = 0; i < count && configs && rules; i++) {
        const cairn_config_node *entry = cairn_config_at(tracers, i);
        configs[i] = read_config(cairn_config_get(entry, "config"));
        rules[i].pattern = cairn_config_string(cairn_config_get(entry, "name"), "");
        rules[i].config = &configs[i];
    }
    if (configs && rules)
        made = cairn_tracer_configurator_rules(&otherwise, rules, count);
    if (!made)
        no_memory(section->config, error);
    arena_release(&arena);
    return made;
}
