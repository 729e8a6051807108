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

/* What every SDK starts from: telemetry.sdk.{name,language,version}, service.name = unknown_service:<program>, and what the
 * default detectors find without reading the environment. Owned. */
CAIRN_EXPORT cairn_resource *cairn_resource_default(void);

/* What the detectors of a list ("service,host,container") find, merged in the order of the list: of attributes that two
 * detectors find, the later one's stay. Names that are not known are left out with a diagnostic. Detectors read small files
 * below /proc, /etc and /usr/lib, never wait and never fail: what they do not find is left out. Owned; NULL only when
 * there is no memory. Specification: resource/sdk.md, "Detecting resource information from the environment".
 *
 *   service               service.name (OTEL_SERVICE_NAME), service.instance.id: a random UUID of this process, which a forked
 *                         worker exchanges for one of its own
 *   host                  host.name, host.arch, host.id (the machine id; not in containers), and all of os
 *   os                    os.type, os.name, os.version, os.build_id, os.description
 *   process               process.pid, .parent_pid, .executable.name, .executable.path, .command (the first argument),
 *                         .owner, .creation.time
 *   process_command_args  process.command_args, .args_count: not by default, since arguments often hold secrets
 *   container             container.id
 *   env                   what cairn_resource_from_env gives
 *   default               service, host, process, container and all of the application's own; also what NULL means
 *   none                  nothing */
CAIRN_EXPORT cairn_resource *cairn_resource_detect(const char *names);

/* A detector of the application. Answers a resource, which is taken over, or NULL when it finds nothing. Called by whoever
 * starts an SDK or calls cairn_resource_detect; should be quick. */
typedef cairn_resource *cairn_resource_detector_fn(void *user);

/* Makes a detector known under a name of [a-z0-9_], 63 at most; from now on it is one of the default ones. user must live for
 * ever. CAIRN_ERROR_INVALID for a name that is taken or not allowed, CAIRN_ERROR_LIMIT for more than 32. */
CAIRN_EXPORT cairn_status cairn_resource_detector_register(const char *name,
                                                           cairn_resource_detector_fn *fn,
                                                           void *user);

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
