/* scenario.h - what the scenarios of the life matrix share: the tape on which spans arrive, and an SDK that writes there.
 *
 * Each scenario is one process (with its children) of the program life_scenarios. What its exporters get goes as a line for each
 * span to the tape, a file that all processes append to; the test (life.c) reads it when all of them are gone. */
#ifndef LIFE_SCENARIO_H
#define LIFE_SCENARIO_H

#include <cairn/cairn.h>

#include <stdbool.h>

enum { TAPE_FD = 200 };

/* One line: name, span id, trace id, 1 when process.pid is this process's, service.instance.id or "-". */
cairn_status tape_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms);

/* Registers an SDK over the tape for the process: a batch processor (delay too long to matter, room for 65,536 spans) or
 * a simple one. */
cairn_sdk *sdk_on_tape(bool batch);
/* The same with an exporter function of the scenario's own. */
cairn_sdk *sdk_on(cairn_status (*export_spans)(void *, const cairn_span_batch *, uint32_t),
                  bool batch);
/* Sends to the collector of the test; the batch processor exports when it is told to. */
cairn_sdk *sdk_on_collector(void);

/* A span of this name, under the current one. */
void span(const char *name);
void spans(const char *name, int count);
cairn_tracer *tracer(void);

/* A literal where interfaces of C want a char * that they do not change. */
#define TEXT(literal) ((void *)(uintptr_t)(literal))

/* Ends the scenario with status 90 and up when a condition does not hold: the line says which. */
#define NEED(condition)                        \
    do {                                       \
        if (!(condition))                      \
            need_failed(#condition, __LINE__); \
    } while (0)
_Noreturn void need_failed(const char *condition, int line);

/* Stops and wants CAIRN_OK. */
void stop(cairn_sdk *sdk);

/* fork(); the child runs `work` and goes by _exit(0). */
int child_of(void (*work)(void *arg), void *arg);
/* Waits for a child (or -1: for any) and wants exit status 0. */
void reap(int child);

/* A path beside this program. */
const char *beside(const char *file);

#define SCENARIO(name, ends, arrive, says) int scenario_##name(void);
#include "table.h"
#undef SCENARIO

#endif
