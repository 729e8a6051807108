/* when.c - points in time as people type them. */
#include "cli/when.h"

#include "api/params.h"
#include "cli/units.h"

int when_parse(const char *option, const char *text, uint64_t now_ns, uint64_t *ret_unix_ns,
               struct err *err)
{
    uint64_t age;
    if (parse_duration(str_of(text), &age)) {
        *ret_unix_ns = now_ns > age ? now_ns - age : 0;
        return 0;
    }
    if (param_rfc3339(STR("time"), str_of(text), ret_unix_ns, NULL) == 0)
        return 0;
    return err_set(err, ERR_INVALID,
                   "--%s: \"%.60s\" is neither an age as in 12h nor a time as in "
                   "2026-11-21T13:00:00Z",
                   option, text);
}
