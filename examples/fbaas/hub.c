/* hub.c - asks fizzer and buzzer, and puts their answers together: "Fizz!", "Buzz!", "Fizzbuzz!" or the number. */
#include <stdio.h>
#include <string.h>

#include <cairn/cairn.h>

#include "../common/options.h"
#include "service.h"

struct hub {
    const char *fizzer, *buzzer; /* their addresses */
};

static int answer(long number, char *out, size_t room, void *user)
{
    const struct hub *hub = user;
    char fizz[16], buzz[16];
    if (service_ask(hub->fizzer, number, fizz, sizeof fizz) < 0 ||
        service_ask(hub->buzzer, number, buzz, sizeof buzz) < 0) {
        snprintf(out, room, "a service behind the hub does not answer");
        return -1;
    }
    bool is_fizz = strcmp(fizz, "true") == 0, is_buzz = strcmp(buzz, "true") == 0;
    if (is_fizz || is_buzz)
        snprintf(out, room, "%s!", is_fizz && is_buzz ? "Fizzbuzz" : is_fizz ? "Fizz" : "Buzz");
    else
        snprintf(out, room, "%ld", number);
    /* the current span is the request's: the answer becomes searchable */
    cairn_span_set(cairn_span_current(), CAIRN_INT("fbaas.number", number),
                   CAIRN_STR("fbaas.answer", out));
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const options[] = {"port", "fizzer", "buzzer", NULL};
    struct hub hub = {
        .fizzer = option_text(argc, argv, options, "fizzer", "http://127.0.0.1:6001"),
        .buzzer = option_text(argc, argv, options, "buzzer", "http://127.0.0.1:6002"),
    };
    struct service service = {
        .name = "hub",
        .port = option_port(argc, argv, options, 6000),
        .answer = answer,
        .user = &hub,
    };
    return service_run(&service);
}
