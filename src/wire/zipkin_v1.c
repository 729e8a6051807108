/* zipkin_v1.c - a row for each side of a call: how it begins, how it ends, where its other end is named. */
#include "wire/zipkin_v1.h"

static const struct side {
    enum span_kind kind;
    struct str begin, end; /* core annotations */
    struct str address;    /* key of the other end's binary annotation */
} sides[] = {
    {SPAN_KIND_CLIENT, STR_INIT("cs"), STR_INIT("cr"), STR_INIT("sa")},
    {SPAN_KIND_SERVER, STR_INIT("sr"), STR_INIT("ss"), STR_INIT("ca")},
    {SPAN_KIND_PRODUCER, STR_INIT("ms"), STR_INIT("ws"), STR_INIT("ma")},
    {SPAN_KIND_CONSUMER, STR_INIT("mr"), STR_INIT("wr"), STR_INIT("ma")},
};

enum { SIDES = sizeof sides / sizeof *sides };

struct zipkin_v1_annotation *zipkin_v1_annotation_add(struct zipkin_v1_span *v, struct arena *arena)
{
    struct zipkin_v1_annotation *grown =
        arena_grow(arena, v->annotations, v->annotation_count, &v->annotation_cap,
                   v->annotation_count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    v->annotations = grown;
    grown[v->annotation_count] = (struct zipkin_v1_annotation){0};
    return &grown[v->annotation_count++];
}

struct zipkin_v1_binary *zipkin_v1_binary_add(struct zipkin_v1_span *v, struct arena *arena)
{
    struct zipkin_v1_binary *grown = arena_grow(arena, v->binaries, v->binary_count, &v->binary_cap,
                                                v->binary_count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    v->binaries = grown;
    grown[v->binary_count] = (struct zipkin_v1_binary){0};
    return &grown[v->binary_count++];
}

bool zipkin_v1_is_address(struct str key)
{
    for (int i = 0; i < SIDES; i++) {
        if (str_eq(key, sides[i].address))
            return true;
    }
    return false;
}

static const struct zipkin_v1_annotation *find(const struct zipkin_v1_span *v, struct str value)
{
    for (size_t i = 0; i < v->annotation_count; i++) {
        if (str_eq(v->annotations[i].value, value))
            return &v->annotations[i];
    }
    return NULL;
}

static const struct zipkin_v1_binary *find_address(const struct zipkin_v1_span *v, struct str key)
{
    for (size_t i = 0; i < v->binary_count; i++) {
        if (v->binaries[i].is_address && str_eq(v->binaries[i].key, key))
            return &v->binaries[i];
    }
    return NULL;
}

static bool is_core(struct str value)
{
    for (int i = 0; i < SIDES; i++) {
        if (str_eq(value, sides[i].begin) || str_eq(value, sides[i].end))
            return true;
    }
    return false;
}

/* What is said by this endpoint, or by none, belongs to the span of that endpoint. */
static bool is_mine(const struct zipkin_endpoint *host, const struct zipkin_span *z, bool alone)
{
    return alone || host->service.n == 0 || str_eq(host->service, z->local.service);
}

static void fill(struct zipkin_map *m, const struct zipkin_v1_span *v, struct zipkin_span *z,
                 bool alone)
{
    for (size_t i = 0; i < v->annotation_count; i++) {
        const struct zipkin_v1_annotation *a = &v->annotations[i];
        struct span_event *e;
        if (!is_core(a->value) && is_mine(&a->host, z, alone) &&
            (e = event_list_add(&z->annotations, m->arena))) {
            e->time_ns = a->time_ns;
            e->name = a->value;
        }
    }
    for (size_t i = 0; i < v->binary_count; i++) {
        const struct zipkin_v1_binary *b = &v->binaries[i];
        if (!b->is_address && !(str_eq(b->key, STR("lc")) && b->value.n == 0) &&
            is_mine(&b->host, z, alone))
            attr_list_add_string(&z->tags, m->arena, b->key, b->value);
    }
}

static struct zipkin_span common(const struct zipkin_v1_span *v)
{
    return (struct zipkin_span){.trace_id = v->trace_id,
                                .span_id = v->span_id,
                                .parent_id = v->parent_id,
                                .name = v->name,
                                .start_ns = v->start_ns,
                                .duration_ns = v->duration_ns};
}

/* The span's own times are those of its first side; a side that shares the span goes by its annotations. */
static void add_side(struct zipkin_map *m, const struct zipkin_v1_span *v, const struct side *side,
                     bool first, bool alone)
{
    const struct zipkin_v1_annotation *begin = find(v, side->begin), *end = find(v, side->end);
    const struct zipkin_v1_binary *other = find_address(v, side->address);
    struct zipkin_span z = common(v);
    z.kind = side->kind;
    z.local = begin ? begin->host : end->host;
    if (other)
        z.remote = other->host;
    if (!first || z.start_ns == 0)
        z.start_ns = begin ? begin->time_ns : 0;
    if (!first || z.duration_ns == 0)
        z.duration_ns =
            begin && end && end->time_ns > begin->time_ns ? end->time_ns - begin->time_ns : 0;
    fill(m, v, &z, alone);
    zipkin_map_add(m, &z);
}

/* No side is named: a local span, or one that only knows the other end's address. */
static void add_plain(struct zipkin_map *m, const struct zipkin_v1_span *v)
{
    struct zipkin_span z = common(v);
    for (int i = 0; i < 2; i++) {
        const struct zipkin_v1_binary *other = find_address(v, sides[i].address);
        if (other && z.kind == SPAN_KIND_UNSPECIFIED) {
            z.kind = sides[i].kind;
            z.remote = other->host;
        }
    }
    for (size_t i = 0; i < v->binary_count && z.local.service.n == 0; i++) {
        if (!v->binaries[i].is_address)
            z.local = v->binaries[i].host;
    }
    for (size_t i = 0; i < v->annotation_count && z.local.service.n == 0; i++)
        z.local = v->annotations[i].host;
    fill(m, v, &z, true);
    zipkin_map_add(m, &z);
}

void zipkin_v1_add(struct zipkin_map *m, const struct zipkin_v1_span *v)
{
    bool present[SIDES];
    int count = 0, done = 0;
    for (int i = 0; i < SIDES; i++) {
        present[i] = find(v, sides[i].begin) || find(v, sides[i].end);
        count += present[i];
    }
    if (count == 0)
        add_plain(m, v);
    for (int i = 0; i < SIDES; i++) {
        if (present[i])
            add_side(m, v, &sides[i], done++ == 0, count == 1);
    }
}
