/* sender.h - one request after the other over one connection, each until it arrived, is refused for good or its time is
 * over. Used by one thread at a time. */
#ifndef OTLP_SENDER_H
#define OTLP_SENDER_H

#include <stdatomic.h>

#include "otlp/body.h"
#include "otlp/pause.h"
#include "otlp/settings.h"
#include "otlp/transfer.h"

/* What all senders of an exporter share. */
struct sending {
    struct otlp_settings settings;
    struct pause pause;
    /* when the next line about them may be said */
    _Atomic uint64_t next_failure_ns, next_rejection_ns;
};

struct sender {
    struct sending *shared; /* borrowed */
    struct transfer transfer;
    /* of the last try */
    long http; /* status; 0 = no answer */
    int64_t rejected;
};

/* False: no memory. Release it in either case. */
bool sender_init(struct sender *s, struct sending *shared);
void sender_release(struct sender *s);

/* CAIRN_OK or CAIRN_ERROR_FAILED, with what the last try came to in s. */
cairn_status sender_send(struct sender *s, const struct otlp_body *body, uint64_t deadline_ns);

#endif
