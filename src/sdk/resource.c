/* resource.c - making, merging and detecting resources. */
#define CAIRN_NO_INLINE
#include "sdk/resource.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/err.h"
#include "trace/pairs.h"
#include "trace/semconv.h"
#include "tracer/diag.h"
#include "tracer/provider.h"
#include "tracer/values.h"

static cairn_resource *make(void)
{
    cairn_resource *r = calloc(1, sizeof *r);
    if (r) {
        atomic_init(&r->refs, 1);
        arena_init(&r->arena, 0);
    }
    return r;
}

/* r when all went well, else NULL. */
static cairn_resource *finish(cairn_resource *r)
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
    cairn_resource *r = make();
    if (!r)
        return NULL;
    if (attrs_import(attributes, &r->arena, &r->resource.attrs) < 0)
        diag_warn("resource attributes are too large and are left out");
    /* What was unpacked borrows from the packed bytes in the same arena. */
    r->resource.schema_url = arena_str(&r->arena, str_of(schema_url));
    return finish(r);
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
    cairn_resource *r = make();
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
    return finish(r);
}

/* ---- What the process says about itself ---- */

static const char *program_name(void)
{
    return program_invocation_short_name && *program_invocation_short_name
               ? program_invocation_short_name
               : "unknown";
}

cairn_resource *cairn_resource_default(void)
{
    char service[NAME_MAX + 32], path[PATH_MAX];
    struct utsname host;
    ssize_t path_n = readlink("/proc/self/exe", path, sizeof path);
    struct cairn_attr all[9];
    struct cairn_attrs attrs = {all, 0};
    snprintf(service, sizeof service, "unknown_service:%s", program_name());
    all[attrs.count++] = CAIRN_STR(SEMCONV_TELEMETRY_SDK_NAME, "cairn");
    all[attrs.count++] = CAIRN_STR(SEMCONV_TELEMETRY_SDK_LANG, "c");
    all[attrs.count++] = CAIRN_STR(SEMCONV_TELEMETRY_SDK_VERSION, CAIRN_VERSION);
    all[attrs.count++] = CAIRN_STR(SEMCONV_SERVICE_NAME, service);
    if (uname(&host) == 0) {
        all[attrs.count++] = CAIRN_STR(SEMCONV_HOST_NAME, host.nodename);
        all[attrs.count++] =
            CAIRN_STR(SEMCONV_HOST_ARCH, strcmp(host.machine, "x86_64") == 0    ? "amd64"
                                         : strcmp(host.machine, "aarch64") == 0 ? "arm64"
                                                                                : host.machine);
    }
    all[attrs.count++] = CAIRN_INT(SEMCONV_PROCESS_PID, getpid());
    all[attrs.count++] = CAIRN_STR(SEMCONV_PROCESS_EXE_NAME, program_name());
    if (path_n > 0)
        all[attrs.count++] = CAIRN_STRN(SEMCONV_PROCESS_EXE_PATH, path, (size_t)path_n);
    return cairn_resource_new(&attrs, NULL);
}

void resource_after_fork(cairn_resource *r)
{
    for (uint32_t i = 0; r && i < r->resource.attrs.count; i++) {
        struct attr *a = &r->resource.attrs.items[i];
        if (str_eq(a->key, STR(SEMCONV_PROCESS_PID)) && a->value.type == VALUE_INT)
            a->value.integer = getpid();
    }
}

/* ---- From the environment ---- */

cairn_resource *resource_from_text(struct str attributes, struct str service_name)
{
    cairn_resource *r = make(), *named, *both;
    struct attrs pairs;
    if (!r)
        return NULL;
    if (pairs_parse(attributes, &r->arena, &pairs) < 0) {
        diag_warn("OTEL_RESOURCE_ATTRIBUTES cannot be decoded and is ignored");
        pairs = (struct attrs){NULL, 0};
    }
    r->resource.attrs = pairs;
    if (service_name.n == 0)
        return finish(r);
    named = cairn_resource_new(
        CAIRN_ATTRS(CAIRN_STRN(SEMCONV_SERVICE_NAME, service_name.p, service_name.n)), NULL);
    both = cairn_resource_merge(r, named);
    cairn_resource_unref(r);
    cairn_resource_unref(named);
    return both;
}

cairn_resource *cairn_resource_from_env(void)
{
    return resource_from_text(str_of(secure_getenv("OTEL_RESOURCE_ATTRIBUTES")),
                              str_of(secure_getenv("OTEL_SERVICE_NAME")));
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
