/* jaeger_remote.h - the polling sampler behind its settings. */
#ifndef OTLP_JAEGER_REMOTE_H
#define OTLP_JAEGER_REMOTE_H

#include <cairn/jaeger_remote.h>

#include "base/str.h"

/* Takes url over, which is complete (jaeger_url). Of the options the endpoint and the service are not looked at. */
cairn_sampler *jaeger_remote_new(const struct cairn_jaeger_remote_options *options, char *url);

/* The URL to ask for a service's strategy. Owned (malloc); NULL when the endpoint makes no sense or without memory. */
char *jaeger_url(struct str endpoint, struct str service);

/* For OTEL_TRACES_SAMPLER, under the name jaeger_remote. */
cairn_status jaeger_remote_register(void);

#endif
