/* The light walk sees what the decoder sees: same spans, same order, same fields, same refusals. */
#include "store/walk.h"

#include "fixture.h"
#include "wire/otlp_pb.h"

static void same_as_decoder(struct str request, const char *name)
{
    struct guarded g = guarded_copy(request.p, request.n);
    struct span_batch batch = {0};
    struct arena arena;
    struct walk w;
    struct walk_span s;
    size_t n = 0;
    int rc, want;
    arena_init(&arena, 0);
    want = otlp_pb_decode(g.bytes, NULL, &arena, &batch, NULL);
    walk_init(&w, g.bytes);
    while ((rc = walk_next(&w, &s)) > 0) {
        const struct span *d = &batch.spans[n++];
        if (want < 0)
            continue; /* the walk may see less of what is wrong: it does not look into attributes */
        CHECK(n <= batch.span_count, name);
        CHECK(trace_id_eq(s.trace_id, d->trace_id) && span_id_eq(s.span_id, d->span_id), name);
        CHECK(span_id_eq(s.parent_span_id, d->parent_span_id), name);
        CHECK(str_eq(s.name, d->name), name);
        CHECK(s.kind == d->kind && s.status == d->status_code, name);
        CHECK(s.start_ns == d->start_ns && s.end_ns == d->end_ns, name);
    }
    if (want == 0) {
        CHECK(rc == 0, name);
        CHECK(n == batch.span_count, name);
        CHECK(w.rejected == batch.rejected_spans, name);
    }
    walk_release(&w);
    arena_release(&arena);
    guarded_free(&g);
}

static struct str request_of(struct buf *out)
{
    struct span spans[6];
    struct arena arena;
    arena_init(&arena, 0);
    buf_init(out, 0);
    for (uint32_t i = 0; i < 6; i++)
        test_span(&arena, 7, i, &spans[i]);
    spans[2].end_ns = spans[2].start_ns - 5;
    otlp_pb_encode(spans, 6, out);
    arena_release(&arena);
    return buf_str(out);
}

static void test_plain(void **state)
{
    struct buf out;
    (void)state;
    same_as_decoder(request_of(&out), "plain");
    same_as_decoder(STR(""), "empty");
    same_as_decoder(STR("\x0a\x00"), "no scope");
    buf_release(&out);
}

/* Every prefix, and every byte changed: never a read outside, and agreement wherever the decoder agrees. */
static void test_mutations(void **state)
{
    struct buf out;
    struct str request = request_of(&out);
    (void)state;
    for (size_t n = 0; n < request.n; n++)
        same_as_decoder(str_make(request.p, n), "prefix");
    for (size_t at = 0; at < request.n; at++) {
        for (int bit = 0; bit < 8; bit++) {
            out.p[at] ^= (unsigned char)(1 << bit);
            same_as_decoder(request, "bit");
            out.p[at] ^= (unsigned char)(1 << bit);
        }
    }
    buf_release(&out);
}

static void test_shared_fields_behind_spans(void **state)
{
    /* ResourceSpans { scope_spans { spans { ids }, scope { name } }, resource {}, schema_url }: legal, unusual */
    static const char span[] = "\x0a\x10"
                               "0123456789abcdef"
                               "\x12\x08"
                               "01234567";
    struct buf ss, rs, request;
    struct walk w;
    struct walk_span s;
    (void)state;
    buf_init(&ss, 0);
    buf_init(&rs, 0);
    buf_init(&request, 0);
    buf_printf(&ss, "\x12%c", (int)sizeof span - 1);
    buf_put(&ss, span, sizeof span - 1);
    buf_put_str(&ss, STR("\x0a\x03\x0a\x01z"));
    buf_printf(&rs, "\x12%c", (int)ss.n);
    buf_put_str(&rs, buf_str(&ss));
    buf_put(&rs, "\x0a\x00\x1a\x01u", 5);
    buf_printf(&request, "\x0a%c", (int)rs.n);
    buf_put_str(&request, buf_str(&rs));
    walk_init(&w, buf_str(&request));
    assert_int_equal(walk_next(&w, &s), 1);
    assert_true(str_eq(buf_str(&w.resource), str_make("\x0a\x00\x1a\x01u", 5)));
    assert_true(str_eq(buf_str(&w.scope), STR("\x0a\x03\x0a\x01z")));
    assert_int_equal(walk_next(&w, &s), 0);
    walk_release(&w);
    same_as_decoder(buf_str(&request), "shared behind");
    buf_release(&ss);
    buf_release(&rs);
    buf_release(&request);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_shared_fields_behind_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
