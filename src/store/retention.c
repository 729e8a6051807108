/* retention.c - judging traces: first by their rows in the part at hand, then, if no rule keeps them by these, by all
 * rows anywhere, since a trace may lie in several parts. */
#include "store/retention.h"

#include "store/bytes.h"
#include "store/mem.h"

enum { READER_BYTES = 32 << 20, TRACES_PER_STOP = 256 };

void retention_stage(const struct engine_options *options, uint64_t age_ns,
                     struct retention_stage *ret)
{
    uint64_t fields[4 * RETENTION_RULES_MAX];
    size_t n = 0;
    *ret = (struct retention_stage){.ordinary =
                                        !options->retention_ns || age_ns <= options->retention_ns};
    for (uint32_t i = 0; i < options->retention_rule_count; i++) {
        const struct retention_rule *rule = &options->retention_rules[i];
        if (rule->keep_ns < age_ns || rule->keep_ns <= options->retention_ns)
            continue;
        ret->rules[ret->count++] = rule;
        fields[n++] = rule->field;
        fields[n++] = rule->field == RETENTION_STATUS ? rule->status : rule->duration_ns;
    }
    ret->mark = ret->ordinary ? 0 : XXH3_64bits(fields, n * sizeof *fields) | 1;
}

/* What the rules ask of a trace. */
struct judged {
    uint64_t start_ns, end_ns;
    unsigned statuses; /* a bit for each that a span has */
};

static void judge_row(struct judged *j, uint64_t start_ns, uint64_t duration_ns, unsigned status)
{
    uint64_t end = start_ns + duration_ns;
    if (start_ns < j->start_ns)
        j->start_ns = start_ns;
    if (end > j->end_ns)
        j->end_ns = end;
    j->statuses |= 1u << status;
}

static bool rule_keeps(const struct retention_rule *rule, const struct judged *j)
{
    switch (rule->field) {
    case RETENTION_STATUS: return j->statuses >> rule->status & 1;
    case RETENTION_DURATION:
        return j->end_ns > j->start_ns && j->end_ns - j->start_ns > rule->duration_ns;
    }
    return true;
}

static bool kept(const struct retention_stage *stage, const struct judged *j)
{
    for (uint32_t i = 0; i < stage->count; i++) {
        if (rule_keeps(stage->rules[i], j))
            return true;
    }
    return false;
}

struct selection {
    const struct retention_stage *stage;
    const struct source *part;
    const struct snapshot *all;
    struct page_reader *near, *far; /* the part's rows, in order; those of other sources */
    struct arena arena;
};

static int judge_rows(struct selection *s, uint32_t first, uint32_t end, struct judged *j,
                      struct err *err)
{
    for (uint32_t row = first; row < end; row++) {
        const struct part_rows *rows;
        uint32_t i = row % PART_GROUP_ROWS;
        TRY(page_rows(s->near, s->part->part, row / PART_GROUP_ROWS,
                      ROWS_START | ROWS_DURATION | ROWS_TEMPLATE, &rows, err));
        judge_row(j, rows->start_ns[i], rows->duration_ns[i], rows->status[i]);
    }
    return 0;
}

/* Rows elsewhere. A damaged part says nothing. */
static int judge_elsewhere(struct selection *s, struct trace_id id, struct judged *j,
                           struct err *err)
{
    struct row_refs refs = {0};
    arena_reset(&s->arena);
    for (uint32_t i = 0; i < s->all->count; i++) {
        int rc;
        if (s->all->sources[i].part == s->part->part)
            continue;
        rc = source_trace_rows(&s->all->sources[i], i, id, &s->arena, &refs, err);
        if (rc < 0 && rc != ERR_CORRUPT)
            return rc;
    }
    for (size_t i = 0; i < refs.count; i++) {
        struct row row;
        int rc = source_row(&s->all->sources[refs.items[i].source], s->far, refs.items[i].row, &row,
                            err);
        if (rc == 0)
            judge_row(j, row.start_ns, row.duration_ns, row.status);
        else if (rc != ERR_CORRUPT)
            return rc;
        page_begin(s->far);
    }
    return 0;
}

static int select_trace(struct selection *s, const struct part_traces *traces, uint32_t t,
                        unsigned char *bits, struct err *err)
{
    struct judged j = {.start_ns = UINT64_MAX};
    uint32_t first = traces->first_rows[t], end = traces->first_rows[t + 1];
    if (first == end || source_row_dead(s->part, first))
        return 0;
    TRY(judge_rows(s, first, end, &j, err));
    if (!kept(s->stage, &j)) {
        TRY(judge_elsewhere(s, traces->ids[t], &j, err));
        if (!kept(s->stage, &j))
            return 0;
    }
    bits[t / 8] |= (unsigned char)(1u << t % 8);
    return 0;
}

static int select_all(struct selection *s, bool (*stop)(void *user), void *user,
                      unsigned char *bits, struct err *err)
{
    const struct part_traces *traces;
    TRY(part_traces(s->part->part, &traces, err));
    for (uint32_t t = 0; t < s->part->part->trace_count; t++) {
        if (t % TRACES_PER_STOP == 0 && stop(user))
            return err_set(err, ERR_CANCELLED, "stopped");
        page_begin(s->near);
        TRY(select_trace(s, traces, t, bits, err));
    }
    return 0;
}

int retention_select(const struct retention_stage *stage, const struct source *part,
                     const struct snapshot *all, bool (*stop)(void *user), void *user,
                     unsigned char *ret_bits, struct err *err)
{
    struct selection s = {.stage = stage,
                          .part = part,
                          .all = all,
                          .near = page_reader_new(READER_BYTES),
                          .far = page_reader_new(READER_BYTES)};
    int rc;
    arena_init(&s.arena, 0);
    rc = select_all(&s, stop, user, ret_bits, err);
    arena_release(&s.arena);
    page_reader_free(s.near);
    page_reader_free(s.far);
    return rc;
}
