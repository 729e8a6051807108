/* group_keys.c - see group_keys.h. */
#include "sql/group_keys.h"

#include "sql/values.h"

static const struct column *column_of(const struct rows *rows, uint32_t i)
{
    return &rows->table->columns[rows->pushed.groups[i].column];
}

void group_keys_init(struct group_keys *k, struct rows *rows)
{
    size_t max = rows->table->context->q->arena->max_bytes;
    *k = (struct group_keys){.column_count = rows->pushed.group_count};
    arena_init(&k->arena, max);
    arena_init(&k->floor_arena, max);
    arena_init(&k->ceiling_arena, max);
    for (uint32_t i = 0; i < k->column_count; i++)
        k->columns[i] = (struct key_column){.form = column_of(rows, i)->form,
                                            .slot = rows->slots[rows->pushed.groups[i].column],
                                            .descending = rows->pushed.groups[i].descending};
}

void group_keys_release(struct group_keys *k)
{
    arena_release(&k->arena);
    arena_release(&k->floor_arena);
    arena_release(&k->ceiling_arena);
}

void group_keys_reset(struct group_keys *k)
{
    arena_reset(&k->arena);
    for (uint32_t i = 0; i < k->column_count; i++) {
        struct key_column *c = &k->columns[i];
        *c = (struct key_column){c->form, c->slot, c->descending, .values = NULL};
    }
    k->groups = NULL;
    k->group_cap = 0;
    k->group_count = 0;
    k->index = NULL;
    k->index_cap = 0;
    k->last = NULL;
}

/* ---- Values of one column ---- */

static uint32_t hash_bytes(const void *bytes, size_t n, uint32_t hash)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ p[i]) * 16777619u;
    return hash;
}

static uint32_t hash_value(const struct value *v)
{
    uint32_t hash = 2166136261u + (uint32_t)v->type;
    double number;
    switch (v->type) {
    case VALUE_STRING:
    case VALUE_BYTES: return hash_bytes(v->string.p, v->string.n, hash);
    case VALUE_INT:
    case VALUE_DOUBLE: /* 1 and 1.0 are one group */
        number =
            (v->type == VALUE_INT ? (double)v->integer : v->number) + 0.0; /* so are -0 and 0 */
        return hash_bytes(&number, sizeof number, 2166136261u);
    default: return hash;
    }
}

static int rank(const struct value *v)
{
    switch (v->type) {
    case VALUE_EMPTY: return 0;
    case VALUE_STRING: return 2;
    case VALUE_BYTES: return 3;
    default: return 1;
    }
}

static int cmp_numbers(const struct value *a, const struct value *b)
{
    /* holds every 64-bit integer */
    long double x = a->type == VALUE_INT ? (long double)a->integer : (long double)a->number;
    long double y = b->type == VALUE_INT ? (long double)b->integer : (long double)b->number;
    return (x > y) - (x < y);
}

/* SQL's order: NULL, numbers, texts, blobs. */
static int cmp_values(const struct value *a, const struct value *b)
{
    int ra = rank(a), rb = rank(b);
    if (ra != rb)
        return ra - rb;
    return ra == 0 ? 0 : ra == 1 ? cmp_numbers(a, b) : str_cmp(a->string, b->string);
}

/* As SQL sees it. Arrays and lists become JSON in the arena. */
static struct value normal(enum column_form form, struct value v, struct arena *arena)
{
    struct value text = {.type = VALUE_STRING};
    switch (form) {
    case FORM_KIND: text.string = str_of(span_kind_name((enum span_kind)v.integer)); return text;
    case FORM_STATUS: text.string = str_of(status_text(v.integer)); return text;
    case FORM_TEXT: return v.type == VALUE_STRING ? v : text;
    default: return value_for_sql(v, arena);
    }
}

static bool grow_index(struct key_column *c, struct arena *arena)
{
    uint32_t cap = c->index_cap ? c->index_cap * 2 : 64;
    uint32_t *index = arena_calloc(arena, cap, sizeof *index);
    if (!index)
        return false;
    for (uint32_t code = 0; code < c->value_count; code++) {
        uint32_t i = hash_value(&c->values[code]) & (cap - 1);
        while (index[i])
            i = (i + 1) & (cap - 1);
        index[i] = code + 1;
    }
    c->index = index;
    c->index_cap = cap;
    return true;
}

static bool keep(struct value *v, struct arena *arena)
{
    if (v->type != VALUE_STRING && v->type != VALUE_BYTES)
        return true;
    v->string = arena_str(arena, v->string);
    return v->string.p != NULL;
}

/* code + 1; 0 = out of memory. */
static uint32_t intern(struct key_column *c, struct arena *arena, struct value v)
{
    uint32_t i;
    void *values;
    if (c->value_count * 2 >= c->index_cap && !grow_index(c, arena))
        return 0;
    v = normal(c->form, v, arena);
    i = hash_value(&v) & (c->index_cap - 1);
    while (c->index[i] && cmp_values(&c->values[c->index[i] - 1], &v) != 0)
        i = (i + 1) & (c->index_cap - 1);
    if (c->index[i])
        return c->index[i];
    values = arena_grow(arena, c->values, c->value_count, &c->value_cap, c->value_count + 1u,
                        sizeof *c->values);
    if (!values || !keep(&v, arena))
        return 0;
    c->values = values;
    c->values[c->value_count++] = v;
    return c->index[i] = c->value_count;
}

/* A new dictionary: nothing is translated yet. */
static bool reset_map(struct key_column *c, struct arena *arena, const struct vector *v)
{
    if (v->table_count > c->map_cap) {
        uint32_t cap = v->table_count < 1024 ? 1024 : v->table_count + v->table_count / 2;
        c->map = arena_alloc(arena, cap * sizeof *c->map);
        c->map_cap = c->map ? cap : 0;
    }
    if (!c->map)
        return false;
    memset(c->map, 0, v->table_count * sizeof *c->map);
    c->table = v->table;
    return true;
}

static uint32_t code_of(struct key_column *c, struct arena *arena, const struct rows *rows)
{
    const struct vector *v = &rows->batch.vectors[c->slot];
    uint32_t *code;
    if (v->kind != VECTOR_IDS)
        return intern(c, arena, rows_value(rows, c->slot));
    if (c->table != v->table && !reset_map(c, arena, v))
        return 0;
    code = &c->map[v->ids[rows->at]];
    if (!*code)
        *code = intern(c, arena, v->table[v->ids[rows->at]]);
    return *code;
}

/* ---- Groups ---- */

const struct value *group_value(const struct group_keys *k, const struct group *g, uint32_t i)
{
    return &k->columns[i].values[g->codes[i] - 1];
}

static int cmp_with(const struct group_keys *k, const struct group *g, const struct group_key *key)
{
    for (uint32_t i = 0; i < k->column_count; i++) {
        int c = cmp_values(group_value(k, g, i), &key->values[i]);
        if (c)
            return k->columns[i].descending ? -c : c;
    }
    return 0;
}

int group_cmp(const struct group_keys *k, const struct group *a, const struct group *b)
{
    for (uint32_t i = 0; i < k->column_count; i++) {
        int c = cmp_values(group_value(k, a, i), group_value(k, b, i));
        if (c)
            return k->columns[i].descending ? -c : c;
    }
    return 0;
}

static bool same_codes(const struct group_keys *k, const struct group *g, const uint32_t *codes)
{
    return memcmp(g->codes, codes, k->column_count * sizeof *codes) == 0;
}

static bool grow_groups(struct group_keys *k)
{
    uint32_t cap = k->index_cap ? k->index_cap * 2 : 256;
    uint32_t *index = arena_calloc(&k->arena, cap, sizeof *index);
    if (!index)
        return false;
    for (uint32_t n = 0; n < k->group_count; n++) {
        uint32_t i =
            hash_bytes(k->groups[n]->codes, k->column_count * sizeof(uint32_t), 1) & (cap - 1);
        while (index[i])
            i = (i + 1) & (cap - 1);
        index[i] = n + 1;
    }
    k->index = index;
    k->index_cap = cap;
    return true;
}

static struct group *add(struct group_keys *k, const uint32_t *codes)
{
    struct group *g = arena_calloc(&k->arena, 1, sizeof *g);
    void *groups = arena_grow(&k->arena, k->groups, k->group_count, &k->group_cap,
                              k->group_count + 1u, sizeof *k->groups);
    if (!g || !groups)
        return NULL;
    k->groups = groups;
    k->groups[k->group_count++] = g;
    memcpy(g->codes, codes, k->column_count * sizeof *codes);
    g->dropped = (k->has_floor && cmp_with(k, g, &k->floor) <= 0) ||
                 (k->has_ceiling && cmp_with(k, g, &k->ceiling) >= 0);
    return g;
}

struct group *group_keys_find(struct group_keys *k, const struct rows *rows)
{
    uint32_t codes[GROUP_COLUMNS_MAX], i;
    for (uint32_t n = 0; n < k->column_count; n++) {
        codes[n] = code_of(&k->columns[n], &k->arena, rows);
        if (!codes[n])
            return NULL;
    }
    if (k->last && same_codes(k, k->last, codes))
        return k->last;
    if (k->group_count * 2 >= k->index_cap && !grow_groups(k))
        return NULL;
    i = hash_bytes(codes, k->column_count * sizeof *codes, 1) & (k->index_cap - 1);
    while (k->index[i] && !same_codes(k, k->groups[k->index[i] - 1], codes))
        i = (i + 1) & (k->index_cap - 1);
    if (!k->index[i]) {
        struct group *g = add(k, codes);
        if (!g)
            return NULL;
        k->index[i] = k->group_count;
    }
    return k->last = k->groups[k->index[i] - 1];
}

/* ---- Bounds ---- */

static int copy_key(const struct group_keys *k, const struct group *g, struct arena *arena,
                    struct group_key *ret)
{
    arena_reset(arena);
    for (uint32_t i = 0; i < k->column_count; i++) {
        ret->values[i] = *group_value(k, g, i);
        if (!keep(&ret->values[i], arena))
            return ERR_NOMEM;
    }
    return 0;
}

int group_keys_set_floor(struct group_keys *k, const struct group *g)
{
    k->has_floor = true;
    return copy_key(k, g, &k->floor_arena, &k->floor);
}

int group_keys_set_ceiling(struct group_keys *k, const struct group *g)
{
    k->has_ceiling = true;
    return copy_key(k, g, &k->ceiling_arena, &k->ceiling);
}

void group_keys_raise_floor(struct group_keys *k)
{
    struct group_key key = k->floor;
    struct arena arena = k->floor_arena;
    k->floor = k->ceiling;
    k->floor_arena = k->ceiling_arena;
    k->ceiling = key;
    k->ceiling_arena = arena;
    k->has_floor = true;
    k->has_ceiling = false;
}

bool group_is_ceiling(const struct group_keys *k, const struct group *g)
{
    return k->has_ceiling && cmp_with(k, g, &k->ceiling) == 0;
}
