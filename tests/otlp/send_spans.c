/* send_spans.c - a whole application for tests from outside: `send_spans COUNT` ends spans, sends them as the environment says
 * and prints what became of them as "name value" lines. */
#include <cairn/otlp.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    cairn_sdk *sdk = cairn_otlp_start(NULL);
    cairn_tracer *tracer = cairn_tracer_get("send_spans");
    struct cairn_stats stats = {.size = sizeof stats};
    struct cairn_otlp_stats otlp = {.size = sizeof otlp};
    for (long i = 0; i < count; i++) {
        cairn_span *span = cairn_span_start(tracer, "span", CAIRN_WITH(.kind = CAIRN_KIND_CLIENT));
        cairn_span_set(span, CAIRN_INT("i", i), CAIRN_STR("text", "gr\xc3\xbc\xc3\x9f"),
                       CAIRN_DOUBLE("half", 0.5), CAIRN_BOOL("yes", true));
        cairn_span_add_event(span, "event", NULL);
        cairn_span_end(span);
    }
    cairn_sdk_force_flush(sdk, 20000);
    cairn_sdk_get_stats(sdk, &stats);
    cairn_otlp_get_stats(&otlp);
    printf("exported %" PRIu64 "\nlost %" PRIu64 "\nrequests %" PRIu64 "\nretried %" PRIu64
           "\nrejected %" PRIu64 "\n",
           stats.exported, stats.lost_export, otlp.requests, otlp.retried, otlp.rejected_spans);
    cairn_sdk_stop(sdk, 5000);
    return 0;
}
