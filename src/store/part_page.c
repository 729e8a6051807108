/* part_page.c - decoding pages and keeping the last ones. */
#include "store/part_page.h"

#include <stdlib.h>
#include <zstd.h>

#include "store/codec.h"
#include "store/mem.h"
#include "store/part_format.h"
#include "store/part_reader.h"

/* ---- Slots ---- */

struct page_reader *page_reader_new(size_t bytes_max)
{
    struct page_reader *r = mem_calloc(1, sizeof *r);
    r->bytes_max = bytes_max;
    buf_init(&r->packed, 0);
    buf_init(&r->raw, 0);
    return r;
}

void page_begin(struct page_reader *r)
{
    r->tick++;
}

/* Room for a page's values; false without memory. */
static bool values_room(struct page_reader *r, struct page_slot *s, uint32_t count)
{
    enum { MOST = PART_GROUP_ROWS / 8 };
    s->count = count;
    if (count >= MOST && count <= PART_GROUP_ROWS) {
        s->block = r->spare_count ? r->spare[--r->spare_count] : malloc(sizeof *s->block);
        s->values = s->block ? s->block->values : NULL;
    } else {
        s->values = malloc(((size_t)count + 1) * sizeof *s->values);
    }
    return s->values != NULL;
}

/* The same for the rows of `most` values. */
static bool rows_room(struct page_slot *s, uint32_t most)
{
    s->rows = s->block && most <= PART_GROUP_ROWS ? s->block->rows
                                                  : malloc(((size_t)most + 1) * sizeof *s->rows);
    return s->rows != NULL;
}

static void slot_empty(struct page_reader *r, struct page_slot *s)
{
    r->bytes -= s->bytes;
    if (!s->block || s->rows != s->block->rows)
        free(s->rows);
    if (!s->block)
        free(s->values);
    else if (r->spare_count < SPARE_MAX)
        r->spare[r->spare_count++] = s->block;
    else
        free(s->block);
    free(s->strings);
    free(s->sums);
    buf_release(&s->raw);
    *s = (struct page_slot){.part = NULL};
}

void page_reader_free(struct page_reader *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->slot_count; i++)
        slot_empty(r, &r->slots[i]);
    while (r->spare_count)
        free(r->spare[--r->spare_count]);
    for (int i = 0; i < GROUPS_KEPT; i++)
        free(r->groups[i].rows);
    free(r->slots);
    free(r->index);
    ZSTD_freeDCtx(r->zstd);
    buf_release(&r->packed);
    buf_release(&r->raw);
    free(r);
}

int reader_stream(struct page_reader *r, struct part *p, uint64_t offset, struct err *err)
{
    if (!r->zstd && !(r->zstd = ZSTD_createDCtx()))
        return err_set(err, ERR_NOMEM, "out of memory for a page");
    return part_stream(p, offset, r->zstd, &r->packed, &r->raw, err);
}

static uint32_t slot_hash(const struct part *p, uint32_t what, uint32_t group)
{
    uint64_t h = (uint64_t)(uintptr_t)p + ((uint64_t)what << 32 | group) * 0x9e3779b97f4a7c15u;
    return (uint32_t)((h ^ h >> 29) * 0xbf58476d1ce4e5b9u >> 32) % SLOT_BUCKETS;
}

static struct page_slot *slot_find(struct page_reader *r, const struct part *p, uint32_t what,
                                   uint32_t group)
{
    uint32_t at = r->index ? r->index[slot_hash(p, what, group)] : 0;
    for (; at; at = r->slots[at - 1].next) {
        struct page_slot *s = &r->slots[at - 1];
        if (s->part == p && s->what == what && s->group == group)
            return s;
    }
    return NULL;
}

/* Throws everything out but what the span at hand uses: simple, and rare enough with room for several groups. */
static void make_room(struct page_reader *r)
{
    size_t kept = 0;
    memset(r->index, 0, SLOT_BUCKETS * sizeof *r->index);
    for (size_t i = 0; i < r->slot_count; i++) {
        struct page_slot *s = &r->slots[i];
        uint32_t *bucket;
        if (s->used != r->tick) {
            slot_empty(r, s);
            continue;
        }
        r->slots[kept] = *s;
        bucket = &r->index[slot_hash(s->part, s->what, s->group)];
        r->slots[kept].next = *bucket;
        *bucket = (uint32_t)++kept;
    }
    r->slot_count = kept;
}

static struct page_slot *slot_new(struct page_reader *r, struct part *p, uint32_t what,
                                  uint32_t group)
{
    uint32_t *bucket;
    struct page_slot *s;
    if (!r->index)
        r->index = mem_calloc(SLOT_BUCKETS, sizeof *r->index);
    if (r->bytes > r->bytes_max)
        make_room(r);
    r->slots = mem_grow(r->slots, &r->slot_cap, r->slot_count + 1, sizeof *r->slots);
    bucket = &r->index[slot_hash(p, what, group)];
    s = &r->slots[r->slot_count++];
    *s = (struct page_slot){
        .part = p, .what = what, .group = group, .next = *bucket, .used = r->tick};
    *bucket = (uint32_t)r->slot_count;
    return s;
}

/* A slot that could not be filled: the newest one. */
static void slot_forget(struct page_reader *r, struct page_slot *s)
{
    r->index[slot_hash(s->part, s->what, s->group)] = s->next;
    slot_empty(r, s);
    r->slot_count--;
}

/* ---- Rows of a column ---- */

static uint32_t table_first(const struct part *p, enum column_table table, uint32_t group)
{
    if (group >= p->group_count)
        return p->table_rows[table];
    switch (table) {
    case TABLE_EVENTS: return p->groups[group].first_event;
    case TABLE_LINKS: return p->groups[group].first_link;
    default: return group * PART_GROUP_ROWS;
    }
}

int reader_templates(struct page_reader *r, struct part *p, enum column_table table, uint32_t group,
                     const struct page_slot **ret, struct err *err)
{
    static const enum part_fixed pages[TABLE_COUNT] = {PART_TEMPLATE, PART_EVENT_TEMPLATE,
                                                       PART_LINK_TEMPLATE};
    struct page_slot *s = slot_find(r, p, pages[table], group);
    struct str in;
    bool ok;
    if (s) {
        s->used = r->tick;
        *ret = s;
        return 0;
    }
    TRY(reader_stream(r, p, p->groups[group].pages[pages[table]], err));
    s = slot_new(r, p, pages[table], group);
    s->first_row = table_first(p, table, group);
    in = buf_str(&r->raw);
    ok = values_room(r, s, table_first(p, table, group + 1) - s->first_row) &&
         codec_get_ints(&in, s->count, s->values) && in.n == 0;
    for (uint32_t i = 0; i < s->count && ok; i++)
        ok = s->values[i] < p->template_counts[table];
    if (!ok) {
        slot_forget(r, s);
        return part_damaged(p, "a page of templates", err);
    }
    s->bytes = s->count * sizeof *s->values;
    r->bytes += s->bytes;
    *ret = s;
    return 0;
}

/* Dense: those whose template has the column. rows has room for all rows of the group: what is no row of the column is
 * overwritten by the next, since a branch for each would be guessed wrong too often. */
static int rows_by_shape(struct page_reader *r, struct part *p, const struct part_column *c,
                         uint32_t group, struct page_slot *s, struct err *err)
{
    const struct page_slot *templates;
    uint32_t n = 0;
    TRY(reader_templates(r, p, c->key.table, group, &templates, err));
    if (!rows_room(s, templates->count))
        return err_set(err, ERR_NOMEM, "out of memory for a page");
    for (uint32_t i = 0; i < templates->count; i++) {
        uint64_t t = templates->values[i];
        s->rows[n] = templates->first_row + i;
        n += c->shapes[t / 8] >> t % 8 & 1;
    }
    return n == s->count ? 0 : part_damaged(p, "the number of a column's values", err);
}

static int rows_by_list(struct page_reader *r, struct part *p, const struct part_column *c,
                        uint32_t *rows, uint64_t *scratch, struct err *err)
{
    struct str in;
    bool ok;
    TRY(reader_stream(r, p, c->rows, err));
    in = buf_str(&r->raw);
    ok = codec_get_ints(&in, c->count, scratch) && in.n == 0;
    for (uint32_t i = 0; i < c->count && ok; i++) {
        ok = scratch[i] < p->table_rows[c->key.table] && (i == 0 || scratch[i] > scratch[i - 1]);
        rows[i] = (uint32_t)scratch[i];
    }
    return ok ? 0 : part_damaged(p, "the rows of a column", err);
}

/* ---- Values of a column ---- */

static bool is_count(const struct part_column *c)
{
    return c->key.scope == COLUMN_MEMBER && c->key.table == TABLE_SPANS &&
           (str_eq(c->key.name, STR(MEMBER_EVENTS)) || str_eq(c->key.name, STR(MEMBER_LINKS)));
}

/* Where the events (or links) of each row begin in their table. */
static bool add_up(struct page_slot *s, const struct part *p, const struct part_column *c,
                   uint32_t group)
{
    enum column_table table = str_eq(c->key.name, STR(MEMBER_EVENTS)) ? TABLE_EVENTS : TABLE_LINKS;
    uint64_t at = c->sparse ? 0 : table_first(p, table, group);
    s->sums = malloc(((size_t)s->count + 1) * sizeof *s->sums);
    for (uint32_t i = 0; i < s->count && s->sums; i++) {
        s->sums[i] = (uint32_t)at;
        if (s->values[i] > p->table_rows[table] - at)
            return false;
        at += s->values[i];
    }
    return s->sums != NULL;
}

static bool get_values(struct page_slot *s, const struct part_column *c, struct str in)
{
    if (column_has_strings(c->key.type) && !c->string_count) {
        s->strings = malloc(((size_t)s->count + 1) * sizeof *s->strings);
        if (!s->strings || !codec_get_strings(&in, s->count, s->values, s->strings))
            return false;
        for (uint32_t i = 0; i < s->count; i++)
            s->values[i] = i;
        return in.n == 0;
    }
    if (!codec_get_ints(&in, s->count, s->values) || in.n)
        return false;
    for (uint32_t i = 0; c->string_count && i < s->count; i++) {
        if (s->values[i] >= c->string_count)
            return false;
    }
    return true;
}

static int slot_fill(struct page_reader *r, struct page_slot *s, struct part *p,
                     const struct part_column *c, uint32_t group, struct err *err)
{
    uint64_t count;
    struct str in;
    TRY(reader_stream(r, p, c->pages[group], err));
    in = buf_str(&r->raw);
    if (!codec_get_varint(&in, &count) || count > c->count)
        return part_damaged(p, "the number of a column's values", err);
    if (!values_room(r, s, (uint32_t)count))
        return err_set(err, ERR_NOMEM, "out of memory for a page");
    if (column_has_strings(c->key.type) && !c->string_count) { /* they borrow from it */
        s->raw = r->raw;
        buf_init(&r->raw, 0);
    }
    if (!get_values(s, c, in) || (is_count(c) && !add_up(s, p, c, group)))
        return part_damaged(p, "the values of a column", err);
    if (!c->sparse)
        return 0;
    if (s->count != c->count)
        return part_damaged(p, "the number of a column's values", err);
    uint64_t *scratch = malloc(((size_t)s->count + 1) * sizeof *scratch);
    int rc = scratch && rows_room(s, s->count)
                 ? rows_by_list(r, p, c, s->rows, scratch, err)
                 : err_set(err, ERR_NOMEM, "out of memory for a page");
    free(scratch);
    return rc;
}

/* Rows are mostly asked for in order. */
bool reader_find_row(struct page_slot *s, uint32_t row)
{
    uint32_t low = 0, high = s->count;
    for (uint32_t i = s->cursor; i < s->count && i <= s->cursor + 1; i++) {
        if (s->rows[i] == row) {
            s->cursor = i;
            return true;
        }
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->rows[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    s->cursor = low;
    return low < s->count && s->rows[low] == row;
}

static void slot_answer(struct page_slot *s, const struct part_strings *dictionary,
                        struct page *ret)
{
    *ret = (struct page){.count = s->count,
                         .rows = s->rows,
                         .values = s->values,
                         .strings = dictionary ? dictionary->items : s->strings,
                         .sums = s->sums};
}

int reader_slot(struct page_reader *r, struct part *p, uint32_t column, uint32_t group,
                struct page_slot **ret, struct err *err)
{
    const struct part_column *c = &p->columns[column];
    uint32_t what = PART_FIXED_COUNT + column;
    struct page_slot *s, filled = {.part = NULL};
    int rc;
    if (c->sparse)
        group = 0;
    s = slot_find(r, p, what, group);
    if (s) {
        s->used = r->tick;
        *ret = s;
        return 0;
    }
    if (!c->pages[group]) { /* no values here */
        *ret = slot_new(r, p, what, group);
        return 0;
    }
    rc = slot_fill(r, &filled, p, c, group, err);
    if (rc == 0 && !c->sparse)
        rc = rows_by_shape(r, p, c, group, &filled, err);
    filled.bytes =
        filled.count * (sizeof *s->rows + sizeof *s->values + sizeof *s->strings) + filled.raw.cap;
    r->bytes += filled.bytes;
    if (rc < 0) {
        slot_empty(r, &filled);
        return rc;
    }
    s = slot_new(r, p, what, group);
    filled.part = p;
    filled.what = what;
    filled.group = group;
    filled.next = s->next;
    filled.used = r->tick;
    *s = filled;
    *ret = s;
    return 0;
}

int page_column(struct page_reader *r, struct part *p, uint32_t column, uint32_t group,
                struct page *ret, struct err *err)
{
    const struct part_strings *dictionary = NULL;
    struct page_slot *s;
    if (p->columns[column].string_count)
        TRY(part_dictionary(p, column, &dictionary, err));
    TRY(reader_slot(r, p, column, group, &s, err));
    slot_answer(s, dictionary, ret);
    return 0;
}
