/* composables.c - what a composite sampler is put together from. */
#define CAIRN_NO_INLINE
#include <cairn/composable.h>

#include "config/component.h"

static void *always_on(void *user, const cairn_config_node *properties,
                       struct cairn_config_error *error)
{
    (void)user, (void)properties, (void)error;
    return cairn_composable_always_on();
}

static void *always_off(void *user, const cairn_config_node *properties,
                        struct cairn_config_error *error)
{
    (void)user, (void)properties, (void)error;
    return cairn_composable_always_off();
}

static void *probability(void *user, const cairn_config_node *properties,
                         struct cairn_config_error *error)
{
    (void)user, (void)error;
    return cairn_composable_probability(
        cairn_config_double(cairn_config_get(properties, "ratio"), 1));
}

static void *parent_threshold(void *user, const cairn_config_node *properties,
                              struct cairn_config_error *error)
{
    cairn_composable *made,
        *root = cairn_config_make(CONFIG_COMPOSABLE, cairn_config_get(properties, "root"), error);
    (void)user;
    if (!root)
        return NULL;
    made = cairn_composable_parent_threshold(root);
    cairn_composable_unref(root);
    return made;
}

/* ---- Rules ---- */

/* The texts of a list as an array in the arena; NULL with count 0 when there is no list. */
static const char *const *texts_of(const cairn_config_node *list, struct arena *arena,
                                   size_t *count)
{
    const char **texts;
    *count = cairn_config_count(list);
    if (*count == 0)
        return NULL;
    texts = arena_calloc(arena, *count, sizeof *texts);
    for (size_t i = 0; texts && i < *count; i++)
        texts[i] = cairn_config_string(cairn_config_at(list, i), "");
    return texts;
}

/* Which bits the words of a list stand for; a null entry stands for none. */
static uint32_t bits_of(const cairn_config_node *list, const char *const *words,
                        const uint32_t *bits)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < cairn_config_count(list); i++) {
        const char *word = cairn_config_string(cairn_config_at(list, i), "");
        for (size_t w = 0; words[w]; w++)
            sum |= strcmp(word, words[w]) == 0 ? bits[w] : 0;
    }
    return sum;
}

static const char *const kinds[] = {"internal", "server", "client", "producer", "consumer", NULL};
static const uint32_t kind_bits[] = {
    CAIRN_RULE_KIND(CAIRN_KIND_INTERNAL), CAIRN_RULE_KIND(CAIRN_KIND_SERVER),
    CAIRN_RULE_KIND(CAIRN_KIND_CLIENT), CAIRN_RULE_KIND(CAIRN_KIND_PRODUCER),
    CAIRN_RULE_KIND(CAIRN_KIND_CONSUMER)};
static const char *const parents[] = {"none", "remote", "local", NULL};
static const uint32_t parent_bits[] = {CAIRN_RULE_PARENT_NONE, CAIRN_RULE_PARENT_REMOTE,
                                       CAIRN_RULE_PARENT_LOCAL};

static bool read_rule(const cairn_config_node *node, struct arena *arena,
                      struct cairn_sampling_rule *r, struct cairn_config_error *error)
{
    const cairn_config_node *values = cairn_config_get(node, "attribute_values");
    const cairn_config_node *patterns = cairn_config_get(node, "attribute_patterns");
    r->size = sizeof *r;
    r->kinds = bits_of(cairn_config_get(node, "span_kinds"), kinds, kind_bits);
    r->parents = bits_of(cairn_config_get(node, "parent"), parents, parent_bits);
    r->values_key = cairn_config_string(cairn_config_get(values, "key"), NULL);
    r->values = texts_of(cairn_config_get(values, "values"), arena, &r->value_count);
    r->patterns_key = cairn_config_string(cairn_config_get(patterns, "key"), NULL);
    r->included = texts_of(cairn_config_get(patterns, "included"), arena, &r->included_count);
    r->excluded = texts_of(cairn_config_get(patterns, "excluded"), arena, &r->excluded_count);
    if (arena_failed(arena)) {
        no_memory(node->config, error);
        return false;
    }
    r->composable = cairn_config_make(CONFIG_COMPOSABLE, cairn_config_get(node, "sampler"), error);
    return r->composable != NULL;
}

static void *rule_based(void *user, const cairn_config_node *properties,
                        struct cairn_config_error *error)
{
    const cairn_config_node *list = cairn_config_get(properties, "rules");
    size_t count = cairn_config_count(list), made = 0;
    struct cairn_sampling_rule *rules;
    cairn_composable *all = NULL;
    struct arena arena;
    (void)user;
    arena_init(&arena, 0);
    rules = arena_calloc(&arena, count, sizeof *rules);
    while (rules && made < count &&
           read_rule(cairn_config_at(list, made), &arena, &rules[made], error))
        made++;
    if (rules && made == count)
        all = cairn_composable_rule_based(rules, count);
    for (size_t i = 0; i < made; i++)
        cairn_composable_unref(rules[i].composable);
    arena_release(&arena);
    return all;
}

/* ---- What they may say ---- */

static const struct shape composable = {.types = IS_MAP, .kind = CONFIG_COMPOSABLE};
static const struct shape text = {.types = IS_STRING};
static const struct shape texts = {.types = IS_LIST, .items = &text};
static const struct shape share = {.types = IS_NUMBER | IS_NULL, .min = 0, .max = 1};

static const struct field probability_fields[] = {{"ratio", &share, false}, {0}};
static const struct shape shape_probability = {.types = IS_MAP | IS_NULL,
                                               .fields = probability_fields};
static const struct field parent_fields[] = {{"root", &composable, true}, {0}};
static const struct shape shape_parent = {.types = IS_MAP, .fields = parent_fields};

static const struct field values_fields[] = {{"key", &text, true}, {"values", &texts, true}, {0}};
static const struct shape attribute_values = {.types = IS_MAP, .fields = values_fields};
static const struct field patterns_fields[] = {
    {"key", &text, true}, {"included", &texts, false}, {"excluded", &texts, false}, {0}};
static const struct shape attribute_patterns = {.types = IS_MAP, .fields = patterns_fields};
static const struct shape kind = {.types = IS_STRING | IS_NULL, .words = kinds};
static const struct shape kind_list = {.types = IS_LIST, .items = &kind};
static const struct shape parent = {.types = IS_STRING | IS_NULL, .words = parents};
static const struct shape parent_list = {.types = IS_LIST, .items = &parent};
static const struct field rule_fields[] = {
    {"attribute_values", &attribute_values, false},
    {"attribute_patterns", &attribute_patterns, false},
    {"span_kinds", &kind_list, false},
    {"parent", &parent_list, false},
    {"sampler", &composable, true},
    {0},
};
static const struct shape rule = {.types = IS_MAP, .fields = rule_fields};
static const struct shape rules_list = {.types = IS_LIST, .items = &rule};
static const struct field rule_based_fields[] = {{"rules", &rules_list, false}, {0}};
static const struct shape shape_rule_based = {.types = IS_MAP | IS_NULL,
                                              .fields = rule_based_fields};

const struct component composable_components[] = {
    {CONFIG_COMPOSABLE, "always_on", &shape_nothing, always_on, NULL},
    {CONFIG_COMPOSABLE, "always_off", &shape_nothing, always_off, NULL},
    {CONFIG_COMPOSABLE, "probability", &shape_probability, probability, NULL},
    {CONFIG_COMPOSABLE, "parent_threshold", &shape_parent, parent_threshold, NULL},
    {CONFIG_COMPOSABLE, "rule_based", &shape_rule_based, rule_based, NULL},
    {0},
};
