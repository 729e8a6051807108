/* jaeger_remote.h - a sampler whose strategy comes from a Jaeger server and is asked for again and again. In
 * libcairn-otlp, which stands on libcurl.
 *
 *     struct cairn_jaeger_remote_options o = {.size = sizeof o, .endpoint = "http://jaeger:5778"};
 *     cairn_sampler *remote = cairn_sampler_jaeger_remote(&o);
 *     cairn_sampler *sampler = cairn_sampler_parent_based(remote);
 *
 * The same with OTEL_TRACES_SAMPLER=parentbased_jaeger_remote (or jaeger_remote) and
 * OTEL_TRACES_SAMPLER_ARG=endpoint=http://jaeger:5778,pollingIntervalMs=60000,initialSamplingRate=0.25, after
 * cairn_otlp_start or cairn_otlp_register.
 *
 * The strategies are those of Jaeger's HTTP interface, GET /sampling?service=NAME with JSON: probabilistic, rate limiting and per
 * operation (see cairn_sampler_per_operation). gRPC is not supported. Sampled root spans get the attributes
 * `sampler.type` and `sampler.param`. Specification: trace/sdk.md, "JaegerRemoteSampler". */
#ifndef CAIRN_JAEGER_REMOTE_H
#define CAIRN_JAEGER_REMOTE_H

#include <cairn/common.h>
#include <cairn/sampler.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 0 and NULL members take the default in brackets. */
struct cairn_jaeger_remote_options {
    size_t size;
    const char *endpoint;     /* URL [http://localhost:5778]; without a path /sampling is added */
    const char *service_name; /* [of the environment, as an SDK's resource has it] */
    uint32_t polling_interval_ms;   /* [60000] */
    uint32_t timeout_ms;            /* of one question [10000] */
    cairn_sampler *initial_sampler; /* until the first answer; keeps a reference [ratio 0.001] */
};

/* The first span that asks it starts a thread that polls; all signals are blocked there. A forked child begins its own with
 * its first span. When the server cannot be asked or answers nonsense, the last good strategy stays, and a line is said
 * once per interval at most. The thread ends with the sampler. Owned: cairn_sampler_unref. NULL (with a diagnostic)
 * when the settings make no sense or there is no memory. options may be NULL. */
CAIRN_EXPORT cairn_sampler *
cairn_sampler_jaeger_remote(const struct cairn_jaeger_remote_options *options);

#ifdef __cplusplus
}
#endif

#endif
