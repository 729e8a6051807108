/* export_server.c - see export_server.h. */
#include "cli/export_server.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/hex.h"
#include "cli/client.h"
#include "cli/json_results.h"
#include "wire/hex_id.h"
#include "wire/otlp_json.h"

enum { DEPTH = 1000, FUTURE_S = 24 * 3600 };

static void put_param(struct buf *path, const char *name, struct str value)
{
    buf_printf(path, "%cquery.%s=", memchr(path->p, '?', path->n) ? '&' : '?', name);
    client_put_encoded(path, value);
}

static void put_time(struct buf *path, const char *name, uint64_t unix_ns)
{
    char text[31];
    clock_format_rfc3339(text, unix_ns);
    put_param(path, name, str_of(text));
}

static int add_summaries(const json_t *list, struct trace_list *ret, struct err *err)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *s = json_array_get(list, i);
        const char *id = json_string_value(json_object_get(s, "traceId"));
        const char *start = json_string_value(json_object_get(s, "minStartTimeUnixNano"));
        struct trace_entry entry = {.matched = true};
        if (!id || !hex_id_read(str_of(id), entry.id.bytes, sizeof entry.id.bytes) || !start ||
            !str_to_u64(str_of(start), &entry.start_ns))
            return err_set(err, ERR_INVALID, "the server's answer is no list of traces");
        trace_list_add(ret, entry);
    }
    return 0;
}

/* The traces of a window; *ret_full: there may be more. */
static int search(const char *url, const struct trace_filter *f, uint64_t start, uint64_t end,
                  struct trace_list *ret, bool *ret_full, struct err *err)
{
    struct buf path, body;
    json_t *root = NULL;
    int rc;
    buf_init(&path, 0);
    buf_put_str(&path, STR("/api/v3/trace-summaries"));
    put_time(&path, "startTimeMin", start);
    put_time(&path, "startTimeMax", end);
    buf_printf(&path, "&query.searchDepth=%d", DEPTH);
    if (f->service.n)
        put_param(&path, "serviceName", f->service);
    rc = client_get(url, buf_str(&path), &body, err);
    if (rc == 0) {
        root = json_loadb((const char *)body.p, body.n, 0, NULL);
        rc = json_is_object(root)
                 ? add_summaries(json_object_get(root, "summaries"), ret, err)
                 : err_set(err, ERR_INVALID, "the server's answer is no list of traces");
        *ret_full = json_array_size(json_object_get(root, "summaries")) >= DEPTH;
    }
    json_decref(root);
    buf_release(&path);
    buf_release(&body);
    return rc;
}

static int list_window(const char *url, const struct trace_filter *f, uint64_t start, uint64_t end,
                       const struct care_watcher *w, struct trace_list *ret, struct err *err)
{
    bool full = false;
    uint64_t middle = start + (end - start) / 2;
    if (care_stopped(w))
        return err_set(err, ERR_CANCELLED, "interrupted");
    TRY(search(url, f, start, end, ret, &full, err));
    if (!full)
        return 0;
    if (end - start < 2)
        return err_set(err, ERR_TOO_LARGE,
                       "more than %d traces begin in one nanosecond: export the directory", DEPTH);
    TRY(list_window(url, f, start, middle, w, ret, err));
    return list_window(url, f, middle + 1, end, w, ret, err);
}

int export_server_list(const char *url, const struct trace_filter *filter,
                       const struct care_watcher *w, struct trace_list *ret, struct err *err)
{
    uint64_t end = filter->end_ns ? filter->end_ns : clock_realtime_ns() + FUTURE_S * 1000000000ull;
    int rc = 0;
    *ret = (struct trace_list){0};
    if (filter->ids) {
        for (size_t i = 0; i < filter->id_count; i++)
            trace_list_add(ret, (struct trace_entry){filter->ids[i], 0, true});
    } else {
        rc = list_window(url, filter, filter->start_ns, end, w, ret, err);
    }
    if (rc < 0)
        trace_list_release(ret);
    else
        trace_list_finish(ret);
    return rc;
}

static int decode(struct str body, struct arena *arena, struct span_batch *ret, struct err *err)
{
    size_t at = 0, cap = 0;
    struct str chunk;
    *ret = (struct span_batch){0};
    while (json_results_next(body, &at, &chunk)) {
        struct span_batch batch;
        if (otlp_json_decode(chunk, NULL, arena, &batch, err) < 0)
            return err_set(err, ERR_INVALID, "the server's answer is no OTLP/JSON");
        ret->spans = arena_grow(arena, ret->spans, ret->span_count, &cap,
                                ret->span_count + batch.span_count, sizeof *ret->spans);
        if (!ret->spans)
            return err_set(err, ERR_NOMEM, "out of memory for a trace");
        if (batch.span_count)
            memcpy(ret->spans + ret->span_count, batch.spans,
                   batch.span_count * sizeof *batch.spans);
        ret->span_count += batch.span_count;
    }
    return ret->span_count ? 0 : err_set(err, ERR_INVALID, "the server's answer has no spans");
}

int export_server_read(void *url, struct trace_id id, struct arena *arena, struct span_batch *ret,
                       struct err *err)
{
    char hex[2 * TRACE_ID_BYTES], path[64];
    struct buf body;
    int rc;
    hex_encode(hex, id.bytes, sizeof id.bytes);
    snprintf(path, sizeof path, "/api/v3/traces/%.32s", hex);
    rc = client_get(url, str_of(path), &body, err);
    if (rc == 0)
        rc = decode(buf_str(&body), arena, ret, err);
    buf_release(&body);
    return rc;
}
