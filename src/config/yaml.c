/* yaml.c - see yaml.h. An alias shares the nodes of its anchor, so that a small file stays small; its weight is counted, so
 * that walking the tree stays bounded too. */
#define CAIRN_NO_INLINE
#include "config/yaml.h"

#include <yaml.h>

#include "config/scalar.h"

#define YAML_TAG(name) "tag:yaml.org,2002:" name

struct anchor {
    struct str name;
    struct cairn_config_node *node;
    struct anchor *older;
};

struct builder {
    struct cairn_config *config;
    config_env_fn *env;
    struct cairn_config_error *error;
    struct buf text; /* of the scalar at hand */
    struct cairn_config_node *open[CONFIG_DEPTH_MAX];
    size_t depth;
    struct str key; /* of the map's next value */
    bool has_key;
    uint64_t weight;
    struct anchor *anchors;
};

static uint32_t line_of(const yaml_event_t *event)
{
    return (uint32_t)event->start_mark.line + 1;
}

static cairn_status fail(struct builder *b, uint32_t line, const char *message)
{
    return file_fail(b->config->name, line, b->error, CAIRN_ERROR_INVALID, "%s", message);
}

static struct cairn_config_node *top(struct builder *b)
{
    return b->depth ? b->open[b->depth - 1] : NULL;
}

static bool wants_key(struct builder *b)
{
    return b->depth && top(b)->type == CAIRN_CONFIG_MAP && !b->has_key;
}

/* Heavier by what was added below; the whole file has a maximum. */
static cairn_status weigh(struct builder *b, uint64_t weight, uint32_t line)
{
    b->weight += weight;
    if (b->weight > CONFIG_NODES_MAX)
        return file_fail(b->config->name, line, b->error, CAIRN_ERROR_LIMIT,
                         "more than %d values (aliases count as what they stand for)",
                         CONFIG_NODES_MAX);
    return CAIRN_OK;
}

/* ---- Adding ---- */

static cairn_status take_key(struct builder *b, const yaml_event_t *event)
{
    struct str key = str_make(event->data.scalar.value, event->data.scalar.length);
    const struct cairn_config_node *map = top(b);
    for (size_t i = 0; i < map->as.list.count; i++) {
        if (str_eq(map->as.list.items[i]->key, key))
            return file_fail(b->config->name, line_of(event), b->error, CAIRN_ERROR_INVALID,
                             "%.*s: stands here twice, first in line %u; remove one",
                             key.n < 100 ? (int)key.n : 100, key.p, map->as.list.items[i]->line);
    }
    b->key = arena_str(&b->config->arena, key);
    b->has_key = true;
    return b->key.p ? CAIRN_OK : no_memory(b->config, b->error);
}

/* Puts the node where the parser is: root, next of a list, value of a map's key. */
static cairn_status attach(struct builder *b, struct cairn_config_node *node)
{
    struct cairn_config_node *parent = top(b);
    struct cairn_config_node **items;
    if (!parent) {
        b->config->root = node;
        return CAIRN_OK;
    }
    items = arena_grow(&b->config->arena, parent->as.list.items, parent->as.list.count,
                       &parent->as.list.cap, parent->as.list.count + 1, sizeof(void *));
    if (!items)
        return no_memory(b->config, b->error);
    node->parent = parent;
    node->index = (uint32_t)parent->as.list.count;
    node->key = b->has_key ? b->key : (struct str){NULL, 0};
    b->has_key = false;
    parent->as.list.items = items;
    items[parent->as.list.count++] = node;
    return CAIRN_OK;
}

/* A finished node counts in its parent. */
static void add_up(struct builder *b, const struct cairn_config_node *node)
{
    struct cairn_config_node *parent = top(b);
    if (!parent)
        return;
    parent->weight += node->weight;
    if (parent->height <= node->height)
        parent->height = node->height + 1;
}

static struct cairn_config_node *new_node(struct builder *b, int32_t type, uint32_t line)
{
    struct cairn_config_node *node = arena_calloc(&b->config->arena, 1, sizeof *node);
    if (!node) {
        no_memory(b->config, b->error);
        return NULL;
    }
    node->type = type;
    node->line = line;
    node->weight = 1;
    node->config = b->config;
    return node;
}

static cairn_status remember(struct builder *b, const yaml_char_t *name,
                             struct cairn_config_node *node)
{
    struct anchor *a;
    if (!name)
        return CAIRN_OK;
    a = arena_calloc(&b->config->arena, 1, sizeof *a);
    if (!a || !(a->name = arena_str(&b->config->arena, str_of((const char *)name))).p)
        return no_memory(b->config, b->error);
    a->node = node;
    a->older = b->anchors;
    b->anchors = a;
    return CAIRN_OK;
}

/* ---- Events ---- */

static cairn_status begin(struct builder *b, int32_t type, const yaml_event_t *event,
                          const yaml_char_t *anchor)
{
    struct cairn_config_node *node;
    if (wants_key(b))
        return fail(b, line_of(event), "a key must be text, not a list or a map");
    if (b->depth == CONFIG_DEPTH_MAX)
        return file_fail(b->config->name, line_of(event), b->error, CAIRN_ERROR_LIMIT,
                         "more than %d levels", CONFIG_DEPTH_MAX);
    node = new_node(b, type, line_of(event));
    if (!node || attach(b, node) != CAIRN_OK || remember(b, anchor, node) != CAIRN_OK)
        return CAIRN_ERROR_INVALID;
    node->open = true;
    b->open[b->depth++] = node;
    return weigh(b, 1, node->line);
}

static void end(struct builder *b)
{
    struct cairn_config_node *node = top(b);
    node->open = false;
    b->depth--;
    add_up(b, node);
}

/* The type that a tag asks for: -1 for none, -2 for a tag that is not known. */
static int tag_type(const yaml_char_t *tag)
{
    static const struct {
        const char *tag;
        int type;
    } known[] = {{"!", CAIRN_CONFIG_STRING},
                 {YAML_TAG("str"), CAIRN_CONFIG_STRING},
                 {YAML_TAG("null"), CAIRN_CONFIG_NULL},
                 {YAML_TAG("bool"), CAIRN_CONFIG_BOOL},
                 {YAML_TAG("int"), CAIRN_CONFIG_INT},
                 {YAML_TAG("float"), CAIRN_CONFIG_DOUBLE}};
    if (!tag)
        return -1;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp((const char *)tag, known[i].tag) == 0)
            return known[i].type;
    }
    return -2;
}

static cairn_status give_type(struct builder *b, const yaml_event_t *event,
                              struct cairn_config_node *node)
{
    int wanted = tag_type(event->data.scalar.tag);
    node->type = CAIRN_CONFIG_STRING;
    if (wanted == CAIRN_CONFIG_STRING)
        return CAIRN_OK;
    if (wanted >= 0 || (wanted == -1 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE))
        scalar_resolve(node);
    if (wanted == CAIRN_CONFIG_DOUBLE && node->type == CAIRN_CONFIG_INT) {
        node->as.number = (double)node->as.integer;
        node->type = CAIRN_CONFIG_DOUBLE;
    }
    if (wanted == -2 || (wanted >= 0 && node->type != wanted))
        return fail(b, node->line, "a value does not fit its tag (!), or the tag is not known");
    return CAIRN_OK;
}

static cairn_status scalar(struct builder *b, const yaml_event_t *event)
{
    struct str raw = str_make(event->data.scalar.value, event->data.scalar.length);
    struct cairn_config_node *node;
    struct err err;
    if (wants_key(b))
        return take_key(b, event);
    node = new_node(b, CAIRN_CONFIG_STRING, line_of(event));
    if (!node || attach(b, node) != CAIRN_OK)
        return CAIRN_ERROR_INVALID;
    buf_clear(&b->text);
    if (config_substitute(raw, b->env, &b->text, &err) < 0)
        return b->text.failed ? file_fail(b->config->name, node->line, b->error, CAIRN_ERROR_LIMIT,
                                          "a value of more than %d bytes, or no memory",
                                          CONFIG_SCALAR_BYTES_MAX)
                              : node_fail(node, b->error, "%s", err.msg);
    node->text = arena_str(&b->config->arena, buf_str(&b->text));
    if (!node->text.p)
        return no_memory(b->config, b->error);
    if (memchr(node->text.p, '\0', node->text.n))
        return node_fail(node, b->error, "has a NUL character");
    if (give_type(b, event, node) != CAIRN_OK ||
        remember(b, event->data.scalar.anchor, node) != CAIRN_OK)
        return CAIRN_ERROR_INVALID;
    add_up(b, node);
    return weigh(b, 1, node->line);
}

static cairn_status alias(struct builder *b, const yaml_event_t *event)
{
    struct str name = str_of((const char *)event->data.alias.anchor);
    struct anchor *a = b->anchors;
    struct cairn_config_node *node;
    while (a && !str_eq(a->name, name))
        a = a->older;
    if (wants_key(b))
        return fail(b, line_of(event), "a key must be text, not an alias");
    if (!a)
        return fail(b, line_of(event), "an alias (*) without an anchor (&) before it");
    if (a->node->open)
        return fail(b, line_of(event), "an alias (*) inside of what it stands for");
    if (b->depth + a->node->height + (a->node->type >= CAIRN_CONFIG_LIST) > CONFIG_DEPTH_MAX)
        return file_fail(b->config->name, line_of(event), b->error, CAIRN_ERROR_LIMIT,
                         "more than %d levels", CONFIG_DEPTH_MAX);
    node = new_node(b, a->node->type, line_of(event));
    if (!node)
        return CAIRN_ERROR_NO_MEMORY;
    *node = *a->node;
    node->line = line_of(event);
    if (attach(b, node) != CAIRN_OK)
        return CAIRN_ERROR_NO_MEMORY;
    add_up(b, node);
    return weigh(b, node->weight, node->line);
}

static bool plain_tag(const yaml_char_t *tag, const char *own)
{
    return !tag || strcmp((const char *)tag, own) == 0;
}

static cairn_status handle(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT: return scalar(b, event);
    case YAML_ALIAS_EVENT: return alias(b, event);
    case YAML_SEQUENCE_START_EVENT:
        if (!plain_tag(event->data.sequence_start.tag, YAML_TAG("seq")))
            return fail(b, line_of(event), "a list with a tag (!)");
        return begin(b, CAIRN_CONFIG_LIST, event, event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        if (!plain_tag(event->data.mapping_start.tag, YAML_TAG("map")))
            return fail(b, line_of(event), "a map with a tag (!)");
        return begin(b, CAIRN_CONFIG_MAP, event, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: end(b); return CAIRN_OK;
    case YAML_DOCUMENT_START_EVENT:
        if (b->config->root)
            return fail(b, line_of(event), "a second document (---); a file is one document");
        return CAIRN_OK;
    default: return CAIRN_OK;
    }
}

static cairn_status syntax(struct builder *b, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return no_memory(b->config, b->error);
    return file_fail(b->config->name, (uint32_t)parser->problem_mark.line + 1, b->error,
                     CAIRN_ERROR_INVALID, "not YAML: %s%s%s",
                     parser->problem ? parser->problem : "damaged", parser->context ? " " : "",
                     parser->context ? parser->context : "");
}

static cairn_status read_events(struct builder *b, yaml_parser_t *parser)
{
    bool done = false;
    while (!done) {
        yaml_event_t event;
        cairn_status status;
        if (!yaml_parser_parse(parser, &event))
            return syntax(b, parser);
        done = event.type == YAML_STREAM_END_EVENT;
        status = handle(b, &event);
        yaml_event_delete(&event);
        if (status != CAIRN_OK)
            return status;
    }
    return b->config->root ? CAIRN_OK : fail(b, 1, "the file is empty; it needs file_format");
}

cairn_status yaml_read(struct cairn_config *config, struct str text, config_env_fn *env,
                       struct cairn_config_error *error)
{
    struct builder b = {.config = config, .env = env, .error = error};
    yaml_parser_t parser;
    cairn_status status;
    if (text.n > CONFIG_BYTES_MAX)
        return file_fail(config->name, 0, error, CAIRN_ERROR_LIMIT, "larger than %d bytes",
                         CONFIG_BYTES_MAX);
    if (!yaml_parser_initialize(&parser))
        return no_memory(config, error);
    buf_init(&b.text, CONFIG_SCALAR_BYTES_MAX);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(text.p ? text.p : ""), text.n);
    status = read_events(&b, &parser);
    yaml_parser_delete(&parser);
    buf_release(&b.text);
    return status;
}
