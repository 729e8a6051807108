/* detect_process.c - detectors `process` and `process_command_args`: the process itself.
 *
 * The arguments are a detector of their own, off unless named: they often carry passwords. process.runtime.* is left out:
 * a native program has no runtime in that sense. The owner's name is looked up in /etc/passwd alone, since the C library's
 * look-up may ask a directory server and wait for it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sdk/detect.h"
#include "trace/semconv.h"

enum { ARGS_MAX = 4096 };

/* Where the running program's file is, without the kernel's remark that it was deleted. */
static struct str program_path(struct detection *d, char *room, size_t n)
{
    static const struct str deleted = STR_INIT(" (deleted)");
    struct str path = str_make(room, detect_link(d, "/proc/self/exe", room, n));
    if (path.n > deleted.n && str_eq(str_from(path, path.n - deleted.n), deleted))
        path.n -= deleted.n;
    return path;
}

static struct str after_last_slash(struct str path)
{
    for (size_t i = path.n; i > 0; i--) {
        if (path.p[i - 1] == '/')
            return str_from(path, i);
    }
    return path;
}

static struct str program_name(struct str path)
{
    return path.n ? after_last_slash(path) : str_of(program_invocation_short_name);
}

size_t detect_program(struct detection *d, char *out, size_t room)
{
    char path[PATH_MAX];
    int n = snprintf(out, room, "%.*s", STR_ARG(program_name(program_path(d, path, sizeof path))));
    return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

struct str detect_user(struct str passwd, uid_t uid)
{
    while (passwd.n) {
        struct str line, name, number;
        uint64_t got;
        str_cut(passwd, '\n', &line, &passwd);
        if (str_cut(line, ':', &name, &line) && str_cut(line, ':', &number, &line) &&
            str_cut(line, ':', &number, &line) && str_to_u64(number, &got) && got == uid)
            return name;
    }
    return (struct str){NULL, 0};
}

void detect_process(struct detection *d)
{
    const struct identity *me = identity_get();
    char room[PATH_MAX];
    struct str path = program_path(d, room, sizeof room), command, rest;
    detect_put_int(d, SEMCONV_PROCESS_PID, getpid());
    detect_put_int(d, SEMCONV_PROCESS_PARENT_PID, getppid());
    detect_put(d, SEMCONV_PROCESS_EXE_NAME, program_name(path));
    detect_put(d, SEMCONV_PROCESS_EXE_PATH, path);
    str_cut(detect_read(d, "/proc/self/cmdline"), '\0', &command, &rest);
    detect_put(d, SEMCONV_PROCESS_COMMAND, command);
    detect_put(d, SEMCONV_PROCESS_OWNER, detect_user(detect_read(d, "/etc/passwd"), geteuid()));
    if (me)
        detect_put(d, SEMCONV_PROCESS_CREATION_TIME, str_of(me->creation_time));
}

void detect_process_command_args(struct detection *d)
{
    struct str text = detect_read(d, "/proc/self/cmdline"), *args;
    uint32_t count = 0;
    args = text.n ? arena_calloc(d->arena, ARGS_MAX, sizeof *args) : NULL;
    if (!args)
        return;
    while (text.n && count < ARGS_MAX)
        str_cut(text, '\0', &args[count++], &text);
    detect_put_list(d, SEMCONV_PROCESS_COMMAND_ARGS, args, count);
    detect_put_int(d, SEMCONV_PROCESS_ARGS_COUNT, count);
}
