/* vector.c - where the values of a field come from in a source, and reading them. */
#include "query/vector.h"

#include "query/places.h"
#include "query/vector_inside.h"

enum way {
    WAY_NONE,   /* nobody here has it */
    WAY_INTS,   /* every row has a number */
    WAY_TABLE,  /* ids into one of the source's tables */
    WAY_BYTES,  /* every row has an id */
    WAY_IDS,    /* columns that have dictionaries, all of them */
    WAY_LAYERS, /* of a part: one place after the other */
    WAY_SPAN,   /* of a head: from the decoded span */
};

/* What is known of a field in one source. */
struct vector_source {
    enum way way;
    enum source_table which; /* WAY_TABLE */
    const struct value
        *table; /* WAY_NONE, WAY_TABLE, WAY_IDS: by id, of WAY_IDS the last is empty */
    uint32_t table_count;
    uint32_t *bases;                          /* WAY_IDS: of each column, what its id 0 is */
    const struct value *resources, *scopes;   /* WAY_LAYERS: by id; NULL = none has it */
    struct field_columns tables[TABLE_COUNT]; /* WAY_LAYERS, WAY_IDS */
};

struct vector_field {
    struct field field;
    struct vector_source **sources;
};

int vector_field_make(struct run *r, const struct field *field, struct vector_field **ret,
                      struct err *err)
{
    struct vector_field *f;
    if (field_needs_trace(field))
        return err_set(err, ERR_INVALID, "only the whole trace tells this field");
    f = arena_calloc(&r->own_tables, 1, sizeof *f);
    if (!f)
        return run_out_of_memory(err);
    f->field = *field;
    f->sources = arena_calloc(&r->own_tables, r->snap.count, sizeof(void *));
    if (!f->sources)
        return run_out_of_memory(err);
    *ret = f;
    return 0;
}

/* ---- Tables, once for each source ---- */

static const struct value empty_table[1];

static uint32_t table_size(const struct source *src, enum source_table table)
{
    switch (table) {
    case SOURCE_SERVICES: return src->service_count;
    case SOURCE_NAMES: return src->name_count;
    case SOURCE_RESOURCES: return src->resource_count;
    default: return src->scope_count;
    }
}

/* The field's value for an entry of a table. */
static int entry_value(struct run *r, const struct field *f, uint32_t source,
                       enum source_table table, uint32_t id, struct value *ret, struct err *err)
{
    struct span span = run_empty_span;
    struct resource resource = {.service_name = STR("")};
    switch (table) {
    case SOURCE_SERVICES:
        resource.service_name = run_string(r, source, table, id);
        span.resource = &resource;
        break;
    case SOURCE_NAMES: span.name = run_string(r, source, table, id); break;
    case SOURCE_RESOURCES: TRY(run_resource(r, source, id, &span.resource, err)); break;
    case SOURCE_SCOPES: TRY(run_scope(r, source, id, &span.scope, err)); break;
    }
    *ret = field_value(f, &(struct span_view){.span = &span});
    return 0;
}

/* any: is there a value at all. */
static int make_table(struct run *r, const struct field *f, uint32_t source,
                      enum source_table which, const struct value **ret, bool *any, struct err *err)
{
    const struct source *src = &r->snap.sources[source];
    uint32_t n = table_size(src, which);
    struct value *table = arena_calloc(&r->own_tables, n, sizeof *table);
    if (!table)
        return run_out_of_memory(err);
    *any = false;
    if (n)
        TRY(source_need_table(src, which, err));
    for (uint32_t id = 0; id < n; id++) {
        TRY(entry_value(r, f, source, which, id, &table[id], err));
        *any |= table[id].type != VALUE_EMPTY;
        TRY(run_tick(r, err));
    }
    *ret = table;
    return 0;
}

static int by_table(struct run *r, const struct field *f, uint32_t source, enum source_table which,
                    struct vector_source *vs, struct err *err)
{
    bool any = false;
    TRY(make_table(r, f, source, which, &vs->table, &any, err));
    vs->way = any ? WAY_TABLE : WAY_NONE;
    vs->which = which;
    vs->table_count = table_size(&r->snap.sources[source], which);
    return 0;
}

/* ---- Columns of a part, once ---- */

/* Entries that a column adds to a table; 0 = it has no dictionary. */
static uint32_t dictionary_size(const struct part_column *c)
{
    return c->key.type == COLUMN_BOOL ? 2 : c->string_count;
}

static int dictionary_value(struct run *r, struct part *p, uint32_t column, uint32_t id,
                            struct value *ret, struct err *err)
{
    const struct part_column *c = &p->columns[column];
    const struct part_strings *dictionary = NULL;
    uint64_t number = id;
    struct page one = {.count = 1, .values = &number};
    int rc;
    if (c->string_count) {
        TRY(part_dictionary(p, column, &dictionary, err));
        one.strings = dictionary->items;
    }
    rc = page_value(c, &one, 0, &r->own_tables, ret, err);
    if (rc == ERR_INVALID)
        return part_damaged(p, "the value of an attribute", err);
    return rc == ERR_NOMEM ? run_out_of_memory(err) : rc;
}

/* All dictionaries in a row, and behind them the empty value. */
static int join_dictionaries(struct run *r, struct part *p, const struct field_columns *c,
                             struct vector_source *vs, struct err *err)
{
    struct value *table;
    uint32_t n = 0;
    vs->bases = arena_calloc(&r->own_tables, c->count, sizeof *vs->bases);
    if (!vs->bases)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < c->count; i++) {
        vs->bases[i] = n;
        n += dictionary_size(&p->columns[c->first + i]);
    }
    vs->table_count = n + 1;
    table = arena_calloc(&r->own_tables, vs->table_count, sizeof *table);
    if (!table)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < c->count; i++) {
        for (uint32_t id = 0; id < dictionary_size(&p->columns[c->first + i]); id++) {
            TRY(dictionary_value(r, p, c->first + i, id, &table[vs->bases[i] + id], err));
            TRY(run_tick(r, err));
        }
    }
    vs->table = table;
    vs->way = WAY_IDS;
    return 0;
}

static bool all_dictionaries(const struct part *p, const struct field_columns *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (!dictionary_size(&p->columns[c->first + i]))
            return false;
    }
    return c->count && c->shared == NO_COLUMN;
}

/* The attributes of an entry of SOURCE_RESOURCES or SOURCE_SCOPES. */
static int entry_attrs(struct run *r, uint32_t source, enum source_table which, uint32_t id,
                       const struct attrs **ret, struct err *err)
{
    const struct resource *resource = run_empty_span.resource;
    const struct scope *scope = run_empty_span.scope;
    if (which == SOURCE_RESOURCES)
        TRY(run_resource(r, source, id, &resource, err));
    else
        TRY(run_scope(r, source, id, &scope, err));
    *ret = which == SOURCE_RESOURCES ? &resource->attrs : &scope->attrs;
    return 0;
}

static int layer_table(struct run *r, const struct field *f, uint32_t source,
                       enum source_table which, const struct value **ret, struct err *err)
{
    uint32_t n = table_size(&r->snap.sources[source], which);
    struct value *table = arena_calloc(&r->own_tables, n, sizeof *table);
    bool any = false;
    if (!table)
        return run_out_of_memory(err);
    for (uint32_t id = 0; id < n; id++) {
        const struct attrs *attrs;
        const struct value *v;
        TRY(entry_attrs(r, source, which, id, &attrs, err));
        v = attrs_get(attrs, f->key);
        if (v)
            table[id] = *v;
        if (v && v->type == VALUE_EMPTY && f->scope == SCOPE_FIRST)
            table[id].type = VALUE_HELD;
        any |= table[id].type != VALUE_EMPTY;
        TRY(run_tick(r, err));
    }
    *ret = any ? table : NULL;
    return 0;
}

/* Nobody comes behind them any more. */
static void let_go(struct value *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (values[i].type == VALUE_HELD)
            values[i].type = VALUE_EMPTY;
    }
}

/* Attributes and what else only some rows have: which places have it at all? */
static int by_columns(struct run *r, const struct field *f, uint32_t source,
                      struct vector_source *vs, struct err *err)
{
    struct part *p = r->snap.sources[source].part;
    struct places where = places_of(f);
    int places = 0;
    for (int t = 0; t < TABLE_COUNT; t++) {
        vs->tables[t] = field_columns_find(p, t, &where);
        places += field_columns_any(&vs->tables[t]);
    }
    if (where.resource)
        TRY(layer_table(r, f, source, SOURCE_RESOURCES, &vs->resources, err));
    if (where.instrumentation)
        TRY(layer_table(r, f, source, SOURCE_SCOPES, &vs->scopes, err));
    places += (vs->resources != NULL) + (vs->scopes != NULL);
    vs->way = WAY_LAYERS;
    if (f->kind != FIELD_ATTRIBUTE || places > 1)
        return 0;
    if (all_dictionaries(p, &vs->tables[TABLE_SPANS]))
        return join_dictionaries(r, p, &vs->tables[TABLE_SPANS], vs, err);
    if (vs->resources || vs->scopes) {
        vs->way = WAY_TABLE;
        vs->which = vs->resources ? SOURCE_RESOURCES : SOURCE_SCOPES;
        vs->table = vs->resources ? vs->resources : vs->scopes;
        vs->table_count = table_size(&r->snap.sources[source], vs->which);
        let_go((struct value *)(uintptr_t)vs->table, vs->table_count);
    }
    if (!places)
        vs->way = WAY_NONE;
    return 0;
}

static int look_at_source(struct run *r, const struct field *f, uint32_t source,
                          struct vector_source *vs, struct err *err)
{
    switch (f->kind) {
    case FIELD_KIND:
    case FIELD_STATUS:
    case FIELD_DURATION:
    case FIELD_START: vs->way = WAY_INTS; return 0;
    case FIELD_TRACE_ID:
    case FIELD_SPAN_ID:
    case FIELD_PARENT_ID: vs->way = WAY_BYTES; return 0;
    case FIELD_SERVICE: return by_table(r, f, source, SOURCE_SERVICES, vs, err);
    case FIELD_NAME: return by_table(r, f, source, SOURCE_NAMES, vs, err);
    case FIELD_SCOPE_NAME:
    case FIELD_SCOPE_VERSION: return by_table(r, f, source, SOURCE_SCOPES, vs, err);
    default: break;
    }
    if (f->kind == FIELD_ATTRIBUTE && f->scope == SCOPE_RESOURCE)
        return by_table(r, f, source, SOURCE_RESOURCES, vs, err);
    if (f->kind == FIELD_ATTRIBUTE && f->scope == SCOPE_INSTRUMENTATION)
        return by_table(r, f, source, SOURCE_SCOPES, vs, err);
    if (!r->snap.sources[source].head)
        return by_columns(r, f, source, vs, err);
    vs->way = WAY_SPAN;
    return 0;
}

static int source_of(struct run *r, struct vector_field *f, uint32_t source,
                     const struct vector_source **ret, struct err *err)
{
    struct vector_source *vs = f->sources[source];
    if (!vs) {
        vs = arena_calloc(&r->own_tables, 1, sizeof *vs);
        if (!vs)
            return run_out_of_memory(err);
        TRY(look_at_source(r, &f->field, source, vs, err));
        if (vs->way == WAY_NONE) {
            vs->table = empty_table;
            vs->table_count = 1;
        }
        f->sources[source] = vs;
    }
    *ret = vs;
    return 0;
}

/* ---- Reading ---- */

/* A group that is being read. */
struct reading {
    struct run *r;
    uint32_t source, group;
    const struct source *src;
    struct ranks ranks;
    struct arena *arena;
};

static void reading_begin(struct reading *rd, const struct bits *rows)
{
    uint32_t n = 0, last = 0;
    for (uint32_t i = 0; i < BITS_WORDS; i++) {
        rd->ranks.before[i] = n;
        n += (uint32_t)__builtin_popcountll(rows->words[i]);
        if (rows->words[i])
            last = i * 64 + 64 - (uint32_t)__builtin_clzll(rows->words[i]);
    }
    rd->ranks.rows = rows;
    rd->ranks.count = n;
    rd->ranks.all = last == n;
}

static uint32_t *pick_ids(const struct reading *rd, const uint32_t *from)
{
    uint32_t n = rd->ranks.count, row, i = 0;
    uint32_t *ids = arena_alloc(rd->arena, (size_t)n * sizeof *ids + 1);
    if (ids && rd->ranks.all && n)
        memcpy(ids, from, n * sizeof *ids);
    for (struct bits_walk w = bits_begin(rd->ranks.rows);
         ids && !rd->ranks.all && bits_next(&w, &row);)
        ids[i++] = from[row];
    return ids;
}

static unsigned table_need(enum source_table which)
{
    switch (which) {
    case SOURCE_NAMES: return ROWS_NAME;
    case SOURCE_SCOPES: return ROWS_TEMPLATE;
    default: return ROWS_RESOURCE;
    }
}

static const uint32_t *table_ids(const struct row_group *g, enum source_table which)
{
    switch (which) {
    case SOURCE_SERVICES: return g->service;
    case SOURCE_NAMES: return g->name;
    case SOURCE_RESOURCES: return g->resource;
    default: return g->scope;
    }
}

static int read_table(const struct reading *rd, const struct vector_source *vs, struct vector *ret,
                      struct err *err)
{
    struct row_group g;
    TRY(source_group(rd->src, rd->r->scanner, rd->group, table_need(vs->which), &g, err));
    *ret = (struct vector){.kind = VECTOR_IDS,
                           .ids = pick_ids(rd, table_ids(&g, vs->which)),
                           .table = vs->table,
                           .table_count = vs->table_count};
    return ret->ids ? 0 : run_out_of_memory(err);
}

static int read_none(const struct reading *rd, const struct vector_source *vs, struct vector *ret,
                     struct err *err)
{
    *ret = (struct vector){.kind = VECTOR_IDS,
                           .ids = arena_calloc(rd->arena, rd->ranks.count, sizeof *ret->ids),
                           .table = vs->table,
                           .table_count = 1};
    return ret->ids ? 0 : run_out_of_memory(err);
}

static int64_t clamp(uint64_t n)
{
    return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static int read_ints(const struct reading *rd, enum field_kind kind, struct vector *ret,
                     struct err *err)
{
    unsigned need = kind == FIELD_START      ? ROWS_START
                    : kind == FIELD_DURATION ? ROWS_DURATION
                                             : ROWS_TEMPLATE;
    uint32_t row, i = 0, n = rd->ranks.count;
    int64_t *ints = arena_alloc(rd->arena, (size_t)n * sizeof *ints + 1);
    struct bits_walk w = bits_begin(rd->ranks.rows);
    struct row_group g;
    if (!ints)
        return run_out_of_memory(err);
    TRY(source_group(rd->src, rd->r->scanner, rd->group, need, &g, err));
    *ret = (struct vector){.kind = VECTOR_INTS, .ints = ints};
    if (need == ROWS_TEMPLATE) {
        const uint8_t *bytes = kind == FIELD_KIND ? g.kind : g.status;
        while (bits_next(&w, &row))
            ints[i++] = bytes[row];
        return 0;
    }
    const uint64_t *times = need == ROWS_START ? g.start_ns : g.duration_ns;
    for (; rd->ranks.all && i < n; i++)
        ints[i] = clamp(times[i]);
    while (!rd->ranks.all && bits_next(&w, &row))
        ints[i++] = clamp(times[row]);
    return 0;
}

static struct value *new_values(const struct reading *rd, struct vector *ret)
{
    struct value *values = arena_calloc(rd->arena, rd->ranks.count, sizeof *values);
    *ret = (struct vector){.kind = VECTOR_VALUES, .values = values};
    return values;
}

/* Ids of traces and spans, copied. */
static int read_bytes(const struct reading *rd, enum field_kind kind, struct vector *ret,
                      struct err *err)
{
    size_t size = kind == FIELD_TRACE_ID ? TRACE_ID_BYTES : SPAN_ID_BYTES;
    struct value *values = new_values(rd, ret);
    char *bytes = arena_alloc(rd->arena, rd->ranks.count * size + 1);
    unsigned need = kind == FIELD_TRACE_ID  ? 0
                    : kind == FIELD_SPAN_ID ? ROWS_SPAN_ID
                                            : ROWS_SPAN_ID | ROWS_PARENT;
    struct row_group g;
    uint32_t row;
    if (!values || !bytes)
        return run_out_of_memory(err);
    TRY(source_group(rd->src, rd->r->scanner, rd->group, need, &g, err));
    for (struct bits_walk w = bits_begin(rd->ranks.rows); bits_next(&w, &row);) {
        struct trace_id id;
        const void *from = &id;
        if (kind == FIELD_TRACE_ID)
            TRY(source_trace_id(rd->src, g.first_row + row, &id, err));
        else
            from = kind == FIELD_SPAN_ID ? &g.span_id[row] : &g.parent_id[row];
        memcpy(bytes, from, size);
        if (kind != FIELD_PARENT_ID || !span_id_is_zero(g.parent_id[row]))
            *values = (struct value){VALUE_BYTES, {.string = str_make(bytes, size)}};
        values++;
        bytes += size;
    }
    return 0;
}

static int read_ids(const struct reading *rd, const struct part_at *at,
                    const struct vector_source *vs, struct vector *ret, struct err *err)
{
    uint32_t *ids = arena_alloc(rd->arena, (size_t)rd->ranks.count * sizeof *ids + 1);
    if (!ids)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < rd->ranks.count; i++)
        ids[i] = vs->table_count - 1;
    *ret = (struct vector){
        .kind = VECTOR_IDS, .ids = ids, .table = vs->table, .table_count = vs->table_count};
    return fill_ids(at, &vs->tables[TABLE_SPANS], vs->bases, ids, err);
}

static int fill_by_table(const struct reading *rd, enum source_table which,
                         const struct value *table, struct value *values, struct err *err)
{
    struct row_group g;
    uint32_t row, i = 0;
    if (!table)
        return 0;
    TRY(source_group(rd->src, rd->r->scanner, rd->group, table_need(which), &g, err));
    for (struct bits_walk w = bits_begin(rd->ranks.rows); bits_next(&w, &row); i++) {
        if (values[i].type == VALUE_EMPTY)
            values[i] = table[table_ids(&g, which)[row]];
    }
    return 0;
}

/* In the order of the field's scope; places that do not have it are empty. */
static int read_layers(const struct reading *rd, const struct part_at *at,
                       const struct vector_source *vs, struct vector *ret, struct err *err)
{
    struct value *values = new_values(rd, ret);
    bool scope_first = at->field->scope == SCOPE_ANY;
    if (!values)
        return run_out_of_memory(err);
    TRY(fill_from_columns(at, &vs->tables[TABLE_SPANS], values, err));
    TRY(fill_by_table(rd, SOURCE_RESOURCES, vs->resources, values, err));
    if (scope_first)
        TRY(fill_by_table(rd, SOURCE_SCOPES, vs->scopes, values, err));
    for (enum column_table t = TABLE_EVENTS; t < TABLE_COUNT; t++) {
        if (at->field->kind == FIELD_EVENT_NAME ? t == TABLE_EVENTS
                                                : field_columns_any(&vs->tables[t]))
            TRY(fill_from_others(at, t, &vs->tables[t], values, err));
    }
    if (!scope_first)
        TRY(fill_by_table(rd, SOURCE_SCOPES, vs->scopes, values, err));
    let_go(values, rd->ranks.count);
    for (uint32_t i = 0; at->field->kind == FIELD_STATUS_MESSAGE && i < rd->ranks.count; i++) {
        if (values[i].type == VALUE_EMPTY)
            values[i].type = VALUE_STRING;
    }
    return 0;
}

static int read_one(const struct reading *rd, const struct vector_field *f,
                    const struct vector_source *vs, struct vector *ret, struct err *err)
{
    struct part_at at = {rd->r, rd->src->part, rd->group, &f->field, &rd->ranks, rd->arena};
    switch (vs->way) {
    case WAY_NONE: return read_none(rd, vs, ret, err);
    case WAY_INTS: return read_ints(rd, f->field.kind, ret, err);
    case WAY_TABLE: return read_table(rd, vs, ret, err);
    case WAY_BYTES: return read_bytes(rd, f->field.kind, ret, err);
    case WAY_IDS: return read_ids(rd, &at, vs, ret, err);
    case WAY_LAYERS: return read_layers(rd, &at, vs, ret, err);
    case WAY_SPAN: break;
    }
    return new_values(rd, ret) ? 0 : run_out_of_memory(err); /* read_spans fills them */
}

/* ---- Heads ---- */

/* Only a span whose bytes have the key can have the attribute. */
static bool in_message(const struct field *f, struct str message)
{
    return f->kind != FIELD_ATTRIBUTE || !f->key.n ||
           memmem(message.p ? message.p : "", message.n, f->key.p, f->key.n);
}

struct wanted {
    const struct field *field;
    struct value *values;
};

static int read_span(const struct reading *rd, const struct row_group *g, uint32_t row,
                     const struct wanted *wanted, uint32_t count, uint32_t i, struct err *err)
{
    struct run *r = rd->r;
    struct str message = source_head_message(rd->src, g->first_row + row);
    struct span span = run_empty_span;
    bool decode = false;
    arena_reset(&r->scratch);
    for (uint32_t k = 0; k < count; k++)
        decode |= in_message(wanted[k].field, message);
    if (decode)
        TRY(source_span(rd->src, r->reader, g->first_row + row, &r->scratch, false, &span, err));
    TRY(run_resource(r, rd->source, g->resource[row], &span.resource, err));
    TRY(run_scope(r, rd->source, g->scope[row], &span.scope, err));
    for (uint32_t k = 0; k < count; k++) {
        wanted[k].values[i] = field_value(wanted[k].field, &(struct span_view){.span = &span});
        value_copy(&wanted[k].values[i], rd->arena);
    }
    return arena_failed(rd->arena) ? run_out_of_memory(err) : run_tick(r, err);
}

static int read_spans(const struct reading *rd, const struct wanted *wanted, uint32_t count,
                      struct err *err)
{
    struct row_group g;
    uint32_t row, i = 0;
    if (!count)
        return 0;
    TRY(source_group(rd->src, rd->r->scanner, rd->group, 0, &g, err));
    for (struct bits_walk w = bits_begin(rd->ranks.rows); bits_next(&w, &row); i++)
        TRY(read_span(rd, &g, row, wanted, count, i, err));
    return 0;
}

int vectors_read(struct run *r, struct vector_field *const *fields, uint32_t count, uint32_t source,
                 uint32_t group, const struct bits *rows, struct arena *arena, struct vector *ret,
                 struct err *err)
{
    struct reading rd = {
        .r = r, .source = source, .group = group, .src = &r->snap.sources[source], .arena = arena};
    struct wanted wanted[SCAN_FIELDS_MAX];
    uint32_t wanted_count = 0;
    if (count > SCAN_FIELDS_MAX)
        return err_set(err, ERR_INVALID, "more than %d fields", SCAN_FIELDS_MAX);
    reading_begin(&rd, rows);
    for (uint32_t i = 0; i < count; i++) {
        const struct vector_source *vs = NULL;
        TRY(source_of(r, fields[i], source, &vs, err));
        TRY(read_one(&rd, fields[i], vs, &ret[i], err));
        if (vs->way == WAY_SPAN)
            wanted[wanted_count++] =
                (struct wanted){&fields[i]->field, (struct value *)(uintptr_t)ret[i].values};
    }
    return read_spans(&rd, wanted, wanted_count, err);
}

int vector_read(struct run *r, struct vector_field *f, uint32_t source, uint32_t group,
                const struct bits *rows, struct arena *arena, struct vector *ret, struct err *err)
{
    return vectors_read(r, &f, 1, source, group, rows, arena, ret, err);
}
