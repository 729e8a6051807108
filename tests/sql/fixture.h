/* fixture.h - an engine with spans, and statements over it whose answers are texts. */
#ifndef TESTS_SQL_FIXTURE_H
#define TESTS_SQL_FIXTURE_H

#include "load/gen.h"
#include "sql/format.h"
#include "test.h"

struct sql_fixture {
    struct engine *engine;
    char dir[64];
    /* of the next statements */
    size_t memory_bytes, heap_bytes_max, group_bytes_max;
    uint64_t temp_bytes_max, rows_max, timeout_ns;
    bool (*is_cancelled)(void *user);
    /* of the last one */
    uint64_t spans_scanned;
    struct err err;
    struct buf out;
};

/* The time that 'now' is: 2026-01-01T00:00:00Z. */
#define FIXTURE_NOW_NS UINT64_C(1767225600000000000)

void fixture_open(struct sql_fixture *f);
void fixture_close(struct sql_fixture *f);
void fixture_append(struct sql_fixture *f, const struct span *spans, size_t count);
/* Everything in memory goes to a part. */
void fixture_seal(struct sql_fixture *f);
/* Seeded spans of the shop that start at start_ns. */
void fixture_shop(struct sql_fixture *f, uint64_t seed, uint64_t spans, uint64_t start_ns);

/* The code; what was written is in f->out. */
int fixture_run(struct sql_fixture *f, const char *sql, enum sql_format format);
/* As CSV; fails the test when the statement does. */
const char *fixture_csv(struct sql_fixture *f, const char *sql);

#endif
