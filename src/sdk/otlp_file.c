/* otlp_file.c - spans as OTLP JSON lines, one TracesData a line, to a file or to standard output.
 *
 * A line that was cut (a full disk, a reader that is gone) stays as it is: the next one begins with a newline, so that
 * nothing but the cut line is lost. Specification: protocol/file-exporter.md. */
#define CAIRN_NO_INLINE
#include "sdk/otlp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sdk/exporter.h"
#include "sdk/fd_write.h"
#include "tracer/diag.h"
#include "wire/otlp_json.h"

enum { FILE_MODE = 0644 };

struct otlp_file {
    int fd;
    bool own; /* close it */
    bool cut; /* the line before has no end */
};

static cairn_status file_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    const struct span_batch *spans = (const struct span_batch *)batch;
    struct otlp_file *f = user;
    struct json_writer w;
    struct buf line; /* not the exporter's: a fork may come at any moment */
    size_t wrote;
    bool ok = false;
    if (spans->span_count == 0)
        return CAIRN_OK;
    buf_init(&line, 0);
    if (f->cut)
        buf_put_byte(&line, '\n');
    json_init(&w, &line, 0);
    otlp_json_write(&w, spans->spans, spans->span_count, 0);
    buf_put_byte(&line, '\n');
    if (!line.failed) {
        ok = fd_write(f->fd, line.p, line.n, timeout_ms, &wrote);
        if (wrote)
            f->cut = !ok && !(f->cut && wrote == 1);
    }
    buf_release(&line);
    return ok ? CAIRN_OK : CAIRN_ERROR_FAILED;
}

static void file_free(void *user)
{
    struct otlp_file *f = user;
    if (f->own)
        close(f->fd);
    free(f);
}

/* The system knows the path of an open file. */
static size_t file_describe(void *user, char *out, size_t room)
{
    const struct otlp_file *f = user;
    char link[32], path[512] = "";
    ssize_t path_n = -1;
    int n;
    snprintf(link, sizeof link, "/proc/self/fd/%d", f->fd);
    if (f->own)
        path_n = readlink(link, path, sizeof path - 1);
    n = path_n > 0 ? snprintf(out, room, "OTLP JSON lines to %.*s", (int)path_n, path)
                   : snprintf(out, room, "OTLP JSON lines to file descriptor %d", f->fd);
    return n > 0 ? (size_t)n : 0;
}

static const struct cairn_exporter_ops file_ops = {
    .size = sizeof file_ops,
    .export_spans = file_export,
    .free_user = file_free,
    .describe = file_describe,
};

cairn_exporter *otlp_file_on(int fd, bool own)
{
    struct otlp_file *f = malloc(sizeof *f);
    if (!f) {
        if (own)
            close(fd);
        return NULL;
    }
    *f = (struct otlp_file){.fd = fd, .own = own};
    return cairn_exporter_custom(&file_ops, f);
}

cairn_exporter *cairn_exporter_otlp_file(const char *path)
{
    int saved = errno, fd;
    if (!path || strcmp(path, "-") == 0)
        return otlp_file_on(STDOUT_FILENO, false);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        diag_error("OTLP file %s: %m", path);
    errno = saved;
    return fd < 0 ? NULL : otlp_file_on(fd, true);
}
