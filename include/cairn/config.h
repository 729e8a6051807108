/* config.h - the SDK from a file: OpenTelemetry's declarative configuration. In libcairn-otlp.
 *
 *     OTEL_CONFIG_FILE=/etc/shop/otel.yaml ./shop            // cairn_otlp_start reads the file by itself
 *
 *     struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;              // by hand, in two steps
 *     cairn_config *config = cairn_config_parse_file("otel.yaml", &error);
 *     cairn_sdk *sdk = cairn_config_create(config, NULL, &error);
 *     if (!sdk)
 *         fprintf(stderr, "%s\n", error.text);               // otel.yaml:12: tracer_provider.sampler: ...
 *     cairn_config_free(config);
 *
 * docs/configuration.md has every key. Specification: configuration/data-model.md, configuration/sdk.md, schema 1.1. */
#ifndef CAIRN_CONFIG_H
#define CAIRN_CONFIG_H

#include <cairn/common.h>
#include <cairn/sdk.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A file that was read and fits the schema. Does not change: any number of threads may look at it. */
typedef struct cairn_config cairn_config;
/* A place in it. Borrowed from the configuration. */
typedef struct cairn_config_node cairn_config_node;

/* Why something failed. Filled on failure only. */
struct cairn_config_error {
    size_t size;
    cairn_status status;
    uint32_t line;  /* from 1 on; 0: the file as a whole */
    char text[480]; /* "FILE:LINE: the key: what is wrong; what to do", ends in NUL */
};
#define CAIRN_CONFIG_ERROR_INIT                     \
    {                                               \
        sizeof(struct cairn_config_error), 0, 0, "" \
    }

/* ---- Parse, create, start ---- */

/* Reads the file, replaces ${NAME} by the environment's values and checks everything against the schema. Creates nothing
 * and says nothing. At most 1 MiB, 64 levels, 100,000 nodes. Owned: cairn_config_free. NULL with *error (may be NULL). */
CAIRN_EXPORT cairn_config *cairn_config_parse_file(const char *path,
                                                   struct cairn_config_error *error);
/* The same with the text itself; name stands for the file in messages. */
CAIRN_EXPORT cairn_config *cairn_config_parse_text(const char *name, cairn_str text,
                                                   struct cairn_config_error *error);
CAIRN_EXPORT void cairn_config_free(cairn_config *config);

/* The SDK that the configuration describes, as cairn_sdk_new makes it: registered nowhere (cairn_sdk_set_global does),
 * no OTEL_* variable read. Members of options (may be NULL) that are set beat the file. All or nothing: NULL with *error
 * (may be NULL). The configuration may be freed afterwards. Owned: cairn_sdk_stop. */
CAIRN_EXPORT cairn_sdk *cairn_config_create(const cairn_config *config,
                                            const struct cairn_sdk_options *options,
                                            struct cairn_config_error *error);

/* Parse, create and cairn_sdk_set_global in one. With a bad file it says so in one diagnostic and starts an SDK that
 * records nothing but propagates (W3C trace context and baggage). NULL only when there is no memory. */
CAIRN_EXPORT cairn_sdk *cairn_config_start(const char *path,
                                           const struct cairn_sdk_options *options);

/* ---- Looking at nodes ---- */

enum {
    CAIRN_CONFIG_MISSING = 0, /* the type of NULL: the key is not there */
    CAIRN_CONFIG_NULL = 1,    /* the key is there without a value */
    CAIRN_CONFIG_BOOL = 2,
    CAIRN_CONFIG_INT = 3,
    CAIRN_CONFIG_DOUBLE = 4,
    CAIRN_CONFIG_STRING = 5,
    CAIRN_CONFIG_LIST = 6,
    CAIRN_CONFIG_MAP = 7
};

/* The whole file: a map. */
CAIRN_EXPORT const cairn_config_node *cairn_config_root(const cairn_config *config);
CAIRN_EXPORT int32_t cairn_config_type(const cairn_config_node *node);
CAIRN_EXPORT uint32_t cairn_config_line(const cairn_config_node *node);
/* Entries of a list or a map, in the order of the file; 0 for others. */
CAIRN_EXPORT size_t cairn_config_count(const cairn_config_node *node);
/* NULL past the last. */
CAIRN_EXPORT const cairn_config_node *cairn_config_at(const cairn_config_node *node, size_t index);
/* The key of entry `index` of a map, ends in NUL; empty past the last. */
CAIRN_EXPORT cairn_str cairn_config_key_at(const cairn_config_node *map, size_t index);
/* The value of a key; NULL when the map has none, or is none. */
CAIRN_EXPORT const cairn_config_node *cairn_config_get(const cairn_config_node *map,
                                                       const char *key);
/* The value where the node has this type (an integer is a double too), else the fallback. Strings end in NUL. */
CAIRN_EXPORT bool cairn_config_bool(const cairn_config_node *node, bool fallback);
CAIRN_EXPORT int64_t cairn_config_int(const cairn_config_node *node, int64_t fallback);
CAIRN_EXPORT double cairn_config_double(const cairn_config_node *node, double fallback);
CAIRN_EXPORT const char *cairn_config_string(const cairn_config_node *node, const char *fallback);

/* ---- Components of your own ---- */

/* What a component can be, and what its function makes. */
enum {
    CAIRN_CONFIG_EXPORTER = 1,     /* cairn_exporter *, owned */
    CAIRN_CONFIG_PROCESSOR = 2,    /* cairn_processor *, owned */
    CAIRN_CONFIG_SAMPLER = 3,      /* cairn_sampler *, owned */
    CAIRN_CONFIG_PROPAGATOR = 4,   /* cairn_propagator *, owned */
    CAIRN_CONFIG_ID_GENERATOR = 5, /* const struct cairn_id_generator *, borrowed: read at once */
    CAIRN_CONFIG_DETECTOR = 6      /* cairn_resource *, owned */
};

/* Makes a component of what stands under its name: a map, or null. NULL when that makes no sense, after
 * cairn_config_fail. Called by cairn_config_create. */
typedef void *cairn_config_create_fn(void *user, const cairn_config_node *properties,
                                     struct cairn_config_error *error);

/* Makes the name known to files: "exporter: {my_exporter: {path: /tmp/x}}" calls create with {path: /tmp/x}. Names of
 * Cairn's own components are not for taking, and none twice: CAIRN_ERROR_INVALID. CAIRN_ERROR_NO_MEMORY. Stays for the
 * life of the process. */
CAIRN_EXPORT cairn_status cairn_config_register(int32_t kind, const char *name,
                                                cairn_config_create_fn *create, void *user);

/* Makes the component that a node {name: properties} describes: for components that stand on others, as a processor
 * on an exporter. */
CAIRN_EXPORT void *cairn_config_make(int32_t kind, const cairn_config_node *node,
                                     struct cairn_config_error *error);

/* Fills *error (may be NULL) with the node's place and the message; the first failure stays. Answers
 * CAIRN_ERROR_INVALID. */
CAIRN_EXPORT cairn_status cairn_config_fail(const cairn_config_node *node,
                                            struct cairn_config_error *error, const char *message);

#ifdef __cplusplus
}
#endif

#endif
