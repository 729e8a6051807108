/* seal.c - the spans of one or more sources, in their final order, taken apart into columns; these written. */
#include "store/seal.h"

#include <stdlib.h>

#include "store/columns.h"
#include "store/mem.h"
#include "store/part_write.h"
#include "store/seal_order.h"

enum { READER_BYTES = 32 << 20 }; /* of decoded pages: a group or two of each part that is merged */

/* A table of strings that the sources' own are brought together in. */
struct merged {
    struct dict dict;
    uint32_t **maps; /* per source: its id -> the merged id + 1; 0 = not met */
};

struct seal {
    const struct source *sources;
    size_t source_count;
    struct columns columns;
    struct page_reader *reader;
    struct part_copier **copiers; /* of each source, once it was needed */
    struct arena scratch;         /* of the span at hand */
    struct merged services, resources, scopes;
    uint32_t **names; /* of each source that is a head: its name -> the columns' number + 1 */
    uint32_t *resource_service; /* by merged ids */
    size_t resource_service_cap;
    struct seal_order order;
};

/* The merged id of a source's string; *ret_new tells whether it was met for the first time. */
static uint32_t merged_id(struct seal *s, struct merged *m, uint32_t source,
                          enum source_table table, uint32_t id, bool *ret_new)
{
    uint32_t *place = &m->maps[source][id], known = m->dict.count;
    *ret_new = false;
    if (!*place) {
        *place = dict_intern(&m->dict, source_string(&s->sources[source], table, id)) + 1;
        *ret_new = m->dict.count > known;
    }
    return *place - 1;
}

/* The merged number of a row's resource; a new one brings its service. */
static uint32_t resource_of(struct seal *s, uint32_t source, uint32_t resource, uint32_t service)
{
    bool is_new, ignored;
    uint32_t id = merged_id(s, &s->resources, source, SOURCE_RESOURCES, resource, &is_new);
    if (is_new) {
        s->resource_service = mem_grow(s->resource_service, &s->resource_service_cap,
                                       (size_t)id + 1, sizeof *s->resource_service);
        s->resource_service[id] =
            merged_id(s, &s->services, source, SOURCE_SERVICES, service, &ignored);
    }
    return id;
}

/* The columns' number of a head's name. */
static uint32_t name_of(struct seal *s, uint32_t source, uint32_t name)
{
    uint32_t *place = &s->names[source][name];
    if (!*place)
        *place = columns_name(&s->columns, source_string(&s->sources[source], SOURCE_NAMES, name),
                              true) +
                 1;
    return *place - 1;
}

static int add_head_row(struct seal *s, const struct seal_place *place, struct trace_id id,
                        struct err *err)
{
    const struct source *src = &s->sources[place->source];
    const struct head_chunk *c = head_chunk(src->head, place->row);
    uint32_t i = place->row % HEAD_CHUNK_ROWS;
    struct columns_row row = {
        .trace_id = id,
        .span_id = c->span_id[i],
        .parent_id = c->parent_id[i],
        .start_ns = c->start_ns[i],
        .duration_ns = c->duration_ns[i],
        .name = name_of(s, place->source, c->name[i]),
        .resource = resource_of(s, place->source, c->resource[i], c->service[i]),
    };
    bool ignored;
    return columns_add_message(
        &s->columns, &row, c->kind[i] | (uint32_t)c->status[i] << 8,
        merged_id(s, &s->scopes, place->source, SOURCE_SCOPES, c->scope[i], &ignored),
        source_head_message(src, place->row), &s->scratch, err);
}

static int add_part_row(struct seal *s, const struct seal_place *place, struct trace_id id,
                        struct err *err)
{
    struct part *p = s->sources[place->source].part;
    uint32_t i = place->row % PART_GROUP_ROWS;
    const struct part_rows *rows;
    bool ignored;
    TRY(page_rows(s->reader, p, place->row / PART_GROUP_ROWS, ROWS_ALL, &rows, err));
    if (!s->copiers[place->source])
        s->copiers[place->source] = part_copier_new(s->reader, p, &s->columns);
    return part_copy_row(
        s->copiers[place->source], place->row, id,
        resource_of(s, place->source, rows->resource[i], rows->service[i]),
        merged_id(s, &s->scopes, place->source, SOURCE_SCOPES, rows->scope[i], &ignored), err);
}

static int add_row(struct seal *s, const struct seal_place *place, struct trace_id id,
                   struct err *err)
{
    TRY(s->sources[place->source].head ? add_head_row(s, place, id, err)
                                       : add_part_row(s, place, id, err));
    return s->columns.failed ? err_set(err, ERR_NOMEM, "out of memory for a part") : 0;
}

/* Rows of a head lie all over its memory: what is read soon is fetched while others are taken apart, first where a span's
 * bytes are, then these. */
static void prefetch(const struct seal *s, size_t k)
{
    enum { AHEAD = 4, LINES = 8, LINE_BYTES = 64 };
    const struct seal_place *far = &s->order.places[k + (size_t)2 * AHEAD], *near = far - AHEAD;
    if (k + (size_t)2 * AHEAD >= s->order.place_count)
        return;
    if (s->sources[far->source].head) {
        const struct head_chunk *c = head_chunk(s->sources[far->source].head, far->row);
        uint32_t i = far->row % HEAD_CHUNK_ROWS;
        __builtin_prefetch(&c->bytes[i]);
        __builtin_prefetch(&c->bytes_n[i]);
        __builtin_prefetch(&c->duration_ns[i]);
        __builtin_prefetch(&c->span_id[i]);
        __builtin_prefetch(&c->parent_id[i]);
        __builtin_prefetch(&c->name[i]);
        __builtin_prefetch(&c->resource[i]);
        __builtin_prefetch(&c->service[i]);
        __builtin_prefetch(&c->scope[i]);
    }
    if (s->sources[near->source].head) {
        struct str bytes = source_head_message(&s->sources[near->source], near->row);
        for (size_t at = 0; at < bytes.n && at < (size_t)LINES * LINE_BYTES; at += LINE_BYTES)
            __builtin_prefetch(bytes.p + at);
    }
}

static int add_traces(struct seal *s, const _Atomic int *stop, struct err *err)
{
    for (size_t t = 0; t < s->order.trace_count; t++) {
        if (stop && atomic_load_explicit(stop, memory_order_relaxed))
            return err_set(err, ERR_CANCELLED, "stopping");
        for (size_t k = s->order.traces[t].first; k < s->order.traces[t + 1].first; k++) {
            prefetch(s, k);
            TRY(add_row(s, &s->order.places[k], s->order.traces[t].id, err));
        }
    }
    return 0;
}

static void merged_init(struct seal *s, struct merged *m, const uint32_t *counts)
{
    m->maps = mem_calloc(s->source_count, sizeof *m->maps);
    for (size_t i = 0; i < s->source_count; i++)
        m->maps[i] = mem_calloc(counts[i], sizeof **m->maps);
}

static void merged_release(struct seal *s, struct merged *m)
{
    for (size_t i = 0; m->maps && i < s->source_count; i++)
        free(m->maps[i]);
    free(m->maps);
    dict_release(&m->dict);
}

static int prepare(struct seal *s, const struct seal_filter *filter, struct err *err)
{
    uint32_t *services = mem_calloc(s->source_count * 3, sizeof *services);
    uint32_t *resources = services + s->source_count, *scopes = resources + s->source_count;
    for (size_t i = 0; i < s->source_count; i++) {
        services[i] = s->sources[i].service_count;
        resources[i] = s->sources[i].resource_count;
        scopes[i] = s->sources[i].scope_count;
    }
    merged_init(s, &s->services, services);
    merged_init(s, &s->resources, resources);
    merged_init(s, &s->scopes, scopes);
    free(services);
    s->names = mem_calloc(s->source_count, sizeof *s->names);
    for (size_t i = 0; i < s->source_count; i++)
        s->names[i] =
            s->sources[i].head ? mem_calloc(s->sources[i].name_count, sizeof **s->names) : NULL;
    for (uint32_t i = 0; i < s->source_count; i++) {
        const struct source *src = &s->sources[i];
        for (enum source_table t = SOURCE_SERVICES; t <= SOURCE_SCOPES; t++)
            TRY(source_need_table(src, t, err));
    }
    return seal_order_make(s->sources, s->source_count, filter, s->reader, &s->order, err);
}

/* A dictionary's entries as an array. */
static struct str *strings_of(const struct dict *d)
{
    struct str *strings = mem_calloc(d->count, sizeof *strings);
    for (uint32_t i = 0; i < d->count; i++)
        strings[i] = dict_get(d, i);
    return strings;
}

static int write_columns(struct seal *s, const char *path, int zstd_level, const _Atomic int *stop,
                         struct manifest_part *ret_identity, struct err *err)
{
    struct str *services = strings_of(&s->services.dict);
    struct str *resources = strings_of(&s->resources.dict);
    struct str *scopes = strings_of(&s->scopes.dict);
    struct part_strings_in in = {
        .services = services,
        .resources = resources,
        .scopes = scopes,
        .resource_service = s->resource_service,
        .service_count = s->services.dict.count,
        .resource_count = s->resources.dict.count,
        .scope_count = s->scopes.dict.count,
    };
    int rc = part_write(&s->columns, &in, path, zstd_level, stop, ret_identity, err);
    free(services);
    free(resources);
    free(scopes);
    return rc;
}

static void release(struct seal *s)
{
    merged_release(s, &s->services);
    merged_release(s, &s->resources);
    merged_release(s, &s->scopes);
    for (size_t i = 0; i < s->source_count; i++)
        part_copier_free(s->copiers[i]);
    free(s->copiers);
    for (size_t i = 0; s->names && i < s->source_count; i++)
        free(s->names[i]);
    free(s->names);
    free(s->resource_service);
    columns_release(&s->columns);
    arena_release(&s->scratch);
    page_reader_free(s->reader);
    seal_order_release(&s->order);
}

int seal_write(const struct source *sources, size_t count, const char *path, int zstd_level,
               const struct seal_filter *filter, const _Atomic int *stop,
               struct manifest_part *ret_identity, struct err *err)
{
    struct seal s = {.sources = sources, .source_count = count};
    int rc;
    columns_init(&s.columns);
    arena_init(&s.scratch, 0);
    s.reader = page_reader_new(READER_BYTES);
    s.copiers = mem_calloc(count, sizeof *s.copiers);
    rc = prepare(&s, filter, err);
    if (rc == 0 && !s.order.place_count)
        rc = err_set(err, ERR_NOT_FOUND, "nothing is to be written");
    if (rc == 0)
        rc = add_traces(&s, stop, err);
    if (rc == 0)
        rc = write_columns(&s, path, zstd_level, stop, ret_identity, err);
    release(&s);
    return rc;
}
