/* search.c - every condition is one node; what Jaeger treats specially is a row in a table. */
#include "api/search.h"

#include <jansson.h>

void search_and(struct search_filter *f, const struct expr *e)
{
    if (f->count++ < SEARCH_CONDITIONS_MAX)
        f->expr = expr_and(f->arena, f->expr, e);
}

int search_done(const struct search_filter *f, const struct expr **ret, struct err *err)
{
    *ret = f->expr;
    if (f->count > SEARCH_CONDITIONS_MAX)
        return err_set(err, ERR_INVALID, "more than %d conditions", SEARCH_CONDITIONS_MAX);
    return arena_failed(f->arena) ? ERR_NOMEM : 0;
}

static struct value string_value(struct str s)
{
    return (struct value){.type = VALUE_STRING, .string = s};
}

static struct value int_value(int64_t v)
{
    return (struct value){.type = VALUE_INT, .integer = v};
}

static const struct expr *compare(struct search_filter *f, enum field_kind kind, enum expr_op op,
                                  struct value literal)
{
    return expr_compare(f->arena, op, (struct field){.kind = kind}, literal);
}

static const struct expr *attribute(struct search_filter *f, enum field_scope scope, struct str key,
                                    struct str value)
{
    struct field field = {.kind = FIELD_ATTRIBUTE, .scope = scope, .key = key};
    return expr_compare(f->arena, EXPR_TEXT_EQ, field, string_value(value));
}

void search_service(struct search_filter *f, struct str service)
{
    search_and(f, compare(f, FIELD_SERVICE, EXPR_EQ, string_value(service)));
}

void search_operation(struct search_filter *f, struct str name)
{
    search_and(f, compare(f, FIELD_NAME, EXPR_EQ, string_value(name)));
}

static int64_t clamp(uint64_t v)
{
    return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

void search_duration(struct search_filter *f, uint64_t min_ns, uint64_t max_ns)
{
    if (min_ns > 0)
        search_and(f, compare(f, FIELD_DURATION, EXPR_GE, int_value(clamp(min_ns))));
    if (max_ns < UINT64_MAX)
        search_and(f, compare(f, FIELD_DURATION, EXPR_LE, int_value(clamp(max_ns))));
}

/* --- special keys: each gives a node, or NULL when the value means nothing special --- */

static const struct expr *tag_error(struct search_filter *f, struct str value)
{
    if (str_eq_nocase(value, STR("true")))
        return compare(f, FIELD_STATUS, EXPR_EQ, int_value(STATUS_ERROR));
    if (str_eq_nocase(value, STR("false")))
        return compare(f, FIELD_STATUS, EXPR_NE, int_value(STATUS_ERROR));
    return NULL;
}

static const struct expr *tag_status(struct search_filter *f, struct str value)
{
    static const struct {
        struct str name;
        enum status_code code;
    } names[] = {{STR_INIT("unset"), STATUS_UNSET},
                 {STR_INIT("ok"), STATUS_OK},
                 {STR_INIT("error"), STATUS_ERROR}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq_nocase(value, names[i].name))
            return compare(f, FIELD_STATUS, EXPR_EQ, int_value(names[i].code));
    }
    return NULL;
}

static const struct expr *tag_kind(struct search_filter *f, struct str value)
{
    enum span_kind kind;
    return span_kind_parse(value, &kind) ? compare(f, FIELD_KIND, EXPR_EQ, int_value(kind)) : NULL;
}

static const struct expr *tag_scope_name(struct search_filter *f, struct str value)
{
    return compare(f, FIELD_SCOPE_NAME, EXPR_EQ, string_value(value));
}

static const struct expr *tag_scope_version(struct search_filter *f, struct str value)
{
    return compare(f, FIELD_SCOPE_VERSION, EXPR_EQ, string_value(value));
}

static const struct expr *tag_message(struct search_filter *f, struct str value)
{
    return compare(f, FIELD_STATUS_MESSAGE, EXPR_EQ, string_value(value));
}

static const struct {
    struct str key;
    const struct expr *(*node)(struct search_filter *f, struct str value);
} special[] = {
    {STR_INIT("error"), tag_error},
    {STR_INIT("span.status"), tag_status},
    {STR_INIT("span.kind"), tag_kind},
    {STR_INIT("scope.name"), tag_scope_name},
    {STR_INIT("scope.version"), tag_scope_version},
    {STR_INIT("otel.status_code"), tag_status},
    {STR_INIT("otel.status_description"), tag_message},
    {STR_INIT("otel.scope.name"), tag_scope_name},
    {STR_INIT("otel.scope.version"), tag_scope_version},
};

void search_tag(struct search_filter *f, struct str key, struct str value)
{
    const struct expr *e = NULL;
    for (size_t i = 0; i < sizeof special / sizeof *special && !e; i++) {
        if (str_eq(key, special[i].key))
            e = special[i].node(f, value);
    }
    if (!e && str_starts(key, STR("resource.")))
        e = attribute(f, SCOPE_RESOURCE, str_from(key, strlen("resource.")), value);
    search_and(f, e ? e : attribute(f, SCOPE_ANY, key, value));
}

static struct str copy(struct search_filter *f, const char *p, size_t n)
{
    return arena_str(f->arena, str_make(p, n));
}

int search_tags_json(struct search_filter *f, struct str param, struct str json, struct err *err)
{
    const char *key;
    json_t *value, *root = json_loadb(json.p ? json.p : "", json.n, JSON_ALLOW_NUL, NULL);
    int code = 0;
    if (!json_is_object(root)) {
        code = err_set(err, ERR_INVALID,
                       "malformed '%.*s' parameter, it takes a JSON object of strings",
                       STR_ARG(param));
        goto out;
    }
    json_object_foreach(root, key, value)
    {
        if (!json_is_string(value)) {
            code =
                err_set(err, ERR_INVALID, "malformed '%.*s' parameter: \"%.60s\" is not a string",
                        STR_ARG(param), key);
            goto out;
        }
        search_tag(f, copy(f, key, strlen(key)),
                   copy(f, json_string_value(value), json_string_length(value)));
    }
out:
    json_decref(root);
    return code;
}
