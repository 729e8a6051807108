/* attributes.h - two sets of spans, and the attribute values that tell them apart: TraceQL's compare(), ranked. */
#ifndef ANALYSIS_ATTRIBUTES_H
#define ANALYSIS_ATTRIBUTES_H

#include "base/arena.h"
#include "base/err.h"
#include "engine/series.h"

struct attribute_share {
    struct str key;     /* as queries name it: resource.service.name, .http.route, status */
    struct value value; /* VALUE_EMPTY: spans without it */
    uint64_t baseline_count, selection_count;
    double baseline_share, selection_share; /* of the spans that have the key, 0 to 1 */
    double effect;                          /* selection_share - baseline_share, -1 to 1 */
};

struct attribute_shares {
    struct attribute_share *items; /* largest effect first, by its absolute value */
    size_t count;
    struct str *cut; /* keys with more values than were counted */
    size_t cut_count;
};

/* From the answer of engine_series to a compare(). Strings borrow from it; arrays are in the arena. ERR_TOO_LARGE. */
int attribute_shares_rank(const struct series_list *compared, struct arena *arena,
                          struct attribute_shares *ret, struct err *err);

#endif
