/* usage.c - /api/cairn/v1/stats, and /api/cairn/v1/snapshots/{name} beside it: what operators ask for. */
#include "api/usage.h"

#include <stdio.h>

enum { NAME_MAX_BYTES = 100, PATH_BYTES = 4096 };

static void put_u64(struct json_writer *w, const char *key, uint64_t v)
{
    json_key(w, str_of(key));
    json_u64(w, v);
}

static void put_str(struct json_writer *w, const char *key, struct str v)
{
    json_key(w, str_of(key));
    json_str(w, v);
}

static void write_column(struct json_writer *w, const struct usage_column *c)
{
    json_object_begin(w);
    put_str(w, "table", str_of(c->table));
    put_str(w, "scope", str_of(c->scope));
    put_str(w, "name", c->name);
    put_str(w, "type", str_of(c->type));
    put_u64(w, "values", c->values);
    put_u64(w, "entries", c->entries);
    put_u64(w, "storedBytes", c->stored_bytes);
    put_u64(w, "rawBytes", c->raw_bytes);
    json_object_end(w);
}

void usage_write_json(struct json_writer *w, const struct engine_usage *u)
{
    json_object_begin(w);
    put_u64(w, "spans", u->spans + u->head_spans);
    put_u64(w, "headSpans", u->head_spans);
    put_u64(w, "traces", u->traces);
    json_key(w, STR("tracesExact"));
    json_bool(w, u->traces_exact);
    put_u64(w, "events", u->events);
    put_u64(w, "links", u->links);
    put_u64(w, "parts", u->parts);
    put_u64(w, "partBytes", u->part_bytes);
    put_u64(w, "logBytes", u->log_bytes);
    json_key(w, STR("bytesPerSpan"));
    json_double(w, u->spans ? (double)u->part_bytes / (double)u->spans : 0);
    json_key(w, STR("services"));
    json_array_begin(w);
    for (size_t i = 0; i < u->service_count; i++) {
        json_object_begin(w);
        put_str(w, "name", u->services[i].name);
        put_u64(w, "spans", u->services[i].spans);
        json_object_end(w);
    }
    json_array_end(w);
    json_key(w, STR("columns"));
    json_array_begin(w);
    for (size_t i = 0; i < u->column_count; i++)
        write_column(w, &u->columns[i]);
    json_array_end(w);
    json_object_end(w);
}

int usage_run(struct call *c, struct err *err)
{
    struct engine_usage usage;
    TRY(engine_usage(c->api->engine, &c->query, &usage, err));
    usage_write_json(&c->json, &usage);
    return 0;
}

/* A name, never a path: letters, digits, '.', '_' and '-', not beginning with a dot. */
static bool is_name(struct str s)
{
    if (s.n == 0 || s.n > NAME_MAX_BYTES || s.p[0] == '.')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return false;
    }
    return true;
}

int snapshot_run(struct call *c, struct err *err)
{
    struct str name = c->req->params[0];
    struct engine_copy copy;
    char path[PATH_BYTES];
    int n;
    if (!c->api->snapshot_dir)
        return err_set(err, ERR_UNSUPPORTED,
                       "this server makes no snapshots: start it with --snapshot-dir DIR");
    /* a page of another origin cannot send this type without asking first, and nobody says yes */
    if (!http_content_type_is(c->req, STR("application/json")))
        return err_set(err, ERR_INVALID, "send it with Content-Type: application/json");
    if (!is_name(name))
        return err_set(err, ERR_INVALID,
                       "a snapshot's name is letters, digits, '.', '_' and '-', up to %d",
                       NAME_MAX_BYTES);
    n = snprintf(path, sizeof path, "%s/%.*s", c->api->snapshot_dir, STR_ARG(name));
    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(err, ERR_INVALID, "the path is too long");
    TRY(engine_copy(c->api->engine, path, &copy, err));
    json_object_begin(&c->json);
    put_str(&c->json, "path", str_of(path));
    put_u64(&c->json, "parts", copy.parts);
    put_u64(&c->json, "spans", copy.spans);
    put_u64(&c->json, "bytes", copy.bytes);
    put_u64(&c->json, "linkedBytes", copy.linked_bytes);
    json_object_end(&c->json);
    return 0;
}
