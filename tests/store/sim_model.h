/* sim_model.h - what a store must have, by what it acknowledged and what has happened to the machine since. */
#ifndef TESTS_STORE_SIM_MODEL_H
#define TESTS_STORE_SIM_MODEL_H

#include "fixture.h"

enum { BATCHES_MAX = 1024, TRACES_MAX = 256, PIECES_MAX = 3, TRACE_SPANS_MAX = 64 };

/* Spans first..first+count-1 of a trace. They are always in one head or part, so that deletion and retention take all or
 * none of them. */
struct piece {
    uint32_t trace, first, count;
    bool hidden; /* deleted or too old: queries must not find it though the batch is there */
    bool gone;   /* the same, and no start may bring it back */
    bool unsure; /* the next start decides: a removal failed or was cut short */
    bool going;  /* what the next run of retention is to take */
};

/* One append. */
struct batch {
    struct piece pieces[PIECES_MAX];
    uint32_t piece_count, span_count;
    bool answered;
    bool flushed; /* when it is acknowledged, a power cut must not take it */
    bool visible; /* queries must find it, else must not */
    bool certain; /* visible, and a power cut must not take it */
    bool gone;    /* a power cut took it, or it never came: it must not appear any more */
};

struct model {
    struct batch batches[BATCHES_MAX];
    uint32_t count;
    uint32_t trace_spans[TRACES_MAX]; /* made so far */
    uint32_t trace_count;
    enum engine_ack ack;
    bool
        flushes_failed; /* some time: what a start finds may be in the page cache only, and count as flushed */
    char failure[400];
};

/* What a start may have lost. */
enum loss { LOSS_NONE, LOSS_PROCESS, LOSS_POWER };

/* A new batch of random pieces; NULL when the model is full. */
struct batch *model_make(struct model *m, struct rng *rng);
/* Its spans, in the arena. */
struct span *model_spans(const struct batch *b, struct arena *arena);
/* All that is visible lies in parts now, and a MANIFEST that says so is on the disk. */
void model_sealed(struct model *m);

/* Has the trace spans that queries must find? */
bool model_has(const struct model *m, uint32_t trace);
/* What store_delete_trace answered. When it failed the store is asked what is still there, unless the disk is dead (s = NULL). */
void model_deleted(struct model *m, struct store *s, uint32_t trace, int rc);

/* sim_retain.c: marks the pieces that a run of retention is to take at this time, by the store's parts and the
 * documented rules. */
void model_plan_retention(struct model *m, struct store *s, const struct engine_options *options,
                          uint64_t now_ns);
/* What the run answered; s as in model_deleted. The number of pieces that it took. */
uint32_t model_retained(struct model *m, struct store *s, int rc);

/* Compares one trace, or everything; fills m->failure. may_fail: reading may give ERR_IO. */
void model_check_trace(struct model *m, struct store *s, uint32_t trace, bool may_fail);
void model_check_all(struct model *m, struct store *s);
/* After a start: learns which of the uncertain batches are there, and checks the others. */
void model_reopened(struct model *m, struct store *s, enum loss loss);

/* Notes the first failure only. */
void model_fail(struct model *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
