// The same in C++11.
#include <cairn/cairn.h>
#include <cairn/otlp.h>

static void bake(cairn_tracer *tracer, const char *kind, int minutes)
{
    CAIRN_SPAN(span, tracer, "bake");
    cairn_span_set(span, CAIRN_STR("cake.kind", kind), CAIRN_INT("cake.minutes", minutes));
    cairn_span_add_event(span, "oven", CAIRN_ATTRS(CAIRN_INT("degrees", 180)));
}

int main()
{
    cairn_sdk_options options;
    options.service_name = "bakery";
    cairn_sdk *sdk = cairn_otlp_start(&options);
    cairn_tracer *tracer = cairn_tracer_get("bakery");
    {
        cairn_span_options server;
        server.kind = CAIRN_KIND_SERVER;
        CAIRN_SPAN(order, tracer, "order", &server);
        bake(tracer, "carrot", 25);
    }
    return cairn_sdk_stop(sdk, 5000);
}
