/* trace_tree.c - see trace_tree.h. */
#include "query/trace_tree.h"

#include <stdlib.h>
#include <xxhash.h>

/* ---- Parents ---- */

/* Span ids to rows: of those that share an id the first two. */
struct id_index {
    const struct trace_rows *rows;
    uint32_t *slots;  /* row + 1; 0 = free */
    uint32_t *second; /* by row: another with its id, or TREE_NONE */
    uint32_t mask;
};

static uint32_t *find_slot(const struct id_index *x, struct span_id id)
{
    uint32_t at = (uint32_t)XXH3_64bits(id.bytes, sizeof id.bytes) & x->mask;
    while (x->slots[at] && !span_id_eq(x->rows->items[x->slots[at] - 1].row.span_id, id))
        at = (at + 1) & x->mask;
    return &x->slots[at];
}

static int index_ids(struct run *r, struct id_index *x, const struct trace_rows *rows,
                     struct arena *arena, struct err *err)
{
    uint32_t size = 16;
    while (size < rows->count * 2)
        size *= 2;
    x->rows = rows;
    x->mask = size - 1;
    x->slots = arena_calloc(arena, size, sizeof *x->slots);
    x->second = arena_alloc(arena, rows->count * sizeof *x->second);
    if (!x->slots || !x->second)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < rows->count; i++) {
        uint32_t *slot = find_slot(x, rows->items[i].row.span_id);
        x->second[i] = TREE_NONE;
        if (!*slot)
            *slot = i + 1;
        else if (x->second[*slot - 1] == TREE_NONE)
            x->second[*slot - 1] = i;
        TRY(run_tick(r, err));
    }
    return 0;
}

int tree_parents(struct run *r, const struct trace_rows *rows, struct arena *arena,
                 uint32_t *parents, struct err *err)
{
    struct id_index x;
    TRY(index_ids(r, &x, rows, arena, err));
    for (uint32_t i = 0; i < rows->count; i++) {
        struct span_id id = rows->items[i].row.parent_id;
        uint32_t found = span_id_is_zero(id) ? 0 : *find_slot(&x, id);
        parents[i] = found ? found - 1 : TREE_NONE;
        if (parents[i] == i)
            parents[i] = x.second[i];
        TRY(run_tick(r, err));
    }
    return 0;
}

/* ---- The walk ---- */

/* The tree while it is made. */
struct making {
    uint32_t *parent, *child_count, *place, *last, *at_place;
    uint32_t *first_child, *next; /* rows; children in order of start */
    int32_t *left, *right;
    uint32_t places;
    int32_t numbers; /* of the nested set */
};

static int take_memory(struct making *m, uint32_t n, struct arena *arena, struct err *err)
{
    uint32_t *words = arena_calloc(arena, (size_t)n * 9, sizeof *words);
    if (!words)
        return run_out_of_memory(err);
    *m = (struct making){.parent = words,
                         .child_count = words + n,
                         .place = words + (size_t)2 * n,
                         .last = words + (size_t)3 * n,
                         .at_place = words + (size_t)4 * n,
                         .first_child = words + (size_t)5 * n,
                         .next = words + (size_t)6 * n,
                         .left = (int32_t *)words + (size_t)7 * n,
                         .right = (int32_t *)words + (size_t)8 * n};
    memset(m->place, 0xff, n * sizeof *m->place);
    memset(m->last, 0xff, n * sizeof *m->last);
    memset(m->first_child, 0xff, n * sizeof *m->first_child);
    memset(m->next, 0xff, n * sizeof *m->next);
    return 0;
}

/* Backwards, so that each list is in order. */
static void link_children(struct making *m, uint32_t n)
{
    for (uint32_t i = n; i-- > 0;) {
        uint32_t p = m->parent[i];
        if (p == TREE_NONE)
            continue;
        m->next[i] = m->first_child[p];
        m->first_child[p] = i;
        m->child_count[p]++;
    }
}

static void enter(struct making *m, uint32_t row, bool numbered)
{
    m->place[row] = m->places;
    m->at_place[m->places++] = row;
    if (numbered)
        m->left[row] = ++m->numbers;
}

static void leave(struct making *m, uint32_t row, bool numbered)
{
    m->last[row] = m->places - 1;
    if (numbered)
        m->right[row] = ++m->numbers;
}

/* Down to the first child, else up until there is a next one. */
static int walk(struct run *r, struct making *m, uint32_t top, bool numbered, struct err *err)
{
    uint32_t row = top;
    enter(m, row, numbered);
    for (;;) {
        TRY(run_tick(r, err));
        if (m->first_child[row] != TREE_NONE) {
            row = m->first_child[row];
            enter(m, row, numbered);
            continue;
        }
        leave(m, row, numbered);
        while (row != top && m->next[row] == TREE_NONE) {
            row = m->parent[row];
            leave(m, row, numbered);
        }
        if (row == top)
            return 0;
        row = m->next[row];
        enter(m, row, numbered);
    }
}

int tree_make(struct run *r, const struct trace_rows *rows, struct arena *arena,
              struct trace_tree *ret, struct err *err)
{
    uint32_t n = (uint32_t)rows->count;
    struct making m = {0};
    TRY(take_memory(&m, n, arena, err));
    TRY(tree_parents(r, rows, arena, m.parent, err));
    link_children(&m, n);
    for (uint32_t i = 0; i < n; i++) {
        if (m.parent[i] == TREE_NONE)
            TRY(walk(r, &m, i, span_id_is_zero(rows->items[i].row.parent_id), err));
    }
    *ret = (struct trace_tree){.count = n,
                               .parent = m.parent,
                               .child_count = m.child_count,
                               .place = m.place,
                               .last = m.last,
                               .at_place = m.at_place,
                               .left = m.left,
                               .right = m.right,
                               .marks = arena_calloc(arena, (size_t)n / 64 + 1, sizeof *ret->marks),
                               .tally = arena_calloc(arena, n, sizeof *ret->tally)};
    return ret->marks && ret->tally ? 0 : run_out_of_memory(err);
}

struct tree_facts tree_facts_of(const struct trace_tree *t, uint32_t row)
{
    struct tree_facts f = {.child_count = t->child_count[row],
                           .nested_left = t->left[row],
                           .nested_right = t->right[row]};
    if (f.nested_left)
        f.nested_parent = t->parent[row] == TREE_NONE ? -1 : t->left[t->parent[row]];
    return f;
}

/* ---- Relations ---- */

static bool marked(const struct trace_tree *t, uint32_t i)
{
    return t->marks[i / 64] >> i % 64 & 1;
}

static void mark(struct trace_tree *t, uint32_t i)
{
    t->marks[i / 64] |= UINT64_C(1) << i % 64;
}

/* The word's other marks go, too: all go together. */
static void unmark(struct trace_tree *t, uint32_t i)
{
    t->marks[i / 64] = 0;
}

static int u32_cmp(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

enum { SPARSE = 64 };

/* The places of the list's connected rows, ascending: by sorting when they are few, else by marking all. */
static uint32_t sorted_places(struct trace_tree *t, const struct row_list *list, uint32_t *places)
{
    uint32_t n = 0, words = t->count / 64 + 1;
    bool sparse = list->count < t->count / SPARSE;
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t place = t->place[list->rows[i]];
        if (place == TREE_NONE)
            continue;
        if (sparse)
            places[n++] = place;
        else
            mark(t, place);
    }
    if (sparse) {
        qsort(places, n, sizeof *places, u32_cmp);
        return n;
    }
    for (uint32_t w = 0; w < words; w++) {
        for (uint64_t left = t->marks[w]; left; left &= left - 1)
            places[n++] = w * 64 + (uint32_t)__builtin_ctzll(left);
        t->marks[w] = 0;
    }
    return n;
}

/* How many of the ascending places are below `limit`. */
static uint32_t places_below(const uint32_t *places, uint32_t count, uint32_t limit)
{
    uint32_t low = 0;
    while (count) {
        uint32_t half = count / 2;
        if (places[low + half] < limit) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

/* What tree_related prepares of the left side. */
struct left_side {
    const struct row_list *list;
    uint32_t *places; /* DESCENDANT, ANCESTOR */
    uint32_t *reach;  /* DESCENDANT: the last descendant of this place and those before it */
    uint32_t count;
};

static int prepare(struct trace_tree *t, enum relation relation, struct left_side *l,
                   struct arena *arena, struct err *err)
{
    for (uint32_t i = 0; i < l->list->count; i++) {
        uint32_t row = l->list->rows[i], parent = t->parent[row];
        if (relation == RELATION_CHILD || relation == RELATION_SIBLING)
            mark(t, row);
        if (relation == RELATION_PARENT && parent != TREE_NONE)
            mark(t, parent);
        if (relation == RELATION_SIBLING && parent != TREE_NONE)
            t->tally[parent]++;
    }
    if (relation != RELATION_DESCENDANT && relation != RELATION_ANCESTOR)
        return 0;
    l->places = arena_alloc(arena, ((size_t)l->list->count + 1) * sizeof *l->places);
    l->reach = arena_alloc(arena, ((size_t)l->list->count + 1) * sizeof *l->reach);
    if (!l->places || !l->reach)
        return run_out_of_memory(err);
    l->count = sorted_places(t, l->list, l->places);
    for (uint32_t i = 0; i < l->count; i++) {
        uint32_t last = t->last[t->at_place[l->places[i]]];
        l->reach[i] = i && l->reach[i - 1] > last ? l->reach[i - 1] : last;
    }
    return 0;
}

static void clean(struct trace_tree *t, enum relation relation, const struct left_side *l)
{
    if (relation == RELATION_DESCENDANT || relation == RELATION_ANCESTOR)
        return;
    for (uint32_t i = 0; i < l->list->count; i++) {
        uint32_t row = l->list->rows[i], parent = t->parent[row];
        unmark(t, row);
        if (parent != TREE_NONE) {
            unmark(t, parent);
            t->tally[parent] = 0;
        }
    }
}

/* Trees lie inside each other or apart: if any earlier place reaches this one, it is an ancestor's. */
static bool related(const struct trace_tree *t, enum relation relation, const struct left_side *l,
                    uint32_t row)
{
    uint32_t parent = t->parent[row], at;
    if (t->place[row] == TREE_NONE)
        return false;
    switch (relation) {
    case RELATION_CHILD: return parent != TREE_NONE && marked(t, parent);
    case RELATION_PARENT: return marked(t, row);
    case RELATION_SIBLING:
        return parent != TREE_NONE && t->tally[parent] > (marked(t, row) ? 1U : 0U);
    case RELATION_DESCENDANT:
        at = places_below(l->places, l->count, t->place[row]);
        return at && l->reach[at - 1] >= t->place[row];
    case RELATION_ANCESTOR:
        at = places_below(l->places, l->count, t->place[row] + 1);
        return at < l->count && l->places[at] <= t->last[row];
    }
    return false;
}

int tree_related(struct run *r, struct trace_tree *t, enum relation relation,
                 const struct row_list *left, const struct row_list *right, bool kept,
                 struct arena *arena, struct row_list *ret, struct err *err)
{
    struct left_side l = {.list = left};
    int rc = 0;
    *ret = (struct row_list){arena_alloc(arena, (size_t)right->count * sizeof *ret->rows), 0};
    if (!ret->rows)
        return run_out_of_memory(err);
    TRY(prepare(t, relation, &l, arena, err));
    for (uint32_t i = 0; i < right->count && rc == 0; i++) {
        if (related(t, relation, &l, right->rows[i]) == kept)
            ret->rows[ret->count++] = right->rows[i];
        rc = run_tick(r, err);
    }
    clean(t, relation, &l);
    return rc;
}
