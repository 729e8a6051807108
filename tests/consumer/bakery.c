/* The program of the README, as a stranger's compiler sees it: C99, no extensions needed but the cleanup attribute. */
#include <cairn/cairn.h>
#ifdef NO_OTLP
#    define cairn_otlp_start cairn_sdk_start
#else
#    include <cairn/otlp.h>
#endif

static void bake(cairn_tracer *tracer, const char *kind, int minutes)
{
    CAIRN_SPAN(span, tracer, "bake"); /* child of the current span; ends with the block */
    cairn_span_set(span, CAIRN_STR("cake.kind", kind), CAIRN_INT("cake.minutes", minutes));
    if (minutes > 30)
        cairn_span_set_status(span, CAIRN_SPAN_ERROR, "burnt");
}

int main(void)
{
    cairn_sdk *sdk = cairn_otlp_start(CAIRN_SDK(.service_name = "bakery"));
    cairn_tracer *tracer = cairn_tracer_get("bakery");
    {
        CAIRN_SPAN(order, tracer, "order", CAIRN_WITH(.kind = CAIRN_KIND_SERVER));
        bake(tracer, "carrot", 25);
        bake(tracer, "lemon", 40);
    }
    return cairn_sdk_stop(sdk, 5000);
}
