/* progress.c - see progress.h. */
#include "cli/progress.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum { BAR_CELLS = 30 };
static const uint64_t SHOW_EVERY_NS = 100000000;

static _Atomic int stop;

static void on_signal(int number)
{
    if (atomic_exchange(&stop, 1))
        _exit(128 + number);
}

const _Atomic int *interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &stop;
}

bool interrupted(void)
{
    return atomic_load(&stop) != 0;
}

void progress_begin(struct progress *p, const char *what)
{
    *p = (struct progress){.what = what, .terminal = isatty(STDERR_FILENO) == 1};
}

void progress_show(struct progress *p, uint64_t done, uint64_t all, const char *unit)
{
    uint64_t now = p->terminal ? clock_monotonic_ns() : 0;
    char bar[BAR_CELLS + 1];
    if (!p->terminal || (p->visible && now - p->shown_ns < SHOW_EVERY_NS))
        return;
    p->shown_ns = now;
    p->visible = true;
    if (!all) {
        fprintf(stderr, "\r%s  %" PRIu64 " %s\x1b[K", p->what, done, unit);
    } else {
        double share = done < all ? (double)done / (double)all : 1;
        for (int i = 0; i < BAR_CELLS; i++)
            bar[i] = i < (int)(share * BAR_CELLS) ? '#' : '.';
        bar[BAR_CELLS] = '\0';
        fprintf(stderr, "\r%s  [%s] %3d %%\x1b[K", p->what, bar, (int)(share * 100));
    }
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->visible)
        fprintf(stderr, "\r\x1b[K");
    p->visible = false;
}
