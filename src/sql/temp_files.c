/* temp_files.c - a thin layer over the default VFS: sizes are looked at on the way to the disk. */
#include "sql/temp_files.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

static _Thread_local struct sql_temp_files *account;

struct file {
    sqlite3_file base;
    sqlite3_int64 size; /* bytes counted */
    sqlite3_file *real; /* behind this struct */
};

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct file *)f)->real;
}

/* The file grows to end (or shrinks): is that within the account? */
static bool resize(struct file *f, sqlite3_int64 end, bool may_shrink)
{
    if (end > f->size && account) {
        uint64_t more = (uint64_t)(end - f->size);
        if (account->max_bytes && more > account->max_bytes - account->used_bytes) {
            account->refused = true;
            return false;
        }
        account->used_bytes += more;
    } else if (end < f->size && may_shrink && account) {
        account->used_bytes -= (uint64_t)(f->size - end);
    }
    if (end > f->size || may_shrink)
        f->size = end;
    return true;
}

static int file_close(sqlite3_file *f)
{
    resize((struct file *)f, 0, true);
    return real_of(f)->pMethods->xClose(real_of(f));
}

static int file_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}

static int file_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    if (!resize((struct file *)f, at + n, false))
        return SQLITE_FULL;
    return real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    resize((struct file *)f, size, true);
    return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int file_sync(sqlite3_file *f, int flags)
{
    (void)f;
    (void)flags;
    return SQLITE_OK; /* nobody reads them after a crash */
}

static int file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int file_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int file_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int file_check_lock(sqlite3_file *f, int *ret)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), ret);
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
    (void)f;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND; /* no size hints, no memory maps past the account */
}

static int file_sector_size(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int file_traits(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_traits,
};

static sqlite3_vfs *below(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
    struct file *file = (struct file *)f;
    int code;
    *file = (struct file){.real = (sqlite3_file *)(file + 1)};
    if (name || !(flags & SQLITE_OPEN_DELETEONCLOSE))
        return SQLITE_CANTOPEN; /* files with a name are none of ours */
    code = below(vfs)->xOpen(below(vfs), name, file->real, flags, ret_flags);
    if (code == SQLITE_OK)
        file->base.pMethods = &file_methods;
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    (void)name;
    (void)sync;
    return SQLITE_IOERR_DELETE;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    (void)vfs;
    (void)name;
    (void)flags;
    *ret = 0;
    return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
    return below(vfs)->xFullPathname(below(vfs), name, n, out);
}

static sqlite3_vfs layer = {.iVersion = 1,
                            .zName = "cairn-temp",
                            .xOpen = vfs_open,
                            .xDelete = vfs_delete,
                            .xAccess = vfs_access,
                            .xFullPathname = vfs_full_path};

static int random_bytes(sqlite3_vfs *vfs, int n, char *out)
{
    return below(vfs)->xRandomness(below(vfs), n, out);
}

static int pause_us(sqlite3_vfs *vfs, int us)
{
    return below(vfs)->xSleep(below(vfs), us);
}

static int time_days(sqlite3_vfs *vfs, double *ret)
{
    return below(vfs)->xCurrentTime(below(vfs), ret);
}

static bool registered;

static void register_layer(void)
{
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    if (!system)
        return;
    layer.szOsFile = (int)sizeof(struct file) + system->szOsFile;
    layer.mxPathname = system->mxPathname;
    layer.pAppData = system;
    layer.xRandomness = random_bytes;
    layer.xSleep = pause_us;
    layer.xCurrentTime = time_days;
    registered = sqlite3_vfs_register(&layer, 0) == SQLITE_OK;
}

const char *sql_temp_files_vfs(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_layer);
    return registered ? layer.zName : NULL;
}

void sql_temp_files_account(struct sql_temp_files *a)
{
    account = a;
}
