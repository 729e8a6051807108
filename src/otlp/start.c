/* start.c - making "otlp" known to the SDK, and starting it in one call. */
#define CAIRN_NO_INLINE
#include <cairn/otlp.h>

#include <stdlib.h>

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
    return status == CAIRN_OK ? cairn_exporter_register("otlp", make, NULL) : status;
}

cairn_sdk *cairn_otlp_start(const struct cairn_sdk_options *options)
{
    cairn_sdk *sdk;
    cairn_otlp_register();
    sdk = cairn_sdk_start(options);
    if (sdk && otlp_metrics_wanted(options, secure_getenv("OTEL_C_SELF_METRICS")))
        cairn_otlp_send_metrics(sdk);
    return sdk;
}
