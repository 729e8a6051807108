/* export.h - the way of ended spans out of the process: span data, exporters, processors.
 *
 * Specification: trace/sdk.md, "Span processor" and "Span Exporter". */
#ifndef CAIRN_EXPORT_H
#define CAIRN_EXPORT_H

#include <cairn/attribute.h>
#include <cairn/common.h>
#include <cairn/context.h>
#include <cairn/resource.h>
#include <cairn/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Reading a span: borrowed, valid for the callback that gets it ---- */

typedef struct cairn_span_data cairn_span_data;

struct cairn_event_data {
    size_t size;
    cairn_str name;
    uint64_t time_ns;
    uint32_t attribute_count, dropped_attribute_count;
};

struct cairn_link_data {
    size_t size;
    struct cairn_span_context context;
    uint32_t attribute_count, dropped_attribute_count;
};

CAIRN_EXPORT cairn_str cairn_span_data_name(const cairn_span_data *span);
CAIRN_EXPORT int32_t cairn_span_data_kind(const cairn_span_data *span);
CAIRN_EXPORT void cairn_span_data_context(const cairn_span_data *span,
                                          struct cairn_span_context *ret);
/* The parent's span id, 8 bytes, all zero for a root. */
CAIRN_EXPORT const uint8_t *cairn_span_data_parent_id(const cairn_span_data *span);
CAIRN_EXPORT bool cairn_span_data_parent_is_remote(const cairn_span_data *span);
CAIRN_EXPORT uint64_t cairn_span_data_start_ns(const cairn_span_data *span);
/* 0: it has not ended. */
CAIRN_EXPORT uint64_t cairn_span_data_end_ns(const cairn_span_data *span);
/* OTLP's Span.flags: bits 0 to 7 the trace flags, 8 and 9 whether the parent is remote. */
CAIRN_EXPORT uint32_t cairn_span_data_flags(const cairn_span_data *span);
CAIRN_EXPORT int32_t cairn_span_data_status(const cairn_span_data *span, cairn_str *description);
/* Number `index` of each list; false past the last. */
CAIRN_EXPORT bool cairn_span_data_attribute(const cairn_span_data *span, size_t index,
                                            struct cairn_attr *ret);
CAIRN_EXPORT bool cairn_span_data_event(const cairn_span_data *span, size_t index,
                                        struct cairn_event_data *ret);
CAIRN_EXPORT bool cairn_span_data_event_attribute(const cairn_span_data *span, size_t event,
                                                  size_t index, struct cairn_attr *ret);
CAIRN_EXPORT bool cairn_span_data_link(const cairn_span_data *span, size_t index,
                                       struct cairn_link_data *ret);
CAIRN_EXPORT bool cairn_span_data_link_attribute(const cairn_span_data *span, size_t link,
                                                 size_t index, struct cairn_attr *ret);
/* How many the limits kept out; any pointer may be NULL. */
CAIRN_EXPORT void cairn_span_data_dropped(const cairn_span_data *span, uint32_t *attributes,
                                          uint32_t *events, uint32_t *links);
/* The attribute of this key; false when there is none. */
CAIRN_EXPORT bool cairn_span_data_find(const cairn_span_data *span, const char *key,
                                       struct cairn_value *ret);
CAIRN_EXPORT bool cairn_span_data_resource_attribute(const cairn_span_data *span, size_t index,
                                                     struct cairn_attr *ret);
CAIRN_EXPORT cairn_str cairn_span_data_scope_name(const cairn_span_data *span);
CAIRN_EXPORT cairn_str cairn_span_data_scope_version(const cairn_span_data *span);
CAIRN_EXPORT cairn_str cairn_span_data_scope_schema_url(const cairn_span_data *span);
CAIRN_EXPORT bool cairn_span_data_scope_attribute(const cairn_span_data *span, size_t index,
                                                  struct cairn_attr *ret);
CAIRN_EXPORT cairn_str cairn_span_data_resource_schema_url(const cairn_span_data *span);

/* A copy to keep, with resource and scope. Owned: cairn_span_data_free. NULL when there is no memory. */
CAIRN_EXPORT cairn_span_data *cairn_span_data_copy(const cairn_span_data *span);
/* What a recording span holds at this moment, for processors at its start and end (and for anybody else). Owned:
 * cairn_span_data_free. NULL when the span does not record (any more) or there is no memory. */
CAIRN_EXPORT cairn_span_data *cairn_span_snapshot(cairn_span *span);
/* For these two only. */
CAIRN_EXPORT void cairn_span_data_free(cairn_span_data *span);

/* Several spans; borrowed, valid for the callback. */
typedef struct cairn_span_batch cairn_span_batch;

CAIRN_EXPORT size_t cairn_batch_count(const cairn_span_batch *batch);
CAIRN_EXPORT const cairn_span_data *cairn_batch_span(const cairn_span_batch *batch, size_t index);

/* The batch as one OTLP request (or TracesData: the bytes are the same), ready to be sent or kept. */
enum { CAIRN_OTLP_PROTOBUF = 1, CAIRN_OTLP_JSON = 2 };
/* *bytes is owned: cairn_bytes_free. */
CAIRN_EXPORT cairn_status cairn_batch_encode(const cairn_span_batch *batch, int32_t encoding,
                                             uint8_t **bytes, size_t *count);
CAIRN_EXPORT void cairn_bytes_free(uint8_t *bytes);

/* ---- Exporters ---- */

typedef struct cairn_exporter cairn_exporter;

/* An exporter of your own. No two calls of export_spans overlap; the others may come from other threads. */
struct cairn_exporter_ops {
    size_t size;
    /* Delivers; may take timeout_ms, retries are its own affair. CAIRN_OK, or what went wrong: the
     * spans are then counted as lost, never offered again; or the result comes later (cairn_batch_defer). After
     * fork() it may be called in the child. */
    cairn_status (*export_spans)(void *user, const cairn_span_batch *batch, uint32_t timeout_ms);
    cairn_status (*force_flush)(void *user, uint32_t timeout_ms); /* may be NULL */
    /* Called once; no export_spans follows. May be NULL. */
    cairn_status (*shutdown)(void *user, uint32_t timeout_ms);
    /* Asks a running export_spans, from another thread, to give up soon. May be NULL. */
    void (*interrupt)(void *user);
    void (*free_user)(void *user); /* may be NULL */
    /* A line about where spans go, for cairn_sdk_describe: like snprintf. No secrets. May be NULL. */
    size_t (*describe)(void *user, char *out, size_t room);
};

/* Owned, as all exporters: the processor that gets it takes it over. */
CAIRN_EXPORT cairn_exporter *cairn_exporter_custom(const struct cairn_exporter_ops *ops,
                                                   void *user);

/* What an exporter may tell about the batch it is exporting, from within export_spans; it goes into the SDK's metrics. */
struct cairn_export_report {
    size_t size CAIRN_SIZE_OF(cairn_export_report);
    uint64_t rejected_spans CAIRN_ZERO; /* refused by the receiver, which took the others */
    /* Of a failure, or of the rejection: few different words; "timeout", "503". Copied. NULL = after the status. */
    const char *error_type CAIRN_ZERO;
    int32_t http_status CAIRN_ZERO; /* of the answer; 0 = none */
};
CAIRN_EXPORT void cairn_batch_report(const cairn_span_batch *batch,
                                     const struct cairn_export_report *report);

/* For an exporter that works on several batches at once: the result of this one comes later. From within export_spans, once
 * for a batch; the spans are still borrowed for that call alone. What export_spans then answers decides nothing but the
 * answer of a flush: the spans are counted, and are in flight in the SDK's metrics, until cairn_pending_batch_done.
 * Owned: exactly one cairn_pending_batch_done in this process; a forked child leaves those of its parent alone. NULL: no
 * memory, the result is what export_spans answers. */
typedef struct cairn_pending_batch cairn_pending_batch;
CAIRN_EXPORT cairn_pending_batch *cairn_batch_defer(const cairn_span_batch *batch);
/* The result, from any thread; best before the exporter's force_flush and shutdown return, which wait for what is under
 * way. report (borrowed) may be NULL. Takes pending, which may be NULL. */
CAIRN_EXPORT void cairn_pending_batch_done(cairn_pending_batch *pending, cairn_status status,
                                           const struct cairn_export_report *report);

/* How the SDK's metrics name an exporter and where it sends. Strings are copied, up to 39 bytes of the type and 127 of the
 * address. Before an SDK gets it. */
struct cairn_exporter_info {
    size_t size CAIRN_SIZE_OF(cairn_exporter_info);
    const char *component_type
        CAIRN_ZERO; /* "otlp_http_span_exporter"; NULL = "custom_span_exporter" */
    const char *server_address CAIRN_ZERO; /* NULL = none */
    uint32_t server_port CAIRN_ZERO;       /* 0 = none */
};
CAIRN_EXPORT void cairn_exporter_describe(cairn_exporter *exporter,
                                          const struct cairn_exporter_info *info);

/* Writes every span to a file descriptor (1 = standard output): for debugging, not for production. The text for
 * people is not a stable format. JSON is one OTLP TracesData a line, as OTLP files have it. fd is borrowed. */
enum { CAIRN_CONSOLE_TEXT = 1, CAIRN_CONSOLE_JSON = 2 };
CAIRN_EXPORT cairn_exporter *cairn_exporter_console(int32_t format, int fd);

/* Appends spans to a file as OTLP JSON lines, one TracesData a line and an export; made when it is not there. NULL and
 * "-" are standard output. What cannot be written (a full disk, a reader that is gone) is lost and counted, the
 * lines behind it are whole again. Also OTEL_TRACES_EXPORTER=otlp/stdout. NULL (with a diagnostic) when the file cannot
 * be opened. Specification: protocol/file-exporter.md. */
CAIRN_EXPORT cairn_exporter *cairn_exporter_otlp_file(const char *path);

/* Keeps finished spans in memory, at most max_spans (2^26; later ones are refused): for tests. */
CAIRN_EXPORT cairn_exporter *cairn_exporter_memory(size_t max_spans);
/* How many it holds, and each; borrowed until cleared. Only for memory exporters (0 and NULL for others). */
CAIRN_EXPORT size_t cairn_memory_count(cairn_exporter *exporter);
CAIRN_EXPORT const cairn_span_data *cairn_memory_span(cairn_exporter *exporter, size_t index);
CAIRN_EXPORT void cairn_memory_clear(cairn_exporter *exporter);

CAIRN_EXPORT cairn_exporter *cairn_exporter_ref(cairn_exporter *exporter);
CAIRN_EXPORT void cairn_exporter_unref(cairn_exporter *exporter);

/* Makes OTEL_TRACES_EXPORTER=name known to cairn_sdk_start. Another call with the same name replaces the first. */
typedef cairn_exporter *cairn_exporter_factory(void *user);
CAIRN_EXPORT cairn_status cairn_exporter_register(const char *name, cairn_exporter_factory *make,
                                                  void *user);

/* ---- Processors ---- */

typedef struct cairn_processor cairn_processor;

/* Members that are 0 take the default in brackets; cairn_sdk_start reads OTEL_BSP_* for its own processor. */
struct cairn_batch_options {
    size_t size;
    uint32_t queue_spans_max;   /* [2048] more are dropped and counted */
    uint32_t schedule_delay_ms; /* [5000] how long a span waits at most */
    uint32_t batch_spans_max;   /* [512] of one export; at most queue_spans_max */
    uint32_t export_timeout_ms; /* [30000] of one export */
};
#define CAIRN_BATCH_OPTIONS_INIT                       \
    {                                                  \
        sizeof(struct cairn_batch_options), 0, 0, 0, 0 \
    }

/* Collects ended spans and exports them from a thread of its own: for production. Ending a span takes no lock and
 * allocates nothing. Takes exporter over. Owned: the SDK that gets it takes it over. */
CAIRN_EXPORT cairn_processor *cairn_processor_batch(cairn_exporter *exporter,
                                                    const struct cairn_batch_options *options);

/* Exports each span inside its end, one at a time: for tests and debugging. Takes exporter over. */
CAIRN_EXPORT cairn_processor *cairn_processor_simple(cairn_exporter *exporter);

/* A processor of your own. Called from any thread, for recording spans, in the order of registration. */
struct cairn_processor_ops {
    size_t size;
    /* The span may be read and filled; parent is the context it was started in. May be NULL. */
    void (*on_start)(void *user, cairn_span *span, cairn_context *parent);
    /* The data is borrowed for the call and does not change. May be NULL. */
    void (*on_end)(void *user, const cairn_span_data *span);
    cairn_status (*force_flush)(void *user, uint32_t timeout_ms); /* may be NULL */
    cairn_status (*shutdown)(void *user, uint32_t timeout_ms);    /* called once; may be NULL */
    void (*free_user)(void *user);                                /* may be NULL */
    /* The span has its end time; it may be read and filled, from within this call only: what other threads do to it
     * is dropped. May be NULL. */
    void (*on_ending)(void *user, cairn_span *span);
};
CAIRN_EXPORT cairn_processor *cairn_processor_custom(const struct cairn_processor_ops *ops,
                                                     void *user);

/* For a processor that no SDK took over. */
CAIRN_EXPORT void cairn_processor_free(cairn_processor *processor);

#ifdef __cplusplus
}
#endif

#endif
