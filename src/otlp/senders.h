/* senders.h - as many requests at once as the settings say: a batch goes to a sender that is free.
 *
 * With one sender the exporting thread sends by itself and waits for the end. With more each has a thread, made when it is
 * first needed; the exporting thread waits only until one is free, and the result is the sender's to tell. */
#ifndef OTLP_SENDERS_H
#define OTLP_SENDERS_H

#include "otlp/sender.h"

struct senders;

/* NULL without memory. Borrows shared until gone(owner) is called: after senders_release, when the last thread has come to
 * its end. Not called for NULL. */
struct senders *senders_new(struct sending *shared, void (*gone)(void *owner), void *owner);
/* What is under way goes on to its end; after senders_shutdown that is soon. */
void senders_release(struct senders *s);

/* Within timeout_ms one must become free; from then on the batch has its own time, as far as timeout_ms lasts. CAIRN_OK:
 * arrived, or on its way with a deferred result. One call at a time. */
cairn_status senders_export(struct senders *s, const cairn_span_batch *batch, uint32_t timeout_ms);

/* Waits for all that is under way. CAIRN_ERROR_TIMEOUT, CAIRN_ERROR_FAILED when one did not arrive since the last call. */
cairn_status senders_flush(struct senders *s, uint32_t timeout_ms);
/* Waits likewise, then ends the threads and interrupts what hangs: CAIRN_ERROR_TIMEOUT. */
cairn_status senders_shutdown(struct senders *s, uint32_t timeout_ms);
/* All that waits or sends gives up soon, for good. Any thread. */
void senders_interrupt(struct senders *s);

#endif
