/* load.c - scenarios: libraries that come and go, and code before and after main. */
#include "scenario.h"

#include <cairn/otlp.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* By a program that is not linked to Cairn at all. */
int scenario_load_and_unload(void)
{
    char loader[4096];
    pid_t child;
    snprintf(loader, sizeof loader, "%s", beside("life_loader"));
    child = fork();
    if (child == 0) {
        execl(loader, "life_loader", getenv("LIFE_LIBRARY"), (char *)NULL);
        _exit(1);
    }
    reap(child);
    return 0;
}

/* The tracer, names and attributes of a plugin that is gone when its spans are exported. */
int scenario_plugin_unloaded(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    char traceparent[64];
    for (int i = 0; i < 2; i++) {
        void *plugin = dlopen(beside("life_plugin.so"), RTLD_NOW | RTLD_LOCAL);
        void (*work)(char *);
        CAIRN_SPAN(s, tracer(), "host");
        (void)s;
        NEED(plugin);
        *(void **)&work = dlsym(plugin, "plugin_work");
        work(traceparent);
        NEED(dlclose(plugin) == 0);
    }
    NEED(dlopen(beside("life_plugin.so"), RTLD_NOW | RTLD_NOLOAD) == NULL);
    stop(sdk);
    return 0;
}

/* ---- Before and after main ---- */

static cairn_sdk *early_sdk;
static int chosen;

static __attribute__((constructor)) void before_main(int argc, char **argv)
{
    chosen = argc == 2 && strcmp(argv[1], "from_constructors") == 0;
    if (!chosen)
        return;
    span("too early"); /* no SDK yet */
    early_sdk = sdk_on_tape(true);
    span("constructor");
}

static __attribute__((destructor)) void after_main(void)
{
    if (chosen)
        span("too late");
}

int scenario_from_constructors(void)
{
    span("main");
    stop(early_sdk);
    return 0;
}
