/* series_inside.h - the inside of metrics, shared by series*.c only.
 *
 * A metric function is a plan; each thread counts into accumulators of its own; these are merged and become a list of
 * series; seconds and arithmetic work on lists. */
#ifndef QUERY_SERIES_INSIDE_H
#define QUERY_SERIES_INSIDE_H

#include "base/sketch.h"
#include "engine/series.h"
#include "query/labels.h"
#include "query/run.h"

/* One function over one pipeline. */
struct series_plan {
    const struct metric *metric;
    const struct pipeline *pipeline;
    uint32_t filter_count; /* of the query */
    uint64_t start_ns, end_ns, step_ns;
    uint32_t bucket_count;
    uint32_t exemplars_max;
    bool duration; /* the operand is one: nanoseconds come in, seconds go out */
};

/* The bucket of a span; BUCKET_NONE when it starts outside. Spans come in clusters: the last one is tried first. */
enum { BUCKET_NONE = UINT32_MAX };
struct bucket_cursor {
    uint64_t first_ns, last_ns; /* of bucket `at`, both in it */
    uint32_t at;
};
static inline uint32_t bucket_of(const struct series_plan *p, struct bucket_cursor *c, uint64_t ns)
{
    if (ns - c->first_ns <= c->last_ns - c->first_ns && c->last_ns)
        return c->at;
    if (ns <= p->start_ns || ns > p->end_ns)
        return BUCKET_NONE;
    c->at = (uint32_t)((ns - p->start_ns - 1) / p->step_ns);
    c->first_ns = p->start_ns + c->at * p->step_ns + 1;
    c->last_ns = c->first_ns + (p->step_ns - 1);
    if (c->last_ns > p->end_ns || c->last_ns < c->first_ns)
        c->last_ns = p->end_ns;
    return c->at;
}

/* ---- series_sums.c: counting ---- */

/* What is counted of one series; arrays have an entry for each bucket and come when needed. */
struct series_sums {
    uint64_t *counts;
    double *numbers;              /* sum, least or greatest; NaN = none */
    struct sketch *above, *below; /* of numbers from 0, and of what is below it, without sign */
};

enum { EXEMPLARS_PER_SLOT = 4, EXEMPLAR_SLOTS_MAX = 1000 };

/* Exemplars of one stretch of the time range, of different series. */
struct exemplar_slot {
    uint32_t count;
    struct {
        uint32_t series;
        struct exemplar exemplar;
    } items[EXEMPLARS_PER_SLOT];
};

struct accumulator {
    const struct series_plan *plan;
    struct arena *arena;
    struct label_ids by[TRACEQL_BY_MAX];
    struct pair_ids pairs
        [TRACEQL_BY_MAX]; /* [i]: what the first i + 1 made, with the next (or the histogram's bucket) */
    struct series_sums *items; /* by series */
    size_t count, cap;
    struct exemplar_slot *slots; /* exemplars_max */
    bool truncated;              /* LABELS_MAX was met */
};

int accumulator_init(struct accumulator *a, const struct series_plan *plan, struct arena *arena,
                     struct err *err);

/* Spans in columns. labels: of each by(), numbers of a->by. values: of the operand, NaN = none; NULL when the function has
 * none. */
struct series_rows {
    uint32_t count;
    const uint32_t *labels[TRACEQL_BY_MAX];
    const uint32_t *buckets;
    const double *values;
};
/* series: room for count; which series each span went to, LABEL_NONE = none. */
int accumulator_add(struct accumulator *a, const struct series_rows *rows, uint32_t *series,
                    struct err *err);
/* n spans of one bucket, for functions that only count, without by(). */
int accumulator_add_count(struct accumulator *a, uint32_t bucket, uint64_t n, struct err *err);
int accumulator_merge(struct accumulator *to, struct accumulator *from, struct err *err);

/* Is there use for an exemplar of this time? */
bool accumulator_wants_exemplar(const struct accumulator *a, uint64_t time_ns);
void accumulator_add_exemplar(struct accumulator *a, uint32_t series, const struct exemplar *e);

/* The labels that number `series` stands for: those of by(), and the histogram's bucket behind them. */
void accumulator_labels(struct accumulator *a, uint32_t series, uint32_t *ret);

/* The histogram's bucket: the least power of two that is not below v, as the exponent; LABEL_NONE when v is not above 0. */
enum { POWER_ZERO = 1100 }; /* 2^0 */
uint32_t histogram_power(double v);

/* Numbers that are no durations are put into sketches in millionths (about): they may be fractions. */
#define SKETCH_SCALE 1048576.0

/* ---- series_count.c ---- */

/* Does a filter of spans alone tell which spans count? Then also by what. */
bool series_of_spans_alone(const struct series_plan *plan, const struct expr **condition);
int series_count(struct run *r, const struct series_plan *plan, struct arena *arena,
                 struct series_list *ret, struct err *err);

/* What an operand's value counts as; NaN when it is no number. */
double series_number(const struct value *v);

/* ---- series_traces.c: trace by trace, for pipelines that need it ---- */

int series_count_traces(struct run *r, const struct series_plan *plan, struct arena *arena,
                        struct series_list *ret, struct err *err);

/* ---- series_result.c: from what was counted to a list ---- */

int series_of(struct accumulator *a, struct arena *arena, struct series_list *ret, struct err *err);
void series_sort(struct series_list *list);
int series_labels_cmp(const struct attr *a, uint32_t a_count, const struct attr *b,
                      uint32_t b_count);
/* Those that have a number anywhere stay. */
void series_drop_empty(struct series_list *list);
struct str series_function_name(enum metric_kind kind);
int series_field_text(const struct field *f, struct arena *arena, struct str *ret, struct err *err);
/* Kinds and statuses as people read them. */
struct value series_label_value(const struct field *f, struct value v);

/* ---- series_math.c ---- */

int series_second(const struct second *second, struct series_list *list, struct arena *arena,
                  struct err *err);
/* left op right, for series of equal labels; one without labels goes with all. */
int series_join(enum math_op op, const struct series_list *left, const struct series_list *right,
                struct arena *arena, struct series_list *ret, struct err *err);
void series_scale(enum math_op op, struct series_list *list, double scalar, bool scalar_left);

/* ---- series_compare.c ---- */

int series_compare(struct run *r, const struct series_plan *plan, struct arena *arena,
                   struct series_list *ret, struct err *err);

#endif
