/* resource.h - who produces the telemetry: immutable attributes of the process.
 *
 * Specification: resource/sdk.md. */
#ifndef CAIRN_RESOURCE_H
#define CAIRN_RESOURCE_H

#include <cairn/attribute.h>
#include <cairn/common.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_resource cairn_resource;

/* A resource of these attributes (NULL = none) and schema URL (NULL = none). Owned: cairn_resource_unref. */
CAIRN_EXPORT cairn_resource *cairn_resource_new(const struct cairn_attrs *attributes,
                                                const char *schema_url);

/* What every SDK starts from: telemetry.sdk.{name,language,version}, service.name = unknown_service:<program>,
 * host.name, host.arch, process.pid, process.executable.name. Owned. */
CAIRN_EXPORT cairn_resource *cairn_resource_default(void);

/* From OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME. A value that cannot be decoded is discarded whole, with a
 * diagnostic. Owned. */
CAIRN_EXPORT cairn_resource *cairn_resource_from_env(void);

/* Both; `updating` wins for keys in both, even with an empty value. Different schema URLs: that of neither, with a
 * diagnostic. NULL counts as empty. Owned. */
CAIRN_EXPORT cairn_resource *cairn_resource_merge(const cairn_resource *old,
                                                  const cairn_resource *updating);

CAIRN_EXPORT cairn_resource *cairn_resource_ref(cairn_resource *resource);
CAIRN_EXPORT void cairn_resource_unref(cairn_resource *resource);

/* Attribute number `index`, borrowed from the resource; false past the last. */
CAIRN_EXPORT bool cairn_resource_attribute(const cairn_resource *resource, size_t index,
                                           struct cairn_attr *ret);
CAIRN_EXPORT cairn_str cairn_resource_schema_url(const cairn_resource *resource);

#ifdef __cplusplus
}
#endif

#endif
