/* The statements of docs/sql.md over seeded spans of the shop, with the answers that stand below them. --update writes
 * the answers of today into the page. */
#include "fixture.h"

#include "base/clock.h"
#include "cli/table.h"

enum { PAGE_MAX = 1 << 18, SPANS = 20000, WIDTH = 140 };

static struct sql_fixture fixture;
static bool update;

/* ---- An answer as `cairn sql` prints it ---- */

struct answer {
    struct sql_cell *cells;
    struct str *names;
    uint32_t columns;
    size_t count, cap;
    struct arena arena;
};

static int take_columns(const struct str *names, uint32_t count, void *user, struct err *err)
{
    struct answer *a = user;
    (void)err;
    a->columns = count;
    a->names = arena_calloc(&a->arena, count, sizeof *a->names);
    for (uint32_t i = 0; i < count; i++)
        a->names[i] = arena_str(&a->arena, names[i]);
    return 0;
}

static int take_row(const struct sql_cell *cells, uint32_t count, void *user, struct err *err)
{
    struct answer *a = user;
    (void)err;
    a->cells = arena_grow(&a->arena, a->cells, a->count, &a->cap, a->count + count, sizeof *cells);
    for (uint32_t i = 0; i < count; i++) {
        a->cells[a->count] = cells[i];
        if (cells[i].type == SQL_TEXT)
            a->cells[a->count].text = arena_str(&a->arena, cells[i].text);
        a->count++;
    }
    return 0;
}

static bool is_number(const struct answer *a, uint32_t column)
{
    for (size_t i = column; i < a->count; i += a->columns) {
        if (a->cells[i].type == SQL_TEXT)
            return false;
    }
    return true;
}

static void print(const struct answer *a, struct buf *out)
{
    struct table t;
    table_init(&t);
    for (uint32_t i = 0; i < a->columns; i++)
        table_column(&t, a->names[i], is_number(a, i), !is_number(a, i));
    for (size_t i = 0; i < a->count; i++) {
        const struct sql_cell *c = &a->cells[i];
        if (c->type == SQL_INT)
            table_cellf(&t, NULL, "%lld", (long long)c->integer);
        else if (c->type == SQL_REAL)
            table_cellf(&t, NULL, "%.6g", c->real);
        else
            table_cell(&t, c->type == SQL_NULL ? STR("NULL") : c->text, NULL);
    }
    table_print(&t, WIDTH, false, out);
    table_release(&t);
}

static void answer(struct str sql, struct buf *out)
{
    struct arena arena;
    struct engine_query q = {.arena = &arena};
    struct sql_query query = {.engine = fixture.engine,
                              .q = &q,
                              .text = sql,
                              .now_ns = FIXTURE_NOW_NS,
                              .heap_bytes_max = SQL_HEAP_BYTES_DEFAULT,
                              .temp_bytes_max = SQL_TEMP_BYTES_DEFAULT,
                              .rows_max = 100};
    struct answer a = {.columns = 0};
    struct sql_result result;
    struct err err;
    arena_init(&arena, (size_t)256 << 20);
    arena_init(&a.arena, 0);
    struct sql_sink sink = {take_columns, take_row, &a};
    if (sql_run(&query, &sink, &result, &err) < 0)
        fail_msg("%.*s\n%s", STR_ARG(sql), err.msg);
    if (a.count == 0)
        fail_msg("no rows:\n%.*s", STR_ARG(sql));
    print(&a, out);
    arena_release(&a.arena);
    arena_release(&arena);
}

/* ---- The page ---- */

/* The block behind the fence at or after *at. */
static bool block(struct str page, size_t *at, const char *fence, struct str *ret)
{
    const char *start = strstr(page.p + *at, fence), *end;
    if (!start)
        return false;
    start += strlen(fence);
    end = strstr(start, "```");
    assert_non_null(end);
    *ret = str_make(start, (size_t)(end - start));
    *at = (size_t)(end - page.p);
    return true;
}

static void test_page(void **state)
{
    static char bytes[PAGE_MAX];
    struct str page = {bytes, 0}, sql, want;
    struct buf out, got;
    size_t at = 0, written = 0;
    int examples = 0, wrong = 0;
    (void)state;
    FILE *f = fopen(SOURCE_DIR "/docs/sql.md", "rb");
    assert_non_null(f);
    page.n = fread(bytes, 1, sizeof bytes - 1, f);
    fclose(f);
    buf_init(&out, 0);
    buf_init(&got, 0);
    while (block(page, &at, "```sql\n", &sql)) {
        assert_true(block(page, &at, "```text\n", &want));
        buf_clear(&got);
        answer(sql, &got);
        buf_put(&out, page.p + written, (size_t)(want.p - page.p) - written);
        buf_put_str(&out, buf_str(&got));
        written = at;
        examples++;
        if (!update && !str_eq(buf_str(&got), want)) {
            print_message("%.*sgot:\n%.*swant:\n%.*s", STR_ARG(sql), STR_ARG(buf_str(&got)),
                          STR_ARG(want));
            wrong++;
        }
    }
    buf_put(&out, page.p + written, page.n - written);
    if (update) {
        f = fopen(SOURCE_DIR "/docs/sql.md", "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(out.p, 1, out.n, f), out.n);
        fclose(f);
    }
    buf_release(&out);
    buf_release(&got);
    assert_true(examples >= 10);
    assert_int_equal(wrong, 0);
}

static int setup(void **state)
{
    (void)state;
    fixture_open(&fixture);
    fixture_shop(&fixture, 7, SPANS, FIXTURE_NOW_NS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_page)};
    update = argc > 1 && strcmp(argv[1], "--update") == 0;
    return cmocka_run_group_tests(tests, setup, teardown);
}
