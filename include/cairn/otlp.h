/* otlp.h - sending spans as OTLP over HTTP. In libcairn-otlp, which stands on libcurl and zlib.
 *
 *     cairn_sdk *sdk = cairn_otlp_start(CAIRN_SDK(.service_name = "shop"));
 *
 * Specification: protocol/exporter.md, protocol/otlp.md. */
#ifndef CAIRN_OTLP_H
#define CAIRN_OTLP_H

#include <cairn/common.h>
#include <cairn/export.h>
#include <cairn/sdk.h>

#ifdef __cplusplus
extern "C" {
#endif

/* cairn_otlp_register and cairn_sdk_start in one: OTEL_TRACES_EXPORTER, when unset, means otlp. */
CAIRN_EXPORT cairn_sdk *cairn_otlp_start(const struct cairn_sdk_options *options);

/* Makes OTEL_TRACES_EXPORTER=otlp and OTEL_TRACES_SAMPLER=jaeger_remote (cairn/jaeger_remote.h) known to
 * cairn_sdk_start. May be called again. */
CAIRN_EXPORT cairn_status cairn_otlp_register(void);

/* 0 and NULL members take the environment's OTEL_EXPORTER_OTLP_TRACES_* or OTEL_EXPORTER_OTLP_*, then the default
 * in brackets. */
struct cairn_otlp_options {
    size_t size;
    const char *endpoint;    /* full URL [http://localhost:4318/v1/traces] */
    int32_t encoding;        /* CAIRN_OTLP_PROTOBUF or CAIRN_OTLP_JSON [PROTOBUF] */
    const char *compression; /* "gzip" or "none" ["none"] */
    const char *headers;     /* "key=value,key=value", values percent-encoded [none] */
    uint32_t timeout_ms;     /* of one batch with its retries [10000] */
    const char *certificate; /* PEM file of the authorities to trust [the system's] */
    const char *client_certificate, *client_key; /* PEM files for mutual TLS [none] */
};

/* Owned: the processor that gets it takes it over. NULL (with a diagnostic) when the settings make no sense or
 * there is no memory. options may be NULL. */
CAIRN_EXPORT cairn_exporter *cairn_otlp_exporter_new(const struct cairn_otlp_options *options);

#ifdef __cplusplus
}
#endif

#endif
