/* start.c - making "otlp" and OTEL_CONFIG_FILE known to the SDK, and starting it in one call. */
#define CAIRN_NO_INLINE
#include <cairn/otlp.h>

#include "config/config.h"
#include "otlp/jaeger_remote.h"

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

cairn_sdk *cairn_otlp_start(const struct cairn_sdk_options *options)
{
    cairn_otlp_register();
    return cairn_sdk_start(options);
}
