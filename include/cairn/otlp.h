/* otlp.h - sending spans as OTLP, over HTTP or gRPC. In libcairn-otlp, which stands on libcurl and zlib.
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

/* Makes OTEL_TRACES_EXPORTER=otlp, OTEL_CONFIG_FILE (cairn/config.h) and OTEL_TRACES_SAMPLER=jaeger_remote
 * (cairn/jaeger_remote.h) known to cairn_sdk_start. May be called again. */
CAIRN_EXPORT cairn_status cairn_otlp_register(void);

enum { CAIRN_OTLP_HTTP = 1, CAIRN_OTLP_GRPC = 2 };

/* 0 and NULL members take the environment's OTEL_EXPORTER_OTLP_TRACES_* or OTEL_EXPORTER_OTLP_*, then the default
 * in brackets. */
struct cairn_otlp_options {
    size_t size;
    /* HTTP: the full URL [http://localhost:4318/v1/traces]. gRPC: http://HOST:PORT or https://HOST:PORT; any path is
     * left out [http://localhost:4317] */
    const char *endpoint;
    int32_t encoding;        /* CAIRN_OTLP_PROTOBUF or, over HTTP, CAIRN_OTLP_JSON [PROTOBUF] */
    const char *compression; /* "gzip" or "none" ["none"] */
    const char *headers;     /* "key=value,key=value", values percent-encoded [none] */
    uint32_t timeout_ms;     /* of one batch with its retries; CAIRN_FOREVER for none [10000] */
    const char *certificate; /* PEM file: trust these authorities, no others [the system's] */
    const char *client_certificate, *client_key; /* PEM files for mutual TLS [none] */
    /* CAIRN_OTLP_HTTP or CAIRN_OTLP_GRPC [HTTP]. When this is 0 and encoding is not, it is HTTP; when both are 0,
     * OTEL_EXPORTER_OTLP_PROTOCOL decides. */
    int32_t transport;
    bool
        insecure; /* gRPC: no TLS for an endpoint without a scheme; a scheme decides by itself [false] */
    bool no_environment; /* OTEL_* are not read: 0 and NULL members take the defaults */
    /* [1] at once, for servers far away; more than CAIRN_OTLP_CONCURRENT_MAX is as many. Each has a connection and, from 2
     * on, a thread; an export returns when a sender has taken its batch, and what became of the batch is counted when
     * it is known. The processor still exports one batch after the other. */
    uint32_t concurrent_requests;
};
enum { CAIRN_OTLP_CONCURRENT_MAX = 32 };

/* An exporter of one request at a time, or of `concurrent_requests`: a batch is encoded once and sent, again and again where
 * OTLP allows it, until its time is over; flush and shutdown wait for all that is under way, as long as they may. Owned: the processor that gets it takes it over. NULL (with a diagnostic) when the settings make
 * no sense or there is no memory. options may be NULL. */
CAIRN_EXPORT cairn_exporter *cairn_otlp_exporter_new(const struct cairn_otlp_options *options);

/* Sends the SDK's own metrics every OTEL_METRIC_EXPORT_INTERVAL [60000 ms], and once at the end, to
 * OTEL_EXPORTER_OTLP_METRICS_ENDPOINT or v1/metrics of OTEL_EXPORTER_OTLP_ENDPOINT; the other variables likewise.
 * cairn_otlp_start does it when `self_metrics` or OTEL_C_SELF_METRICS=true asks for it. Stops with the SDK. */
CAIRN_EXPORT cairn_status cairn_otlp_send_metrics(cairn_sdk *sdk);

/* What all OTLP exporters of the process have done so far; a forked child goes on from its parent's numbers. */
struct cairn_otlp_stats {
    size_t size;
    uint64_t requests;       /* that were begun, each try counted */
    uint64_t retried;        /* of these: not the first of their batch */
    uint64_t rejected_spans; /* refused by servers out of batches they took; count as exported */
    uint64_t failed_batches; /* that were given up; their spans count as lost_export */
    uint64_t too_large;      /* of these: over 64 MiB, before or after compression, never sent */
};
/* Fills as much of *ret as ret->size covers. */
CAIRN_EXPORT void cairn_otlp_get_stats(struct cairn_otlp_stats *ret);

#ifdef __cplusplus
}
#endif

#endif
