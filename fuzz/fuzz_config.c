/* Whatever parses can be walked within its limits, and says the same when it is parsed again; whatever does not gives one
 * message that names the file. Creating from it makes no exporter: the SDK is asked for disabled. */
#include "fuzz.h"

#include <string.h>

#include "config/config.h"

static const char *variable(const char *name)
{
    static const char *const known[][2] = {
        {"TEXT", "text"},         {"NUMBER", "12"},           {"EMPTY", ""},
        {"REFERENCE", "${TEXT}"}, {"YAML", "a: [1, {b: c}]"}, {"DOLLARS", "$$"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i][0], name) == 0)
            return known[i][1];
    }
    return NULL;
}

static size_t walk(const cairn_config_node *node, unsigned depth)
{
    size_t nodes = 1, count = cairn_config_count(node);
    FUZZ_CHECK(depth <= CONFIG_DEPTH_MAX + 1);
    FUZZ_CHECK(cairn_config_type(node) != CAIRN_CONFIG_MISSING && cairn_config_line(node) > 0);
    if (cairn_config_type(node) == CAIRN_CONFIG_STRING)
        FUZZ_CHECK(strlen(cairn_config_string(node, NULL)) == node->text.n);
    for (size_t i = 0; i < count; i++) {
        FUZZ_CHECK(cairn_config_type(node) != CAIRN_CONFIG_MAP ||
                   cairn_config_get(node, cairn_config_key_at(node, i).p) != NULL);
        nodes += walk(cairn_config_at(node, i), depth + 1);
    }
    FUZZ_CHECK(cairn_config_at(node, count) == NULL && nodes <= CONFIG_NODES_MAX);
    return nodes;
}

static void check_error(const struct cairn_config_error *error)
{
    FUZZ_CHECK(error->status != CAIRN_OK);
    FUZZ_CHECK(memchr(error->text, '\0', sizeof error->text) != NULL);
    FUZZ_CHECK(strncmp(error->text, "fuzz", 4) == 0);
}

static void quiet(void *user, int32_t severity, cairn_str line)
{
    (void)user, (void)severity, (void)line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    struct cairn_sdk_options off = {.size = sizeof off, .disabled = true};
    struct str text = {(const char *)data, size};
    cairn_config *config = config_parse("fuzz", text, variable, &error), *again;
    static unsigned created;
    if (!config) {
        check_error(&error);
        return 0;
    }
    walk(cairn_config_root(config), 1);
    again = config_parse("fuzz", text, variable, &error);
    FUZZ_CHECK(again && walk(cairn_config_root(again), 1) == walk(cairn_config_root(config), 1));
    if (created < 2000) { /* an SDK is never freed */
        cairn_sdk *sdk;
        cairn_set_diagnostics(quiet, NULL);
        created++;
        sdk = cairn_config_create(config, &off, &error);
        if (!sdk)
            check_error(&error);
        cairn_sdk_stop(sdk, 0);
    }
    cairn_config_free(again);
    cairn_config_free(config);
    return 0;
}
