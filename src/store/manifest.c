/* manifest.c - load, check and replace the MANIFEST. */
#include "store/manifest.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "store/bytes.h"
#include "store/file.h"
#include "store/mem.h"

static const char magic[8] = {'C', 'R', 'N', 'M', 'A', 'N', '\r', '\n'};

enum { HEADER_BYTES = 48, PART_BYTES = 24, CHECKSUM_BYTES = 8 };

void manifest_release(struct manifest *m)
{
    free(m->parts);
    *m = (struct manifest){0};
}

void manifest_add(struct manifest *m, struct manifest_part part)
{
    m->parts = mem_grow(m->parts, &m->cap, m->count + 1, sizeof *m->parts);
    m->parts[m->count++] = part;
}

void manifest_remove(struct manifest *m, uint64_t number)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (m->parts[i].number != number)
            m->parts[kept++] = m->parts[i];
    }
    m->count = kept;
}

static int damaged(struct err *err, const char *dir, const char *what)
{
    return err_set(err, ERR_CORRUPT, "%s/MANIFEST is damaged (%s); restore it from a backup", dir,
                   what);
}

static int parse(struct str file, const char *dir, struct manifest *m, struct err *err)
{
    uint32_t count;
    if (file.n < HEADER_BYTES + CHECKSUM_BYTES || memcmp(file.p, magic, 8) != 0)
        return damaged(err, dir, "no header");
    if (!checksum_is(load_u64(file.p + file.n - CHECKSUM_BYTES),
                     checksum_of(str_make(file.p, file.n - CHECKSUM_BYTES))))
        return damaged(err, dir, "checksum");
    if (load_u32(file.p + 8) != MANIFEST_VERSION)
        return err_set(err, ERR_UNSUPPORTED, "%s has format version %u; this program knows %d", dir,
                       load_u32(file.p + 8), MANIFEST_VERSION);
    count = load_u32(file.p + 12);
    if (file.n != HEADER_BYTES + (uint64_t)count * PART_BYTES + CHECKSUM_BYTES)
        return damaged(err, dir, "length");
    m->next_part = load_u64(file.p + 16);
    m->sealed_sequence = load_u64(file.p + 24);
    m->salt = load_u64(file.p + 32);
    for (uint32_t i = 0; i < count; i++) {
        const char *p = file.p + HEADER_BYTES + (size_t)i * PART_BYTES;
        manifest_add(m, (struct manifest_part){load_u64(p), load_u64(p + 8), load_u64(p + 16)});
    }
    return 0;
}

int manifest_load(const char *dir, struct manifest *ret, struct err *err)
{
    struct manifest m = {0};
    char path[FILE_PATH_MAX];
    struct str file;
    uint64_t size;
    int rc;
    TRY(file_path(path, err, "%s/MANIFEST", dir));
    TRY(file_size_at(path, &size, err));
    TRY(file_map(path, &file, err));
    rc = parse(file, dir, &m, err);
    file_unmap(file);
    if (rc < 0) {
        manifest_release(&m);
        return rc;
    }
    *ret = m;
    return 0;
}

static void build(const struct manifest *m, struct buf *out)
{
    char header[HEADER_BYTES] = {0}, part[PART_BYTES], sum[CHECKSUM_BYTES];
    memcpy(header, magic, 8);
    store_u32(header + 8, MANIFEST_VERSION);
    store_u32(header + 12, (uint32_t)m->count);
    store_u64(header + 16, m->next_part);
    store_u64(header + 24, m->sealed_sequence);
    store_u64(header + 32, m->salt);
    buf_put(out, header, sizeof header);
    for (size_t i = 0; i < m->count; i++) {
        store_u64(part, m->parts[i].number);
        store_u64(part + 8, m->parts[i].bytes);
        store_u64(part + 16, m->parts[i].checksum);
        buf_put(out, part, sizeof part);
    }
    store_u64(sum, checksum_of(buf_str(out)));
    buf_put(out, sum, sizeof sum);
}

static int write_file(const char *path, struct str text, struct err *err)
{
    int fd, rc;
    TRY(file_open(path, O_WRONLY | O_CREAT | O_TRUNC, &fd, err));
    rc = file_write(fd, text.p, text.n, err);
    if (rc == 0)
        rc = file_sync(fd, err);
    file_close(fd);
    return rc;
}

int manifest_save(const char *dir, const struct manifest *m, bool *undecided, struct err *err)
{
    char path[FILE_PATH_MAX], tmp[FILE_PATH_MAX];
    struct buf text;
    int rc;
    TRY(file_path(path, err, "%s/MANIFEST", dir));
    TRY(file_path(tmp, err, "%s/MANIFEST.tmp", dir));
    buf_init(&text, 0);
    build(m, &text);
    rc = text.failed ? err_set(err, ERR_NOMEM, "out of memory")
                     : write_file(tmp, buf_str(&text), err);
    buf_release(&text);
    if (rc < 0)
        return rc;
    *undecided = true;
    rc = file_rename(tmp, path, err);
    if (rc == 0)
        rc = file_sync_dir(dir, err);
    if (rc == 0)
        *undecided = false;
    return rc;
}
