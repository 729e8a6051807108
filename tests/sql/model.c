/* The same spans in a plain SQLite table: whatever a random statement says, both answer the same.
 *
 * Some spans are in parts, some in memory; attributes have all types, some keys several. Rows are grouped with plenty of
 * memory, with little (several passes) and with nearly none (streams). CAIRN_TEST_SEED chooses another run. */
#include <sqlite3.h>

#include "fixture.h"
#include "spans.h"
#include "sql/memory.h"

enum { SPANS = 3000, STATEMENTS = 1500, TEXT_MAX = 4096 };

struct model {
    struct sql_fixture fixture;
    sqlite3 *plain;
    struct arena arena;
    struct span spans[SPANS];
    uint64_t random;
};

static uint64_t next(struct model *m)
{
    uint64_t z = m->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint32_t below(struct model *m, uint32_t n)
{
    return (uint32_t)(next(m) % n);
}

/* ---- Data ---- */

static const char *const services[] = {"front", "cart", "Cart", "db", "", "pay*ment"};
static const char *const names[] = {"GET /", "get /", "POST /cart", "SELECT", "s\xc3\xa9lection",
                                    "%_[x]"};
static const char *const keys[] = {"route", "code", "mixed", "flag", "rare"};

static struct value random_value(struct model *m, uint32_t key)
{
    struct value v = {.type = VALUE_STRING};
    uint32_t n = below(m, 6);
    switch (key == 2 ? below(m, 6) : key) {
    case 0: v.string = arena_printf(&m->arena, "/r/%u", n); return v;
    case 1: return (struct value){.type = VALUE_INT, .integer = 100 * n};
    case 3: return (struct value){.type = VALUE_BOOL, .boolean = n & 1};
    case 4: return (struct value){.type = VALUE_DOUBLE, .number = n / 2.0};
    case 5: v.type = VALUE_BYTES; break;
    default: break;
    }
    v.string = arena_printf(&m->arena, "%u", n);
    return v;
}

static void make_span(struct model *m, uint32_t i)
{
    static struct attr service_attrs[COUNT(services)];
    static struct resource resources[COUNT(services)];
    struct span *s = &m->spans[i];
    uint32_t service = below(m, COUNT(services));
    resources[service] = test_resource(&service_attrs[service], services[service]);
    *s = test_span(1 + i / 7, i + 1, i % 7 ? i - below(m, i % 7) : 0, names[below(m, COUNT(names))],
                   FIXTURE_NOW_NS + below(m, 1000) * 1000000, below(m, 50) * 1000000);
    s->resource = &resources[service];
    s->kind = (enum span_kind)below(m, 6);
    s->status_code = (enum status_code)below(m, 3);
    s->attrs.items = arena_calloc(&m->arena, COUNT(keys), sizeof *s->attrs.items);
    for (uint32_t k = 0; k < COUNT(keys); k++) {
        if (below(m, k == 4 ? 50 : 3) == 0)
            s->attrs.items[s->attrs.count++] = (struct attr){str_of(keys[k]), random_value(m, k)};
    }
}

static void bind(sqlite3_stmt *st, int at, const struct value *v)
{
    if (!v)
        return;
    switch (v->type) {
    case VALUE_STRING:
        sqlite3_bind_text(st, at, v->string.p, (int)v->string.n, SQLITE_TRANSIENT);
        break;
    case VALUE_BYTES:
        sqlite3_bind_blob(st, at, v->string.p, (int)v->string.n, SQLITE_TRANSIENT);
        break;
    case VALUE_INT: sqlite3_bind_int64(st, at, v->integer); break;
    case VALUE_BOOL: sqlite3_bind_int64(st, at, v->boolean); break;
    case VALUE_DOUBLE: sqlite3_bind_double(st, at, v->number); break;
    default: break;
    }
}

static void bind_id(sqlite3_stmt *st, int at, const uint8_t *bytes, size_t n)
{
    char hex[33];
    for (size_t i = 0; i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    sqlite3_bind_text(st, at, hex, (int)(2 * n), SQLITE_TRANSIENT);
}

static void insert(struct model *m, sqlite3_stmt *st, const struct span *s)
{
    static const char *const statuses[] = {"unset", "ok", "error"};
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    bind_id(st, 1, s->trace_id.bytes, 16);
    bind_id(st, 2, s->span_id.bytes, 8);
    if (!span_id_is_zero(s->parent_span_id))
        bind_id(st, 3, s->parent_span_id.bytes, 8);
    sqlite3_bind_text(st, 4, s->resource->service_name.p, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(st, 5, s->name.p, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(st, 6, span_kind_name(s->kind), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(st, 7, statuses[s->status_code], -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(st, 8, (sqlite3_int64)s->start_ns);
    sqlite3_bind_int64(st, 9, (sqlite3_int64)s->end_ns);
    sqlite3_bind_int64(st, 10, (sqlite3_int64)span_duration_ns(s));
    for (uint32_t k = 0; k < COUNT(keys); k++)
        bind(st, 11 + (int)k, attrs_get(&s->attrs, str_of(keys[k])));
    assert_int_equal(sqlite3_step(st), SQLITE_DONE);
    (void)m;
}

static int setup(void **state)
{
    struct model *m = calloc(1, sizeof *m);
    const char *seed = getenv("CAIRN_TEST_SEED");
    sqlite3_stmt *st;
    m->random = seed ? strtoull(seed, NULL, 10) : 11;
    arena_init(&m->arena, 0);
    fixture_open(&m->fixture);
    assert_int_equal(sql_memory_install(NULL), 0); /* before anybody uses SQLite */
    assert_int_equal(sqlite3_open(":memory:", &m->plain), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(m->plain,
                     "create table spans(trace_id text, span_id text, parent_span_id text, service "
                     "text, name text, kind text, status text, start_time integer, end_time "
                     "integer, duration integer, route, code, mixed, flag, rare)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            m->plain,
            "create view calls as select c.trace_id, c.parent_span_id, c.span_id, p.service "
            "as parent_service, p.name as parent_name, p.kind as parent_kind, p.status as "
            "parent_status, p.start_time as parent_start_time, p.duration as "
            "parent_duration, c.service as child_service, c.name as child_name, c.kind as "
            "child_kind, c.status as child_status, c.start_time, c.duration from spans c "
            "join spans p on p.trace_id = c.trace_id and p.span_id = c.parent_span_id;"
            "create index of_span on spans(span_id)",
            NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(m->plain,
                                        "insert into spans values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                                        -1, &st, NULL),
                     SQLITE_OK);
    for (uint32_t i = 0; i < SPANS; i++) {
        make_span(m, i);
        insert(m, st, &m->spans[i]);
    }
    sqlite3_finalize(st);
    for (uint32_t i = 0; i < SPANS; i += 300) {
        fixture_append(&m->fixture, m->spans + i, 300);
        if (i == 900 || i == 1800)
            fixture_seal(&m->fixture);
    }
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct model *m = *state;
    sqlite3_close(m->plain);
    fixture_close(&m->fixture);
    arena_release(&m->arena);
    free(m);
    return 0;
}

/* ---- Statements ---- */

static const char *const columns[] = {"trace_id",  "span_id",  "parent_span_id", "service",
                                      "name",      "kind",     "status",         "start_time",
                                      "end_time",  "duration", "\"route\"",      "\"code\"",
                                      "\"mixed\"", "\"flag\"", "\"rare\""};
enum {
    TEXTS = 7,
    NUMBERS = 10
}; /* columns before these are texts, before those texts or numbers */

struct text {
    char p[TEXT_MAX];
    size_t n;
};

static void put(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    t->n += (size_t)vsnprintf(t->p + t->n, sizeof t->p - t->n, fmt, args);
    va_end(args);
    assert_true(t->n < sizeof t->p);
}

static void put_id(struct text *t, const uint8_t *bytes, size_t n)
{
    put(t, "'");
    for (size_t i = 0; i < n; i++)
        put(t, "%02x", bytes[i]);
    put(t, "'");
}

/* A literal that a column may well have. */
static void put_literal(struct model *m, struct text *t, uint32_t column)
{
    static const char *const odd[] = {"null", "0",     "''",  "x'31'", "1e18",
                                      "-1",   "'zzz'", "2.5", "'2'"};
    const struct span *s = &m->spans[below(m, SPANS)];
    if (below(m, 8) == 0) {
        put(t, "%s", odd[below(m, COUNT(odd))]);
        return;
    }
    switch (column) {
    case 0: put_id(t, s->trace_id.bytes, 16); return;
    case 1: put_id(t, s->span_id.bytes, 8); return;
    case 2: put_id(t, s->parent_span_id.bytes, 8); return;
    case 3: put(t, "'%s'", services[below(m, COUNT(services))]); return;
    case 4: put(t, "'%s'", names[below(m, COUNT(names))]); return;
    case 5: put(t, "'%s'", below(m, 5) ? span_kind_name(s->kind) : "SERVER"); return;
    case 6: put(t, "'%s'", below(m, 2) ? "error" : below(m, 2) ? "unset" : "ok"); return;
    case 7:
    case 8: put(t, "%lld%s", (long long)s->start_ns, below(m, 6) ? "" : ".0"); return;
    case 9: put(t, below(m, 6) ? "%u" : "'%u'", below(m, 50) * 1000000); return;
    case 10: put(t, "'/r/%u'", below(m, 6)); return;
    case 11: put(t, "%u", below(m, 6) * 100); return;
    case 13: put(t, "%u", below(m, 2)); return;
    default: break;
    }
    put(t, below(m, 2) ? "%u" : "'%u'", below(m, 6));
}

static void put_pattern(struct model *m, struct text *t)
{
    static const char *const patterns[] = {"like 'get%'", "like '%CART%'",  "glob 'GET*'",
                                           "glob '*/*'",  "glob 's[a-z]*'", "glob 'SELECT'",
                                           "glob '[*'",   "like '/r/_'",    "glob '/r/[12]'",
                                           "glob '2*'",   "not like '%e%'", "glob '\xc3*'"};
    put(t, " %s", patterns[below(m, COUNT(patterns))]);
}

static void put_term(struct model *m, struct text *t)
{
    static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">=", "=", "is", "is not"};
    uint32_t column = below(m, COUNT(columns));
    put(t, "%s", columns[column]);
    switch (below(m, 8)) {
    case 0: put(t, below(m, 2) ? " is null" : " is not null"); return;
    case 1: put_pattern(m, t); return;
    case 2:
        put(t, " between ");
        put_literal(m, t, column);
        put(t, " and ");
        put_literal(m, t, column);
        return;
    case 3:
        put(t, below(m, 4) ? " in (" : " not in (");
        for (uint32_t n = below(m, 4), i = 0; i <= n; i++) {
            put(t, i ? ", " : "");
            put_literal(m, t, column);
        }
        put(t, ")");
        return;
    default: break;
    }
    put(t, " %s ", operators[below(m, COUNT(operators))]);
    put_literal(m, t, column);
    if (column < TEXTS && below(m, 10) == 0)
        put(t, " collate nocase");
}

static void put_condition(struct model *m, struct text *t, uint32_t depth)
{
    switch (depth ? below(m, 5) : 0) {
    case 1:
    case 2:
        put_condition(m, t, depth - 1);
        put(t, " and ");
        put_condition(m, t, depth - 1);
        return;
    case 3:
        put(t, "(");
        put_condition(m, t, depth - 1);
        put(t, " or ");
        put_condition(m, t, depth - 1);
        put(t, ")");
        return;
    case 4:
        put(t, "not (");
        put_condition(m, t, depth - 1);
        put(t, ")");
        return;
    default: put_term(m, t);
    }
}

static void put_where(struct model *m, struct text *t)
{
    if (below(m, 4) == 0)
        return;
    put(t, " where ");
    put_condition(m, t, 1 + below(m, 3));
}

static void put_groups(struct model *m, struct text *t)
{
    uint32_t n = 1 + below(m, 3), group[3], start = 3;
    put(t, "select ");
    for (uint32_t i = 0; i < n; i++) {
        group[i] = below(m, 6) ? start + below(m, 4) : NUMBERS + below(m, COUNT(columns) - NUMBERS);
        put(t, "%s, ", columns[group[i]]);
    }
    put(t,
        "count(*), min(start_time), max(end_time), sum(duration), count(\"mixed\"), count(distinct "
        "trace_id) from spans");
    put_where(m, t);
    put(t, " group by ");
    for (uint32_t i = 0; i < n; i++)
        put(t, "%s%s", i ? ", " : "", columns[group[i]]);
    if (below(m, 3) == 0)
        put(t, " having count(*) > %u", below(m, 20));
    if (below(m, 2)) {
        put(t, " order by ");
        for (uint32_t i = 0; i < n; i++)
            put(t, "%s%s%s", i ? ", " : "", columns[group[i]], below(m, 3) ? "" : " desc");
    }
}

static void put_rows(struct model *m, struct text *t)
{
    uint32_t n = 1 + below(m, 5);
    bool distinct = below(m, 4) == 0;
    put(t, "select %s", distinct ? "distinct " : "");
    for (uint32_t i = 0; i < n; i++)
        put(t, "%s, ", columns[distinct ? 3 + below(m, 4) : below(m, COUNT(columns))]);
    put(t, distinct ? "kind" : "span_id");
    put(t, " from spans");
    put_where(m, t);
    if (below(m, 2) == 0 && !distinct)
        put(t, " order by duration%s, span_id", below(m, 2) ? " desc" : "");
    for (uint32_t i = 0; distinct && n == 2 && i <= n;
         i++) /* what is not distinct has no place in the order */
        put(t, "%s%u%s", i ? ", " : " order by ", i + 1, below(m, 2) ? " desc" : "");
    if (!distinct && t->n && strstr(t->p, "order by") && below(m, 2))
        put(t, " limit %u offset %u", 1 + below(m, 20), below(m, 5));
}

static void put_join(struct model *m, struct text *t)
{
    put(t,
        "select c.span_id, p.span_id, p.service, c.\"code\", p.\"code\" from spans c %sjoin spans p on p.trace_id = "
        "c.trace_id and p.span_id = c.parent_span_id where c.service = '%s'",
        below(m, 2) ? "left " : "", services[below(m, COUNT(services))]);
    if (below(m, 2))
        put(t, " and p.kind = '%s'", span_kind_name((enum span_kind)below(m, 6)));
}

/* Conditions on the columns that calls calls otherwise. */
static void put_calls(struct model *m, struct text *t)
{
    static const struct {
        const char *name;
        uint32_t literal; /* of columns[] */
    } terms[] = {{"trace_id", 0},       {"span_id", 1},     {"parent_span_id", 2},
                 {"child_service", 3},  {"child_name", 4},  {"child_kind", 5},
                 {"child_status", 6},   {"start_time", 7},  {"duration", 9},
                 {"parent_service", 3}, {"parent_name", 4}, {"parent_start_time", 7}};
    static const char *const operators[] = {"=", "<>", "<", ">=", "is not"};
    bool grouped = below(m, 2);
    put(t, "select %s from calls",
        grouped ? "parent_service, child_service, count(*), sum(duration), max(parent_duration)"
                : "*");
    for (uint32_t n = below(m, 4), i = 0; i < n; i++) {
        uint32_t term = below(m, COUNT(terms));
        put(t, "%s%s %s ",
            i == 0        ? " where "
            : below(m, 3) ? " and "
                          : " or ",
            terms[term].name, operators[below(m, COUNT(operators))]);
        put_literal(m, t, terms[term].literal);
    }
    if (grouped)
        put(t, " group by 1, 2");
}

/* ---- Comparing ---- */

static int line_cmp(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines in order, as far as the statement leaves the order open. */
static char *normal(const char *text, bool ordered)
{
    size_t n = strlen(text), count = 0;
    char *copy = malloc(n + 1), *out = malloc(n + 1), **lines = malloc((n + 1) * sizeof *lines),
         *at;
    memcpy(copy, text, n + 1);
    for (char *line = strtok_r(copy, "\n", &at); line; line = strtok_r(NULL, "\n", &at))
        lines[count++] = line;
    if (!ordered && count)
        qsort(lines, count, sizeof *lines, line_cmp);
    at = out;
    for (size_t i = 0; i < count; i++)
        at += sprintf(at, "%s\n", lines[i]);
    *at = '\0';
    free(copy);
    free(lines);
    return out;
}

static void expect(struct model *m, const char *sql, struct buf *out)
{
    struct sql_writer writer;
    struct arena arena;
    struct sql_cell cells[20];
    sqlite3_stmt *st;
    if (sqlite3_prepare_v2(m->plain, sql, -1, &st, NULL) != SQLITE_OK)
        fail_msg("%s\n%s", sql, sqlite3_errmsg(m->plain));
    arena_init(&arena, 0);
    buf_clear(out);
    struct sql_sink sink = sql_writer_init(&writer, SQL_CSV, &arena, out);
    uint32_t n = (uint32_t)sqlite3_column_count(st);
    assert_int_equal(sink.columns((struct str[20]){{NULL, 0}}, n, sink.user, NULL), 0);
    buf_clear(out);
    while (sqlite3_step(st) == SQLITE_ROW) {
        for (uint32_t i = 0; i < n; i++) {
            int column = (int)i;
            cells[i] = (struct sql_cell){.type = SQL_NULL};
            switch (sqlite3_column_type(st, column)) {
            case SQLITE_INTEGER:
                cells[i] =
                    (struct sql_cell){SQL_INT, {.integer = sqlite3_column_int64(st, column)}};
                break;
            case SQLITE_FLOAT:
                cells[i] = (struct sql_cell){SQL_REAL, {.real = sqlite3_column_double(st, column)}};
                break;
            case SQLITE_TEXT:
                cells[i] = (struct sql_cell){
                    SQL_TEXT, {.text = str_of((const char *)sqlite3_column_text(st, column))}};
                break;
            case SQLITE_BLOB:
                cells[i] =
                    (struct sql_cell){SQL_BLOB,
                                      {.text = str_make(sqlite3_column_blob(st, column),
                                                        (size_t)sqlite3_column_bytes(st, column))}};
                break;
            default: break;
            }
        }
        sink.row(cells, n, sink.user, NULL);
    }
    sqlite3_finalize(st);
    buf_put_byte(out, '\0');
    arena_release(&arena);
}

static void test_statements(void **state)
{
    static const size_t group_bytes[] = {0, 0, 20000, 300};
    struct model *m = *state;
    struct buf want;
    uint64_t rows = 0;
    buf_init(&want, 0);
    for (int i = 0; i < STATEMENTS; i++) {
        struct text t = {.n = 0};
        char *a, *b;
        const char *got;
        bool ordered;
        m->fixture.group_bytes_max = group_bytes[below(m, COUNT(group_bytes))];
        switch (below(m, 11)) {
        case 0: put_join(m, &t); break;
        case 10: put_calls(m, &t); break;
        case 1:
        case 2:
        case 3:
        case 4: put_groups(m, &t); break;
        default: put_rows(m, &t);
        }
        expect(m, t.p, &want);
        got = fixture_csv(&m->fixture, t.p);
        got = strchr(got, '\n') + 1;
        ordered = strstr(t.p, "order by") != NULL;
        a = normal((char *)want.p, ordered);
        b = normal(got, ordered);
        if (strcmp(a, b) != 0)
            fail_msg("statement %d (groups of %zu bytes):\n%s\nwant:\n%.2000s\ngot:\n%.2000s", i,
                     m->fixture.group_bytes_max, t.p, a, b);
        for (const char *p = a; *p; p++)
            rows += *p == '\n';
        free(a);
        free(b);
    }
    assert_true(rows > STATEMENTS * 10); /* they are not all empty */
    buf_release(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_statements)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
