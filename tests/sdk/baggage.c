/* Baggage: the interface without an SDK, and W3C's header with its limits. */
#include "carrier.h"

/* All of it as name=value;metadata, a comma between. */
static void check_baggage(cairn_context *context, const char *want, const char *name)
{
    struct cairn_baggage_entry e;
    char got[512] = "";
    for (size_t i = 0; cairn_baggage_at(context, i, &e); i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s=%.*s%s%.*s", i ? "," : "",
                 (int)e.name.n, e.name.p, (int)e.value.n, e.value.p, e.metadata.n ? ";" : "",
                 (int)e.metadata.n, e.metadata.p);
    check_str(str_of(got), want, name);
}

static cairn_context *set(cairn_context *context, const char *name, const char *value,
                          const char *metadata)
{
    return cairn_baggage_set(context, cairn_str_of(name), cairn_str_of(value),
                             cairn_str_of(metadata));
}

static void test_interface(void **state)
{
    struct cairn_baggage_entry e = {.value = {"x", 1}};
    cairn_context *a = set(NULL, "a", "1", NULL), *ab = set(a, "b", "", "p=1;q");
    cairn_context *aab = set(ab, "a", "J\xc3\xb6rg", "r"), *upper = set(ab, "A", "3", NULL);
    cairn_context *b = cairn_baggage_remove(ab, CAIRN_S("a"));
    cairn_context *none = cairn_baggage_clear(ab), *last = cairn_baggage_remove(a, CAIRN_S("a"));
    cairn_context *same = cairn_baggage_remove(a, CAIRN_S("b")), *again = cairn_baggage_clear(none);
    cairn_context *all[] = {a, ab, aab, upper, b, none, last, same, again};
    (void)state;
    check_baggage(a, "a=1", "one");
    check_baggage(ab, "a=1,b=;p=1;q", "two");
    check_baggage(aab, "a=J\xc3\xb6rg;r,b=;p=1;q", "one value per name, in its place");
    check_baggage(upper, "a=1,b=;p=1;q,A=3", "case counts");
    check_baggage(b, "b=;p=1;q", "remove");
    check_baggage(none, "", "clear");
    check_baggage(last, "", "remove the last");
    assert_ptr_equal(same, a);
    assert_ptr_equal(again, none);
    assert_true(cairn_baggage_get(aab, CAIRN_S("a"), &e));
    check_cairn_str(e.value, "J\xc3\xb6rg", "value");
    assert_true(cairn_baggage_get(ab, CAIRN_S("b"), NULL));
    assert_false(cairn_baggage_get(ab, CAIRN_S("c"), &e));
    check_cairn_str(e.value, "J\xc3\xb6rg", "as it was");
    assert_int_equal(cairn_baggage_count(NULL), 0);
    assert_false(cairn_baggage_at(ab, 2, &e));
    for (size_t i = 0; i < COUNT(all); i++)
        cairn_context_unref(all[i]);
}

static void test_refused(void **state)
{
    static char big[CAIRN_BAGGAGE_BYTES_MAX + 2];
    cairn_context *context = cairn_context_ref(cairn_context_empty()), *next;
    char name[16];
    (void)state;
    assert_null(set(NULL, "", "1", NULL));
    assert_null(set(NULL, NULL, "1", NULL));
    assert_null(set(NULL, "\xff", "1", NULL));
    assert_null(set(NULL, "a", "\xff", NULL));
    assert_null(set(NULL, "a", "1", "p,q"));
    assert_null(set(NULL, "a", "1", "p=\x01"));
    memset(big, 'x', sizeof big - 1);
    assert_null(set(NULL, "a", big, NULL));
    big[CAIRN_BAGGAGE_BYTES_MAX] = '\0';
    assert_null(set(NULL, "a", big, NULL)); /* with the name one too many */
    for (int i = 0; i < CAIRN_BAGGAGE_ENTRIES_MAX; i++) {
        snprintf(name, sizeof name, "k%d", i);
        next = set(context, name, "v", NULL);
        assert_non_null(next);
        cairn_context_unref(context);
        context = next;
    }
    assert_null(set(context, "more", "v", NULL));
    next = set(context, "k0", "w", NULL);
    assert_int_equal(cairn_baggage_count(next), CAIRN_BAGGAGE_ENTRIES_MAX);
    cairn_context_unref(next);
    cairn_context_unref(context);
}

/* Baggage and spans in one context, with an SDK: children keep it, it stays when the span changes. */
static void test_with_spans(void **state)
{
    struct fixture f = fixture_open();
    cairn_context *context = set(NULL, "tenant", "blue", NULL);
    (void)state;
    {
        CAIRN_SPAN(outer, f.tracer, "outer", CAIRN_WITH(.parent = context));
        CAIRN_SPAN(inner, f.tracer, "inner");
        check_baggage(NULL, "tenant=blue", "current");
    }
    cairn_context_unref(context);
    check_baggage(NULL, "", "after");
    fixture_close(&f);
}

static void test_header(void **state)
{
    static const struct {
        const char *in, *second, *want, *out; /* out NULL: the context is as it was */
    } cases[] = {
        {"a=1,b=2", NULL, "a=1,b=2", "a=1,b=2"},
        {" a = 1;p ; q=2 , b = 2 ", NULL, "a=1;p ; q=2,b=2", "a=1;p ; q=2,b=2"},
        {"a=1", "b=2", "a=1,b=2", "a=1,b=2"},
        {"a=1,a=2", NULL, "a=2", "a=2"},
        {"user=J%C3%B6rg", NULL, "user=J\xc3\xb6rg", "user=J%C3%B6rg"},
        {"a=%ff", NULL, "a=\xef\xbf\xbd", "a=%EF%BF%BD"},
        {"a=100%", NULL, "a=100%", "a=100%25"},
        {"a=", NULL, "a=", "a="},
        {"a=1,b", "=", "a=1", "a=1"},
        {"a=1;p", "b=2;q=3", "a=1;p,b=2;q=3", "a=1;p,b=2;q=3"},
        {"a=1;p=2,b=3;q;r=4", NULL, "a=1;p=2,b=3;q;r=4", "a=1;p=2,b=3;q;r=4"},
        {"a \t = \t 1 \t ; \t p \t , \t b \t = \t 2 \t ; \t q \t = \t 3", NULL,
         "a=1;p,b=2;q \t = \t 3", "a=1;p,b=2;q \t = \t 3"},
        {"a=1=2", NULL, "a=1=2", "a=1=2"},
        {"a=%09%20%22%27%3B%3D!%40%23%24%25%5E%26*()", NULL, "a=\t \"';=!@#$%^&*()",
         "a=%09%20%22'%3B=!@#$%25^&*()"},
        {"a=%E2%82%AC;p=%E2%82%AC", NULL, "a=\xe2\x82\xac;p=%E2%82%AC",
         "a=%E2%82%AC;p=%E2%82%AC"}, /* metadata is nobody's but the sender's */
        {"a=%F0%9F%92%BC", NULL, "a=\xf0\x9f\x92\xbc", "a=%F0%9F%92%BC"},
        {"a=%ED%A0%80", NULL, "a=\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
         "a=%EF%BF%BD%EF%BF%BD%EF%BF%BD"}, /* a surrogate is no character */
        {"a=%c3%B6", NULL, "a=\xc3\xb6", "a=%C3%B6"},
        {"a=%zz%4", NULL, "a=%zz%4", "a=%25zz%254"},
        {"a=x+y", NULL, "a=x+y", "a=x+y"},
        {"a=%2541", NULL, "a=%41", "a=%2541"},
        {"n%41me=1", NULL, "n%41me=1", "n%41me=1"}, /* names are tokens as they stand */
        {"!#$%&'*+-.^_`|~=1", NULL, "!#$%&'*+-.^_`|~=1", "!#$%&'*+-.^_`|~=1"},
        {"A=1,a=2", NULL, "A=1,a=2", "A=1,a=2"},
        {"a=1;p=1,a=2", NULL, "a=2", "a=2"},
        {"a=1,J\xc3\xb6rg=2", NULL, "a=1", "a=1"},
        {"a=1,b=J\xc3\xb6rg", NULL, "a=1", "a=1"},
        {"a=1,b=\"2\"", NULL, "a=1", "a=1"},
        {"a=1,b=x y", NULL, "a=1", "a=1"},
        {"a=1,b=2\\", NULL, "a=1", "a=1"},
        {"a=1,b=2;p q", NULL, "a=1", "a=1"},
        {"a=1,b=2;=p", NULL, "a=1", "a=1"},
        {"", "a=1", "a=1", "a=1"},
        {"", NULL, "old=1", NULL},
        {" \t", NULL, "old=1", NULL},
        {"=1", NULL, "old=1", NULL},
        {";p=1", NULL, "old=1", NULL},
        {"abc", NULL, "old=1", NULL},
        {"a b=1", ",,", "old=1", NULL},
    };
    cairn_context *before = set(NULL, "old", "1", NULL);
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct carrier in = {.fields = {{"Baggage", cases[i].in}, {"baggage", cases[i].second}},
                             .count = cases[i].second ? 2 : 1},
                       out = {.count = 0};
        cairn_context *context =
            cairn_propagator_extract(cairn_propagator_baggage(), before, get_field, &in);
        CHECK((context == before) == (cases[i].out == NULL), cases[i].in);
        check_baggage(context, cases[i].want, cases[i].in);
        cairn_propagator_inject(cairn_propagator_baggage(), context, set_field, &out);
        check_str(str_of(field(&out, "baggage")), cases[i].out ? cases[i].out : "old=1",
                  cases[i].in);
        cairn_context_unref(context);
    }
    cairn_context_unref(before);
}

/* A name and a value of so many bytes that the member has `bytes`; replaces *context. */
static void add_member(cairn_context **context, char first, size_t bytes)
{
    static char value[10000];
    char name[2] = {first, '\0'};
    cairn_context *next;
    memset(value, 'v', bytes - 2);
    value[bytes - 2] = '\0';
    next = set(*context, name, value, NULL);
    assert_non_null(next);
    cairn_context_unref(*context);
    *context = next;
}

static void test_bytes_limit(void **state)
{
    static const struct {
        const char *name;
        size_t first, second, third, want; /* bytes */
    } cases[] = {
        {"just fits", 8192, 0, 0, 8192},
        {"one too many", 8193, 0, 0, 0},
        {"two fit with the comma", 4096, 4095, 0, 8192},
        {"the second does not", 4096, 4096, 0, 4096},
        {"a smaller one after it does", 4096, 4096, 4095, 8192},
        {"nothing left for a comma", 8192, 3, 3, 8192},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        static char list[20000];
        cairn_context *context = cairn_context_ref(cairn_context_empty()), *back;
        struct carrier out = {.count = 0}, in = {.fields = {{"baggage", list}}, .count = 1};
        const size_t sizes[] = {cases[i].first, cases[i].second, cases[i].third};
        const char *header;
        list[0] = '\0';
        for (size_t j = 0; j < 3 && sizes[j]; j++) {
            add_member(&context, (char)('a' + j), sizes[j]);
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%c=", j ? "," : "",
                     (char)('a' + j));
            memset(list + strlen(list), 'v', sizes[j] - 2);
        }
        cairn_propagator_inject(cairn_propagator_baggage(), context, set_field, &out);
        header = field(&out, "baggage");
        CHECK((header ? strlen(header) : 0) == cases[i].want, cases[i].name);
        /* what is read has the same limit: the same members arrive */
        back = cairn_propagator_extract(cairn_propagator_baggage(), cairn_context_empty(),
                                        get_field, &in);
        cairn_context_unref(context);
        out.count = 0;
        cairn_propagator_inject(cairn_propagator_baggage(), back, set_field, &out);
        CHECK(strcmp(header ? header : "", out.count ? field(&out, "baggage") : "") == 0,
              cases[i].name);
        cairn_context_unref(back);
        memset(list, 0, sizeof list);
    }
}

static void test_member_limit(void **state)
{
    char list[1024] = "";
    struct carrier in = {.fields = {{"baggage", list}, {"baggage", "more=1"}}, .count = 2};
    struct carrier out = {.count = 0};
    cairn_context *context, *more;
    size_t commas = 0;
    (void)state;
    for (int i = 0; i < 65; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%sk%d=v", i ? "," : "", i);
    context = cairn_propagator_extract(cairn_propagator_baggage(), NULL, get_field, &in);
    assert_int_equal(cairn_baggage_count(context), 64);
    more = set(context, "more", "1", NULL);
    assert_int_equal(cairn_baggage_count(more), 65);
    cairn_propagator_inject(cairn_propagator_baggage(), more, set_field, &out);
    for (const char *p = field(&out, "baggage"); *p; p++)
        commas += *p == ',';
    assert_int_equal(commas, 63);
    cairn_context_unref(more);
    cairn_context_unref(context);
}

/* A name that is no token stays in the process; nothing at all writes no header. */
static void test_odd_names(void **state)
{
    struct carrier out = {.count = 0};
    cairn_context *odd = set(NULL, "a b", "1", NULL), *both = set(odd, "c", "x y", "p");
    (void)state;
    cairn_propagator_inject(cairn_propagator_baggage(), cairn_context_empty(), set_field, &out);
    cairn_propagator_inject(cairn_propagator_baggage(), odd, set_field, &out);
    assert_int_equal(out.count, 0);
    cairn_propagator_inject(cairn_propagator_baggage(), both, set_field, &out);
    check_carrier(&out, "baggage=c=x%20y;p", "odd");
    cairn_context_unref(both);
    cairn_context_unref(odd);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interface),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_with_spans),  cmocka_unit_test(test_header),
        cmocka_unit_test(test_bytes_limit), cmocka_unit_test(test_member_limit),
        cmocka_unit_test(test_odd_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
