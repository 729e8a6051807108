/* dialect.h - tables of texts and bytes of a dialect, decoded and looked at as OTLP/JSON. */
#ifndef TESTS_WIRE_DIALECT_H
#define TESTS_WIRE_DIALECT_H

#include "base/err.h"
#include "test.h"
#include "wire/otlp_json.h"

typedef int dialect_decode_fn(struct str bytes, struct arena *arena, struct span_batch *ret,
                              struct err *err);

enum { DIALECT_WORDS_MAX = 10 };

/* Decodes bytes that end at a guard page; every word must be in the OTLP/JSON, or not be when it starts with '!'. */
static inline void dialect_check(const char *name, dialect_decode_fn *decode, struct str bytes,
                                 const char *const *words)
{
    struct guarded g = guarded_copy(bytes.p, bytes.n);
    struct span_batch batch;
    struct arena arena;
    struct buf out;
    struct json_writer w;
    struct err err = {0};
    arena_init(&arena, 0);
    buf_init(&out, 0);
    if (decode(g.bytes, &arena, &batch, &err) < 0)
        fail_msg("case \"%s\": %s at %zu", name, err.msg, err.offset);
    json_init(&w, &out, 0);
    otlp_json_write(&w, batch.spans, batch.span_count, 0);
    buf_put_byte(&out, '\0');
    for (int i = 0; i < DIALECT_WORDS_MAX && words[i]; i++) {
        bool want = words[i][0] != '!';
        if (!!strstr((char *)out.p, words[i] + !want) != want)
            fail_msg("case \"%s\": \"%s\" in %s", name, words[i], (char *)out.p);
    }
    buf_release(&out);
    arena_release(&arena);
    guarded_free(&g);
}

/* Cut anywhere and with every byte changed in turn, bytes are spans or an error, never anything else. */
static inline void dialect_hurt(dialect_decode_fn *decode, struct str bytes)
{
    struct span_batch batch;
    struct arena arena;
    arena_init(&arena, 64 << 20);
    for (size_t n = 0; n < bytes.n; n++) {
        struct guarded g = guarded_copy(bytes.p, n);
        (void)decode(g.bytes, &arena, &batch, NULL);
        arena_reset(&arena);
        guarded_free(&g);
    }
    struct guarded g = guarded_copy(bytes.p, bytes.n);
    unsigned char *p = (unsigned char *)(uintptr_t)g.bytes.p;
    for (size_t i = 0; i < bytes.n; i++) {
        static const unsigned char changes[] = {0x01, 0x80, 0xff, 0x7f};
        for (size_t k = 0; k < COUNT(changes); k++) {
            p[i] ^= changes[k];
            (void)decode(g.bytes, &arena, &batch, NULL);
            arena_reset(&arena);
            p[i] ^= changes[k];
        }
    }
    guarded_free(&g);
    arena_release(&arena);
}

/* The arena may end anywhere: that is ERR_NOMEM (or nothing was missing), never a crash. */
static inline void dialect_starve(dialect_decode_fn *decode, struct str bytes)
{
    bool whole = false;
    for (size_t budget = 256; budget < (1 << 20) && !whole; budget += 512) {
        struct span_batch batch;
        struct arena arena;
        arena_init(&arena, budget);
        int code = decode(bytes, &arena, &batch, NULL);
        if (code != 0)
            assert_int_equal(code, ERR_NOMEM);
        whole = code == 0;
        arena_release(&arena);
    }
    assert_true(whole);
}

#endif
