/* component.c - names to functions: our own tables first, then the list of what others registered. */
#define CAIRN_NO_INLINE
#include "config/component.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

const struct shape shape_exporter = {.types = IS_MAP, .kind = CAIRN_CONFIG_EXPORTER};
const struct shape shape_sampler = {.types = IS_MAP, .kind = CAIRN_CONFIG_SAMPLER};

_Thread_local const char *component_service_name;

static const struct {
    const char *text;
    const struct component *own;
} kinds[] = {
    [CAIRN_CONFIG_EXPORTER] = {"an exporter", exporter_components},
    [CAIRN_CONFIG_PROCESSOR] = {"a span processor", processor_components},
    [CAIRN_CONFIG_SAMPLER] = {"a sampler", sampler_components},
    [CAIRN_CONFIG_PROPAGATOR] = {"a propagator", propagator_components},
    [CAIRN_CONFIG_ID_GENERATOR] = {"an id generator", id_generator_components},
    [CAIRN_CONFIG_DETECTOR] = {"a resource detector", detector_components},
    [CONFIG_COMPOSABLE] = {"a composable sampler", composable_components},
};

const char *component_kind_text(int32_t kind)
{
    return kinds[kind].text;
}

const struct component *component_find(int32_t kind, struct str name)
{
    for (const struct component *c = kinds[kind].own; c->kind; c++) {
        if (str_eq(name, str_of(c->name)))
            return c;
    }
    return NULL;
}

/* ---- Registered by others: a list that only grows at its head ---- */

struct plugin {
    int32_t kind;
    char *name;
    cairn_config_create_fn *create;
    void *user;
    struct plugin *next;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards the head */
static struct plugin *plugins;

static struct plugin *plugin_find(int32_t kind, struct str name)
{
    struct plugin *p;
    pthread_mutex_lock(&mutex);
    p = plugins;
    pthread_mutex_unlock(&mutex);
    while (p && (p->kind != kind || !str_eq(name, str_of(p->name))))
        p = p->next;
    return p;
}

cairn_status cairn_config_register(int32_t kind, const char *name, cairn_config_create_fn *create,
                                   void *user)
{
    cairn_status status = CAIRN_OK;
    struct plugin *p;
    const struct component *own;
    if (kind < CAIRN_CONFIG_EXPORTER || kind > CAIRN_CONFIG_DETECTOR || !name || !*name || !create)
        return CAIRN_ERROR_INVALID;
    own = component_find(kind, str_of(name));
    if (own && !own->refused)
        return CAIRN_ERROR_INVALID;
    p = malloc(sizeof *p);
    if (!p || !(p->name = strdup(name))) {
        free(p);
        return CAIRN_ERROR_NO_MEMORY;
    }
    p->kind = kind;
    p->create = create;
    p->user = user;
    pthread_mutex_lock(&mutex);
    for (struct plugin *other = plugins; other; other = other->next) {
        if (other->kind == kind && strcmp(other->name, name) == 0)
            status = CAIRN_ERROR_INVALID;
    }
    p->next = plugins;
    if (status == CAIRN_OK)
        plugins = p;
    pthread_mutex_unlock(&mutex);
    if (status != CAIRN_OK) {
        free(p->name);
        free(p);
    }
    return status;
}

/* ---- Making ---- */

static void *not_known(int32_t kind, struct str name, const struct cairn_config_node *place,
                       struct cairn_config_error *error)
{
    char known[200] = "";
    size_t n = 0;
    for (const struct component *c = kinds[kind].own; c->kind && n < sizeof known; c++) {
        if (!c->refused)
            n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n ? ", " : "", c->name);
    }
    node_fail(place, error,
              "no %s is called \"%.*s\"; built in: %s; others need cairn_config_register",
              strchr(kinds[kind].text, ' ') + 1, name.n < 60 ? (int)name.n : 60, name.p, known);
    return NULL;
}

void *component_make(int32_t kind, struct str name, const struct cairn_config_node *place,
                     const struct cairn_config_node *properties, struct cairn_config_error *error)
{
    const struct component *own = component_find(kind, name);
    struct plugin *plugin = own && !own->refused ? NULL : plugin_find(kind, name);
    void *made;
    if (own && own->refused && !plugin) {
        node_fail(place, error, "%s", own->refused);
        return NULL;
    }
    if (!own && !plugin)
        return not_known(kind, name, place, error);
    made = plugin ? plugin->create(plugin->user, properties, error)
                  : own->create(NULL, properties, error);
    if (!made)
        node_fail(place, error, "%s could not be made", kinds[kind].text);
    return made;
}

void *cairn_config_make(int32_t kind, const cairn_config_node *node,
                        struct cairn_config_error *error)
{
    const struct cairn_config_node *properties = cairn_config_at(node, 0);
    struct shape shape = {.types = IS_MAP, .kind = kind};
    if (kind < CAIRN_CONFIG_EXPORTER || kind > CONFIG_COMPOSABLE || !node) {
        node_fail(node, error, "there is no component here");
        return NULL;
    }
    if (schema_check(node, &shape, error) != CAIRN_OK)
        return NULL;
    return component_make(kind, properties->key, properties, properties, error);
}

static bool has_prefix(struct str s, struct str prefix)
{
    return s.n > prefix.n && str_eq_nocase(str_make(s.p, prefix.n), prefix);
}

cairn_status component_check_url(const struct cairn_config_node *node, const char *url,
                                 struct cairn_config_error *error)
{
    struct str s = str_of(url);
    if (!has_prefix(s, STR("http://")) && !has_prefix(s, STR("https://")))
        return node_fail(node, error, "must begin with http:// or https:// and name a host");
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 127)
            return node_fail(node, error, "must be a URL, without blanks");
    }
    return CAIRN_OK;
}
