/* settings.h - where and how to send: options, environment and defaults made into one structure. */
#ifndef OTLP_SETTINGS_H
#define OTLP_SETTINGS_H

#include <cairn/otlp.h>

#include "base/arena.h"
#include "otlp/protocol.h"
#include "trace/span.h"

typedef const char *otlp_env_fn(const char *name);

struct otlp_settings {
    const struct otlp_protocol *protocol;
    const char *url;
    bool gzip;
    struct attrs headers;
    uint32_t timeout_ms;                                      /* UINT32_MAX = none */
    const char *ca_file, *client_cert_file, *client_key_file; /* NULL = not set */
    const char *user_agent;
    uint32_t concurrent; /* requests, at least 1 */
};

/* Strings live in the arena. CAIRN_ERROR_INVALID (with a diagnostic) when the endpoint is no http(s) URL
 * or a protocol is asked for that there is not, CAIRN_ERROR_NO_MEMORY. */
cairn_status otlp_settings_make(const struct cairn_otlp_options *options, otlp_env_fn *env,
                                struct arena *arena, struct otlp_settings *ret);

#endif
