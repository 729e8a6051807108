/* A program that loads the plugin inside a span of its own and counts what arrives at an exporter of its own. Prints one line. */
#define _GNU_SOURCE
#include <cairn/cairn.h>

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static unsigned spans;
static uint8_t host_id[8], plugin_parent[8];

#ifndef NO_SDK
static cairn_status count(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)timeout_ms;
    for (size_t i = 0; i < cairn_batch_count(batch); i++) {
        const cairn_span_data *span = cairn_batch_span(batch, i);
        struct cairn_span_context context;
        cairn_span_data_context(span, &context);
        spans++;
        if (cairn_span_data_name(span).n == strlen("host"))
            memcpy(host_id, context.span_id, sizeof host_id);
        else
            memcpy(plugin_parent, cairn_span_data_parent_id(span), sizeof plugin_parent);
    }
    return CAIRN_OK;
}

static cairn_sdk *start(void)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = count};
    cairn_processor *p = cairn_processor_batch(cairn_exporter_custom(&ops, NULL), NULL);
    return cairn_sdk_start(CAIRN_SDK(.processors = &p, .processor_count = 1));
}
#endif

int main(int argc, char **argv)
{
    static const struct cairn_span_context remote = {
        .trace_id = {0xab}, .span_id = {0xcd}, .flags = 1};
    static const uint8_t zero[8];
    char traceparent[64] = "";
    void *plugin;
    void (*work)(char *);
    cairn_span *incoming;
    cairn_token token;
#ifndef NO_SDK
    cairn_sdk *sdk = start();
#endif
    if (argc != 2 || !(plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL)))
        return 1;
    *(void **)&work = dlsym(plugin, "plugin_work");
    incoming = cairn_span_wrap(&remote);
    token = cairn_context_attach(cairn_context_of(incoming));
    {
        CAIRN_SPAN(span, cairn_tracer_get("host"), "host");
        (void)span;
        work(traceparent);
    }
    cairn_context_detach(token);
    cairn_span_end(incoming);
#ifndef NO_SDK
    cairn_sdk_stop(sdk, 5000);
#endif
    printf("%u spans%s%s\n", spans,
           memcmp(host_id, plugin_parent, 8) == 0 && memcmp(host_id, zero, 8) != 0
               ? ", the plugin's is the host's child"
               : "",
           strncmp(traceparent, "00-ab", 5) == 0 ? ", carried on" : "");
    return 0;
}
