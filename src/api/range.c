/* range.c - reading a time range strictly: what contradicts itself is an error. */
#include "api/range.h"

#include "api/params.h"
#include "base/clock.h"

static int time_param(struct call *c, struct str name, uint64_t *ret, struct err *err)
{
    struct str text = call_param(c, name);
    return str_to_u64(text, ret) ? 0 : param_rfc3339(name, text, ret, err);
}

int range_read(struct call *c, uint64_t fallback_ns, struct time_range *ret, struct err *err)
{
    bool has_start = call_param(c, STR("start")).n != 0, has_end = call_param(c, STR("end")).n != 0;
    struct str since = call_param(c, STR("since"));
    uint64_t length_ns = fallback_ns;
    *ret = (struct time_range){0, fallback_ns || since.n ? clock_realtime_ns() : UINT64_MAX};
    if (has_start && since.n)
        return err_set(err, ERR_INVALID, "parameters start and since exclude one another");
    if (has_end)
        TRY(time_param(c, STR("end"), &ret->end_ns, err));
    if (since.n)
        TRY(param_duration(STR("since"), since, &length_ns, err));
    if (has_start)
        TRY(time_param(c, STR("start"), &ret->start_ns, err));
    else if (length_ns && length_ns < ret->end_ns)
        ret->start_ns = ret->end_ns - length_ns;
    if (ret->start_ns > ret->end_ns)
        return err_set(err, ERR_INVALID, "parameter start is after end");
    return 0;
}
