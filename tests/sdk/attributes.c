/* Attributes: every type, replacing, limits, spilling out of the slot, text that is not UTF-8. */
#include "sdk_test.h"

static const cairn_span_data *only(const struct fixture *f)
{
    assert_int_equal(cairn_memory_count(f->memory), 1);
    return cairn_memory_span(f->memory, 0);
}

static size_t attribute_count(const cairn_span_data *span)
{
    struct cairn_attr a;
    size_t n = 0;
    while (cairn_span_data_attribute(span, n, &a))
        n++;
    return n;
}

static void test_types(void **state)
{
    static const char *const words[] = {"a", NULL, "c"};
    static const int64_t ints[] = {INT64_MIN, 0, INT64_MAX};
    static const double doubles[] = {0.5, -1e300};
    static const bool bools[] = {true, false};
    const struct cairn_attr entries[] = {CAIRN_INT("x", 1), CAIRN_STR("x", "last wins"),
                                         CAIRN_STR("", "no key")};
    const struct cairn_value values[] = {
        CAIRN_INT("", 7).value, CAIRN_STR("", "s").value, {.type = CAIRN_TYPE_EMPTY}};
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "types", NULL);
    struct cairn_value v;
    (void)state;
    cairn_span_set(span, CAIRN_STR("string", "text"), CAIRN_STR("null", NULL),
                   CAIRN_STRN("slice", "abcdef", 3), CAIRN_BYTES("bytes", "\0\xff", 2),
                   CAIRN_BOOL("bool", true), CAIRN_INT("int", -5), CAIRN_DOUBLE("double", 2.5),
                   CAIRN_STRS("words", words, 3), CAIRN_INTS("ints", ints, 3),
                   CAIRN_DOUBLES("doubles", doubles, 2), CAIRN_BOOLS("bools", bools, 2),
                   CAIRN_LIST("list", values, 3), CAIRN_MAP("map", entries, 3));
    cairn_span_set_string(span, "s", "1");
    cairn_span_set_bool(span, "b", false);
    cairn_span_set_int(span, "i", 2);
    cairn_span_set_double(span, "d", 3);
    cairn_span_end(span);
    assert_int_equal(attribute_count(only(&f)), 17);
#define FIND(key) assert_true(cairn_span_data_find(only(&f), key, &v))
    FIND("string");
    check_cairn_str(v.as.string, "text", "string");
    FIND("null");
    assert_int_equal(v.as.string.n, 0);
    FIND("slice");
    check_cairn_str(v.as.string, "abc", "slice");
    FIND("bytes");
    assert_int_equal(v.type, CAIRN_TYPE_BYTES);
    assert_memory_equal(v.as.string.p, "\0\xff", 2);
    FIND("bool");
    assert_true(v.as.boolean);
    FIND("int");
    assert_int_equal(v.as.integer, -5);
    FIND("double");
    assert_true(v.as.number == 2.5);
    FIND("words");
    assert_int_equal(v.as.list.count, 3);
    check_cairn_str(v.as.list.items[2].as.string, "c", "third word");
    FIND("ints");
    assert_true(v.as.list.items[0].as.integer == INT64_MIN);
    FIND("bools");
    assert_true(v.as.list.items[0].as.boolean && !v.as.list.items[1].as.boolean);
    FIND("list");
    assert_int_equal(v.as.list.items[1].type, CAIRN_TYPE_STRING);
    assert_int_equal(v.as.list.items[2].type, CAIRN_TYPE_EMPTY);
    FIND("map");
    assert_int_equal(v.as.map.count, 1);
    check_cairn_str(v.as.map.items[0].value.as.string, "last wins", "map entry");
#undef FIND
    fixture_close(&f);
}

static void test_replace(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "replace", NULL);
    struct cairn_value v;
    char text[64];
    (void)state;
    cairn_span_set(span, CAIRN_INT("a", 1), CAIRN_STR("b", "x"), CAIRN_INT("a", 2));
    for (int i = 0; i < 2000; i++) { /* grows and shrinks: the dead are squeezed out */
        snprintf(text, sizeof text, "%.*s", i % 50,
                 "..................................................");
        cairn_span_set(span, CAIRN_STR("b", text));
    }
    cairn_span_set(span, CAIRN_STR("b", "y"));
    cairn_span_end(span);
    assert_int_equal(attribute_count(only(&f)), 2);
    assert_true(cairn_span_data_find(only(&f), "a", &v));
    assert_int_equal(v.as.integer, 2);
    assert_true(cairn_span_data_find(only(&f), "b", &v));
    check_cairn_str(v.as.string, "y", "b");
    fixture_close(&f);
}

static void test_count_limit(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "many", NULL);
    struct cairn_value v;
    uint32_t attributes;
    char key[16];
    (void)state;
    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "key %d", i);
        cairn_span_set_int(span, key, i);
    }
    cairn_span_set(span, CAIRN_INT("key 5", 55), CAIRN_INT("", 1)); /* replacing still works */
    cairn_span_end(span);
    assert_int_equal(attribute_count(only(&f)), 128);
    cairn_span_data_dropped(only(&f), &attributes, NULL, NULL);
    assert_int_equal(attributes, 200 - 128 + 1);
    assert_true(cairn_span_data_find(only(&f), "key 5", &v));
    assert_int_equal(v.as.integer, 55);
    assert_false(cairn_span_data_find(only(&f), "key 128", &v));
    fixture_close(&f);
}

static void test_other_limits(void **state)
{
    struct cairn_limits limits = {.size = sizeof limits,
                                  .attribute_count = CAIRN_LIMIT_ZERO,
                                  .event_count = 2,
                                  .link_count = 1,
                                  .event_attribute_count = 1,
                                  .link_attribute_count = 1};
    struct fixture f = fixture_open_with((struct cairn_sdk_options){.limits = &limits});
    struct cairn_span_context other = {.trace_id = {1}, .span_id = {1}};
    cairn_span *span = cairn_span_start(f.tracer, "x", NULL);
    uint32_t attributes, events, links;
    struct cairn_event_data e;
    struct cairn_link_data l;
    (void)state;
    cairn_span_set(span, CAIRN_INT("a", 1));
    for (int i = 0; i < 5; i++)
        cairn_span_add_event(span, "e", CAIRN_ATTRS(CAIRN_INT("a", 1), CAIRN_INT("b", 2)));
    for (int i = 0; i < 3; i++)
        cairn_span_add_link(span, &other, CAIRN_ATTRS(CAIRN_INT("a", 1), CAIRN_INT("b", 2)));
    cairn_span_end(span);
    cairn_span_data_dropped(only(&f), &attributes, &events, &links);
    assert_int_equal(attributes, 1);
    assert_int_equal(events, 3);
    assert_int_equal(links, 2);
    assert_true(cairn_span_data_event(only(&f), 0, &e));
    assert_int_equal(e.attribute_count, 1);
    assert_int_equal(e.dropped_attribute_count, 1);
    assert_true(cairn_span_data_link(only(&f), 0, &l));
    assert_int_equal(l.dropped_attribute_count, 1);
    fixture_close(&f);
}

static void test_value_length(void **state)
{
    static const struct {
        const char *name, *in, *want;
    } cases[] = {
        {"short", "abc", "abc"},
        {"exact", "abcd", "abcd"},
        {"cut", "abcdef", "abcd"},
        {"cut in characters", "\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac\x21",
         "\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac"},
        {"four bytes each", "\xf0\x9f\xa7\xa1\xf0\x9f\xa7\xa1\xf0\x9f\xa7\xa1\xf0\x9f\xa7\xa1x",
         "\xf0\x9f\xa7\xa1\xf0\x9f\xa7\xa1\xf0\x9f\xa7\xa1\xf0\x9f\xa7\xa1"},
    };
    struct cairn_limits limits = {.size = sizeof limits, .attribute_value_length = 4};
    struct fixture f = fixture_open_with((struct cairn_sdk_options){.limits = &limits});
    cairn_span *span = cairn_span_start(f.tracer, "x", NULL);
    const char *const list[] = {"abcdefgh"};
    struct cairn_value v;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        cairn_span_set_string(span, cases[i].name, cases[i].in);
    cairn_span_set(span, CAIRN_BYTES("bytes", "123456", 6), CAIRN_STRS("list", list, 1));
    cairn_span_end(span);
    for (size_t i = 0; i < COUNT(cases); i++) {
        CHECK(cairn_span_data_find(only(&f), cases[i].name, &v), cases[i].name);
        check_cairn_str(v.as.string, cases[i].want, cases[i].name);
    }
    assert_true(cairn_span_data_find(only(&f), "bytes", &v));
    assert_int_equal(v.as.string.n, 4);
    assert_true(cairn_span_data_find(only(&f), "list", &v));
    check_cairn_str(v.as.list.items[0].as.string, "abcd", "inside a list");
    fixture_close(&f);
}

static void test_depth(void **state)
{
    enum { DEEP = 100 };
    struct cairn_value levels[DEEP + 1];
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "deep", NULL);
    struct cairn_value v;
    unsigned depth = 0;
    (void)state;
    levels[DEEP] = CAIRN_INT("", 1).value;
    for (int i = DEEP - 1; i >= 0; i--)
        levels[i] = CAIRN_LIST("", &levels[i + 1], 1).value;
    cairn_span_set(span, CAIRN_LIST("deep", &levels[1], 1));
    cairn_span_end(span);
    assert_true(cairn_span_data_find(only(&f), "deep", &v));
    while (v.type == CAIRN_TYPE_LIST && v.as.list.count) {
        v = v.as.list.items[0];
        depth++;
    }
    assert_int_equal(v.type, CAIRN_TYPE_LIST); /* the last one is empty */
    assert_int_equal(depth, 64);
    fixture_close(&f);
}

static void test_large(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "large", NULL);
    static char big[300 * 1024];
    struct cairn_value v;
    uint32_t dropped;
    (void)state;
    memset(big, 'x', sizeof big);
    cairn_span_set(span, CAIRN_INT("before", 1));
    cairn_span_set(span, CAIRN_STRN("big", big, 100000));
    cairn_span_set(span, CAIRN_STRN("too big", big, sizeof big));
    cairn_span_set(span, CAIRN_STRN("huge", big, SIZE_MAX / 2)); /* not even read */
    cairn_span_set(span, CAIRN_INT("after", 2));
    cairn_span_end(span);
    assert_int_equal(attribute_count(only(&f)), 3);
    assert_true(cairn_span_data_find(only(&f), "big", &v));
    assert_int_equal(v.as.string.n, 100000);
    assert_true(cairn_span_data_find(only(&f), "before", &v));
    assert_true(cairn_span_data_find(only(&f), "after", &v));
    cairn_span_data_dropped(only(&f), &dropped, NULL, NULL);
    assert_int_equal(dropped, 2);
    fixture_close(&f);
}

static void test_mended_text(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "bad \xff name", NULL);
    struct cairn_value v;
    (void)state;
    cairn_span_set(span, CAIRN_STR("key \xc0", "a\xf0\x9f"));
    cairn_span_end(span);
    check_cairn_str(cairn_span_data_name(only(&f)), "bad \xef\xbf\xbd name", "name");
    assert_true(cairn_span_data_find(only(&f), "key \xef\xbf\xbd", &v));
    check_cairn_str(v.as.string, "a\xef\xbf\xbd\xef\xbf\xbd", "value");
    fixture_close(&f);
}

/* Keys of all lengths, equal at both ends: told apart all the same. */
static void test_similar_keys(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "keys", NULL);
    char key[40];
    struct cairn_value v;
    (void)state;
    for (int i = 0; i < 60; i++) {
        snprintf(key, sizeof key, "aaaaaaaa%02dzzzzzzzz", i);
        cairn_span_set_int(span, key, i);
    }
    for (size_t n = 1; n < 30; n++) {
        struct cairn_attr a =
            cairn_attr_int(cairn_str_make("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", n), (int64_t)n);
        struct guarded g = guarded_copy(a.key.p, n);
        a.key.p = g.bytes.p; /* no byte past the key is looked at */
        cairn_span_set_attributes(span, &a, 1);
        guarded_free(&g);
    }
    cairn_span_end(span);
    assert_int_equal(attribute_count(only(&f)), 60 + 29);
    assert_true(cairn_span_data_find(only(&f), "aaaaaaaa37zzzzzzzz", &v));
    assert_int_equal(v.as.integer, 37);
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_count_limit),  cmocka_unit_test(test_other_limits),
        cmocka_unit_test(test_value_length), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_large),        cmocka_unit_test(test_mended_text),
        cmocka_unit_test(test_similar_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
