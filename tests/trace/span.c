/* The span type: names, comparison field by field, deep copies, values as text. */
#include "trace/span.h"
#include "sample.h"
#include "test.h"

static void test_kinds(void **state)
{
    static const char *const names[] = {"unspecified", "internal", "server",
                                        "client",      "producer", "consumer"};
    (void)state;
    for (int i = 0; i < 6; i++) {
        enum span_kind kind;
        assert_string_equal(span_kind_name((enum span_kind)i), names[i]);
        assert_true(span_kind_parse(str_of(names[i]), &kind));
        assert_int_equal(kind, i);
    }
    assert_string_equal(span_kind_name((enum span_kind)6), "unspecified");
    assert_string_equal(span_kind_name((enum span_kind) - 1), "unspecified");
    enum span_kind kind = SPAN_KIND_CLIENT;
    assert_true(span_kind_parse(STR("SERVER"), &kind));
    assert_int_equal(kind, SPAN_KIND_SERVER);
    assert_false(span_kind_parse(STR("serve"), &kind));
    assert_false(span_kind_parse(STR(""), &kind));
    assert_int_equal(kind, SPAN_KIND_SERVER);
}

static void test_lookup(void **state)
{
    struct attr items[] = {{STR("a"), {.type = VALUE_INT, .integer = 1}},
                           {STR("b"), {.type = VALUE_STRING, .string = STR("first")}},
                           {STR("b"), {.type = VALUE_STRING, .string = STR("second")}}};
    struct attrs attrs = {items, 3}, none = {0};
    (void)state;
    assert_ptr_equal(attrs_get(&attrs, STR("a")), &items[0].value);
    assert_ptr_equal(attrs_get(&attrs, STR("b")), &items[1].value);
    assert_null(attrs_get(&attrs, STR("c")));
    assert_null(attrs_get(&none, STR("a")));
    check_str(attrs_get_string(&attrs, STR("b")), "first", "string");
    check_str(attrs_get_string(&attrs, STR("a")), "", "not a string");
}

/* A change of any one field is seen. */
static void test_eq(void **state)
{
    const struct span was = sample_batch().spans[0];
    struct resource resource = *was.resource, other_resource = *was.resource;
    struct scope other_scope = *was.scope;
    struct span_event events[2] = {was.events[0], was.events[1]};
    struct span_link links[2] = {was.links[0], was.links[1]};
    struct attr attrs[2] = {was.attrs.items[0], was.attrs.items[1]};
    struct span s = was;
    (void)state;
    assert_true(span_eq(&s, &was));
    s.resource = &resource; /* the same content in another place */
    assert_true(span_eq(&s, &was));
#define DIFFERS(...)                             \
    do {                                         \
        s = was;                                 \
        __VA_ARGS__;                             \
        CHECK(!span_eq(&s, &was), #__VA_ARGS__); \
    } while (0)
    DIFFERS(s.trace_id.bytes[15] ^= 1);
    DIFFERS(s.span_id.bytes[7] ^= 1);
    DIFFERS(s.parent_span_id.bytes[0] = 1);
    DIFFERS(s.trace_state = STR("x=y"));
    DIFFERS(s.name.n--);
    DIFFERS(s.kind = SPAN_KIND_CLIENT);
    DIFFERS(s.flags ^= 1u << 31);
    DIFFERS(s.start_ns++);
    DIFFERS(s.end_ns--);
    DIFFERS(s.status_code = STATUS_OK);
    DIFFERS(s.status_message = STR(""));
    DIFFERS(s.attrs.count--);
    DIFFERS(s.event_count--);
    DIFFERS(s.link_count--);
    DIFFERS(s.dropped_attributes_count++);
    DIFFERS(s.dropped_events_count++);
    DIFFERS(s.dropped_links_count++);
    DIFFERS(s.events = events; events[1].time_ns++);
    DIFFERS(s.events = events; events[1] = was.events[1]; events[0].attrs.count--);
    DIFFERS(s.links = links; links[0].flags++);
    DIFFERS(s.links = links; links[0] = was.links[0]; links[1].span_id.bytes[0]++);
    DIFFERS(s.attrs = (struct attrs){attrs, 2});
    DIFFERS(s.resource = &other_resource; other_resource.schema_url = STR(""));
    DIFFERS(s.scope = &other_scope; other_scope.version = STR("2"));
#undef DIFFERS
}

static void test_value_eq(void **state)
{
    struct value items[2] = {{.type = VALUE_INT, .integer = 1}, {.type = VALUE_INT, .integer = 2}};
    const struct value different[] = {
        {.type = VALUE_EMPTY},
        {.type = VALUE_STRING, .string = STR("1")},
        {.type = VALUE_BYTES, .string = STR("1")},
        {.type = VALUE_BOOL, .boolean = true},
        {.type = VALUE_BOOL, .boolean = false},
        {.type = VALUE_INT, .integer = 1},
        {.type = VALUE_DOUBLE, .number = 1},
        {.type = VALUE_DOUBLE, .number = 0},
        {.type = VALUE_DOUBLE, .number = -0.0},
        {.type = VALUE_ARRAY},
        {.type = VALUE_ARRAY, .array = {items, 1}},
        {.type = VALUE_ARRAY, .array = {items, 2}},
        {.type = VALUE_ARRAY, .array = {items + 1, 1}},
        {.type = VALUE_KVLIST},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(different); i++) {
        for (size_t j = 0; j < COUNT(different); j++)
            assert_int_equal(value_eq(&different[i], &different[j]), i == j);
    }
}

/* Overwrites what a copy must not borrow from. */
static void test_copy(void **state)
{
    struct span_batch sample = sample_batch();
    (void)state;
    for (size_t i = 0; i < sample.span_count; i++) {
        const struct span *want = &sample.spans[i];
        struct arena first, second;
        struct span one, two;
        struct resource resource_one, resource;
        struct scope scope_one, scope;
        arena_init(&first, 0);
        arena_init(&second, 0);
        assert_int_equal(span_copy(&one, want, &first), 0);
        assert_int_equal(resource_copy(&resource_one, want->resource, &first), 0);
        assert_int_equal(scope_copy(&scope_one, want->scope, &first), 0);
        assert_int_equal(span_copy(&two, &one, &second), 0);
        assert_int_equal(resource_copy(&resource, &resource_one, &second), 0);
        assert_int_equal(scope_copy(&scope, &scope_one, &second), 0);
        arena_release(&first); /* whatever the second copy still borrows is freed now */
        assert_ptr_equal(two.resource, want->resource);
        two.resource = &resource;
        two.scope = &scope;
        assert_true(span_eq(&two, want));
        check_str(resource.service_name, want->resource->service_name.n ? "checkout" : "",
                  "service name");
        arena_release(&second);
    }
}

static void test_copy_without_memory(void **state)
{
    struct span_batch sample = sample_batch();
    bool succeeded = false;
    (void)state;
    for (size_t budget = 16; budget < 32 * 1024; budget += 16) {
        struct arena arena;
        struct span copy;
        int code;
        arena_init(&arena, budget);
        code = span_copy(&copy, &sample.spans[0], &arena);
        assert_true(code == 0 || (code == -1 && !succeeded));
        succeeded = code == 0;
        arena_release(&arena);
    }
    assert_true(succeeded);
}

static void test_value_text(void **state)
{
    struct value items[] = {{.type = VALUE_STRING, .string = STR("a\"b")},
                            {.type = VALUE_DOUBLE, .number = 0.5},
                            {.type = VALUE_EMPTY}};
    struct attr pairs[] = {{STR("k"), {.type = VALUE_ARRAY, .array = {items, 3}}}};
    const struct {
        struct value value;
        const char *want;
    } cases[] = {
        {{.type = VALUE_EMPTY}, ""},
        {{.type = VALUE_STRING, .string = STR("as it \"is\"")}, "as it \"is\""},
        {{.type = VALUE_BOOL, .boolean = true}, "true"},
        {{.type = VALUE_BOOL, .boolean = false}, "false"},
        {{.type = VALUE_INT, .integer = INT64_MIN}, "-9223372036854775808"},
        {{.type = VALUE_DOUBLE, .number = 2.5}, "2.5"},
        {{.type = VALUE_DOUBLE, .number = -1.0 / 0.0}, "-Infinity"},
        {{.type = VALUE_BYTES, .string = STR("\x00\xff")}, "AP8="},
        {{.type = VALUE_BYTES}, ""},
        {{.type = VALUE_ARRAY, .array = {items, 3}}, "[\"a\\\"b\",0.5,null]"},
        {{.type = VALUE_KVLIST, .kvlist = {pairs, 1}}, "{\"k\":[\"a\\\"b\",0.5,null]}"},
    };
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(cases); i++)
        check_str(value_text(&cases[i].value, &arena), cases[i].want, cases[i].want);
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),      cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_eq),         cmocka_unit_test(test_value_eq),
        cmocka_unit_test(test_copy),       cmocka_unit_test(test_copy_without_memory),
        cmocka_unit_test(test_value_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
