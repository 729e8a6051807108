/* process_context.c - the mapping, its header, and the order of writes that keeps readers in other processes from seeing halves:
 * the time stamp is zero while anything changes, and different afterwards. */
#include "sdk/process_context.h"

#include <cairn/common.h>

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "tracer/diag.h"
#include "wire/otlp_pb.h"

/* Newer than the headers of systems that we build on. */
enum {
    NAME_MAPPING = 0x53564d41, /* PR_SET_VMA */
    NAME_OF_ANONYMOUS = 0,     /* PR_SET_VMA_ANON_NAME */
    MEMFD_CLOSE_ON_EXEC = 1,
    MEMFD_ALLOW_SEALING = 2,
    MEMFD_NEVER_EXECUTE = 8, /* MFD_NOEXEC_SEAL, Linux 6.3 */
};

static const char name[] = "OTEL_CTX";

/* The OTEP's layout. */
struct header {
    char signature[8];
    uint32_t version, payload_bytes;
    _Atomic uint64_t published_at_ns; /* CLOCK_BOOTTIME; 0 while the rest is written */
    uint64_t payload;                 /* an address in this process */
};

_Static_assert(sizeof(struct header) == 32, "the OTEP's header");

enum { VERSION = 2, PAYLOAD_BYTES_MAX = PROCESS_CONTEXT_BYTES_MAX - sizeof(struct header) };

static struct header *published;

/* ---- The payload ---- */

/* How to read the thread contexts (tracer/thread_context.h): no attributes, so no names for them. */
static const struct attr about_threads[] = {
    {STR_INIT("threadlocal.schema_version"), {.type = VALUE_STRING, .string = STR_INIT("tls_v1")}},
    {STR_INIT("threadlocal.attribute_key_map"), {.type = VALUE_ARRAY}},
};

static bool encode(const struct resource *resource, struct buf *out)
{
    otlp_pb_encode_process_context(resource, about_threads,
                                   sizeof about_threads / sizeof *about_threads, out);
    if (out->failed)
        diag_warn("the resource is too large for the process context");
    return !out->failed;
}

/* ---- The mapping ---- */

static int make_memfd(void)
{
    int flags = MEMFD_CLOSE_ON_EXEC | MEMFD_ALLOW_SEALING;
    int fd = (int)syscall(SYS_memfd_create, name, flags | MEMFD_NEVER_EXECUTE);
    if (fd < 0)
        fd = (int)syscall(SYS_memfd_create, name, flags);
    if (fd >= 0 && ftruncate(fd, PROCESS_CONTEXT_BYTES_MAX) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool give_name(void *at)
{
    return prctl(NAME_MAPPING, NAME_OF_ANONYMOUS, at, PROCESS_CONTEXT_BYTES_MAX, name) == 0;
}

/* A mapping that a reader finds by its name: that of the file, which needs no help of the kernel, or its own. */
static struct header *map(void)
{
    int fd = make_memfd();
    struct header *h = mmap(NULL, PROCESS_CONTEXT_BYTES_MAX, PROT_READ | PROT_WRITE,
                            fd >= 0 ? MAP_PRIVATE : MAP_PRIVATE | MAP_ANONYMOUS, fd, 0);
    bool has_name = fd >= 0;
    if (fd >= 0)
        close(fd);
    if (h == MAP_FAILED)
        return NULL;
    has_name |=
        give_name(h); /* again after the header is written: some readers listen to the call */
    if (!has_name || madvise(h, PROCESS_CONTEXT_BYTES_MAX, MADV_DONTFORK) != 0) {
        munmap(h, PROCESS_CONTEXT_BYTES_MAX);
        return NULL;
    }
    return h;
}

/* ---- Publishing ---- */

static uint64_t time_after(uint64_t last)
{
    struct timespec t;
    uint64_t now;
    clock_gettime(CLOCK_BOOTTIME, &t);
    now = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
    return now > last ? now : last + 1;
}

/* Readers are other processes. */
static void order_stores(void)
{
#ifndef __SANITIZE_THREAD__ /* which knows nothing of fences, nor of other processes */
    atomic_thread_fence(memory_order_seq_cst);
#endif
}

static void fill(struct header *h, const struct buf *payload)
{
    uint64_t last = atomic_exchange(&h->published_at_ns, 0);
    order_stores();
    memcpy(h->signature, name, sizeof h->signature);
    memcpy(h + 1, payload->p, payload->n);
    h->version = VERSION;
    h->payload_bytes = (uint32_t)payload->n;
    h->payload = (uintptr_t)(h + 1);
    order_stores();
    atomic_store(&h->published_at_ns, time_after(last));
    give_name(h); /* always and last: some readers wait for this call */
}

bool process_context_publish(const struct resource *resource)
{
    int saved = errno;
    struct buf payload;
    bool ok;
    buf_init(&payload, PAYLOAD_BYTES_MAX);
    ok = encode(resource, &payload);
    if (ok && !published)
        published = map();
    if (ok && published)
        fill(published, &payload);
    else
        process_context_withdraw();
    buf_release(&payload);
    errno = saved;
    return published != NULL;
}

void process_context_withdraw(void)
{
    int saved = errno;
    if (!published)
        return;
    atomic_store(&published->published_at_ns, 0);
    munmap(published, PROCESS_CONTEXT_BYTES_MAX);
    published = NULL;
    errno = saved;
}

void process_context_forget(void)
{
    published = NULL;
}
