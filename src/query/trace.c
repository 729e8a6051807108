/* trace.c - one whole trace. */
#include "query/query.h"
#include "query/run.h"

static int collect(struct run *r, struct trace_id id, struct span_batch *ret, struct err *err)
{
    struct arena *arena = r->q->arena;
    struct trace_rows rows;
    struct span *spans;
    TRY(run_unique_rows(r, id, &r->rows, &rows, err));
    if (!rows.count && r->damaged)
        return err_set(err, ERR_CORRUPT, "a damaged part may hold this trace");
    if (!rows.count)
        return err_set(err, ERR_NOT_FOUND, "no trace has this id");
    spans = arena_calloc(arena, rows.count, sizeof *spans);
    if (!spans)
        return run_out_of_memory(err);
    for (size_t i = 0; i < rows.count; i++) {
        TRY(run_span(r, rows.items[i].ref, &rows.items[i].row, arena, true, &spans[i], err));
        TRY(run_tick(r, err));
    }
    r->q->spans_scanned += rows.count;
    *ret = (struct span_batch){.spans = spans, .span_count = rows.count};
    return 0;
}

int query_trace(struct store *s, struct engine_query *q, struct trace_id id, struct span_batch *ret,
                struct err *err)
{
    struct run r;
    int rc;
    run_begin(&r, s, q, q->arena);
    rc = run_check(&r, err);
    if (rc == 0)
        rc = collect(&r, id, ret, err);
    run_end(&r);
    return rc;
}
