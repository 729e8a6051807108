/* groups.c - see groups.h: the passes, and the chunks. */
#include "sql/groups.h"

#include <stdlib.h>

#include "sql/values.h"

enum { CHUNK_ROWS_MIN = 8, CHUNK_ROWS_MAX = 2048, SLAB_BYTES = 4000 };

struct chunk {
    struct chunk *next;
    uint32_t count, cap;
    unsigned char rows[];
};

struct text_slab {
    struct text_slab *next;
    size_t used, cap;
    char bytes[];
};

/* ---- Memory ---- */

static size_t chunk_bytes(const struct groups *g, uint32_t cap)
{
    return sizeof(struct chunk) + (size_t)cap * g->row_bytes;
}

static void empty(struct groups *g, struct group *group)
{
    for (struct chunk *c = group->first, *next; c; c = next) {
        next = c->next;
        g->bytes -= chunk_bytes(g, c->cap);
        free(c);
    }
    for (struct text_slab *s = group->texts, *next; s; s = next) {
        next = s->next;
        g->bytes -= sizeof *s + s->cap;
        free(s);
    }
    group->first = group->last = NULL;
    group->texts = NULL;
    group->row_count = 0;
}

static void empty_all(struct groups *g)
{
    for (uint32_t i = 0; i < g->keys.group_count; i++)
        empty(g, g->keys.groups[i]);
}

/* Room for one more row; NULL: out of memory. */
static unsigned char *push_row(struct groups *g, struct group *group)
{
    struct chunk *c = group->last;
    if (!c || c->count == c->cap) {
        uint32_t cap = !c                            ? CHUNK_ROWS_MIN
                       : c->cap * 2 < CHUNK_ROWS_MAX ? c->cap * 2
                                                     : CHUNK_ROWS_MAX;
        struct chunk *more = malloc(chunk_bytes(g, cap));
        if (!more)
            return NULL;
        *more = (struct chunk){.cap = cap};
        g->bytes += chunk_bytes(g, cap);
        if (c)
            c->next = more;
        else
            group->first = more;
        group->last = c = more;
    }
    group->row_count++;
    return c->rows + (size_t)c->count++ * g->row_bytes;
}

/* A text of the batch: it must outlive it. */
static bool keep_text(struct groups *g, struct group *group, struct str *s)
{
    struct text_slab *slab = group->texts;
    if (!slab || slab->cap - slab->used < s->n) {
        size_t cap = s->n > SLAB_BYTES ? s->n : SLAB_BYTES;
        slab = malloc(sizeof *slab + cap);
        if (!slab)
            return false;
        *slab = (struct text_slab){.next = group->texts, .cap = cap};
        group->texts = slab;
        g->bytes += sizeof *slab + cap;
    }
    if (s->n)
        memcpy(slab->bytes + slab->used, s->p, s->n);
    s->p = slab->bytes + slab->used;
    slab->used += s->n;
    return true;
}

/* ---- One pass ---- */

static bool store_value(struct groups *g, struct group *group, uint32_t slot, unsigned char *at)
{
    struct value v = rows_value(g->rows, slot);
    struct arena *scratch = &g->rows->span_arena;
    if (g->rows->batch.vectors[slot].kind == VECTOR_VALUES) {
        arena_reset(scratch);
        v = value_for_sql(v, scratch);
        if ((v.type == VALUE_STRING || v.type == VALUE_BYTES) && !keep_text(g, group, &v.string))
            return false;
    }
    memcpy(at, &v, sizeof v);
    return true;
}

static int store_row(struct groups *g, struct group *group)
{
    unsigned char *row;
    if (g->distinct && group->row_count)
        return 0;
    row = push_row(g, group);
    if (!row)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < g->value_count; i++) {
        uint32_t slot = g->value_slots[i];
        const struct vector *v = &g->rows->batch.vectors[slot];
        if (g->is_int[slot])
            memcpy(row + g->place[slot], &v->ints[g->rows->at], sizeof *v->ints);
        else if (!store_value(g, group, slot, row + g->place[slot]))
            return ERR_NOMEM;
    }
    return 0;
}

static int sort_cmp(const void *a, const void *b, void *keys)
{
    return group_cmp(keys, *(struct group *const *)a, *(struct group *const *)b);
}

/* The groups with rows, in order. */
static int sort(struct groups *g)
{
    struct group_keys *k = &g->keys;
    g->sorted = arena_alloc(&k->arena, (k->group_count + 1u) * sizeof *g->sorted);
    g->sorted_count = 0;
    if (!g->sorted)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < k->group_count; i++) {
        if (k->groups[i]->row_count)
            g->sorted[g->sorted_count++] = k->groups[i];
    }
    if (g->sorted_count)
        qsort_r(g->sorted, g->sorted_count, sizeof *g->sorted, sort_cmp, k);
    return 0;
}

/* Drops the groups that come last until half of the memory is free; the first of all, too, if it is that large. */
static int drop_last(struct groups *g)
{
    uint32_t keep;
    TRY(sort(g));
    keep = g->sorted_count;
    while (keep > 0 && g->bytes > g->bytes_max / 2) {
        struct group *group = g->sorted[--keep];
        empty(g, group);
        group->dropped = true;
        TRY(group_keys_set_ceiling(&g->keys, group));
    }
    /* empty ones behind the ceiling, too: rows of theirs may come */
    for (uint32_t i = 0; i < g->keys.group_count; i++) {
        struct group *group = g->keys.groups[i];
        if (keep < g->sorted_count && !group->row_count)
            group->dropped = true;
    }
    return 0;
}

static int fill(struct groups *g, struct err *err)
{
    int code;
    while ((code = rows_next(g->rows, err)) == 1) {
        struct group *group = group_keys_find(&g->keys, g->rows);
        if (!group)
            return ERR_NOMEM;
        if (group->dropped)
            continue;
        TRY(store_row(g, group));
        if (g->bytes > g->bytes_max)
            TRY(drop_last(g));
    }
    TRY(code);
    return sort(g);
}

/* ---- All passes ---- */

static bool is_key(const struct groups *g, uint32_t slot)
{
    for (uint32_t i = 0; i < g->keys.column_count; i++) {
        if (g->keys.columns[i].slot == slot)
            return true;
    }
    return false;
}

static void lay_out(struct groups *g)
{
    for (uint32_t slot = 0; slot < g->rows->field_count; slot++) {
        enum field_kind kind = g->rows->fields[slot].kind;
        if (is_key(g, slot))
            continue;
        g->is_int[slot] = kind == FIELD_START || kind == FIELD_DURATION || kind == FIELD_KIND ||
                          kind == FIELD_STATUS;
        g->value_slots[g->value_count++] = (uint8_t)slot;
    }
    for (uint32_t i = 0; i < g->value_count; i++) {
        uint32_t slot = g->value_slots[i];
        g->place[slot] = (uint16_t)g->row_bytes;
        g->row_bytes += (uint32_t)(g->is_int[slot] ? sizeof(int64_t) : sizeof(struct value));
    }
}

void groups_start(struct groups *g, struct rows *rows, bool distinct, size_t bytes_max)
{
    *g = (struct groups){.rows = rows, .distinct = distinct, .bytes_max = bytes_max};
    group_keys_init(&g->keys, rows);
    lay_out(g);
}

void groups_release(struct groups *g)
{
    if (!g->rows)
        return;
    empty_all(g);
    group_keys_release(&g->keys);
    *g = (struct groups){0};
}

/* Another scan from the start, nothing of the last one kept but floor and ceiling. */
static int rescan(struct groups *g, struct err *err)
{
    empty_all(g);
    group_keys_reset(&g->keys);
    g->sorted_count = 0;
    g->at = 0;
    g->chunk = NULL;
    return rows_scan(g->rows, err);
}

static bool next_stored(struct groups *g)
{
    if (g->chunk && ++g->row < g->chunk->count)
        return true;
    g->row = 0;
    g->chunk = g->chunk ? g->chunk->next : NULL;
    if (g->chunk)
        return true;
    if (g->at == g->sorted_count)
        return false;
    g->group = g->sorted[g->at++];
    g->chunk = g->group->first;
    return true;
}

static int next_streamed(struct groups *g, struct err *err)
{
    int code;
    while ((code = rows_next(g->rows, err)) == 1) {
        g->group = group_keys_find(&g->keys, g->rows);
        if (!g->group)
            return ERR_NOMEM;
        if (group_is_ceiling(&g->keys, g->group))
            return 1;
    }
    return code;
}

/* All that this pass kept was given out: what comes behind it? */
static int after_stored(struct groups *g, struct err *err)
{
    bool any = g->sorted_count > 0;
    if (!g->keys.has_ceiling) {
        g->state = GROUPS_END;
        return 0;
    }
    if (any)
        TRY(group_keys_set_floor(&g->keys, g->sorted[g->sorted_count - 1]));
    else
        g->state = GROUPS_STREAM; /* the next one does not fit alone: it is the ceiling */
    if (any)
        g->keys.has_ceiling = false;
    TRY(rescan(g, err));
    return any ? fill(g, err) : 0;
}

static int after_streamed(struct groups *g, struct err *err)
{
    group_keys_raise_floor(&g->keys);
    g->state = GROUPS_STORED;
    TRY(rescan(g, err));
    return fill(g, err);
}

int groups_next(struct groups *g, struct err *err)
{
    int code;
    if (g->state == GROUPS_FRESH) {
        g->state = GROUPS_STORED;
        TRY(fill(g, err));
    }
    for (;;) {
        switch (g->state) {
        case GROUPS_STORED:
            if (next_stored(g))
                return 1;
            TRY(after_stored(g, err));
            break;
        case GROUPS_STREAM:
            code = next_streamed(g, err);
            if (code != 0)
                return code;
            TRY(after_streamed(g, err));
            break;
        case GROUPS_FRESH:
        case GROUPS_END: return 0;
        }
    }
}

struct value groups_value(const struct groups *g, uint32_t slot)
{
    struct value v = {.type = VALUE_INT};
    const unsigned char *at;
    if (!g->chunk)
        return rows_value(g->rows, slot);
    at = g->chunk->rows + (size_t)g->row * g->row_bytes + g->place[slot];
    if (g->is_int[slot])
        memcpy(&v.integer, at, sizeof v.integer);
    else
        memcpy(&v, at, sizeof v);
    return v;
}
