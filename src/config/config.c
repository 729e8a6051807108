/* config.c - reading a file or a text into a checked configuration, and starting from it. */
#define CAIRN_NO_INLINE
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/schema.h"

static const char *process_env(const char *name)
{
    return secure_getenv(name);
}

void cairn_config_free(cairn_config *config)
{
    if (!config)
        return;
    arena_release(&config->arena);
    free(config);
}

/* "1.1", "1.0-rc.2". */
static bool read_format(const cairn_config_node *node, uint64_t *major, uint64_t *minor)
{
    struct str first, second;
    size_t digits = 0;
    if (!node || !str_cut(node->text, '.', &first, &second))
        return false;
    while (digits < second.n && second.p[digits] >= '0' && second.p[digits] <= '9')
        digits++;
    return str_to_u64(first, major) && str_to_u64(str_make(second.p, digits), minor) &&
           (digits == second.n || second.p[digits] == '-');
}

static cairn_status check(struct cairn_config *config, struct cairn_config_error *error)
{
    const cairn_config_node *node = cairn_config_get(config->root, "file_format");
    uint64_t major = 0, minor = 0;
    bool known = read_format(node, &major, &minor);
    cairn_status status;
    config->newer = known && major == CONFIG_FORMAT_MAJOR && minor > CONFIG_FORMAT_MINOR;
    status = schema_check(config->root, &shape_file, error);
    if (status == CAIRN_OK && !known)
        return node_fail(node, error, "\"%.60s\" is not a version; write \"1.1\"", node->text.p);
    if (status == CAIRN_OK && major != CONFIG_FORMAT_MAJOR)
        return node_fail(node, error, "version %.60s is not known to Cairn; write the file for 1.1",
                         node->text.p);
    return status;
}

cairn_config *config_parse(const char *name, struct str text, config_env_fn *env,
                           struct cairn_config_error *error)
{
    struct cairn_config_error own = CAIRN_CONFIG_ERROR_INIT;
    struct cairn_config *config = calloc(1, sizeof *config);
    int saved = errno;
    bool ok = false;
    if (!error)
        error = &own;
    if (!config) {
        no_memory(NULL, error);
        return NULL;
    }
    arena_init(&config->arena, 0);
    config->name = arena_str(&config->arena, str_of(name ? name : "configuration"));
    if (!config->name.p)
        no_memory(NULL, error);
    else
        ok = yaml_read(config, text, env, error) == CAIRN_OK && check(config, error) == CAIRN_OK;
    errno = saved;
    if (ok)
        return config;
    cairn_config_free(config);
    return NULL;
}

cairn_config *cairn_config_parse_text(const char *name, cairn_str text,
                                      struct cairn_config_error *error)
{
    return config_parse(name, str_in(text), process_env, error);
}

/* ---- Files ---- */

/* Reads until the end or beyond what is allowed; false with errno. */
static bool read_all(int fd, struct buf *to)
{
    for (;;) {
        void *at = buf_reserve(to, 16384);
        ssize_t n;
        if (!at)
            return true; /* larger than the buffer may be: the reader says so */
        n = read(fd, at, 16384);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        to->n += (size_t)n;
    }
}

static cairn_config *parse_open(const char *path, int fd, struct cairn_config_error *error)
{
    cairn_config *config = NULL;
    struct buf text;
    buf_init(&text, CONFIG_BYTES_MAX + 65536);
    if (fd < 0 || !read_all(fd, &text))
        file_fail(str_of(path), 0, error, CAIRN_ERROR_INVALID, "cannot be read: %s; look at %s",
                  strerror(errno), "the path and its permissions");
    else
        config = config_parse(path, buf_str(&text), process_env, error);
    buf_release(&text);
    return config;
}

cairn_config *cairn_config_parse_file(const char *path, struct cairn_config_error *error)
{
    int saved = errno, fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    cairn_config *config;
    if (!path)
        errno = ENOENT;
    config = parse_open(path ? path : "", fd, error);
    if (fd >= 0)
        close(fd);
    errno = saved;
    return config;
}

/* ---- Starting ---- */

/* What OTEL_CONFIG_FILE does in cairn_sdk_start: NULL after one diagnostic. */
cairn_sdk *config_read_for_sdk(const char *path, const struct cairn_sdk_options *options)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    cairn_config *config = cairn_config_parse_file(path, &error);
    cairn_sdk *sdk = cairn_config_create(config, options, &error);
    cairn_config_free(config);
    if (!sdk)
        cairn_diagnose(CAIRN_DIAGNOSTIC_ERROR, cairn_str_of(error.text));
    return sdk;
}

cairn_sdk *cairn_config_start(const char *path, const struct cairn_sdk_options *options)
{
    cairn_propagator *both[] = {cairn_propagator_tracecontext(), cairn_propagator_baggage()};
    cairn_sdk *sdk = config_read_for_sdk(path, options);
    if (!sdk) {
        struct cairn_sdk_options o = {.size = sizeof o, .disabled = true};
        o.propagator = cairn_propagator_composite(both, 2);
        sdk = cairn_sdk_new(&o);
        cairn_propagator_unref(o.propagator);
    }
    cairn_sdk_set_global(sdk);
    return sdk;
}
