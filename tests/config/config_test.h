/* config_test.h - an environment of the test's own, and parsing a text in it. */
#ifndef CONFIG_TEST_H
#define CONFIG_TEST_H

#include <cairn/cairn.h>
#include <cairn/config.h>
#include <cairn/otlp.h>

#include "config/config.h"
#include "test.h"

static const char *const (*test_env)[2]; /* name and value, name NULL at the end */

static inline const char *test_get(const char *name)
{
    for (size_t i = 0; test_env && test_env[i][0]; i++) {
        if (strcmp(test_env[i][0], name) == 0)
            return test_env[i][1];
    }
    return NULL;
}

/* The last diagnostics, one a line. */
static char said[8192];
static inline void remember_diagnostic(void *user, int32_t severity, cairn_str line)
{
    size_t n = strlen(said);
    (void)user, (void)severity;
    if (n + line.n + 2 < sizeof said) {
        memcpy(said + n, line.p, line.n);
        memcpy(said + n + line.n, "\n", 2);
    }
}

/* The text sits before a page that nobody may touch. */
static inline cairn_config *parse(const char *text, struct cairn_config_error *error)
{
    struct guarded g = guarded_copy(text, strlen(text));
    cairn_config *c = config_parse("f.yaml", g.bytes, test_get, error);
    guarded_free(&g);
    return c;
}

/* What every file needs, in two lines. */
#define HEAD     "file_format: \"1.1\"\n"
#define PIPELINE "tracer_provider:\n  processors: [{simple: {exporter: {console: }}}]\n"

#endif
