/* arena.c - bump allocation over a list of chunks that doubles in size up to a ceiling. Under AddressSanitizer what is
 * not handed out is poisoned, so that reading past an allocation or after a reset is found as it is with malloc. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CHUNK_MIN = 16 * 1024,   /* small requests stay in one chunk */
    CHUNK_MAX = 1024 * 1024, /* large ones take few, without over-reaching by more than this */
    ALIGN = 16,
};

#ifndef __has_feature /* gcc says it another way */
#    define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#    include <sanitizer/asan_interface.h>
#else
#    define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#    define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used;
    _Alignas(ALIGN) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t max_bytes)
{
    *a = (struct arena){.max_bytes = max_bytes};
}

void arena_release(struct arena *a)
{
    struct arena_chunk *chunk = a->first;
    while (chunk) {
        struct arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    arena_init(a, a->max_bytes);
}

void arena_reset(struct arena *a)
{
    for (struct arena_chunk *chunk = a->first; chunk; chunk = chunk->next) {
        chunk->used = 0;
        ASAN_POISON_MEMORY_REGION(chunk->bytes, chunk->size);
    }
    a->current = a->first;
    a->used_bytes = 0;
    a->failed = false;
}

static void *refuse(struct arena *a)
{
    a->failed = true;
    return NULL;
}

/* Frees the chunks that hold nothing: kept from earlier use, and too small for what is asked for now. */
static void drop_unused(struct arena *a)
{
    struct arena_chunk **link, *chunk;
    if (a->first && a->first->used == 0)
        a->current = NULL;
    link = a->current ? &a->current->next : &a->first;
    while ((chunk = *link)) {
        *link = chunk->next;
        a->held_bytes -= chunk->size;
        free(chunk);
    }
}

static bool over_budget(const struct arena *a, size_t want)
{
    return a->max_bytes && (want > a->max_bytes || a->held_bytes > a->max_bytes - want);
}

/* Makes current a chunk with room for size bytes: the next kept one if it is large enough, else a new one. */
static bool next_chunk(struct arena *a, size_t size)
{
    struct arena_chunk *chunk = a->current ? a->current->next : a->first;
    size_t want;
    if (chunk && chunk->size >= size) {
        a->current = chunk;
        return true;
    }
    want = a->current ? a->current->size * 2 : CHUNK_MIN;
    if (want > CHUNK_MAX)
        want = CHUNK_MAX;
    if (want < size)
        want = size;
    if (over_budget(a, want))
        drop_unused(a);
    if (over_budget(a, want)) {
        want = size; /* the budget's last bytes: take just what is needed */
        if (over_budget(a, want))
            return false;
    }
    chunk = malloc(sizeof *chunk + want);
    if (!chunk)
        return false;
    chunk->size = want;
    chunk->used = 0;
    ASAN_POISON_MEMORY_REGION(chunk->bytes, want);
    if (a->current) {
        chunk->next = a->current->next;
        a->current->next = chunk;
    } else {
        chunk->next = a->first;
        a->first = chunk;
    }
    a->current = chunk;
    a->held_bytes += want;
    return true;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct arena_chunk *chunk = a->current;
    const size_t asked = size;
    void *p;
    if (size > SIZE_MAX - ALIGN - sizeof *chunk)
        return refuse(a);
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (!chunk || chunk->size - chunk->used < size) {
        if (!next_chunk(a, size))
            return refuse(a);
        chunk = a->current;
    }
    p = chunk->bytes + chunk->used;
    ASAN_UNPOISON_MEMORY_REGION(p, asked);
    chunk->used += size;
    a->used_bytes += size;
    return p;
}

void *arena_calloc(struct arena *a, size_t count, size_t size)
{
    size_t total;
    void *p;
    if (__builtin_mul_overflow(count, size, &total))
        return refuse(a);
    p = arena_alloc(a, total);
    if (p)
        memset(p, 0, total);
    return p;
}

struct str arena_str(struct arena *a, struct str s)
{
    char *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : refuse(a);
    if (!p)
        return (struct str){NULL, 0};
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct str){p, s.n};
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    char *p = NULL;
    int n;
    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    if (n >= 0)
        p = arena_alloc(a, (size_t)n + 1);
    if (p)
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(args);
    return p ? (struct str){p, (size_t)n} : (struct str){NULL, 0};
}

void *arena_grow(struct arena *a, void *array, size_t count, size_t *cap, size_t need, size_t size)
{
    size_t new_cap = *cap ? *cap : 8, total;
    void *p;
    if (need <= *cap)
        return array;
    while (new_cap < need) {
        if (__builtin_mul_overflow(new_cap, 2u, &new_cap))
            return refuse(a);
    }
    if (__builtin_mul_overflow(new_cap, size, &total))
        return refuse(a);
    p = arena_alloc(a, total);
    if (!p)
        return NULL;
    if (count)
        memcpy(p, array, count * size);
    *cap = new_cap;
    return p;
}
