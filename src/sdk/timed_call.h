/* timed_call.h - calling functions that may hang, with an end to the waiting: each in a thread of its own, which is left
 * behind when it does not come back. */
#ifndef SDK_TIMED_CALL_H
#define SDK_TIMED_CALL_H

#include <cairn/common.h>

#include <stdint.h>

struct timed_call;

typedef cairn_status timed_call_fn(void *user, uint32_t timeout_ms);

/* Begins run(user, what is left until the deadline). `running` is added to while it runs. Without an end to wait for, or
 * without the means for a thread, it is run to its end here. */
struct timed_call *timed_call_begin(timed_call_fn *run, void *user, uint64_t deadline_ns,
                                    _Atomic int64_t *running, cairn_status *ret);

/* What run answered, CAIRN_ERROR_TIMEOUT when it has not by then. NULL (run to its end already) answers `otherwise`. */
cairn_status timed_call_wait(struct timed_call *call, uint64_t deadline_ns, cairn_status otherwise);

#endif
