/* series_compare.c - compare(): which values of which attributes are more frequent in a selection than in the rest. */
#include "query/series_inside.h"

int series_compare(struct run *r, const struct series_plan *plan, struct arena *arena,
                   struct series_list *ret, struct err *err)
{
    (void)r;
    (void)plan;
    (void)arena;
    (void)ret;
    return err_set(err, ERR_UNSUPPORTED, "compare() is not there yet");
}
