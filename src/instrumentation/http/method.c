/* method.c - which methods are known: those of the options, of the environment, or of the standards. */
#include "instrumentation/http/parts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { METHODS_MAX = 32, METHODS_BYTES_MAX = 512 };

static const char *const by_standard[] = {"GET",     "POST",  "PUT",   "DELETE", "HEAD", "OPTIONS",
                                          "CONNECT", "TRACE", "PATCH", "QUERY",  NULL};

/* What OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS says, copied once: others may change the environment. */
static char environment_text[METHODS_BYTES_MAX];
static const char *environment_list[METHODS_MAX + 1];
static pthread_once_t environment_once = PTHREAD_ONCE_INIT;

static void add_method(char *name, size_t *count)
{
    size_t n;
    name += strspn(name, " \t");
    for (n = strlen(name); n && (name[n - 1] == ' ' || name[n - 1] == '\t');)
        name[--n] = '\0';
    if (n && *count < METHODS_MAX)
        environment_list[(*count)++] = name;
}

static void read_environment(void)
{
    const char *value = secure_getenv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS");
    char *next = environment_text, *name;
    size_t count = 0;
    if (!value || strlen(value) >= sizeof environment_text)
        return;
    memcpy(environment_text, value, strlen(value) + 1);
    while ((name = strsep(&next, ",")))
        add_method(name, &count);
}

cairn_str method_known(cairn_str method, const struct cairn_http_options *options)
{
    const char *const *list = options->known_methods;
    if (!list) {
        pthread_once(&environment_once, read_environment);
        list = environment_list[0] ? environment_list : by_standard;
    }
    for (; *list; list++) {
        if (text_eq(method, *list))
            return cairn_str_of(*list);
    }
    return cairn_str_make(NULL, 0);
}
