/* forest.c - see forest.h. */
#include "forest.h"

#include "traceql/pattern.h"

static const char *const keys[] = {"a", "b", "c", "flag"};

static uint32_t below(struct forest *f, uint32_t n)
{
    return rng_below(&f->rng, n);
}

/* ---- Values ---- */

static struct value text(const char *s)
{
    return (struct value){.type = VALUE_STRING, .string = str_of(s)};
}

static struct value integer(int64_t n)
{
    return (struct value){.type = VALUE_INT, .integer = n};
}

static struct value simple_value(struct forest *f)
{
    static const char *const words[] = {"x", "y", "zz", "", "op-1"};
    switch (below(f, 8)) {
    case 0: return (struct value){.type = VALUE_BOOL, .boolean = below(f, 2)};
    case 1: return (struct value){.type = VALUE_DOUBLE, .number = below(f, 8) / 2.0 - 1};
    case 2:
    case 3: return integer((int64_t)below(f, 5) - 1);
    default: return text(words[below(f, COUNT(words))]);
    }
}

static struct value random_value(struct forest *f)
{
    struct value v = simple_value(f);
    switch (below(f, 12)) {
    case 0: return (struct value){.type = VALUE_EMPTY};
    case 1: return (struct value){.type = VALUE_BYTES, .string = STR("\x01\x02")};
    case 2:
    case 3:
        v.type = VALUE_ARRAY;
        v.array.count = below(f, 3);
        v.array.items = arena_calloc(&f->arena, v.array.count, sizeof v);
        for (uint32_t i = 0; i < v.array.count; i++)
            v.array.items[i] = simple_value(f);
        return v;
    default: return v;
    }
}

static struct attrs random_attrs(struct forest *f, uint32_t max)
{
    struct attrs attrs = {arena_calloc(&f->arena, max + 1, sizeof(struct attr)), below(f, max + 1)};
    for (uint32_t i = 0; i < attrs.count; i++) { /* a key may come twice */
        attrs.items[i] = (struct attr){str_of(keys[below(f, COUNT(keys))]), random_value(f)};
        if (str_eq(attrs.items[i].key, STR("flag")) && below(f, 4))
            attrs.items[i].value = (struct value){.type = VALUE_BOOL, .boolean = below(f, 2)};
    }
    return attrs;
}

/* ---- Spans ---- */

static void make_places(struct forest *f)
{
    static const char *const services[] = {"front", "cart", "db"};
    for (uint32_t i = 0; i < COUNT(f->resources); i++) {
        struct resource *r = arena_calloc(&f->arena, 1, sizeof *r);
        r->attrs = random_attrs(f, i);
        if (i < 3) {
            r->service_name = str_of(services[i]);
            r->attrs.items[r->attrs.count++] =
                (struct attr){STR_INIT("service.name"), text(services[i])};
        }
        f->resources[i] = r;
    }
    for (uint32_t i = 0; i < COUNT(f->scopes); i++) {
        struct scope *s = arena_calloc(&f->arena, 1, sizeof *s);
        s->name = str_of(i ? "lib" : "");
        s->version = str_of(i == 2 ? "2" : "");
        s->attrs = random_attrs(f, i);
        f->scopes[i] = s;
    }
}

static struct span_id id_of(uint64_t trace, uint32_t n)
{
    uint64_t bits = ((uint64_t)n + 1) << 32 | (trace + 1);
    struct span_id id;
    memcpy(id.bytes, &bits, sizeof bits);
    return id;
}

static void make_links(struct forest *f, struct span *s)
{
    static const char *const names[] = {"", "retry", "op-1"};
    s->event_count = below(f, 3) ? 0 : 1 + below(f, 2);
    s->events = arena_calloc(&f->arena, s->event_count, sizeof *s->events);
    for (uint32_t i = 0; i < s->event_count; i++)
        s->events[i] = (struct span_event){.time_ns = s->start_ns + below(f, 20) - 5,
                                           .name = str_of(names[below(f, 3)]),
                                           .attrs = random_attrs(f, 2)};
    s->link_count = below(f, 4) ? 0 : 1 + below(f, 2);
    s->links = arena_calloc(&f->arena, s->link_count, sizeof *s->links);
    for (uint32_t i = 0; i < s->link_count; i++)
        s->links[i] = (struct span_link){.trace_id = test_trace_id(below(f, 5)),
                                         .span_id = id_of(below(f, 5), 0),
                                         .attrs = random_attrs(f, 2)};
}

/* Mostly a tree; else a second root, an orphan, any span of the trace: later ones and itself make circles. */
static struct span_id random_parent(struct forest *f, uint64_t trace, uint32_t i, uint32_t n)
{
    switch (below(f, 24)) {
    case 0: return (struct span_id){{0}};
    case 1:
    case 2: return id_of(trace, n + 5 + below(f, 2));
    case 3:
    case 4: return id_of(trace, below(f, n));
    default: return i ? id_of(trace, below(f, i)) : (struct span_id){{0}};
    }
}

static void make_trace(struct forest *f, uint64_t t, uint32_t n)
{
    for (uint32_t i = 0; i < n && f->count < FOREST_SPANS_MAX; i++) {
        struct span *s = &f->spans[f->count++];
        s->trace_id = test_trace_id(t);
        s->span_id = id_of(t, i && below(f, 10) == 0 ? below(f, i) : i);
        s->parent_span_id = random_parent(f, t, i, n);
        s->name = arena_printf(&f->arena, "op-%u", below(f, 4));
        s->kind = (enum span_kind)below(f, 6);
        s->status_code = (enum status_code)below(f, 3);
        s->status_message = below(f, 3) ? STR("") : STR("broken");
        s->start_ns = 1700000000000000000u + t * 40000 + i * 1000 + below(f, 1000);
        s->end_ns = s->start_ns + below(f, 30) * 100;
        s->resource = f->resources[below(f, COUNT(f->resources))];
        s->scope = f->scopes[below(f, COUNT(f->scopes))];
        s->attrs = random_attrs(f, 3);
        make_links(f, s);
    }
}

static void store_spans(struct forest *f)
{
    uint32_t *order = calloc(f->count, sizeof *order);
    struct span batch[32];
    size_t n = 0;
    for (uint32_t i = 0; i < f->count;
         i++) { /* nearly in order: traces straddle batches and parts */
        uint32_t k = i < 25 ? 0 : i - below(f, below(f, 40) ? 25 : i);
        order[i] = order[k];
        order[k] = i;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        batch[n++] = f->spans[order[i]];
        if (below(f, 12) == 0 && n < COUNT(batch))
            batch[n++] = f->spans[order[below(f, i + 1)]]; /* sent again */
        if (n >= COUNT(batch) - 1 || i + 1 == f->count) {
            assert_int_equal(append_wait(f->store, batch, n), 0);
            n = 0;
        }
        if (i % 250 == 249)
            assert_int_equal(store_seal_now(f->store, NULL), 0);
    }
    free(order);
}

static void delete_trace(struct forest *f, struct trace_id id)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        if (!trace_id_eq(f->spans[i].trace_id, id))
            f->spans[kept++] = f->spans[i];
    }
    assert_int_equal(store_delete_trace(f->store, id, NULL), 0);
    f->count = kept;
}

int forest_setup(void **state)
{
    static const char *const patterns[FOREST_PATTERNS] = {"x|y", "z+", ".*", "op-[01]",
                                                          "[0-9a-f]+"};
    struct forest *f = calloc(1, sizeof *f);
    struct engine_options options;
    const char *seed = getenv("CAIRN_TEST_SEED");
    f->rng.state = f->seed = seed ? strtoull(seed, NULL, 10) : 5;
    print_message("seed %llu\n", (unsigned long long)f->seed);
    arena_init(&f->arena, 0);
    for (int i = 0; i < FOREST_PATTERNS; i++)
        assert_int_equal(pattern_compile(str_of(patterns[i]), &f->arena, &f->patterns[i], NULL), 0);
    f->dir = temp_dir();
    options = test_options(f->dir);
    assert_int_equal(store_open(&options, &f->store, NULL), 0);
    make_places(f);
    for (uint64_t t = 0; t < FOREST_TRACES; t++)
        make_trace(f, t, t == 40 ? FOREST_TRACE_MAX : 1 + below(f, below(f, 2) ? 30 : 6));
    store_spans(f);
    for (uint64_t t = 3; t < FOREST_TRACES; t += 13)
        delete_trace(f, test_trace_id(t));
    *state = f;
    return 0;
}

int forest_teardown(void **state)
{
    struct forest *f = *state;
    store_close(f->store);
    temp_dir_remove(f->dir);
    arena_release(&f->arena);
    free(f);
    return 0;
}

/* ---- Conditions ---- */

static struct field random_field(struct forest *f, bool trace)
{
    struct field field = {
        .kind = (enum field_kind)below(f, (trace ? FIELD_NESTED_PARENT : FIELD_LINK_SPAN_ID) + 1)};
    if (below(f, 3) == 0)
        field.kind = FIELD_ATTRIBUTE;
    if (field.kind == FIELD_ATTRIBUTE) {
        field.key = below(f, 12) ? str_of(keys[below(f, COUNT(keys))]) : STR("service.name");
        field.scope = (enum field_scope)below(f, SCOPE_FIRST + 1);
        if (below(f, 3) == 0)
            field.scope = SCOPE_FIRST;
    }
    return field;
}

static struct value hex(struct forest *f, struct arena *a, const void *p, size_t n)
{
    char out[40] = "";
    const uint8_t *bytes = p;
    if (below(f, 2))
        return (struct value){.type = VALUE_BYTES, .string = str_make(p, n)};
    for (size_t i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return (struct value){.type = VALUE_STRING, .string = arena_str(a, str_of(out))};
}

/* A literal that the field may have. */
static struct value fitting_value(struct forest *f, struct arena *a, const struct field *field)
{
    const struct span *s = &f->spans[below(f, f->count)];
    switch (field->kind) {
    case FIELD_NAME: return (struct value){.type = VALUE_STRING, .string = s->name};
    case FIELD_SERVICE:
    case FIELD_ROOT_SERVICE:
        return (struct value){.type = VALUE_STRING, .string = s->resource->service_name};
    case FIELD_ROOT_NAME: return (struct value){.type = VALUE_STRING, .string = s->name};
    case FIELD_KIND: return integer(below(f, 6));
    case FIELD_STATUS: return integer(below(f, 3));
    case FIELD_STATUS_MESSAGE: return below(f, 2) ? text("broken") : text("");
    case FIELD_DURATION: return integer((int64_t)span_duration_ns(s));
    case FIELD_START: return integer((int64_t)s->start_ns);
    case FIELD_TRACE_ID:
    case FIELD_LINK_TRACE_ID: return hex(f, a, s->trace_id.bytes, 16);
    case FIELD_SPAN_ID:
    case FIELD_LINK_SPAN_ID: return hex(f, a, s->span_id.bytes, 8);
    case FIELD_PARENT_ID: return hex(f, a, s->parent_span_id.bytes, 8);
    case FIELD_SCOPE_NAME: return text("lib");
    case FIELD_SCOPE_VERSION: return text("2");
    case FIELD_EVENT_NAME: return below(f, 2) ? text("retry") : text("");
    case FIELD_EVENT_TIME: return integer((int64_t)below(f, 20) - 5);
    case FIELD_TRACE_DURATION: return integer(below(f, 40) * 1000);
    case FIELD_ATTRIBUTE: return simple_value(f);
    default: return integer((int64_t)below(f, 12) - 1);
    }
}

static const struct expr *node(struct arena *a, struct expr e)
{
    struct expr *n = arena_calloc(a, 1, sizeof *n);
    *n = e;
    return n;
}

const struct expr *forest_field(struct forest *f, struct arena *a, bool trace)
{
    return node(a, (struct expr){.op = EXPR_FIELD, .field = random_field(f, trace)});
}

static const struct expr *literal(struct arena *a, struct value v)
{
    return node(a, (struct expr){.op = EXPR_LITERAL, .literal = v});
}

static const struct expr *operand(struct forest *f, struct arena *a, int depth, bool trace)
{
    const struct expr *left;
    switch (below(f, depth ? 6 : 3)) {
    case 0: return literal(a, below(f, 10) ? simple_value(f) : (struct value){.type = VALUE_EMPTY});
    case 3:
        left = operand(f, a, depth - 1, trace);
        return node(a, (struct expr){.op = EXPR_NEG, .left = left});
    case 4:
    case 5:
        left = operand(f, a, depth - 1, trace);
        return node(a, (struct expr){.op = (enum expr_op)(EXPR_ADD + below(f, 6)),
                                     .left = left,
                                     .right = operand(f, a, depth - 1, trace)});
    default: return forest_field(f, a, trace);
    }
}

static const struct expr *general(struct forest *f, struct arena *a, bool trace)
{
    struct expr e = {.op = (enum expr_op)(EXPR_EQ + below(f, EXPR_NOT_MATCH - EXPR_EQ + 1)),
                     .left = operand(f, a, 2, trace)};
    e.right = operand(f, a, 2, trace);
    if (e.left->op == EXPR_FIELD && below(f, 2))
        e.right = literal(a, fitting_value(f, a, &e.left->field));
    if (e.op == EXPR_MATCH || e.op == EXPR_NOT_MATCH)
        e.pattern = f->patterns[below(f, FOREST_PATTERNS)];
    return node(a, e);
}

static const struct expr *leaf(struct forest *f, struct arena *a, bool trace)
{
    struct expr e = {.op = (enum expr_op)(EXPR_EQ + below(f, EXPR_TEXT_EQ - EXPR_EQ + 1)),
                     .field = random_field(f, trace)};
    e.literal = fitting_value(f, a, &e.field);
    e.pattern = f->patterns[below(f, FOREST_PATTERNS)];
    if (below(f, 3) == 0)
        e.op = EXPR_EQ;
    return node(a, e);
}

static const struct expr *term(struct forest *f, struct arena *a, bool trace)
{
    switch (below(f, 10)) {
    case 0: return forest_field(f, a, trace);
    case 1: return literal(a, (struct value){.type = VALUE_BOOL, .boolean = below(f, 2)});
    case 2:
    case 3: return general(f, a, trace);
    case 4: return expr_not(a, forest_field(f, a, trace));
    default: return leaf(f, a, trace);
    }
}

const struct expr *forest_condition(struct forest *f, struct arena *a, int depth, bool trace)
{
    const struct expr *left;
    switch (below(f, depth ? 6 : 1)) {
    case 1:
    case 2:
        left = forest_condition(f, a, depth - 1, trace);
        return expr_and(a, left, forest_condition(f, a, depth - 1, trace));
    case 3:
        left = forest_condition(f, a, depth - 1, trace);
        return expr_or(a, left, forest_condition(f, a, depth - 1, trace));
    case 4: return expr_not(a, forest_condition(f, a, depth - 1, trace));
    default: return term(f, a, trace);
    }
}
