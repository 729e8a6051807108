/* Contexts: values and keys, attaching in order and out of it, what a span's context carries. */
#include <pthread.h>

#include "sdk_test.h"

static unsigned freed;

static void count_free(void *value)
{
    (void)value;
    freed++;
}

static void test_values(void **state)
{
    const cairn_context_key *a = cairn_context_key_new("k"), *b = cairn_context_key_new("k");
    int one = 1, two = 2;
    cairn_context *c1 = cairn_context_with_value(cairn_context_empty(), a, &one, count_free);
    cairn_context *c2 = cairn_context_with_value(c1, a, &two, NULL);
    (void)state;
    freed = 0;
    assert_ptr_equal(cairn_context_value(c1, a), &one);
    assert_null(cairn_context_value(c1, b)); /* same name, another key */
    assert_ptr_equal(cairn_context_value(c2, a), &two);
    assert_ptr_equal(cairn_context_value(c1, a), &one); /* immutable */
    cairn_context_unref(c1);
    assert_int_equal(freed, 0); /* c2 stands on it */
    cairn_context_unref(c2);
    assert_int_equal(freed, 1);
    cairn_context_unref(NULL);
    assert_null(cairn_context_value(cairn_context_empty(), a));
}

static void test_attach(void **state)
{
    const cairn_context_key *key = cairn_context_key_new("k");
    int one = 1, two = 2;
    cairn_context *c1 = cairn_context_with_value(NULL, key, &one, NULL);
    cairn_context *c2 = cairn_context_with_value(NULL, key, &two, NULL);
    cairn_token t1, t2;
    (void)state;
    assert_ptr_equal(cairn_context_current(), cairn_context_empty());
    t1 = cairn_context_attach(c1);
    t2 = cairn_context_attach(c2);
    cairn_context_unref(c1);
    cairn_context_unref(c2); /* attached contexts live on */
    assert_ptr_equal(cairn_context_value(NULL, key), &two);
    assert_true(cairn_context_detach(t2));
    assert_ptr_equal(cairn_context_value(NULL, key), &one);
    assert_true(cairn_context_detach(t1));
    assert_ptr_equal(cairn_context_current(), cairn_context_empty());
}

static void test_wrong_order(void **state)
{
    const cairn_context_key *key = cairn_context_key_new("k");
    int one = 1;
    cairn_context *c = cairn_context_with_value(NULL, key, &one, NULL);
    cairn_token t1 = cairn_context_attach(c), t2 = cairn_context_attach(c);
    (void)state;
    listen_to_diagnostics();
    assert_false(cairn_context_detach(t1));
    assert_ptr_equal(cairn_context_current(), cairn_context_empty());
    assert_false(cairn_context_detach(t2));
    assert_ptr_equal(cairn_context_current(), cairn_context_empty());
    assert_int_equal(said_lines(), 2);
    cairn_set_diagnostics(NULL, NULL);
    cairn_context_unref(c);
}

static void test_values_under_spans(void **state)
{
    const cairn_context_key *key = cairn_context_key_new("k");
    struct fixture f = fixture_open();
    int one = 1;
    cairn_context *c = cairn_context_with_value(NULL, key, &one, count_free), *kept;
    cairn_span *a, *b;
    (void)state;
    freed = 0;
    a = cairn_span_start(f.tracer, "a", CAIRN_WITH(.parent = c));
    cairn_context_unref(c);
    b = cairn_span_start(f.tracer, "b", CAIRN_WITH(.parent = cairn_context_of(a)));
    assert_ptr_equal(cairn_context_value(cairn_context_of(b), key), &one);
    assert_ptr_equal(cairn_context_span(cairn_context_of(b)), b);
    kept = cairn_context_ref(cairn_context_of(b));
    cairn_span_end(a);
    cairn_span_end(b);
    assert_ptr_equal(cairn_context_value(kept, key), &one); /* beyond both ends */
    assert_ptr_equal(cairn_context_span(kept), b);
    assert_int_equal(freed, 0);
    cairn_context_unref(kept);
    assert_int_equal(freed, 1);
    assert_int_equal(cairn_memory_count(f.memory), 2);
    fixture_close(&f);
}

static void test_with_span(void **state)
{
    const cairn_context_key *key = cairn_context_key_new("k");
    struct fixture f = fixture_open();
    int one = 1;
    cairn_span *a = cairn_span_start(f.tracer, "a", NULL),
               *b = cairn_span_start(f.tracer, "b", NULL);
    cairn_context *c1 = cairn_context_with_span(NULL, a);
    cairn_context *c2 = cairn_context_with_value(c1, key, &one, NULL);
    cairn_context *c3 = cairn_context_with_span(c2, b);
    (void)state;
    assert_ptr_equal(cairn_context_span(c1), a);
    assert_ptr_equal(cairn_context_span(c2), a);
    assert_ptr_equal(cairn_context_span(c3), b);
    assert_ptr_equal(cairn_context_value(c3, key), &one);
    assert_null(cairn_context_span(cairn_context_empty()));
    cairn_context_unref(c1);
    cairn_context_unref(c2);
    cairn_context_unref(c3);
    cairn_span_end(a);
    cairn_span_end(b);
    fixture_close(&f);
}

struct handed_over {
    struct fixture *f;
    cairn_context *context;
};

static void *other_thread(void *arg)
{
    struct handed_over *h = arg;
    cairn_token token;
    assert_null(cairn_span_current());
    token = cairn_context_attach(h->context);
    cairn_context_unref(h->context);
    {
        CAIRN_SPAN(span, h->f->tracer, "there");
    }
    (void)token; /* a thread that ends with a context attached gives it back */
    return NULL;
}

static void test_other_thread(void **state)
{
    struct fixture f = fixture_open();
    struct cairn_span_context here;
    cairn_span *span = cairn_span_start(f.tracer, "here", NULL);
    struct handed_over h = {&f, cairn_context_ref(cairn_context_of(span))};
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, other_thread, &h), 0);
    pthread_join(thread, NULL);
    cairn_span_get_context(span, &here);
    assert_memory_equal(cairn_span_data_parent_id(finished(&f, "there")), here.span_id, 8);
    cairn_span_end(span);
    cairn_span_get_context(span, &here);
    assert_false(cairn_span_context_is_valid(&here)); /* all references are gone */
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),      cmocka_unit_test(test_attach),
        cmocka_unit_test(test_wrong_order), cmocka_unit_test(test_values_under_spans),
        cmocka_unit_test(test_with_span),   cmocka_unit_test(test_other_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
