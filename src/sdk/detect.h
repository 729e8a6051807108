/* detect.h - resource detectors: each looks at one corner of its surroundings and notes what it finds as attributes.
 *
 * A built-in detector is a function in a file of its own and a row of the table in detect.c. It never fails: what cannot be
 * found is left out. Names and rules of the attributes are those of the semantic conventions, DETECT_SCHEMA. */
#ifndef SDK_DETECT_H
#define SDK_DETECT_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "sdk/resource.h"
#include "trace/span.h"

#define DETECT_SCHEMA "https://opentelemetry.io/schemas/1.44.0"

enum { DETECT_FILE_BYTES_MAX = 256 * 1024 }; /* of a file that is read; the rest is not looked at */

/* One run of one detector. */
struct detection {
    const char *root;    /* put in front of every path; "" but for tests */
    bool environment;    /* may the OTEL_* variables be read? */
    struct arena *arena; /* where the attributes live */
    struct attrs *attrs; /* what was found */
    size_t cap;
    struct buf file; /* of detect_read */
};

/* Adds an attribute; empty values are left out, bytes that are not UTF-8 are mended. Key: a literal. Copies value. */
void detect_put(struct detection *d, const char *key, struct str value);
void detect_put_int(struct detection *d, const char *key, int64_t value);
/* A list of strings. Copies. */
void detect_put_list(struct detection *d, const char *key, const struct str *items, uint32_t count);

/* The content of a regular file, at most DETECT_FILE_BYTES_MAX bytes; empty when it is missing or something else (a FIFO, a
 * device), without waiting. Valid until the next call. */
struct str detect_read(struct detection *d, const char *path);
/* Its first line without white space at the ends. */
struct str detect_read_line(struct detection *d, const char *path);
/* The target of a symbolic link into out, with a NUL; 0 when there is none or no room. */
size_t detect_link(struct detection *d, const char *path, char *out, size_t room);
bool detect_exists(struct detection *d, const char *path);

/* ---- The built-in detectors ---- */

void detect_service(struct detection *d);
void detect_host(struct detection *d);
void detect_os(struct detection *d);
void detect_process(struct detection *d);
void detect_process_command_args(struct detection *d);
void detect_container(struct detection *d);
void detect_env(struct detection *d);

/* ---- Their parts, for tests ---- */

/* The id of the container that a line of /proc/self/cgroup names; empty when it names none. Borrows. */
struct str detect_cgroup_id(struct str line);
/* The same from the whole of /proc/self/mountinfo. */
struct str detect_mounts_id(struct str mountinfo);
/* The id of the container that this process runs in, empty outside of containers. Borrows from d->file. */
struct str detect_container_id(struct detection *d);
/* uname's machine as host.arch has it. */
struct str detect_arch(const char *machine);
/* The value of a key of an os-release file, unquoted in the arena; empty when it has none. */
struct str detect_os_release(struct str text, struct str key, struct arena *arena);
/* The user's name in a passwd file. Borrows. */
struct str detect_user(struct str passwd, uid_t uid);
/* Clock ticks from boot to the process's start, out of /proc/self/stat; false when it is not like that. */
bool detect_start_ticks(struct str stat, uint64_t *ret);

/* ---- What the process is ---- */

/* Of this process and nobody else: what is in resources and changes in a forked child. */
struct identity {
    pid_t pid, parent_pid;
    char instance_id[37];         /* a random UUID */
    char creation_time[25];       /* "2026-11-21T16:19:29.000Z"; empty when not known */
    const struct identity *older; /* of the process that forked this one */
};
/* Made at the first call, and anew at the first one in a forked child. NULL when there is no memory. */
const struct identity *identity_get(void);

/* The running program's name, for process.executable.name and as a part of service.name; empty when not known. */
size_t detect_program(struct detection *d, char *out, size_t room);

/* ---- Running them ---- */

/* cairn_resource_detect with its surroundings as parameters. Owned. */
cairn_resource *resource_detect(const char *names, const char *root, bool environment);
/* What every SDK starts from (telemetry.sdk.*, a service.name) and what the detectors found. Owned. */
cairn_resource *resource_of_process(const char *names, bool environment);

#endif
