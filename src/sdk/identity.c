/* identity.c - what is this process's alone: ids, the time it began. A forked child makes its own.
 *
 * No lock, so that a fork in the middle of this leaves nothing behind: whoever exchanges the pointer first has made it. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/random.h"
#include "sdk/detect.h"

static _Atomic(struct identity *) latest;

/* RFC 4122, version 4. */
static void uuid_random(char out[37])
{
    static const uint8_t groups[] = {4, 2, 2, 2, 6};
    uint8_t bytes[16], *from = bytes;
    char *at = out;
    random_bytes(bytes, sizeof bytes);
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof groups; i++) {
        hex_encode(at, from, groups[i]);
        from += groups[i];
        at += 2 * groups[i];
        *at++ = '-';
    }
    at[-1] = '\0';
}

bool detect_start_ticks(struct str stat, uint64_t *ret)
{
    enum { FIELD = 20 }; /* starttime is the 22nd, two stand before the last parenthesis */
    struct str field = {NULL, 0};
    size_t at = stat.n;
    while (at > 0 && stat.p[at - 1] != ')') /* a program's name may have parentheses and spaces */
        at--;
    if (at == 0)
        return false;
    stat = str_trim(str_from(stat, at));
    for (int i = 0; i < FIELD; i++) {
        if (!stat.n)
            return false;
        str_cut(stat, ' ', &field, &stat);
    }
    return str_to_u64(field, ret);
}

static uint64_t since_boot_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* When the kernel says that this process began; 0 when it does not. */
static uint64_t began_ns(void)
{
    struct detection d = {.root = ""};
    uint64_t ticks, boot = since_boot_ns(), now = clock_realtime_ns();
    long rate = sysconf(_SC_CLK_TCK);
    bool known = detect_start_ticks(detect_read(&d, "/proc/self/stat"), &ticks);
    buf_release(&d.file);
    if (!known || rate <= 0 || boot > now)
        return 0;
    return now - boot + ticks * (1000000000u / (uint64_t)rate);
}

static void creation_time(char out[25], uint64_t realtime_ns)
{
    char text[31];
    out[0] = '\0';
    if (realtime_ns == 0)
        return;
    clock_format_rfc3339(text, realtime_ns);
    snprintf(out, 25, "%.23sZ", text); /* milliseconds */
}

const struct identity *identity_get(void)
{
    struct identity *old = atomic_load(&latest), *made;
    pid_t pid = getpid();
    if (old && old->pid == pid)
        return old;
    made = calloc(1, sizeof *made);
    if (!made)
        return old;
    made->pid = pid;
    made->parent_pid = getppid();
    made->older = old;
    uuid_random(made->instance_id);
    creation_time(made->creation_time, old ? clock_realtime_ns() : began_ns());
    if (atomic_compare_exchange_strong(&latest, &old, made))
        return made;
    free(made);
    return old;
}
