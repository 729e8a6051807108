/* sampler_rules.c - the first rule that holds chooses the composable.
 *
 * The conditions are those of the configuration file's composite/rule_based sampler, with span names and functions of the
 * application beside them. */
#define CAIRN_NO_INLINE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_writer.h"
#include "sdk/sampler_composable.h"
#include "tracer/provider.h"

enum { RULES_MAX = 1000 };

struct texts {
    struct str *items;
    size_t count;
};

struct rule {
    cairn_composable *composable; /* holds a reference */
    struct str span_name;         /* p NULL: any */
    uint32_t kinds, parents;
    struct str values_key, patterns_key; /* p NULL: no condition */
    struct texts values, included, excluded;
    cairn_rule_fn *matches;
    void *user;
    void (*free_user)(void *user);
};

struct rules {
    cairn_composable base;
    struct arena arena; /* of what the rules point to */
    size_t count;
    struct rule items[];
};

/* ---- Patterns ---- */

/* Bytes of the character at p. */
static size_t char_bytes(struct str s, size_t at)
{
    size_t n = 1;
    while (at + n < s.n && ((unsigned char)s.p[at + n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Backs up to the last star only, so it takes at most pattern times text steps. */
static bool matches_pattern(struct str pattern, struct str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_text = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.n && pattern.p[p] == '?') {
            t += char_bytes(text, t);
            p++;
        } else if (p < pattern.n && pattern.p[p] == text.p[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

static bool matches_any(const struct texts *patterns, struct str text)
{
    for (size_t i = 0; i < patterns->count; i++) {
        if (matches_pattern(patterns->items[i], text))
            return true;
    }
    return false;
}

/* ---- Attributes as text ---- */

/* What a text of an attribute has to be. */
struct condition {
    const struct texts *values; /* one of these, or else: */
    const struct texts *included, *excluded;
};

static bool text_holds(const struct condition *c, struct str text)
{
    for (size_t i = 0; c->values && i < c->values->count; i++) {
        if (str_eq(c->values->items[i], text))
            return true;
    }
    return !c->values && (c->included->count == 0 || matches_any(c->included, text)) &&
           !matches_any(c->excluded, text);
}

static bool integer_holds(const struct condition *c, int64_t v)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRId64, v);
    return text_holds(c, str_make(text, (size_t)n));
}

static bool bool_holds(const struct condition *c, bool v)
{
    return text_holds(c, v ? STR("true") : STR("false"));
}

static bool number_holds(const struct condition *c, double v)
{
    struct buf b;
    struct json_writer w;
    bool holds;
    buf_init(&b, 64);
    json_init(&w, &b, 0);
    json_double(&w, v);
    holds = !b.failed && text_holds(c, buf_str(&b));
    buf_release(&b);
    return holds;
}

static bool element_holds(const struct condition *c, const struct cairn_value *v, size_t i)
{
    const char *chars;
    switch (v->type) {
    case CAIRN_TYPE_STRINGS:
        return text_holds(c, str_in(((const cairn_str *)v->as.array.items)[i]));
    case CAIRN_TYPE_CSTRINGS:
        chars = ((const char *const *)v->as.array.items)[i];
        return text_holds(c, str_of(chars));
    case CAIRN_TYPE_BOOLS: return bool_holds(c, ((const bool *)v->as.array.items)[i]);
    case CAIRN_TYPE_INTS: return integer_holds(c, ((const int64_t *)v->as.array.items)[i]);
    case CAIRN_TYPE_DOUBLES: return number_holds(c, ((const double *)v->as.array.items)[i]);
    default: return false;
    }
}

static bool value_holds(const struct condition *c, const struct cairn_value *v, bool in_list)
{
    switch (v->type) {
    case CAIRN_TYPE_STRING:
    case CAIRN_TYPE_BYTES: return text_holds(c, str_in(v->as.string));
    case CAIRN_TYPE_BOOL: return bool_holds(c, v->as.boolean);
    case CAIRN_TYPE_INT: return integer_holds(c, v->as.integer);
    case CAIRN_TYPE_DOUBLE: return number_holds(c, v->as.number);
    case CAIRN_TYPE_LIST:
        for (uint32_t i = 0; !in_list && v->as.list.items && i < v->as.list.count; i++) {
            if (value_holds(c, &v->as.list.items[i], true))
                return true;
        }
        return false;
    case CAIRN_TYPE_STRINGS:
    case CAIRN_TYPE_CSTRINGS:
    case CAIRN_TYPE_BOOLS:
    case CAIRN_TYPE_INTS:
    case CAIRN_TYPE_DOUBLES:
        for (size_t i = 0; v->as.array.items && i < v->as.array.count; i++) {
            if (element_holds(c, v, i))
                return true;
        }
        return false;
    default: return false; /* maps and empty values have no text */
    }
}

static bool attribute_holds(const struct condition *c, const struct cairn_attrs *attributes,
                            struct str key)
{
    /* The last one of a key is the one that the span will have. */
    for (size_t i = attributes && attributes->items ? attributes->count : 0; i-- > 0;) {
        if (str_eq(str_in(attributes->items[i].key), key))
            return value_holds(c, &attributes->items[i].value, false);
    }
    return false;
}

/* ---- Rules ---- */

static uint32_t parent_bit(const struct cairn_span_context *parent)
{
    if (!cairn_span_context_is_valid(parent))
        return CAIRN_RULE_PARENT_NONE;
    return parent->is_remote ? CAIRN_RULE_PARENT_REMOTE : CAIRN_RULE_PARENT_LOCAL;
}

static bool rule_holds(const struct rule *r, const struct cairn_sampling_params *p)
{
    const struct condition values = {.values = &r->values};
    const struct condition patterns = {.included = &r->included, .excluded = &r->excluded};
    if (r->kinds && (p->kind < 0 || p->kind > 31 || !(r->kinds & CAIRN_RULE_KIND(p->kind))))
        return false;
    if (r->parents && !(r->parents & parent_bit(p->parent)))
        return false;
    if (r->span_name.p && !matches_pattern(r->span_name, str_in(p->name)))
        return false;
    if (r->values_key.p && !attribute_holds(&values, p->attributes, r->values_key))
        return false;
    if (r->patterns_key.p && !attribute_holds(&patterns, p->attributes, r->patterns_key))
        return false;
    return !r->matches || r->matches(r->user, p);
}

static void rules_intent(cairn_composable *c, const struct cairn_sampling_params *params,
                         struct cairn_sampling_intent *intent)
{
    const struct rules *rules = (const struct rules *)c;
    for (size_t i = 0; i < rules->count; i++) {
        if (rule_holds(&rules->items[i], params)) {
            cairn_composable_get_intent(rules->items[i].composable, params, intent);
            return;
        }
    }
}

static void rules_release(cairn_composable *c)
{
    struct rules *rules = (struct rules *)c;
    for (size_t i = 0; i < rules->count; i++) {
        cairn_composable_unref(rules->items[i].composable);
        if (rules->items[i].free_user)
            rules->items[i].free_user(rules->items[i].user);
    }
    arena_release(&rules->arena);
}

/* ---- Making ---- */

static struct str text_copy(struct arena *a, const char *chars)
{
    return chars ? arena_str(a, str_of(chars)) : (struct str){NULL, 0};
}

static void texts_copy(struct arena *a, const char *const *from, size_t count, struct texts *ret)
{
    ret->items = arena_calloc(a, count, sizeof *ret->items);
    ret->count = ret->items && from ? count : 0;
    for (size_t i = 0; i < ret->count; i++)
        ret->items[i] = text_copy(a, from[i] ? from[i] : "");
}

static bool rule_copy(struct rules *rules, const struct cairn_sampling_rule *from, struct rule *ret)
{
    struct arena *a = &rules->arena;
    ret->span_name = text_copy(a, from->span_name);
    ret->kinds = from->kinds;
    ret->parents = from->parents;
    ret->values_key = text_copy(a, from->values_key);
    ret->patterns_key = text_copy(a, from->patterns_key);
    texts_copy(a, from->values, from->value_count, &ret->values);
    texts_copy(a, from->included, from->included_count, &ret->included);
    texts_copy(a, from->excluded, from->excluded_count, &ret->excluded);
    ret->matches = from->matches;
    if (from->matches)
        rules->base.calls_out = true;
    ret->composable = composable_adopt(&rules->base, from->composable);
    return ret->composable != NULL;
}

static char *describe(const struct rules *rules)
{
    struct buf b;
    buf_init(&b, 64 * 1024);
    buf_put_str(&b, STR("ComposableRuleBased{"));
    for (size_t i = 0; i < rules->count; i++)
        buf_printf(&b, "%s%s", i ? ", " : "",
                   cairn_composable_description(rules->items[i].composable));
    buf_put(&b, "}", 2);
    if (b.failed) {
        buf_release(&b);
        return NULL;
    }
    return (char *)buf_take(&b, &(size_t){0});
}

/* The caller's version may have larger or smaller rules. */
static void rule_at(const struct cairn_sampling_rule *rules, size_t i,
                    struct cairn_sampling_rule *ret)
{
    options_copy(ret, sizeof *ret, (const char *)rules + i * rules->size);
}

cairn_composable *cairn_composable_rule_based(const struct cairn_sampling_rule *given, size_t count)
{
    struct rules *rules;
    struct cairn_sampling_rule each;
    bool ok = count <= RULES_MAX && (given || count == 0);
    count = given ? count : 0;
    rules = ok ? composable_new(sizeof *rules + count * sizeof *rules->items, rules_intent) : NULL;
    ok = rules != NULL;
    if (rules) {
        arena_init(&rules->arena, 0);
        rules->base.release = rules_release;
        rules->count = count;
    }
    for (size_t i = 0; i < count; i++) {
        rule_at(given, i, &each);
        if (rules) { /* from here on the release gives it back */
            rules->items[i].user = each.user;
            rules->items[i].free_user = each.free_user;
            ok = rule_copy(rules, &each, &rules->items[i]) && ok;
        } else if (each.free_user) {
            each.free_user(each.user);
        }
    }
    if (rules && (!ok || arena_failed(&rules->arena))) {
        cairn_composable_unref(&rules->base);
        return NULL;
    }
    if (rules)
        rules->base.description = describe(rules);
    return rules ? &rules->base : NULL;
}
