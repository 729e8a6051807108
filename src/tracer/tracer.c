/* tracer.c - tracers are kept for the life of the process, one for each provider and scope.
 *
 * The list only grows at its head, by compare and swap: no lock that fork() could catch. */
#define CAIRN_NO_INLINE
#include <stdlib.h>

#include "tracer/copies.h"
#include "tracer/diag.h"
#include "tracer/provider.h"
#include "tracer/values.h"

enum { TRACERS_MAX = 4096 };

_Atomic(cairn_tracer_provider *) provider_global;
int32_t cairn_live;

static _Atomic(cairn_tracer *) tracers;
static atomic_uint tracer_count;

void live_set(int32_t bit, bool on)
{
    if (on)
        __atomic_fetch_or(&cairn_live, bit, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&cairn_live, ~bit, __ATOMIC_RELAXED);
}

cairn_tracer_provider *cairn_tracer_provider_global(void)
{
    return atomic_load_explicit(&provider_global, memory_order_acquire);
}

void cairn_tracer_provider_set_global(cairn_tracer_provider *provider)
{
    atomic_store_explicit(&provider_global, provider, memory_order_release);
    copies_sdk_registered(provider != NULL);
}

static char *copy(struct str s)
{
    char *p = malloc(s.n + 1);
    if (p) {
        if (s.n)
            memcpy(p, s.p, s.n);
        p[s.n] = '\0';
    }
    return p;
}

static cairn_tracer *find(cairn_tracer *head, cairn_tracer_provider *provider,
                          const struct cairn_tracer_options *o, const struct attrs *attrs)
{
    for (cairn_tracer *t = head; t; t = t->next) {
        if (t->provider == provider && str_eq(t->scope.name, str_of(o->name)) &&
            str_eq(t->scope.version, str_of(o->version)) &&
            str_eq(t->scope.schema_url, str_of(o->schema_url)) && attrs_eq(&t->scope.attrs, attrs))
            return t;
    }
    return NULL;
}

static void destroy(cairn_tracer *t)
{
    free((void *)(uintptr_t)t->scope.name.p);
    free((void *)(uintptr_t)t->scope.version.p);
    free((void *)(uintptr_t)t->scope.schema_url.p);
    free(t);
}

static cairn_tracer *make(cairn_tracer_provider *provider, const struct cairn_tracer_options *o,
                          const struct attrs *attrs)
{
    cairn_tracer *t = calloc(1, sizeof *t);
    char *name = copy(str_of(o->name)), *version = copy(str_of(o->version)),
         *schema_url = copy(str_of(o->schema_url));
    if (!t || !name || !version || !schema_url) {
        free(t);
        free(name);
        free(version);
        free(schema_url);
        return NULL;
    }
    t->provider = provider;
    t->scope.name = str_of(name);
    t->scope.version = str_of(version);
    t->scope.schema_url = str_of(schema_url);
    t->scope.attrs = *attrs;
    return t;
}

cairn_tracer *cairn_tracer_get_with(cairn_tracer_provider *provider,
                                    const struct cairn_tracer_options *options)
{
    struct cairn_tracer_options o;
    struct attrs attrs = {NULL, 0};
    struct arena arena; /* becomes the tracer's, or is released */
    cairn_tracer *head, *tracer, *made;
    options_copy(&o, sizeof o, options);
    if (!o.name || !*o.name)
        misuse("a tracer without a name; it works all the same");
    arena_init(&arena, 0);
    if (o.attributes && attrs_import(o.attributes, &arena, &attrs) < 0)
        attrs = (struct attrs){NULL, 0};
    head = atomic_load_explicit(&tracers, memory_order_acquire);
    tracer = find(head, provider, &o, &attrs);
    if (tracer || atomic_fetch_add(&tracer_count, 1) >= TRACERS_MAX ||
        !(made = make(provider, &o, &attrs))) {
        arena_release(&arena);
        return tracer;
    }
    do {
        tracer = find(head, provider, &o, &attrs); /* somebody may have been faster */
        if (tracer) {
            destroy(made);
            arena_release(&arena);
            return tracer;
        }
        made->next = head;
    } while (!atomic_compare_exchange_weak(&tracers, &head, made));
    if (!provider)
        copies_tracer_made();
    return made;
}

cairn_tracer *cairn_tracer_get(const char *name)
{
    struct cairn_tracer_options o = CAIRN_TRACER_OPTIONS_INIT;
    o.name = name;
    return cairn_tracer_get_with(NULL, &o);
}

bool cairn_tracer_enabled_with(cairn_tracer *tracer, const struct cairn_enabled_params *params)
{
    struct cairn_enabled_params p;
    cairn_tracer_provider *provider;
    if (!tracer)
        return false;
    options_copy(&p, sizeof p, params);
    provider = tracer->provider ? tracer->provider : cairn_tracer_provider_global();
    return provider && provider->ops->enabled(provider, tracer, &p);
}

bool cairn_tracer_enabled(cairn_tracer *tracer)
{
    return cairn_tracer_enabled_with(tracer, NULL);
}
