/* env_variables.c - every OTEL_* variable that Cairn knows, one row each. Of two rows for one place the later one wins. */
#include <stdint.h>

#include "sdk/env.h"

#define AT(member) offsetof(struct env_config, member)

const struct env_variable env_variables[] = {
    {"OTEL_LOG_LEVEL", "info", ENV_LEVEL, 0, 0, AT(log_level), NULL},
    {"OTEL_SDK_DISABLED", "false", ENV_BOOLEAN, 0, 0, AT(disabled), NULL},
    {"OTEL_CONFIG_FILE", "", ENV_ELSEWHERE, 0, 0, 0, NULL},
    {"OTEL_EXPERIMENTAL_CONFIG_FILE", "", ENV_REFUSED, 0, 0, 0, "use OTEL_CONFIG_FILE"},

    {"OTEL_SERVICE_NAME", "unknown_service:PROGRAM", ENV_TEXT, 0, 0, AT(service_name), NULL},
    {"OTEL_RESOURCE_ATTRIBUTES", "", ENV_TEXT, 0, 0, AT(resource_attributes), NULL},
    {"OTEL_ENTITIES", "", ENV_REFUSED, 0, 0, 0, "use OTEL_RESOURCE_ATTRIBUTES"},
    {"OTEL_PROPAGATORS", "tracecontext,baggage", ENV_TEXT, 0, 0, AT(propagators), NULL},

    {"OTEL_TRACES_EXPORTER", "otlp", ENV_TEXT, 0, 0, AT(exporters), NULL},
    {"OTEL_TRACES_SAMPLER", "parentbased_always_on", ENV_ELSEWHERE, 0, 0, 0, NULL},
    {"OTEL_TRACES_SAMPLER_ARG", "", ENV_ELSEWHERE, 0, 0, 0, NULL},

    {"OTEL_BSP_SCHEDULE_DELAY", "5000", ENV_NUMBER, 0, 1, AT(batch.schedule_delay_ms), NULL},
    {"OTEL_BSP_EXPORT_TIMEOUT", "30000", ENV_NUMBER, 0, UINT32_MAX, AT(batch.export_timeout_ms),
     NULL},
    {"OTEL_BSP_MAX_QUEUE_SIZE", "2048", ENV_NUMBER, 1, 0, AT(batch.queue_spans_max), NULL},
    {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "512", ENV_NUMBER, 1, 0, AT(batch.batch_spans_max), NULL},

    {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "none", ENV_NUMBER, 0, 0, AT(limits.value_length), NULL},
    {"OTEL_ATTRIBUTE_COUNT_LIMIT", "128", ENV_NUMBER, 0, 0, AT(limits.attribute_count), NULL},
    {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "none", ENV_NUMBER, 0, 0, AT(limits.value_length),
     NULL},
    {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "128", ENV_NUMBER, 0, 0, AT(limits.attribute_count), NULL},
    {"OTEL_SPAN_EVENT_COUNT_LIMIT", "128", ENV_NUMBER, 0, 0, AT(limits.event_count), NULL},
    {"OTEL_SPAN_LINK_COUNT_LIMIT", "128", ENV_NUMBER, 0, 0, AT(limits.link_count), NULL},
    {"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "128", ENV_NUMBER, 0, 0, AT(limits.event_attribute_count),
     NULL},
    {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "128", ENV_NUMBER, 0, 0, AT(limits.link_attribute_count),
     NULL},

#define OTLP(what, standard)                                                      \
    {"OTEL_EXPORTER_OTLP_" what, standard, ENV_ELSEWHERE, 0, 0, 0, NULL},         \
    {                                                                             \
        "OTEL_EXPORTER_OTLP_TRACES_" what, standard, ENV_ELSEWHERE, 0, 0, 0, NULL \
    }
    OTLP("PROTOCOL", "http/protobuf"),
    {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", ENV_ELSEWHERE, 0, 0, 0, NULL},
    {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://localhost:4318/v1/traces", ENV_ELSEWHERE, 0, 0,
     0, NULL},
    OTLP("INSECURE", "false"),
    OTLP("HEADERS", ""),
    OTLP("COMPRESSION", "none"),
    OTLP("TIMEOUT", "10000"),
    OTLP("CERTIFICATE", ""),
    OTLP("CLIENT_CERTIFICATE", ""),
    OTLP("CLIENT_KEY", ""),
#undef OTLP
    {"OTEL_C_SELF_METRICS", "false", ENV_ELSEWHERE, 0, 0, 0, NULL},
    {"OTEL_METRIC_EXPORT_INTERVAL", "60000", ENV_ELSEWHERE, 0, 0, 0, NULL},
    {"OTEL_EXPORTER_ZIPKIN_ENDPOINT", "", ENV_REFUSED, 0, 0, 0,
     "use OTEL_TRACES_EXPORTER=otlp and OTEL_EXPORTER_OTLP_ENDPOINT"},
    {"OTEL_EXPORTER_ZIPKIN_TIMEOUT", "", ENV_REFUSED, 0, 0, 0, "use OTEL_EXPORTER_OTLP_TIMEOUT"},
    {0},
};
