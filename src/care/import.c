/* import.c - cutting input into values and records, decoding each, sending what gathers. */
#include "care/import.h"

#include <stdio.h>

#include "base/arena.h"
#include "care/input.h"
#include "wire/jaeger_json.h"
#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"
#include "wire/zipkin_json.h"

enum {
    SEND_BYTES = 1 << 20,  /* requests of about this size */
    LOOK_BYTES = 64 << 10, /* the format shows in these */
    RECORD_BYTES_MAX = 512 << 20,
};
static const size_t VALUE_BYTES_MAX = (size_t)2 << 30;

enum format {
    FORMAT_UNKNOWN,
    FORMAT_OTLP_JSON,
    FORMAT_JAEGER,
    FORMAT_ZIPKIN,
    FORMAT_RECORDS,
    FORMAT_REQUEST
};

struct import {
    const char *name;
    const struct import_target *to;
    const struct care_watcher *w;
    struct import_counts *ret;
    struct input *in;
    struct buf text; /* read and not yet taken: from `at` on */
    size_t at;
    bool end;
    uint64_t line, record; /* where `at` is */
    struct buf request;    /* gathering */
    uint64_t request_spans;
    struct arena arena;
};

/* ---- Input ---- */

static int more(struct import *im, struct err *err)
{
    size_t before;
    if (im->at > im->text.n / 2) {
        memmove(im->text.p, im->text.p + im->at, im->text.n - im->at);
        im->text.n -= im->at;
        im->at = 0;
    }
    if (care_stopped(im->w))
        return err_set(err, ERR_CANCELLED, "interrupted");
    before = im->text.n;
    TRY(input_read(im->in, &im->text, &im->end, err));
    im->ret->bytes += im->text.n - before;
    if (im->w->progress)
        im->w->progress(im->ret->bytes, 0, im->w->user);
    return 0;
}

static struct str rest(const struct import *im)
{
    return str_make(im->text.p + im->at, im->text.n - im->at);
}

static int need(struct import *im, size_t n, struct err *err)
{
    while (im->text.n - im->at < n && !im->end)
        TRY(more(im, err));
    return 0;
}

static void take(struct import *im, size_t n)
{
    for (size_t i = 0; i < n; i++)
        im->line += im->text.p[im->at + i] == '\n';
    im->at += n;
}

/* ---- Output ---- */

static int send(struct import *im, struct err *err)
{
    int rc;
    if (im->request.failed)
        return err_set(err, ERR_NOMEM, "out of memory");
    if (!im->request_spans)
        return 0;
    rc = im->to->send(im->to->user, buf_str(&im->request), im->request_spans, err);
    if (rc < 0)
        return rc;
    im->ret->requests++;
    im->ret->spans += im->request_spans;
    im->request_spans = 0;
    buf_clear(&im->request);
    return 0;
}

/* Requests one behind the other are one request: protobuf puts lists together. */
static int deliver(struct import *im, const struct span_batch *batch, struct err *err)
{
    im->ret->rejected += batch->rejected_spans;
    otlp_pb_encode(batch->spans, batch->span_count, &im->request);
    im->request_spans += batch->span_count;
    return im->request.n >= SEND_BYTES || im->request.failed ? send(im, err) : 0;
}

static int bad_piece(struct import *im, const char *unit, uint64_t number, const char *what,
                     struct err *err)
{
    char words[ERR_MSG_BYTES];
    snprintf(words, sizeof words, "%.100s: %s %llu: %.100s", im->name, unit,
             (unsigned long long)number, what);
    im->ret->bad++;
    if (!im->to->skip_bad)
        return err_set(err, ERR_INVALID, "%s", words);
    if (im->to->bad)
        im->to->bad(im->to->user, words);
    return 0;
}

/* ---- JSON ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The length of the JSON value that begins the text, by its brackets and quotes; 0: its end is not there. */
struct cutter {
    size_t at;
    unsigned depth;
    bool quoted, escaped;
};

/* end: nothing comes behind the text. */
static size_t value_end(struct cutter *c, struct str text, bool end)
{
    static const char next[] =
        "\n{\"resource"; /* a line of its own: what is open before it is broken */
    for (; c->at < text.n; c->at++) {
        char ch = text.p[c->at];
        bool room = text.n - c->at >= sizeof next - 1;
        if (ch == '\n' && c->at && !room && !end)
            return 0;
        if (ch == '\n' && c->at && room && memcmp(text.p + c->at, next, sizeof next - 1) == 0)
            return c->at + 1;
        if (c->quoted) {
            if (c->escaped)
                c->escaped = false;
            else if (ch == '\\')
                c->escaped = true;
            else if (ch == '"')
                c->quoted = false;
        } else if (ch == '"') {
            c->quoted = true;
        } else if (ch == '{' || ch == '[') {
            c->depth++;
        } else if (ch == '}' || ch == ']') {
            c->depth -= c->depth > 0;
            if (c->depth == 0)
                return c->at + 1;
        } else if (c->depth == 0 && ch == '\n') {
            return c->at + 1; /* no container: garbage up to the line's end */
        }
    }
    return 0;
}

static int skip_spaces(struct import *im, const char *also, struct err *err)
{
    for (;;) {
        TRY(need(im, 1, err));
        if (im->at == im->text.n)
            return 0;
        char c = (char)im->text.p[im->at];
        if (!is_space(c) && !(also && strchr(also, c)))
            return 0;
        take(im, 1);
    }
}

static int next_value(struct import *im, struct str *ret, struct err *err)
{
    struct cutter c = {0};
    size_t n;
    while (!(n = value_end(&c, rest(im), im->end))) {
        if (im->end) {
            n = im->text.n - im->at;
            break;
        }
        TRY(more(im, err));
    }
    *ret = str_make(im->text.p + im->at, n);
    return 0;
}

typedef int decode_fn(struct str text, struct arena *arena, struct span_batch *ret,
                      struct err *err);

static int decode_otlp(struct str text, struct arena *arena, struct span_batch *ret,
                       struct err *err)
{
    struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    limits.spans_max = UINT32_MAX;
    return otlp_json_decode(text, &limits, arena, ret, err);
}

static uint64_t line_of(const struct import *im, struct str text, size_t offset)
{
    uint64_t line = im->line;
    for (size_t i = 0; i < offset && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

static int read_values(struct import *im, decode_fn *decode, const char *between, struct err *err)
{
    for (;;) {
        struct err why = {0};
        struct span_batch batch;
        struct str text;
        int rc;
        TRY(skip_spaces(im, between, err));
        if (im->at == im->text.n)
            return 0;
        TRY(next_value(im, &text, err));
        arena_reset(&im->arena);
        rc = decode(text, &im->arena, &batch, &why);
        if (rc == ERR_NOMEM)
            return err_set(err, rc, "%.150s: out of memory", im->name);
        if (rc < 0)
            TRY(bad_piece(im, "line", line_of(im, text, why.offset), why.msg, err));
        else
            TRY(deliver(im, &batch, err));
        take(im, text.n);
    }
}

/* An array is read element by element: its bracket, and the commas, are passed over. */
static int read_zipkin(struct import *im, struct err *err)
{
    return read_values(im, zipkin_json_decode, "[],", err);
}

/* ---- Protobuf ---- */

static int decode_request(struct import *im, struct str bytes, struct err *err)
{
    struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    struct err why = {0};
    struct span_batch batch;
    limits.spans_max = UINT32_MAX;
    arena_reset(&im->arena);
    im->record++;
    if (otlp_pb_decode(bytes, &limits, &im->arena, &batch, &why) < 0)
        return bad_piece(im, "record", im->record, why.msg[0] ? why.msg : "no OTLP request", err);
    return deliver(im, &batch, err);
}

static size_t record_bytes(const unsigned char *p)
{
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static int read_records(struct import *im, struct err *err)
{
    for (;;) {
        size_t n;
        TRY(need(im, 4, err));
        if (im->at == im->text.n)
            return 0;
        n = im->text.n - im->at < 4 ? SIZE_MAX : record_bytes(im->text.p + im->at);
        if (n <= RECORD_BYTES_MAX)
            TRY(need(im, 4 + n, err));
        if (n > RECORD_BYTES_MAX || im->text.n - im->at < 4 + n) {
            /* without its length nobody knows where the next one begins */
            TRY(bad_piece(im, "record", im->record + 1,
                          "cut short, or no length; nothing behind it can be read", err));
            return 0;
        }
        TRY(decode_request(im, str_make(im->text.p + im->at + 4, n), err));
        im->at += 4 + n;
    }
}

static int read_request(struct import *im, struct err *err)
{
    while (!im->end)
        TRY(more(im, err));
    return decode_request(im, rest(im), err);
}

/* ---- Telling them apart ---- */

static bool has(struct str text, const char *word)
{
    return memmem(text.p, text.n, word, strlen(word)) != NULL;
}

static enum format format_of(struct str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t at = 0;
    while (at < text.n && is_space(text.p[at]))
        at++;
    if (at < text.n && (text.p[at] == '{' || text.p[at] == '[')) {
        if (has(text, "\"resourceSpans\"") || has(text, "\"resource_spans\""))
            return FORMAT_OTLP_JSON;
        if (has(text, "\"spanID\"") || has(text, "\"processes\"") || has(text, "\"data\""))
            return FORMAT_JAEGER;
        return text.p[at] == '['          ? FORMAT_ZIPKIN
               : has(text, "\"traceId\"") ? FORMAT_ZIPKIN
                                          : FORMAT_OTLP_JSON;
    }
    if (text.n > 4 && p[4] == 0x0a && record_bytes(p) <= RECORD_BYTES_MAX)
        return FORMAT_RECORDS;
    return text.n > 1 && p[0] == 0x0a ? FORMAT_REQUEST : FORMAT_UNKNOWN;
}

static int read_all(struct import *im, struct err *err)
{
    struct str text;
    TRY(need(im, LOOK_BYTES, err));
    text = rest(im);
    if (text.n == 0)
        return 0;
    if (text.n > LOOK_BYTES)
        text.n = LOOK_BYTES;
    switch (format_of(text)) {
    case FORMAT_OTLP_JSON: return read_values(im, decode_otlp, NULL, err);
    case FORMAT_JAEGER: return read_values(im, jaeger_json_decode, NULL, err);
    case FORMAT_ZIPKIN: return read_zipkin(im, err);
    case FORMAT_RECORDS: return read_records(im, err);
    case FORMAT_REQUEST: return read_request(im, err);
    case FORMAT_UNKNOWN: break;
    }
    im->ret->bad++;
    return err_set(err, ERR_INVALID, "%.150s: neither OTLP nor Jaeger's nor Zipkin's JSON",
                   im->name);
}

int import_file(int fd, const char *name, const struct import_target *to,
                const struct care_watcher *w, struct import_counts *ret, struct err *err)
{
    struct import im = {.name = name, .to = to, .w = w, .ret = ret, .line = 1};
    int rc;
    TRY(input_new(fd, name, &im.in, err));
    buf_init(&im.text, VALUE_BYTES_MAX);
    buf_init(&im.request, 0);
    arena_init(&im.arena, 0);
    rc = read_all(&im, err);
    /* what was good before the bad piece is kept */
    if (rc == 0 || rc == ERR_INVALID) {
        int sent = send(&im, rc == 0 ? err : NULL);
        rc = rc == 0 ? sent : rc;
    }
    input_free(im.in);
    buf_release(&im.text);
    buf_release(&im.request);
    arena_release(&im.arena);
    return rc;
}
