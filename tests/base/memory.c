/* Arenas and buffers: growth, budgets, overflow, reuse. */
#include "base/arena.h"
#include "base/buf.h"
#include "test.h"

static void test_arena_alignment_and_reset(void **state)
{
    struct arena a;
    size_t held;
    (void)state;
    arena_init(&a, 0);
    for (size_t n = 0; n < 3000; n++) {
        unsigned char *p = arena_alloc(&a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        memset(p, 0xaa, n);
    }
    held = a.held_bytes;
    arena_reset(&a);
    for (size_t n = 0; n < 3000; n++)
        assert_non_null(arena_alloc(&a, n));
    assert_int_equal(a.held_bytes, held); /* the same work fits in what was kept */
    assert_non_null(arena_alloc(&a, 50u << 20));
    arena_release(&a);
    assert_int_equal(a.held_bytes, 0);
}

static void test_arena_budget(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a, 100000);
    while (arena_alloc(&a, 1000))
        ;
    assert_true(arena_failed(&a));
    assert_true(a.held_bytes <= 100000);
    assert_true(a.used_bytes > 90000); /* the budget is used, not given up early */
    arena_reset(&a);
    assert_false(arena_failed(&a));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_calloc(&a, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(&a, 100001));
    arena_release(&a);
}

/* What fits a fresh arena fits a used one: chunks kept from before do not eat up the budget. */
static void test_arena_budget_after_reset(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a, 1000000);
    for (size_t size = 100; size <= 1000000; size = size * 3 / 2) {
        arena_reset(&a);
        assert_non_null(arena_alloc(&a, size));
        assert_true(a.held_bytes <= 1000000);
        arena_reset(&a);
        while (arena_alloc(&a, 1000))
            ;
        assert_true(a.used_bytes > 900000);
    }
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 1000000));
    arena_release(&a);
}

/* Nothing of an allocation is lost or overwritten when chunks are dropped around it. */
static void test_arena_content(void **state)
{
    struct arena a;
    unsigned char *kept[64];
    (void)state;
    arena_init(&a, 300000);
    for (int round = 0; round < 3; round++) {
        size_t count = 0, size = 1000;
        arena_reset(&a);
        while (count < COUNT(kept) && (kept[count] = arena_alloc(&a, size))) {
            memset(kept[count], (int)count + round, size);
            count++;
            size += 700u * (unsigned)(round + 1);
        }
        assert_true(count > 5);
        size = 1000;
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(kept[i][0], i + (size_t)round);
            assert_int_equal(kept[i][size - 1], i + (size_t)round);
            size += 700u * (unsigned)(round + 1);
        }
    }
    arena_release(&a);
}

static void test_arena_strings(void **state)
{
    struct arena a;
    uint32_t *numbers = NULL;
    size_t cap = 0;
    (void)state;
    arena_init(&a, 0);
    check_str(arena_printf(&a, "%d-%s", 7, "x"), "7-x", "printf");
    check_str(arena_str(&a, STR("abc")), "abc", "copy");
    for (uint32_t i = 0; i < 1000; i++) {
        numbers = arena_grow(&a, numbers, i, &cap, i + 1, sizeof *numbers);
        assert_non_null(numbers);
        numbers[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    assert_null(arena_grow(&a, numbers, 1000, &cap, SIZE_MAX / 2, sizeof *numbers));
    arena_release(&a);
}

static void test_buf(void **state)
{
    struct buf b;
    unsigned char *taken;
    size_t n;
    (void)state;
    buf_init(&b, 10);
    buf_put_str(&b, STR("12345"));
    buf_printf(&b, "%d", 678);
    check_str(buf_str(&b), "12345678", "content");
    buf_put_str(&b, STR("90X"));
    assert_true(b.failed);
    buf_put_byte(&b, 'y'); /* nothing happens any more */
    assert_true(b.n <= 10);
    buf_clear(&b);
    buf_put_str(&b, STR("1234567890"));
    assert_false(b.failed);
    taken = buf_take(&b, &n);
    assert_int_equal(n, 10);
    assert_memory_equal(taken, "1234567890", 10);
    free(taken);
    assert_int_equal(b.n, 0);
    assert_null(buf_reserve(&b, SIZE_MAX));
    buf_release(&b);
}

/* A buffer takes exactly its maximum, whoever writes. */
static void test_buf_maximum(void **state)
{
    char text[600];
    (void)state;
    memset(text, 'x', sizeof text);
    text[599] = '\0';
    for (size_t n = 1; n < 256; n++) {
        struct buf b;
        buf_init(&b, n);
        buf_printf(&b, "%.*s", (int)n, text);
        assert_false(b.failed);
        assert_int_equal(b.n, n);
        buf_put_byte(&b, 'y');
        assert_true(b.failed);
        buf_clear(&b);
        buf_printf(&b, "%.*s", (int)n + 1, text);
        assert_true(b.failed);
        buf_release(&b);
    }
    for (int n = 250; n < 260; n++) { /* around the size that is printed in place */
        struct buf b;
        buf_init(&b, 0);
        buf_printf(&b, "<%.*s>", n, text);
        assert_int_equal(b.n, n + 2);
        assert_int_equal(b.p[n + 1], '>');
        buf_release(&b);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_alignment_and_reset),
        cmocka_unit_test(test_arena_budget),
        cmocka_unit_test(test_arena_budget_after_reset),
        cmocka_unit_test(test_arena_content),
        cmocka_unit_test(test_arena_strings),
        cmocka_unit_test(test_buf),
        cmocka_unit_test(test_buf_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
