/* world.c - see world.h. */
#include "world.h"

static struct attr text_attr(const char *key, struct str s)
{
    return (struct attr){str_of(key), {VALUE_STRING, {.string = s}}};
}

/* ---- Data ---- */

static const struct resource *make_resource(struct world *w, uint32_t n)
{
    struct resource *r = arena_calloc(&w->arena, 1, sizeof *r);
    struct attr *attrs = arena_calloc(&w->arena, 3, sizeof *attrs);
    uint32_t count = 0;
    if (n + 1 < WORLD_SERVICES) {                                       /* the last has no name */
        r->service_name = arena_printf(&w->arena, "service-%u", n / 2); /* two of each name */
        attrs[count++] = text_attr("service.name", r->service_name);
    }
    attrs[count++] = text_attr("zone", arena_printf(&w->arena, "zone-%u", n % 2));
    if (n == 1)
        attrs[count++] = (struct attr){STR_INIT("code"), {VALUE_INT, {.integer = 700}}};
    r->attrs = (struct attrs){attrs, count};
    return r;
}

static const struct scope *make_scope(struct world *w, uint32_t n)
{
    struct scope *s = arena_calloc(&w->arena, 1, sizeof *s);
    struct attr *attrs = arena_calloc(&w->arena, 2, sizeof *attrs);
    if (n) {
        s->name = arena_printf(&w->arena, "lib-%u", n);
        s->version = STR("1.0");
    }
    attrs[0] = text_attr("lib", STR("yes"));
    attrs[1] = (struct attr){STR_INIT("code"), {VALUE_INT, {.integer = 800}}};
    s->attrs = (struct attrs){attrs, n};
    return s;
}

static struct value random_value(struct world *w)
{
    struct rng *r = &w->rng;
    struct value v = {.type = VALUE_INT};
    switch (rng_below(r, 10)) {
    case 0: return (struct value){.type = VALUE_EMPTY};
    case 1: return (struct value){VALUE_BOOL, {.boolean = rng_below(r, 2)}};
    case 2: return (struct value){VALUE_DOUBLE, {.number = rng_below(r, 40) / 4.0 - 3}};
    case 3:
    case 4:
    case 5: return text_attr("", arena_printf(&w->arena, "%u", rng_below(r, 6) * 100)).value;
    case 6:
        v.type = VALUE_ARRAY;
        v.array.items = arena_calloc(&w->arena, 2, sizeof v);
        v.array.items[0] = text_attr("", STR("one")).value;
        v.array.items[1] = (struct value){VALUE_INT, {.integer = rng_below(r, 3)}};
        v.array.count = 2;
        return v;
    case 7:
        return (struct value){VALUE_BYTES,
                              {.string = arena_printf(&w->arena, "b%u", rng_below(r, 3))}};
    default: v.integer = rng_below(r, 6) * 100; return v;
    }
}

static struct attrs random_attrs(struct world *w, uint32_t max)
{
    static const char *const keys[] = {"code", "size", "mixed", "other"};
    uint32_t n = rng_below(&w->rng, max + 1), count = 0;
    struct attr *attrs = arena_calloc(&w->arena, n + 1, sizeof *attrs);
    for (uint32_t i = 0; i < n; i++) /* a key may come twice */
        attrs[count++] =
            (struct attr){str_of(keys[rng_below(&w->rng, COUNT(keys))]), random_value(w)};
    return (struct attrs){attrs, count};
}

static void add_span_attrs(struct world *w, struct span *s)
{
    struct attrs more = random_attrs(w, 3);
    struct attr *attrs = arena_calloc(&w->arena, more.count + 4, sizeof *attrs);
    uint32_t n = 0;
    if (rng_below(&w->rng, 4))
        attrs[n++] = text_attr("route", arena_printf(&w->arena, "/path/%u", rng_below(&w->rng, 6)));
    if (rng_below(&w->rng, 2))
        attrs[n++] = text_attr("user", arena_printf(&w->arena, "u-%u-%u", rng_below(&w->rng, 500),
                                                    rng_below(&w->rng, 500)));
    if (rng_below(&w->rng, 2))
        attrs[n++] =
            (struct attr){STR_INIT("flag"), {VALUE_BOOL, {.boolean = rng_below(&w->rng, 2)}}};
    if (rng_below(&w->rng, 2))
        attrs[n++] = (struct attr){
            STR_INIT("weight"),
            {VALUE_DOUBLE, {.number = (double)rng_below(&w->rng, 100000) / 7 - 2000}}};
    if (more.count)
        memcpy(attrs + n, more.items, more.count * sizeof *attrs);
    s->attrs = (struct attrs){attrs, n + more.count};
}

static void add_others(struct world *w, struct span *s)
{
    static const char *const names[] = {"", "retry", "exception"};
    s->event_count = rng_below(&w->rng, 3);
    s->events = arena_calloc(&w->arena, s->event_count, sizeof *s->events);
    for (uint32_t i = 0; i < s->event_count; i++)
        s->events[i] = (struct span_event){.time_ns = s->start_ns + rng_below(&w->rng, 100) - 10,
                                           .name = str_of(names[rng_below(&w->rng, 3)]),
                                           .attrs = random_attrs(w, 2)};
    s->link_count = rng_below(&w->rng, 4) ? 0 : 1 + rng_below(&w->rng, 2);
    s->links = arena_calloc(&w->arena, s->link_count, sizeof *s->links);
    for (uint32_t i = 0; i < s->link_count; i++) {
        s->links[i] = (struct span_link){.trace_id = test_trace_id(rng_below(&w->rng, 9)),
                                         .attrs = random_attrs(w, 2)};
        memset(s->links[i].span_id.bytes, (int)rng_below(&w->rng, 5) + 1, 8);
    }
}

static void make_spans(struct world *w)
{
    const struct resource *resources[WORLD_SERVICES];
    const struct scope *scopes[3];
    for (uint32_t i = 0; i < WORLD_SERVICES; i++)
        resources[i] = make_resource(w, i);
    for (uint32_t i = 0; i < 3; i++)
        scopes[i] = make_scope(w, i);
    w->start_ns = 1700000000000000000u;
    for (uint64_t t = 0; t < WORLD_TRACES; t++) {
        uint32_t n = 1 + rng_below(&w->rng, 30);
        for (uint32_t i = 0; i < n && w->count < WORLD_SPANS_MAX; i++) {
            struct span *s = &w->spans[w->count++];
            test_span(&w->arena, t, i, s);
            s->start_ns = w->start_ns + t * 60000000 + rng_below(&w->rng, 900) * 1000000;
            s->end_ns = s->start_ns + (UINT64_C(1) << rng_below(&w->rng, 34)) +
                        rng_below(&w->rng, 1000) - 500;
            s->resource = resources[rng_below(&w->rng, WORLD_SERVICES)];
            s->scope = scopes[rng_below(&w->rng, 3)];
            if (i && rng_below(&w->rng, 8) == 0)
                memset(s->parent_span_id.bytes, (int)rng_below(&w->rng, 200) + 1, 8);
            s->status_message = rng_below(&w->rng, 4) ? STR("") : STR("broken");
            add_span_attrs(w, s);
            add_others(w, s);
        }
    }
    w->end_ns = w->start_ns + WORLD_TRACES * UINT64_C(60000000) + UINT64_C(900000000);
}

/* Nearly in order, so that traces straddle batches and parts. */
static void store_spans(struct world *w)
{
    size_t *order = calloc(w->count, sizeof *order), n = 0;
    struct span batch[40];
    for (size_t i = 0; i < w->count; i++) {
        size_t k = i < 30 ? 0 : i - rng_below(&w->rng, 30);
        order[i] = order[k];
        order[k] = i;
    }
    for (size_t i = 0; i < w->count; i++) {
        batch[n++] = w->spans[order[i]];
        if (n == COUNT(batch) || i + 1 == w->count) {
            assert_int_equal(append_wait(w->store, batch, n), 0);
            n = 0;
        }
        if (i % 600 == 599)
            assert_int_equal(store_seal_now(w->store, NULL), 0);
    }
    free(order);
}

static void delete_trace(struct world *w, struct trace_id id)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++) {
        if (!trace_id_eq(w->spans[i].trace_id, id))
            w->spans[kept++] = w->spans[i];
    }
    if (kept != w->count)
        assert_int_equal(store_delete_trace(w->store, id, NULL), 0);
    w->count = kept;
}

int world_setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct engine_options options;
    const char *seed = getenv("CAIRN_TEST_SEED");
    w->rng.state = seed ? strtoull(seed, NULL, 10) : 11;
    arena_init(&w->arena, 0);
    w->dir = temp_dir();
    options = test_options(w->dir);
    assert_int_equal(store_open(&options, &w->store, NULL), 0);
    make_spans(w);
    store_spans(w);
    for (uint64_t t = 5; t < WORLD_TRACES; t += 16)
        delete_trace(w, test_trace_id(t));
    delete_trace(w, test_trace_id(WORLD_TRACES - 1));
    *state = w;
    return 0;
}

int world_teardown(void **state)
{
    struct world *w = *state;
    store_close(w->store);
    temp_dir_remove(w->dir);
    arena_release(&w->arena);
    free(w);
    return 0;
}

/* ---- Questions ---- */

struct field world_field(struct world *w)
{
    static const char *const keys[] = {"code",  "size",         "mixed", "other",
                                       "route", "user",         "flag",  "weight",
                                       "zone",  "service.name", "lib",   "absent"};
    struct field f = {.kind = (enum field_kind)rng_below(&w->rng, FIELD_LINK_SPAN_ID + 1)};
    if (rng_below(&w->rng, 2))
        f.kind = FIELD_ATTRIBUTE;
    if (f.kind == FIELD_ATTRIBUTE) {
        f.key = str_of(keys[rng_below(&w->rng, COUNT(keys))]);
        f.scope = (enum field_scope)rng_below(&w->rng, SCOPE_FIRST + 1);
    }
    return f;
}

struct value world_value(const struct field *f, const struct span *span, struct arena *scratch)
{
    struct expr e = {.op = EXPR_FIELD, .field = *f};
    struct span_view view = {.span = span};
    return expr_value(&e, &view, scratch);
}

static const struct expr *random_term(struct world *w, struct arena *a)
{
    struct field f = world_field(w);
    const struct span *s = &w->spans[rng_below(&w->rng, (uint32_t)w->count)];
    enum expr_op op = rng_below(&w->rng, 2)
                          ? EXPR_EQ
                          : (enum expr_op)(EXPR_EQ + rng_below(&w->rng, EXPR_GE - EXPR_EQ + 1));
    struct value v = world_value(&f, s, a);
    if (v.type == VALUE_EMPTY || v.type == VALUE_ARRAY || f.kind == FIELD_DURATION)
        v = (struct value){VALUE_INT, {.integer = INT64_C(1) << rng_below(&w->rng, 34)}};
    return expr_compare(a, op, f, v);
}

const struct expr *world_filter(struct world *w, struct arena *a, int depth)
{
    switch (rng_below(&w->rng, depth ? 6 : 1)) {
    case 1: return expr_and(a, world_filter(w, a, depth - 1), world_filter(w, a, depth - 1));
    case 2:
    case 3: return expr_or(a, world_filter(w, a, depth - 1), world_filter(w, a, depth - 1));
    case 4: return expr_not(a, world_filter(w, a, depth - 1));
    default: return random_term(w, a);
    }
}
