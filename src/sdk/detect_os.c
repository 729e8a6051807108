/* detect_os.c - detector `os`: the operating system by its os-release file, which os-release(5) describes. */
#include <stdio.h>
#include <sys/utsname.h>

#include "sdk/detect.h"
#include "trace/semconv.h"

/* A shell word: bare, or in quotes of one kind, where the double ones know the backslash. */
static struct str unquote(struct str s, struct arena *arena)
{
    char quote = s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') ? s.p[0] : '\0', *out;
    size_t n = 0;
    if (!quote || s.p[s.n - 1] != quote)
        return s;
    s = str_make(s.p + 1, s.n - 2);
    out = arena_alloc(arena, s.n);
    if (!out)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && quote == '"' && i + 1 < s.n)
            i++;
        out[n++] = s.p[i];
    }
    return str_make(out, n);
}

struct str detect_os_release(struct str text, struct str key, struct arena *arena)
{
    struct str found = {NULL, 0};
    while (text.n) {
        struct str line, name, value;
        str_cut(text, '\n', &line, &text);
        if (str_cut(str_trim(line), '=', &name, &value) && str_eq(name, key))
            found = unquote(value, arena);
    }
    return found;
}

void detect_os(struct detection *d)
{
    struct str text = detect_read(d, "/etc/os-release"), description;
    struct utsname host;
    char kernel[sizeof host.sysname + sizeof host.release + sizeof host.version + 3];
    if (text.n == 0)
        text = detect_read(d, "/usr/lib/os-release");
    description = detect_os_release(text, STR("PRETTY_NAME"), d->arena);
    if (description.n == 0 && uname(&host) == 0) {
        snprintf(kernel, sizeof kernel, "%s %s %s", host.sysname, host.release, host.version);
        description = str_of(kernel);
    }
    detect_put(d, SEMCONV_OS_TYPE, STR("linux"));
    detect_put(d, SEMCONV_OS_NAME, detect_os_release(text, STR("NAME"), d->arena));
    detect_put(d, SEMCONV_OS_VERSION, detect_os_release(text, STR("VERSION_ID"), d->arena));
    detect_put(d, SEMCONV_OS_BUILD_ID, detect_os_release(text, STR("BUILD_ID"), d->arena));
    detect_put(d, SEMCONV_OS_DESCRIPTION, description);
}
