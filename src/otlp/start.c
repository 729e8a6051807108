/* start.c - making "otlp" and OTEL_CONFIG_FILE known to the SDK, and starting it in one call. */
#define CAIRN_NO_INLINE
#include <cairn/otlp.h>

#include <stdlib.h>

#include "config/config.h"
#include "otlp/jaeger_remote.h"
#include "otlp/metrics.h"

static cairn_exporter *make(void *user)
{
    (void)user;
    return cairn_otlp_exporter_new(NULL);
}

cairn_status cairn_otlp_register(void)
{
    cairn_status status = jaeger_remote_register();
    cairn_sdk_set_config_reader(config_read_for_sdk);
    return status == CAIRN_OK ? cairn_exporter_register("otlp", make, NULL) : status;
}

/* A file takes the place of the variables, of this one too. */
static const char *self_metrics_variable(void)
{
    const char *file = secure_getenv("OTEL_CONFIG_FILE");
    return file && *file ? NULL : secure_getenv("OTEL_C_SELF_METRICS");
}

cairn_sdk *cairn_otlp_start(const struct cairn_sdk_options *options)
{
    cairn_sdk *sdk;
    cairn_otlp_register();
    sdk = cairn_sdk_start(options);
    if (sdk && otlp_metrics_wanted(options, self_metrics_variable()))
        cairn_otlp_send_metrics(sdk);
    return sdk;
}
