/* tempo_tags.c - names of tags and their values, for completion in query editors; version 1 as flat lists, version 2 with
 * scopes and types. */
#include <stdlib.h>

#include "api/tempo.h"
#include "api/tempo_json.h"
#include "api/tempo_params.h"
#include "api/tempo_pb.h"
#include "api/tempo_value.h"

/* What queries may name beside attributes, as Tempo lists it. */
static const char *const intrinsics[] = {
    "duration",
    "event:name",
    "event:timeSinceStart",
    "instrumentation:name",
    "instrumentation:version",
    "kind",
    "link:spanID",
    "link:traceID",
    "name",
    "rootName",
    "rootServiceName",
    "span:duration",
    "span:id",
    "span:kind",
    "span:name",
    "span:parentID",
    "span:status",
    "span:statusMessage",
    "status",
    "statusMessage",
    "trace:duration",
    "trace:id",
    "trace:rootName",
    "trace:rootService",
    "traceDuration",
};

static int filter_of(struct str query, struct arena *arena, const struct expr **ret,
                     struct err *err)
{
    *ret = NULL;
    return query.n ? traceql_parse_lenient(query, arena, ret, err) : 0;
}

/* --- names --- */

static enum tempo_scope scope_of(enum field_scope scope)
{
    switch (scope) {
    case SCOPE_RESOURCE: return TEMPO_SCOPE_RESOURCE;
    case SCOPE_INSTRUMENTATION: return TEMPO_SCOPE_INSTRUMENTATION;
    case SCOPE_EVENT: return TEMPO_SCOPE_EVENT;
    case SCOPE_LINK: return TEMPO_SCOPE_LINK;
    default: return TEMPO_SCOPE_SPAN;
    }
}

static bool is_wanted(const struct tempo_tags *t, enum tempo_scope scope)
{
    return t->scope == TEMPO_SCOPE_NONE || t->scope == scope;
}

static int add_intrinsics(const struct tempo_tags *t, struct arena *arena,
                          struct tempo_tag_names *ret)
{
    uint32_t n = sizeof intrinsics / sizeof *intrinsics;
    ret->items = arena_calloc(arena, n, sizeof *ret->items);
    if (!ret->items)
        return ERR_NOMEM;
    if (t->limit && t->limit < n)
        n = t->limit;
    for (; ret->count < n; ret->count++)
        ret->items[ret->count] = str_of(intrinsics[ret->count]);
    return 0;
}

/* The names of each scope, up to the limit; scopes that are not asked for stay empty. */
static int find_names(struct call *c, const struct tempo_tags *t,
                      struct tempo_tag_names names[TEMPO_SCOPES], struct err *err)
{
    struct tag_query q = {.start_ns = t->start_ns, .end_ns = t->end_ns, .limit = UINT32_MAX};
    struct tag_key_list keys = {0};
    memset(names, 0, TEMPO_SCOPES * sizeof *names);
    if (is_wanted(t, TEMPO_SCOPE_INTRINSIC))
        TRY(add_intrinsics(t, &c->arena, &names[TEMPO_SCOPE_INTRINSIC]));
    if (t->scope == TEMPO_SCOPE_INTRINSIC)
        return 0;
    TRY(filter_of(t->query, &c->arena, &q.filter, err));
    TRY(engine_keys(c->api->engine, &c->query, &q, &keys, err));
    for (size_t i = 0; i < keys.count; i++) {
        enum tempo_scope scope = scope_of(keys.items[i].scope);
        struct tempo_tag_names *list = &names[scope];
        if (!is_wanted(t, scope) || (t->limit && list->count == t->limit))
            continue;
        list->items = arena_grow(&c->arena, list->items, list->count, &list->cap, list->count + 1,
                                 sizeof *list->items);
        if (!list->items)
            return ERR_NOMEM;
        list->items[list->count++] = keys.items[i].key;
    }
    return 0;
}

static int name_cmp(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Those of all scopes, each once; intrinsics only when they are asked for, since version 1 is older than they are. */
static int flatten(const struct tempo_tags *t, const struct tempo_tag_names names[TEMPO_SCOPES],
                   struct arena *arena, struct tempo_tag_names *ret)
{
    size_t total = 0, n = 0;
    *ret = (struct tempo_tag_names){0};
    for (int i = 0; i < TEMPO_SCOPES; i++)
        total += names[i].count;
    ret->items = arena_calloc(arena, total, sizeof *ret->items);
    if (!ret->items)
        return ERR_NOMEM;
    for (int i = 0; i < TEMPO_SCOPES; i++) {
        if (i == TEMPO_SCOPE_INTRINSIC && t->scope != TEMPO_SCOPE_INTRINSIC)
            continue;
        if (names[i].count)
            memcpy(ret->items + n, names[i].items, names[i].count * sizeof *ret->items);
        n += names[i].count;
    }
    if (n)
        qsort(ret->items, n, sizeof *ret->items, name_cmp);
    for (size_t i = 0; i < n; i++) {
        if (ret->count == 0 || !str_eq(ret->items[ret->count - 1], ret->items[i]))
            ret->items[ret->count++] = ret->items[i];
    }
    if (t->limit && ret->count > t->limit)
        ret->count = t->limit;
    return 0;
}

static int find_flat(struct call *c, const struct tempo_tags *t, struct tempo_tag_names *ret,
                     struct err *err)
{
    struct tempo_tag_names names[TEMPO_SCOPES];
    TRY(find_names(c, t, names, err));
    return flatten(t, names, &c->arena, ret);
}

int tempo_tags_http(struct call *c, struct err *err)
{
    struct tempo_tags t;
    struct tempo_tag_names names;
    TRY(tempo_params_tags(c->req, &c->arena, &t, err));
    TRY(find_flat(c, &t, &names, err));
    tempo_json_tags(&c->json, &names, c->query.spans_scanned);
    return 0;
}

int tempo_tags_v2_http(struct call *c, struct err *err)
{
    struct tempo_tags t;
    struct tempo_tag_names names[TEMPO_SCOPES];
    TRY(tempo_params_tags(c->req, &c->arena, &t, err));
    TRY(find_names(c, &t, names, err));
    tempo_json_tags_v2(&c->json, names, c->query.spans_scanned);
    return 0;
}

int tempo_tags_grpc(struct call *c, struct err *err)
{
    struct tempo_tags t;
    struct tempo_tag_names names;
    TRY(tempo_pb_tags_request(c->req->body, &t, err));
    TRY(find_flat(c, &t, &names, err));
    tempo_pb_tags(&c->out, &names, c->query.spans_scanned);
    return 0;
}

int tempo_tags_v2_grpc(struct call *c, struct err *err)
{
    struct tempo_tags t;
    struct tempo_tag_names names[TEMPO_SCOPES];
    TRY(tempo_pb_tags_request(c->req->body, &t, err));
    TRY(find_names(c, &t, names, err));
    tempo_pb_tags_v2(&c->out, names, c->query.spans_scanned);
    return 0;
}

/* --- values --- */

static int fixed(struct arena *arena, const char *const *words, uint32_t count,
                 struct tempo_tag_values *ret)
{
    ret->items = arena_calloc(arena, count, sizeof *ret->items);
    if (!ret->items)
        return ERR_NOMEM;
    for (; ret->count < count; ret->count++)
        ret->items[ret->count] = (struct tempo_tag_value){"keyword", str_of(words[ret->count])};
    return 0;
}

static int fixed_values(enum tempo_value_kind kind, struct arena *arena,
                        struct tempo_tag_values *ret)
{
    static const char *const statuses[] = {"error", "ok", "unset"};
    static const char *const kinds[] = {"client",   "consumer", "internal",
                                        "producer", "server",   "unspecified"};
    if (kind == TEMPO_VALUE_STATUS)
        return fixed(arena, statuses, 3, ret);
    if (kind == TEMPO_VALUE_KIND)
        return fixed(arena, kinds, 6, ret);
    return 0;
}

static const char *type_name(const struct value *v)
{
    switch (v->type) {
    case VALUE_BOOL: return "bool";
    case VALUE_INT: return "int";
    case VALUE_DOUBLE: return "float";
    default: return "string";
    }
}

/* What traces' roots are called, is what spans without parent are called. The conditions of the query are not asked then:
 * they are of any span of the trace. */
static int of_roots(struct tag_query *q, struct arena *arena)
{
    struct expr *has_parent = arena_calloc(arena, 1, sizeof *has_parent);
    if (!has_parent)
        return ERR_NOMEM;
    has_parent->op = EXPR_EXISTS;
    has_parent->field.kind = FIELD_PARENT_ID;
    q->filter = expr_not(arena, has_parent);
    q->field.kind = q->field.kind == FIELD_ROOT_NAME ? FIELD_NAME : FIELD_SERVICE;
    return q->filter ? 0 : ERR_NOMEM;
}

static int keep_values(const struct tag_value_list *found, struct arena *arena,
                       struct tempo_tag_values *ret)
{
    ret->items = arena_calloc(arena, found->count, sizeof *ret->items);
    if (!ret->items)
        return ERR_NOMEM;
    for (size_t i = 0; i < found->count; i++) {
        const struct value *v = &found->items[i].value;
        if (v->type == VALUE_ARRAY || v->type == VALUE_KVLIST || v->type == VALUE_EMPTY)
            continue; /* queries cannot name them */
        ret->items[ret->count++] = (struct tempo_tag_value){type_name(v), value_text(v, arena)};
    }
    return 0;
}

static int field_values(struct call *c, const struct tempo_tags *t, struct field field,
                        struct tempo_tag_values *ret, struct err *err)
{
    struct tag_query q = {.field = field,
                          .start_ns = t->start_ns,
                          .end_ns = t->end_ns,
                          .limit = t->limit ? t->limit : TEMPO_VALUES_LIMIT};
    struct tag_value_list found;
    if (field.kind == FIELD_ROOT_NAME || field.kind == FIELD_ROOT_SERVICE)
        TRY(of_roots(&q, &c->arena));
    else
        TRY(filter_of(t->query, &c->arena, &q.filter, err));
    TRY(engine_values(c->api->engine, &c->query, &q, &found, err));
    return keep_values(&found, &c->arena, ret);
}

static int find_values(struct call *c, const struct tempo_tags *t, struct tempo_tag_values *ret,
                       struct err *err)
{
    struct field field;
    enum tempo_value_kind kind;
    *ret = (struct tempo_tag_values){0};
    if (traceql_parse_field(t->tag, &field, &c->arena, NULL) < 0)
        return err_set(err, ERR_INVALID,
                       "tag name is not valid intrinsic or scoped attribute: %.*s",
                       t->tag.n > 60 ? 60 : (int)t->tag.n, t->tag.n ? t->tag.p : "");
    kind = tempo_value_kind(&field);
    return kind == TEMPO_VALUE_ATTRIBUTE ? field_values(c, t, field, ret, err)
                                         : fixed_values(kind, &c->arena, ret);
}

/* Version 1 names attributes without scope or point, and has tags of its own from before there were intrinsics. */
static int find_values_v1(struct call *c, const struct tempo_tags *t, struct tempo_tag_values *ret,
                          struct err *err)
{
    static const char *const errors[] = {"true"};
    struct tempo_tags plain = *t;
    struct field field;
    *ret = (struct tempo_tag_values){0};
    if (str_eq(t->tag, STR("status.code")))
        return fixed_values(TEMPO_VALUE_STATUS, &c->arena, ret);
    if (str_eq(t->tag, STR("error")))
        return fixed(&c->arena, errors, 1, ret);
    if (str_eq(t->tag, STR("root.name")))
        plain.tag = STR("rootName");
    else if (str_eq(t->tag, STR("root.service.name")))
        plain.tag = STR("rootServiceName");
    if (traceql_parse_field(plain.tag, &field, &c->arena, NULL) == 0)
        return find_values(c, &plain, ret, err);
    field = (struct field){.kind = FIELD_ATTRIBUTE, .scope = SCOPE_FIRST, .key = t->tag};
    return field_values(c, t, field, ret, err);
}

int tempo_values_http(struct call *c, struct err *err)
{
    struct tempo_tags t;
    struct tempo_tag_values values;
    TRY(tempo_params_values(c->req, &c->arena, &t, err));
    TRY(find_values_v1(c, &t, &values, err));
    tempo_json_values(&c->json, &values, c->query.spans_scanned);
    return 0;
}

int tempo_values_v2_http(struct call *c, struct err *err)
{
    struct tempo_tags t;
    struct tempo_tag_values values;
    TRY(tempo_params_values(c->req, &c->arena, &t, err));
    TRY(find_values(c, &t, &values, err));
    tempo_json_values_v2(&c->json, &values, c->query.spans_scanned);
    return 0;
}

int tempo_values_grpc(struct call *c, struct err *err)
{
    struct tempo_tags t;
    struct tempo_tag_values values;
    TRY(tempo_pb_values_request(c->req->body, &t, err));
    TRY(find_values_v1(c, &t, &values, err));
    tempo_pb_values(&c->out, &values, c->query.spans_scanned);
    return 0;
}

int tempo_values_v2_grpc(struct call *c, struct err *err)
{
    struct tempo_tags t;
    struct tempo_tag_values values;
    TRY(tempo_pb_values_request(c->req->body, &t, err));
    TRY(find_values(c, &t, &values, err));
    tempo_pb_values_v2(&c->out, &values, c->query.spans_scanned);
    return 0;
}
