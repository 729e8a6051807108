/* scan.c - chosen fields of the spans that pass a filter, one group of rows after the other. */
#include "query/scan.h"

#include <stdlib.h>

#include "query/filter.h"
#include "query/rows.h"
#include "query/vector.h"
#include "store/mem.h"

_Static_assert((int)SCAN_ROWS_MAX >= (int)SOURCE_GROUP_ROWS_MAX, "a group is one batch");

struct engine_scan {
    struct run run;
    struct filter filter;
    struct run_groups groups; /* newest first */
    size_t next;
    uint32_t field_count;
    struct vector_field *fields[SCAN_FIELDS_MAX];
    struct vector vectors[SCAN_FIELDS_MAX];
    struct arena arena; /* of the batch */
    /* the last batch */
    uint32_t source, group;
    struct bits rows;
};

static int prepare(struct engine_scan *s, const struct scan_query *query, struct err *err)
{
    struct trace_query filter = {query->filter, query->start_ns, query->end_ns, 0};
    if (query->field_count > SCAN_FIELDS_MAX)
        return err_set(err, ERR_INVALID, "a scan reads at most %d fields", SCAN_FIELDS_MAX);
    if (expr_needs_trace(query->filter))
        return err_set(err, ERR_INVALID, "only the whole trace tells a field of the filter");
    for (uint32_t i = 0; i < query->field_count; i++)
        TRY(vector_field_make(&s->run, &query->fields[i], &s->fields[i], err));
    s->field_count = query->field_count;
    TRY(filter_make(&s->run, &filter, &s->filter, err));
    return run_groups(&s->run, query->start_ns, query->end_ns, &s->run.own_tables, &s->groups, err);
}

int query_scan_open(struct store *store, struct engine_query *q, const struct scan_query *query,
                    struct engine_scan **ret, struct err *err)
{
    struct engine_scan *s = mem_calloc(1, sizeof *s);
    int rc;
    run_begin(&s->run, store, q, NULL);
    arena_init(&s->arena, q->arena->max_bytes);
    rc = prepare(s, query, err);
    if (rc < 0) {
        engine_scan_close(s);
        return rc;
    }
    *ret = s;
    return 0;
}

/* The next group: 1 when it has rows. */
static int read_group(struct engine_scan *s, const struct run_group *item, struct scan_rows *ret,
                      struct err *err)
{
    struct run *r = &s->run;
    bool any;
    s->source = item->source;
    s->group = item->group;
    TRY(rows_pass(r, &s->filter, item, &s->rows, &any, err));
    if (!any)
        return 0;
    arena_reset(&s->arena);
    TRY(vectors_read(r, s->fields, s->field_count, item->source, item->group, &s->rows, &s->arena,
                     s->vectors, err));
    *ret = (struct scan_rows){bits_count(&s->rows), s->vectors};
    return 1;
}

int engine_scan_next(struct engine_scan *s, struct scan_rows *ret, struct err *err)
{
    *ret = (struct scan_rows){.count = 0};
    while (s->next < s->groups.count) {
        int rc;
        TRY(run_check(&s->run, err));
        rc = read_group(s, &s->groups.items[s->next++], ret, err);
        if (rc == 1 || (rc < 0 && !run_skips(&s->run, rc)))
            return rc;
    }
    return 0;
}

int engine_scan_span(struct engine_scan *s, uint32_t row, struct arena *arena, struct span *ret,
                     struct err *err)
{
    const struct source *src = &s->run.snap.sources[s->source];
    struct row_ref ref = {s->source,
                          source_group_first(src, s->group) + bits_number(&s->rows, row)};
    struct row columns;
    TRY(source_row(src, s->run.reader, ref.row, &columns, err));
    return run_span(&s->run, ref, &columns, arena, true, ret, err);
}

void engine_scan_close(struct engine_scan *s)
{
    if (!s)
        return;
    arena_release(&s->arena);
    run_end(&s->run);
    free(s);
}
