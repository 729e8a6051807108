/* retention.h - how long what is kept: the ages at which something of a part goes, and which traces a rule keeps. */
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include "store/store.h"

/* The rules that still keep something of a part of some age. */
struct retention_stage {
    const struct retention_rule *rules[RETENTION_RULES_MAX];
    uint32_t count;
    bool ordinary; /* it is younger than retention_ns: all is kept */
    uint64_t mark; /* hash of the rules; what MANIFEST says of a part that has been through it */
};

void retention_stage(const struct engine_options *options, uint64_t age_ns,
                     struct retention_stage *ret);

/* Marks the traces of the part that a rule keeps, bit by number of the trace, judging each by all its rows in the
 * snapshot (which has the part, too). stop(user) is asked now and then; true: ERR_CANCELLED. */
int retention_select(const struct retention_stage *stage, const struct source *part,
                     const struct snapshot *all, bool (*stop)(void *user), void *user,
                     unsigned char *ret_bits, struct err *err);

#endif
