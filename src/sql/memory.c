/* memory.c - malloc with an account. */
#include "sql/memory.h"

#include <malloc.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

static _Thread_local struct sql_memory *account;

static bool charge(size_t bytes)
{
    if (!account)
        return true;
    /* what malloc rounds up may take it a little over the limit */
    if (account->max_bytes && account->used_bytes + bytes > account->max_bytes) {
        account->refused = true;
        return false;
    }
    account->used_bytes += bytes;
    if (account->used_bytes > account->peak_bytes)
        account->peak_bytes = account->used_bytes;
    return true;
}

static void discharge(size_t bytes)
{
    if (account)
        account->used_bytes -= bytes < account->used_bytes ? bytes : account->used_bytes;
}

static int size_of(void *p)
{
    return p ? (int)malloc_usable_size(p) : 0;
}

static void release(void *p)
{
    discharge((size_t)size_of(p));
    free(p);
}

static void *allocate(int n)
{
    void *p;
    if (!charge((size_t)n))
        return NULL;
    p = malloc((size_t)n);
    if (!p)
        discharge((size_t)n);
    else if (account)
        account->used_bytes += (size_t)size_of(p) - (size_t)n;
    return p;
}

static void *resize(void *p, int n)
{
    size_t before = (size_t)size_of(p);
    void *moved;
    if ((size_t)n > before && !charge((size_t)n - before))
        return NULL;
    moved = realloc(p, (size_t)n);
    if (!moved) {
        if ((size_t)n > before)
            discharge((size_t)n - before);
        return NULL;
    }
    if ((size_t)n <
        before) /* what was not charged to this account (a statement before) is not given back to it */
        discharge(before - (size_t)n);
    if (account)
        account->used_bytes += (size_t)size_of(moved) - (size_t)n;
    return moved;
}

static int roundup(int n)
{
    return (n + 7) & ~7;
}

static int init(void *user)
{
    (void)user;
    return SQLITE_OK;
}

static void shutdown_nothing(void *user)
{
    (void)user;
}

static int installed;

static void install(void)
{
    static sqlite3_mem_methods methods = {
        .xMalloc = allocate,
        .xFree = release,
        .xRealloc = resize,
        .xSize = size_of,
        .xRoundup = roundup,
        .xInit = init,
        .xShutdown = shutdown_nothing,
    };
    installed = sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    if (installed == SQLITE_OK)
        installed = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* a lock around every malloc */
    if (installed == SQLITE_OK)
        installed = sqlite3_initialize();
}

int sql_memory_install(struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    if (installed != SQLITE_OK)
        return err_set(err, ERR_UNSUPPORTED, "SQLite's memory cannot be bounded: %s",
                       sqlite3_errstr(installed));
    return 0;
}

void sql_memory_enter(struct sql_memory *m, size_t max_bytes)
{
    *m = (struct sql_memory){.max_bytes = max_bytes, .outer = account};
    account = m;
}

void sql_memory_leave(struct sql_memory *m)
{
    account = m->outer;
}
