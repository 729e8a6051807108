/* A program that is linked to libcairn-api alone: nothing records, a trace that comes in goes on. Exit status 0: all is well. */
#include <cairn/trace.h>

#include <string.h>

int main(void)
{
    static const struct cairn_span_context remote = {.trace_id = {1}, .span_id = {2}, .flags = 1};
    struct cairn_span_context context;
    cairn_tracer *tracer = cairn_tracer_get("library");
    cairn_span *span = cairn_span_start(tracer, "alone", NULL), *incoming;
    int ok;
    if (span || cairn_tracer_enabled(tracer))
        return 1;
    incoming = cairn_span_wrap(&remote);
    span = cairn_span_start(tracer, "child", CAIRN_WITH(.parent = cairn_context_of(incoming)));
    cairn_span_get_context(span, &context);
    ok = !cairn_span_is_recording(span) && memcmp(context.trace_id, remote.trace_id, 16) == 0 &&
         memcmp(context.span_id, remote.span_id, 8) == 0;
    cairn_span_end(span);
    cairn_span_end(incoming);
    return !ok;
}
