/* A library that instruments itself: it knows the tracing API and no SDK. */
#include <cairn/propagation.h>
#include <cairn/trace.h>

extern void plugin_work(char traceparent[64]);

static void set_header(void *carrier, cairn_str name, cairn_str value)
{
    char *out = (char *)carrier;
    (void)name;
    if (value.n < 64) {
        __builtin_memcpy(out, value.p, value.n);
        out[value.n] = '\0';
    }
}

/* A span of its own, and the header it would send with a request. */
void plugin_work(char traceparent[64])
{
    cairn_tracer *tracer = cairn_tracer_get("plugin");
    CAIRN_SPAN(span, tracer, "plugin work", CAIRN_WITH(.kind = CAIRN_KIND_CLIENT));
    cairn_span_set(span, CAIRN_INT("n", 1));
    cairn_propagator_inject(cairn_propagator_tracecontext(), NULL, set_header, traceparent);
}
