/* stop.c - flushing and shutting down: everything is begun before anything is waited for, so that one exporter that
 * hangs takes nothing from the others, and all share one deadline. */
#define CAIRN_NO_INLINE
#include <time.h>

#include "base/cancel.h"
#include "base/deadline.h"
#include "sdk/sdk.h"
#include "sdk/timed_call.h"

/* One processor's part. */
struct part {
    struct timed_call *call;
    cairn_status status;
    uint64_t ticket; /* BATCH: of the flush */
    bool waits;      /* BATCH: something was begun */
};

static cairn_status worse(cairn_status a, cairn_status b)
{
    if (a == CAIRN_ERROR_TIMEOUT || b == CAIRN_ERROR_TIMEOUT)
        return CAIRN_ERROR_TIMEOUT;
    return a != CAIRN_OK ? a : b;
}

/* ---- Flushing ---- */

static cairn_status flush_now(void *user, uint32_t timeout_ms)
{
    cairn_processor *p = user;
    if (p->kind == PROCESSOR_SIMPLE)
        return exporter_flush(p->exporter, timeout_ms);
    return p->ops.force_flush(p->user, timeout_ms);
}

static bool has_flush(const cairn_processor *p)
{
    return p->kind == PROCESSOR_SIMPLE ? p->exporter->ops.force_flush != NULL
                                       : p->ops.force_flush != NULL;
}

cairn_status cairn_sdk_force_flush(cairn_sdk *sdk, uint32_t timeout_ms)
{
    uint64_t deadline = deadline_after_ms(timeout_ms);
    cairn_status status = CAIRN_OK;
    struct part parts[PROCESSORS_MAX] = {{0}};
    int cancel;
    if (!sdk)
        return CAIRN_OK;
    if (!sdk_enter(sdk))
        return CAIRN_ERROR_CLOSED;
    cancel = cancel_forbid();
    for (size_t i = 0; i < sdk->processor_count; i++) {
        cairn_processor *p = sdk->processors[i];
        if (p->kind == PROCESSOR_BATCH)
            parts[i].status = queue_flush_begin(p->queue, &parts[i].ticket);
    }
    for (size_t i = 0; i < sdk->processor_count; i++) {
        cairn_processor *p = sdk->processors[i];
        if (p->kind != PROCESSOR_BATCH && has_flush(p))
            parts[i].call =
                timed_call_begin(flush_now, p, deadline, &sdk->callers, &parts[i].status);
    }
    for (size_t i = 0; i < sdk->processor_count; i++) {
        if (parts[i].ticket)
            parts[i].status =
                queue_flush_wait(sdk->processors[i]->queue, parts[i].ticket, deadline);
        status = worse(status, timed_call_wait(parts[i].call, deadline, parts[i].status));
    }
    sdk_leave(sdk);
    cancel_allow(cancel);
    return status;
}

/* ---- Shutting down ---- */

static cairn_status close_now(void *user, uint32_t timeout_ms)
{
    cairn_processor *p = user;
    cairn_status flushed, closed;
    uint64_t deadline = deadline_after_ms(timeout_ms);
    switch (p->kind) {
    case PROCESSOR_BATCH: return queue_close_unused(p->queue, timeout_ms);
    case PROCESSOR_CUSTOM: return p->ops.shutdown(p->user, timeout_ms);
    case PROCESSOR_SIMPLE: break;
    }
    flushed = exporter_flush(p->exporter, timeout_ms);
    closed = exporter_shutdown(p->exporter, deadline_left_ms(deadline));
    return worse(flushed, closed);
}

/* Until no thread is inside functions of the application, or the deadline. */
static bool wait_for_callers(struct cairn_sdk *sdk, uint64_t deadline)
{
    struct timespec nap = {0, 50000};
    while (atomic_load(&sdk->callers) > 0) {
        if (deadline_left_ms(deadline) == 0)
            return false;
        nanosleep(&nap, NULL);
        if (nap.tv_nsec < 2000000)
            nap.tv_nsec *= 2;
    }
    return true;
}

/* Queues need nobody else's end, so they begin at once. */
static void close_queues(struct cairn_sdk *sdk, struct part *parts, uint64_t deadline)
{
    for (size_t i = 0; i < sdk->processor_count; i++) {
        cairn_processor *p = sdk->processors[i];
        if (p->kind == PROCESSOR_BATCH)
            parts[i].waits = queue_shutdown_begin(p->queue, deadline, &parts[i].status);
    }
}

static void close_others(struct cairn_sdk *sdk, struct part *parts, uint64_t deadline)
{
    for (size_t i = 0; i < sdk->processor_count; i++) {
        cairn_processor *p = sdk->processors[i];
        bool has_work = p->kind == PROCESSOR_BATCH ? queue_is_closing_unused(p->queue)
                        : p->kind == PROCESSOR_CUSTOM
                            ? p->ops.shutdown != NULL
                            : p->exporter->ops.shutdown || p->exporter->ops.force_flush;
        if (has_work)
            parts[i].call =
                timed_call_begin(close_now, p, deadline, &sdk->callers, &parts[i].status);
    }
}

/* The application's calls at the end, when all else is done, with the time that is left. */
static cairn_status run_hooks(void *user, uint32_t timeout_ms)
{
    struct cairn_sdk *sdk = user;
    uint64_t deadline = deadline_after_ms(timeout_ms);
    uint32_t count = atomic_load(&sdk->hook_count);
    for (uint32_t i = 0; i < count && i < SHUTDOWN_HOOKS_MAX; i++)
        sdk->hooks[i].fn(sdk->hooks[i].user, deadline_left_ms(deadline));
    return CAIRN_OK;
}

cairn_status cairn_sdk_on_shutdown(cairn_sdk *sdk, void (*fn)(void *user, uint32_t timeout_ms),
                                   void *user)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* two at once are set-up, not hot */
    cairn_status status = CAIRN_ERROR_LIMIT;
    uint32_t count;
    if (!sdk || !fn)
        return CAIRN_ERROR_INVALID;
    if (atomic_load(&sdk->closed))
        return CAIRN_ERROR_CLOSED;
    pthread_mutex_lock(&mutex);
    count = atomic_load(&sdk->hook_count);
    if (count < SHUTDOWN_HOOKS_MAX) {
        sdk->hooks[count] = (struct shutdown_hook){fn, user};
        atomic_store(&sdk->hook_count, count + 1);
        status = CAIRN_OK;
    }
    pthread_mutex_unlock(&mutex);
    return status;
}

static void interrupt_exports(struct cairn_sdk *sdk)
{
    for (size_t i = 0; i < sdk->processor_count; i++) {
        if (sdk->processors[i]->kind == PROCESSOR_SIMPLE)
            exporter_interrupt(sdk->processors[i]->exporter);
    }
}

cairn_status cairn_sdk_shutdown(cairn_sdk *sdk, uint32_t timeout_ms)
{
    uint64_t deadline = deadline_after_ms(timeout_ms);
    cairn_status status = CAIRN_OK;
    struct part parts[PROCESSORS_MAX] = {{0}};
    int cancel;
    if (!sdk)
        return CAIRN_OK;
    if (atomic_exchange(&sdk->closed, true))
        return CAIRN_ERROR_CLOSED;
    cancel = cancel_forbid();
    close_queues(sdk, parts, deadline);
    if (!wait_for_callers(sdk, deadline)) {
        status = CAIRN_ERROR_TIMEOUT;
        interrupt_exports(sdk);
    }
    close_others(sdk, parts, deadline);
    for (size_t i = 0; i < sdk->processor_count; i++) {
        if (parts[i].waits)
            parts[i].status = queue_shutdown_wait(sdk->processors[i]->queue, deadline);
        status = worse(status, timed_call_wait(parts[i].call, deadline, parts[i].status));
    }
    if (atomic_load(&sdk->hook_count)) {
        cairn_status ran = CAIRN_OK;
        struct timed_call *call = timed_call_begin(run_hooks, sdk, deadline, &sdk->callers, &ran);
        status = worse(status, timed_call_wait(call, deadline, ran));
    }
    cancel_allow(cancel);
    return status;
}
