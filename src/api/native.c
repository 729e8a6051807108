/* native.c - Cairn's own endpoints: docs/api-native.md is their contract. */
#include "api/call.h"
#include "api/dialects.h"
#include "api/find.h"
#include "api/params.h"
#include "api/skeleton.h"
#include "api/usage.h"
#include "base/hex.h"
#include "engine/tags.h"
#include "trace/semconv.h"
#include "wire/otlp_json.h"

enum { ROWS_MAX = 1000, VALUES_LIMIT = 100, VALUES_LIMIT_MAX = 10000, NEEDLE_MAX = 1000 };

/* In a JSON answer what the header says, too. */
static void write_warnings(struct call *c)
{
    if (!c->query.damaged)
        return;
    json_key(&c->json, STR("warnings"));
    json_array_begin(&c->json);
    json_str(&c->json, call_warning(c));
    json_array_end(&c->json);
}

/* The trace of the path, and its rows. */
static int load(struct call *c, struct span_batch *batch, struct tree *tree, struct err *err)
{
    struct trace_id id;
    int code;
    TRY(param_trace_id(c->req->params[0], &id, err));
    code = engine_trace(c->api->engine, &c->query, id, batch, err);
    if (code == ERR_NOT_FOUND)
        return err_set(err, code, "trace not found");
    TRY(code);
    if (batch->span_count > UINT32_MAX / 2)
        return err_set(err, ERR_TOO_LARGE, "the trace has too many spans");
    return tree_build(batch->spans, (uint32_t)batch->span_count, &c->arena, tree) ? 0 : ERR_NOMEM;
}

static int skeleton(struct call *c, struct err *err)
{
    struct span_batch batch;
    struct tree tree;
    TRY(load(c, &batch, &tree, err));
    c->content_type = "application/vnd.cairn.skeleton";
    return skeleton_write(batch.spans, &tree, &c->arena, &c->out);
}

/* --- spans by rows --- */

/* "7" or "20-40". */
static bool parse_range(struct str text, uint64_t *first, uint64_t *last)
{
    struct str a, b;
    if (!str_cut(text, '-', &a, &b))
        b = a;
    return str_to_u64(a, first) && str_to_u64(b, last) && *first <= *last;
}

static int parse_rows(struct str text, uint32_t row_count, uint32_t rows[ROWS_MAX], uint32_t *count,
                      struct err *err)
{
    struct str item;
    uint64_t first, last;
    *count = 0;
    while (text.n) {
        str_cut(text, ',', &item, &text);
        if (!parse_range(item, &first, &last))
            return err_set(err, ERR_INVALID,
                           "malformed parameter rows: numbers and ranges, as in 0,7,20-40");
        if (last >= row_count)
            return err_set(err, ERR_INVALID, "parameter rows: the trace has only %u rows",
                           row_count);
        if (last - first >= ROWS_MAX - *count)
            return err_set(err, ERR_INVALID, "parameter rows: at most %d rows a call", ROWS_MAX);
        for (; first <= last; first++)
            rows[(*count)++] = (uint32_t)first;
    }
    if (*count == 0)
        return err_set(err, ERR_INVALID, "parameter rows is required, as in rows=0,7,20-40");
    return 0;
}

static void write_resource(struct json_writer *w, const struct resource *r)
{
    json_key(w, STR("resource"));
    json_object_begin(w);
    json_key(w, STR("attributes"));
    otlp_json_write_attrs(w, &r->attrs);
    json_object_end(w);
}

static void write_scope(struct json_writer *w, const struct scope *s)
{
    json_key(w, STR("scope"));
    json_object_begin(w);
    json_key(w, STR("name"));
    json_str(w, s->name);
    json_key(w, STR("version"));
    json_str(w, s->version);
    json_key(w, STR("attributes"));
    otlp_json_write_attrs(w, &s->attrs);
    json_object_end(w);
}

/* The OTLP/JSON span object with three more members in front. */
static void write_row(struct call *c, uint32_t row, const struct span *span, struct buf *scratch)
{
    struct json_writer *w = &c->json, inner;
    buf_clear(scratch);
    json_init(&inner, scratch, 0);
    otlp_json_write_span(&inner, span, OTLP_JSON_KEEP_EMPTY);
    if (scratch->failed || scratch->n < 2) {
        c->out.failed = true;
        return;
    }
    json_object_begin(w);
    json_key(w, STR("row"));
    json_u64(w, row);
    write_resource(w, span->resource);
    write_scope(w, span->scope);
    /* a span has a trace id at least: its object is never empty, so a comma and its inside follow */
    buf_put_byte(&c->out, ',');
    buf_put(&c->out, scratch->p + 1, scratch->n - 2);
    json_object_end(w);
}

static int spans(struct call *c, struct err *err)
{
    uint32_t rows[ROWS_MAX], count;
    struct span_batch batch;
    struct tree tree;
    struct buf scratch;
    TRY(load(c, &batch, &tree, err));
    TRY(parse_rows(call_param(c, STR("rows")), tree.count, rows, &count, err));
    buf_init(&scratch, c->api->query_bytes_max);
    json_object_begin(&c->json);
    json_key(&c->json, STR("spans"));
    json_array_begin(&c->json);
    for (uint32_t i = 0; i < count; i++)
        write_row(c, rows[i], &batch.spans[tree.span[rows[i]]], &scratch);
    json_array_end(&c->json);
    write_warnings(c);
    json_object_end(&c->json);
    buf_release(&scratch);
    return 0;
}

/* --- find --- */

static int find(struct call *c, struct err *err)
{
    struct str needle = call_param(c, STR("q"));
    struct span_batch batch;
    struct tree tree;
    struct finder finder;
    struct arena scratch;
    uint8_t *bits;
    size_t bytes;
    if (needle.n == 0 || needle.n > NEEDLE_MAX)
        return err_set(err, ERR_INVALID, "parameter q takes a text of 1 to %d bytes", NEEDLE_MAX);
    TRY(load(c, &batch, &tree, err));
    bytes = ((size_t)tree.count + 7) / 8;
    bits = buf_reserve(&c->out, bytes);
    if (!bits || !finder_init(&finder, needle, &c->arena, &scratch))
        return ERR_NOMEM;
    arena_init(&scratch, c->api->query_bytes_max);
    memset(bits, 0, bytes);
    for (uint32_t row = 0; row < tree.count; row++) {
        if (finder_matches(&finder, &batch.spans[tree.span[row]]))
            bits[row / 8] |= (uint8_t)(1u << row % 8);
    }
    c->out.n += bytes;
    c->content_type = "application/octet-stream";
    call_arena_release(&scratch);
    return 0;
}

/* --- tags --- */

static struct str scope_text(enum field_scope scope)
{
    switch (scope) {
    case SCOPE_RESOURCE: return STR("resource");
    case SCOPE_INSTRUMENTATION: return STR("scope");
    case SCOPE_EVENT: return STR("event");
    case SCOPE_LINK: return STR("link");
    case SCOPE_SPAN:
    case SCOPE_ANY:
    case SCOPE_FIRST: break;
    }
    return STR("span");
}

static int tags(struct call *c, struct err *err)
{
    struct tag_query query = {.end_ns = UINT64_MAX, .limit = UINT32_MAX};
    struct tag_key_list list;
    TRY(engine_keys(c->api->engine, &c->query, &query, &list, err));
    json_object_begin(&c->json);
    json_key(&c->json, STR("tags"));
    json_array_begin(&c->json);
    for (size_t i = 0; i < list.count; i++) {
        json_object_begin(&c->json);
        json_key(&c->json, STR("key"));
        json_str(&c->json, list.items[i].key);
        json_key(&c->json, STR("scope"));
        json_str(&c->json, scope_text(list.items[i].scope));
        json_object_end(&c->json);
    }
    json_array_end(&c->json);
    write_warnings(c);
    json_object_end(&c->json);
    return 0;
}

static int tag_values(struct call *c, struct err *err)
{
    struct str key = c->req->params[0];
    struct tag_query query = {.field = {FIELD_ATTRIBUTE, SCOPE_ANY, key}, .end_ns = UINT64_MAX};
    struct tag_value_list list;
    if (str_eq(key, STR(SEMCONV_SERVICE_NAME)))
        query.field = (struct field){.kind = FIELD_SERVICE};
    else if (str_eq(key, STR("name")))
        query.field = (struct field){.kind = FIELD_NAME};
    TRY(param_limit(STR("limit"), call_param(c, STR("limit")), VALUES_LIMIT, VALUES_LIMIT_MAX,
                    &query.limit, err));
    TRY(engine_values(c->api->engine, &c->query, &query, &list, err));
    json_object_begin(&c->json);
    json_key(&c->json, STR("values"));
    json_array_begin(&c->json);
    for (size_t i = 0; i < list.count; i++)
        json_str(&c->json, value_text(&list.items[i].value, c->query.arena));
    json_array_end(&c->json);
    write_warnings(c);
    json_object_end(&c->json);
    return 0;
}

/* --- deletion --- */

static int delete_trace(struct call *c, struct err *err)
{
    struct trace_id id;
    char hex[2 * TRACE_ID_BYTES];
    int code;
    TRY(param_trace_id(c->req->params[0], &id, err));
    code = engine_delete_trace(c->api->engine, id, err);
    if (code == ERR_NOT_FOUND)
        return err_set(err, code, "trace not found");
    TRY(code);
    hex_encode(hex, id.bytes, sizeof id.bytes);
    json_object_begin(&c->json);
    json_key(&c->json, STR("deleted"));
    json_str(&c->json, str_make(hex, sizeof hex));
    json_object_end(&c->json);
    return 0;
}

/* --- routes --- */

const struct endpoint native_endpoints[] = {
    {"/api/cairn/v1/traces/{id}", .run = delete_trace, .methods = HTTP_DELETE},
    {"/api/cairn/v1/traces/{id}/skeleton", .run = skeleton},
    {"/api/cairn/v1/traces/{id}/spans", .run = spans},
    {"/api/cairn/v1/traces/{id}/find", .run = find},
    {"/api/cairn/v1/tags", .run = tags},
    {"/api/cairn/v1/tags/{key}/values", .run = tag_values},
    {"/api/cairn/v1/stats", .run = usage_run},
    {"/api/cairn/v1/snapshots/{name}", .run = snapshot_run, .methods = HTTP_POST},
    {"/api/cairn/{rest*}", .run = call_unknown},
    {0},
};
