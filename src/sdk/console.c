/* console.c - spans as text for people, to a file descriptor. */
#define CAIRN_NO_INLINE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/json_writer.h"
#include "sdk/exporter.h"
#include "sdk/fd_write.h"
#include "sdk/otlp_file.h"

struct console {
    int fd;
};

static void put_hex(struct buf *b, const void *bytes, size_t n)
{
    char *at = buf_reserve(b, 2 * n);
    if (at) {
        hex_encode(at, bytes, n);
        b->n += 2 * n;
    }
}

static void put_quoted(struct buf *b, struct str s)
{
    struct json_writer w;
    json_init(&w, b, 0);
    json_str(&w, s);
}

static void put_attrs(struct buf *b, const struct attrs *attrs)
{
    struct arena arena;
    arena_init(&arena, 0);
    for (uint32_t i = 0; i < attrs->count; i++) {
        const struct attr *a = &attrs->items[i];
        buf_printf(b, " %.*s=", STR_ARG(a->key));
        if (a->value.type == VALUE_STRING)
            put_quoted(b, a->value.string);
        else
            buf_put_str(b, value_text(&a->value, &arena));
    }
    arena_release(&arena);
}

static void put_time(struct buf *b, uint64_t ns)
{
    char text[31];
    clock_format_rfc3339(text, ns);
    buf_printf(b, "%s", text);
}

/* Two lines and one for each event and link:
 * 2026-11-21T13:14:01.123456789Z server "GET /" 1.234 ms error "no such page" {scope}
 *     trace 0af7... span b7ad... parent 00f0... http.route="/" items=3 */
static void put_span(struct buf *b, const struct span *s)
{
    static const char *const status[] = {"", " ok", " error"};
    put_time(b, s->start_ns);
    buf_printf(b, " %s ", span_kind_name(s->kind));
    put_quoted(b, s->name);
    buf_printf(b, " %" PRIu64 ".%03" PRIu64 " ms%s", span_duration_ns(s) / 1000000,
               span_duration_ns(s) / 1000 % 1000,
               (unsigned)s->status_code < 3 ? status[s->status_code] : "");
    if (s->status_message.n) {
        buf_put_byte(b, ' ');
        put_quoted(b, s->status_message);
    }
    buf_printf(b, " (%.*s)\n    trace ", STR_ARG(s->scope->name));
    put_hex(b, s->trace_id.bytes, TRACE_ID_BYTES);
    buf_printf(b, " span ");
    put_hex(b, s->span_id.bytes, SPAN_ID_BYTES);
    if (!span_id_is_zero(s->parent_span_id)) {
        buf_printf(b, " parent ");
        put_hex(b, s->parent_span_id.bytes, SPAN_ID_BYTES);
    }
    put_attrs(b, &s->attrs);
    buf_put_byte(b, '\n');
    for (uint32_t i = 0; i < s->event_count; i++) {
        int64_t after = (int64_t)(s->events[i].time_ns - s->start_ns);
        buf_printf(b, "    event %.*s %+" PRId64 " us", STR_ARG(s->events[i].name), after / 1000);
        put_attrs(b, &s->events[i].attrs);
        buf_put_byte(b, '\n');
    }
    for (uint32_t i = 0; i < s->link_count; i++) {
        buf_printf(b, "    link trace ");
        put_hex(b, s->links[i].trace_id.bytes, TRACE_ID_BYTES);
        buf_printf(b, " span ");
        put_hex(b, s->links[i].span_id.bytes, SPAN_ID_BYTES);
        put_attrs(b, &s->links[i].attrs);
        buf_put_byte(b, '\n');
    }
}

static cairn_status console_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    const struct console *c = user;
    const struct span_batch *spans = (const struct span_batch *)batch;
    struct buf out;
    size_t wrote;
    cairn_status status = CAIRN_ERROR_NO_MEMORY;
    buf_init(&out, 0);
    for (size_t i = 0; i < spans->span_count; i++)
        put_span(&out, &spans->spans[i]);
    if (!out.failed)
        status = fd_write(c->fd, out.p, out.n, timeout_ms, &wrote) ? CAIRN_OK : CAIRN_ERROR_FAILED;
    buf_release(&out);
    return status;
}

static size_t console_describe(void *user, char *out, size_t room)
{
    const struct console *c = user;
    int n = snprintf(out, room, "console to file descriptor %d", c->fd);
    return n > 0 ? (size_t)n : 0;
}

static const struct cairn_exporter_ops console_ops = {
    .size = sizeof console_ops,
    .export_spans = console_export,
    .free_user = free,
    .describe = console_describe,
};

cairn_exporter *cairn_exporter_console(int32_t format, int fd)
{
    static const struct cairn_exporter_info info = {.size = sizeof info,
                                                    .component_type = "console_span_exporter"};
    cairn_exporter *exporter;
    struct console *c;
    if (format == CAIRN_CONSOLE_JSON)
        return otlp_file_on(fd, false);
    c = malloc(sizeof *c);
    if (!c)
        return NULL;
    *c = (struct console){fd};
    exporter = cairn_exporter_custom(&console_ops, c);
    cairn_exporter_describe(exporter, &info);
    return exporter;
}
