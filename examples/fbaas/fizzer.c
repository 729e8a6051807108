/* fizzer.c - "true" for multiples of three. Takes its time, and the trace will show where. */
#include <stdio.h>
#include <time.h>

#include <cairn/cairn.h>

#include "../common/options.h"
#include "service.h"

/* The part that seems kind of slow. Nobody would know without a span of its own. */
static void think(void)
{
    CAIRN_SPAN(span, cairn_tracer_get("fizzer"), "think");
    struct timespec half_a_second = {.tv_nsec = 500000000};
    cairn_span_set(span, CAIRN_STR("reason", "nobody remembers"));
    nanosleep(&half_a_second, NULL);
}

static int answer(long number, char *out, size_t room, void *user)
{
    (void)user;
    think();
    snprintf(out, room, "%s", number % 3 == 0 ? "true" : "false");
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const options[] = {"port", NULL};
    struct service service = {
        .name = "fizzer",
        .port = option_port(argc, argv, options, 6001),
        .answer = answer,
    };
    return service_run(&service);
}
