/* resource.c - making and merging resources. */
#define CAIRN_NO_INLINE
#include "sdk/resource.h"

#include <stdlib.h>

#include "sdk/detect.h"
#include "trace/semconv.h"
#include "tracer/diag.h"
#include "tracer/provider.h"
#include "tracer/values.h"

cairn_resource *resource_make(void)
{
    cairn_resource *r = calloc(1, sizeof *r);
    if (r) {
        atomic_init(&r->refs, 1);
        arena_init(&r->arena, 0);
    }
    return r;
}

cairn_resource *resource_finish(cairn_resource *r)
{
    if (!r)
        return NULL;
    if (arena_failed(&r->arena)) {
        cairn_resource_unref(r);
        return NULL;
    }
    r->resource.service_name = attrs_get_string(&r->resource.attrs, STR(SEMCONV_SERVICE_NAME));
    return r;
}

cairn_resource *cairn_resource_new(const struct cairn_attrs *attributes, const char *schema_url)
{
    cairn_resource *r = resource_make();
    if (!r)
        return NULL;
    if (attrs_import(attributes, &r->arena, &r->resource.attrs) < 0)
        diag_warn("resource attributes are too large and are left out");
    /* What was unpacked borrows from the packed bytes in the same arena. */
    r->resource.schema_url = arena_str(&r->arena, str_of(schema_url));
    return resource_finish(r);
}

cairn_resource *cairn_resource_ref(cairn_resource *r)
{
    if (r)
        atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return r;
}

void cairn_resource_unref(cairn_resource *r)
{
    if (!r || atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) != 1)
        return;
    arena_release(&r->arena);
    free(r);
}

/* ---- Merging ---- */

static struct str merged_schema_url(struct str old, struct str updating)
{
    if (old.n == 0 || str_eq(old, updating))
        return updating;
    if (updating.n == 0)
        return old;
    diag_warn("resources of different schemas merged: \"%.*s\" and \"%.*s\"", STR_ARG(old),
              STR_ARG(updating));
    return (struct str){NULL, 0};
}

cairn_resource *cairn_resource_merge(const cairn_resource *old, const cairn_resource *updating)
{
    static const struct resource none;
    const struct resource *a = old ? &old->resource : &none;
    const struct resource *b = updating ? &updating->resource : &none;
    cairn_resource *r = resource_make();
    struct resource both = {.schema_url = merged_schema_url(a->schema_url, b->schema_url)};
    if (!r)
        return NULL;
    both.attrs.items =
        arena_calloc(&r->arena, (size_t)a->attrs.count + b->attrs.count, sizeof(struct attr));
    if (both.attrs.items) {
        for (uint32_t i = 0; i < a->attrs.count; i++) {
            if (!attrs_get(&b->attrs, a->attrs.items[i].key))
                both.attrs.items[both.attrs.count++] = a->attrs.items[i];
        }
        for (uint32_t i = 0; i < b->attrs.count; i++)
            both.attrs.items[both.attrs.count++] = b->attrs.items[i];
        resource_copy(&r->resource, &both, &r->arena);
    }
    return resource_finish(r);
}

/* ---- fork() ---- */

/* In place: the resource owns its bytes, and a forked child had better not ask for memory. */
static void replace_text(struct attr *a, const char *old, const char *now)
{
    struct str had = str_of(old), has = str_of(now);
    if (a->value.type == VALUE_STRING && has.n == had.n && str_eq(a->value.string, had))
        memcpy((void *)(uintptr_t)a->value.string.p, has.p, has.n);
}

static void replace_number(struct attr *a, int64_t old, int64_t now)
{
    if (a->value.type == VALUE_INT && a->value.integer == old)
        a->value.integer = now;
}

void resource_after_fork(cairn_resource *r)
{
    const struct identity *now = identity_get(), *old = now ? now->older : NULL;
    for (uint32_t i = 0; r && old && i < r->resource.attrs.count; i++) {
        struct attr *a = &r->resource.attrs.items[i];
        if (str_eq(a->key, STR(SEMCONV_SERVICE_INSTANCE_ID)))
            replace_text(a, old->instance_id, now->instance_id);
        else if (str_eq(a->key, STR(SEMCONV_PROCESS_CREATION_TIME)))
            replace_text(a, old->creation_time, now->creation_time);
        else if (str_eq(a->key, STR(SEMCONV_PROCESS_PID)))
            replace_number(a, old->pid, now->pid);
        else if (str_eq(a->key, STR(SEMCONV_PROCESS_PARENT_PID)))
            replace_number(a, old->parent_pid, now->parent_pid);
    }
}

/* ---- Reading ---- */

bool cairn_resource_attribute(const cairn_resource *r, size_t index, struct cairn_attr *ret)
{
    if (!r || index >= r->resource.attrs.count)
        return false;
    memcpy(ret, &r->resource.attrs.items[index], sizeof *ret);
    return true;
}

cairn_str cairn_resource_schema_url(const cairn_resource *r)
{
    return r ? str_out(r->resource.schema_url) : (cairn_str){NULL, 0};
}
