/* series_answer.h - the numbers of a metrics query as commands show them: on one common axis of times. */
#ifndef CLI_SERIES_ANSWER_H
#define CLI_SERIES_ANSWER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { SERIES_LABELS_MAX = 16 };

struct answer_label {
    struct str key, value; /* value.p NULL: nil */
};

struct answer_series {
    struct answer_label labels[SERIES_LABELS_MAX];
    uint32_t label_count;
    struct str name;            /* the values of its labels, as a legend shows them */
    double *values;             /* of each time; NaN = nothing there */
    double min, avg, max, last; /* NaN when it has no values */
    double sum;
    uint32_t count; /* of values */
};

struct answer_series_list {
    struct answer_series *items;
    size_t count;
    int64_t *times_ms; /* ascending; the end of each step */
    size_t time_count;
    struct str keys; /* of the labels, as a heading: "resource.service.name, name" */
};

/* Reads the answer of /api/metrics/query_range; all of it is in the arena. In the order of the answer. */
int series_answer_read(struct str answer, struct arena *arena, struct answer_series_list *ret,
                       struct err *err);
/* The largest sums first. */
void series_answer_sort(struct answer_series_list *list);

#endif
