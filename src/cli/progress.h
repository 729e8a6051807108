/* progress.h - long work on a terminal: a bar on standard error, and Ctrl-C that ends it cleanly.
 *
 * Nothing is printed when standard error is no terminal. One piece of work at a time. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { EXIT_INTERRUPTED = 130 };

struct progress {
    const char *what; /* borrowed: "checking" */
    uint64_t shown_ns;
    bool terminal, visible;
};

void progress_begin(struct progress *p, const char *what);
/* all 0: not known; then done is shown as it is, with the unit's name behind it. Cheap to call often. */
void progress_show(struct progress *p, uint64_t done, uint64_t all, const char *unit);
/* Takes the bar away: also before other output. */
void progress_end(struct progress *p);

/* From now on SIGINT and SIGTERM set the flag instead of ending the process; the second one ends it at once. */
const _Atomic int *interrupt_catch(void);
bool interrupted(void);

#endif
