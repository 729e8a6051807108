/* manifest.c - load, check and replace the MANIFEST. */
#include "store/manifest.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "store/bytes.h"
#include "store/file.h"
#include "store/mem.h"

static const char magic[8] = {'C', 'R', 'N', 'M', 'A', 'N', '\r', '\n'};

enum {
    HEADER_BYTES = 48,
    PART_BYTES = 72,
    PART_BYTES_V1 = 24,
    TOMBSTONE_BYTES = 24,
    CHECKSUM_BYTES = 8,
};

void manifest_release(struct manifest *m)
{
    free(m->parts);
    free(m->tombstones);
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

struct manifest_part *manifest_find(const struct manifest *m, uint64_t number)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->parts[i].number == number)
            return &m->parts[i];
    }
    return NULL;
}

void manifest_add_tombstone(struct manifest *m, struct manifest_tombstone tombstone)
{
    m->tombstones =
        mem_grow(m->tombstones, &m->tombstone_cap, m->tombstone_count + 1, sizeof *m->tombstones);
    m->tombstones[m->tombstone_count++] = tombstone;
}

void manifest_copy(struct manifest *to, const struct manifest *from)
{
    *to = (struct manifest){
        .next_part = from->next_part, .sealed_sequence = from->sealed_sequence, .salt = from->salt};
    for (size_t i = 0; i < from->count; i++)
        manifest_add(to, from->parts[i]);
    for (size_t i = 0; i < from->tombstone_count; i++)
        manifest_add_tombstone(to, from->tombstones[i]);
}

uint64_t manifest_part_time(const struct manifest_part *part)
{
    return part->sealed_ns && part->sealed_ns < part->start_max_ns ? part->sealed_ns
                                                                   : part->start_max_ns;
}

static int damaged(struct err *err, const char *dir, const char *what)
{
    return err_set(err, ERR_CORRUPT, "%s/MANIFEST is damaged (%s); restore it from a backup", dir,
                   what);
}

static void parse_part(const char *p, uint32_t version, uint64_t sealed_sequence,
                       struct manifest_part *ret)
{
    *ret = (struct manifest_part){.number = load_u64(p),
                                  .bytes = load_u64(p + 8),
                                  .checksum = load_u64(p + 16),
                                  .last_sequence = sealed_sequence};
    if (version == 1)
        return;
    ret->last_sequence = load_u64(p + 24);
    ret->start_min_ns = load_u64(p + 32);
    ret->start_max_ns = load_u64(p + 40);
    ret->sealed_ns = load_u64(p + 48);
    ret->rows = load_u64(p + 56);
    ret->retained = load_u64(p + 64);
}

static int parse(struct str file, const char *dir, struct manifest *m, struct err *err)
{
    uint32_t version, count, tombstones;
    size_t part_bytes;
    const char *p;
    if (file.n < HEADER_BYTES + CHECKSUM_BYTES || memcmp(file.p, magic, 8) != 0)
        return damaged(err, dir, "no header");
    if (!checksum_is(load_u64(file.p + file.n - CHECKSUM_BYTES),
                     checksum_of(str_make(file.p, file.n - CHECKSUM_BYTES))))
        return damaged(err, dir, "checksum");
    version = load_u32(file.p + 8);
    if (version < 1 || version > MANIFEST_VERSION)
        return err_set(err, ERR_UNSUPPORTED, "%s has format version %u; this program knows 1 to %d",
                       dir, version, MANIFEST_VERSION);
    part_bytes = version == 1 ? PART_BYTES_V1 : PART_BYTES;
    count = load_u32(file.p + 12);
    tombstones = version == 1 ? 0 : load_u32(file.p + 40);
    if (file.n != HEADER_BYTES + (uint64_t)count * part_bytes +
                      (uint64_t)tombstones * TOMBSTONE_BYTES + CHECKSUM_BYTES)
        return damaged(err, dir, "length");
    m->next_part = load_u64(file.p + 16);
    m->sealed_sequence = load_u64(file.p + 24);
    m->salt = load_u64(file.p + 32);
    p = file.p + HEADER_BYTES;
    for (uint32_t i = 0; i < count; i++, p += part_bytes) {
        struct manifest_part part;
        parse_part(p, version, m->sealed_sequence, &part);
        manifest_add(m, part);
    }
    for (uint32_t i = 0; i < tombstones; i++, p += TOMBSTONE_BYTES) {
        struct manifest_tombstone t = {.sequence = load_u64(p + 16)};
        memcpy(t.id.bytes, p, sizeof t.id.bytes);
        manifest_add_tombstone(m, t);
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

static void put_u64(struct buf *out, uint64_t n)
{
    char text[8];
    store_u64(text, n);
    buf_put(out, text, sizeof text);
}

static void build(const struct manifest *m, struct buf *out)
{
    char header[HEADER_BYTES] = {0};
    memcpy(header, magic, 8);
    store_u32(header + 8, MANIFEST_VERSION);
    store_u32(header + 12, (uint32_t)m->count);
    store_u64(header + 16, m->next_part);
    store_u64(header + 24, m->sealed_sequence);
    store_u64(header + 32, m->salt);
    store_u32(header + 40, (uint32_t)m->tombstone_count);
    buf_put(out, header, sizeof header);
    for (size_t i = 0; i < m->count; i++) {
        const struct manifest_part *p = &m->parts[i];
        const uint64_t fields[] = {p->number,        p->bytes,        p->checksum,
                                   p->last_sequence, p->start_min_ns, p->start_max_ns,
                                   p->sealed_ns,     p->rows,         p->retained};
        _Static_assert(sizeof fields == PART_BYTES, "every field");
        for (size_t k = 0; k < sizeof fields / sizeof *fields; k++)
            put_u64(out, fields[k]);
    }
    for (size_t i = 0; i < m->tombstone_count; i++) {
        buf_put(out, m->tombstones[i].id.bytes, sizeof m->tombstones[i].id.bytes);
        put_u64(out, m->tombstones[i].sequence);
    }
    put_u64(out, checksum_of(buf_str(out)));
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
