/* buzzer.c - "true" for multiples of five. */
#include <stdio.h>

#include "../common/options.h"
#include "service.h"

static int answer(long number, char *out, size_t room, void *user)
{
    (void)user;
    snprintf(out, room, "%s", number % 5 == 0 ? "true" : "false");
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const options[] = {"port", NULL};
    struct service service = {
        .name = "buzzer",
        .port = option_port(argc, argv, options, 6002),
        .answer = answer,
    };
    return service_run(&service);
}
