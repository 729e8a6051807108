/* range.h - the time range of Cairn's own endpoints: start and end, or since. */
#ifndef API_RANGE_H
#define API_RANGE_H

#include "api/call.h"

struct time_range {
    uint64_t start_ns, end_ns; /* Unix nanoseconds, both ends in */
};

/* Parameters `start` and `end`: RFC 3339 or Unix nanoseconds; `since`: a duration up to the end, in place of start. Without
 * them the last `fallback_ns` (0 = all there is) up to now. ERR_INVALID says what is wrong. */
int range_read(struct call *c, uint64_t fallback_ns, struct time_range *ret, struct err *err);

#endif
