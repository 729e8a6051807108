/* options.c - reading the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

static void usage(const char *program, const char *const *names)
{
    fprintf(stderr, "usage: %s", program);
    for (; *names; names++)
        fprintf(stderr, " [--%s VALUE]", *names);
    fprintf(stderr, "\n");
    exit(2);
}

/* The value behind argv[*i] when it is the option name; moves *i to it. */
static const char *value_of(int argc, char **argv, int *i, const char *name)
{
    size_t n = strlen(name);
    const char *at = argv[*i];
    if (strncmp(at, "--", 2) != 0 || strncmp(at + 2, name, n) != 0)
        return NULL;
    if (at[2 + n] == '=')
        return at + 3 + n;
    if (at[2 + n] == '\0' && *i + 1 < argc)
        return argv[++*i];
    return NULL;
}

const char *option_text(int argc, char **argv, const char *const *names, const char *name,
                        const char *fallback)
{
    for (int i = 1; i < argc; i++) {
        const char *value = NULL;
        for (const char *const *known = names; *known && !value; known++) {
            value = value_of(argc, argv, &i, *known);
            if (value && strcmp(*known, name) == 0)
                fallback = value;
        }
        if (!value)
            usage(argv[0], names);
    }
    return fallback;
}

int option_port(int argc, char **argv, const char *const *names, int fallback)
{
    const char *text = option_text(argc, argv, names, "port", NULL);
    char *end;
    long port;
    if (!text)
        return fallback;
    port = strtol(text, &end, 10);
    if (*end || end == text || port < 1 || port > 65535) {
        fprintf(stderr, "%s: --port takes a number from 1 to 65535, not '%s'\n", argv[0], text);
        exit(2);
    }
    return (int)port;
}
