/* retention_rules.h - "status=error:30d", as typed, into the engine's rules. */
#ifndef CLI_RETENTION_RULES_H
#define CLI_RETENTION_RULES_H

#include "cli/options.h"
#include "engine/engine.h"

struct retention_rules {
    struct retention_rule items[RETENTION_RULES_MAX];
    uint32_t count;
};

/* Each value is a rule, or several with commas between. retention_ns is how long the rest is kept. ERR_INVALID with
 * words that name the value. */
int retention_rules_parse(const struct option_list *values, uint64_t retention_ns,
                          struct retention_rules *ret, struct err *err);

#endif
