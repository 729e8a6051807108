/* propagation_environ.c - environment variables as a carrier: names made fit, a getter, a setter. */
#define CAIRN_NO_INLINE
#include <string.h>
#include <unistd.h>

#include <cairn/propagation.h>

#include "tracer/provider.h"

enum { NAME_ROOM = 256 };

static char variable_char(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return (char)((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_');
}

size_t cairn_environ_name(cairn_str field, char *out, size_t room)
{
    struct str s = str_in(field);
    size_t n = 0;
    if (s.n == 0 || (s.p[0] >= '0' && s.p[0] <= '9')) {
        if (room > 1)
            out[0] = '_';
        n = 1;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (i > 0 && ((unsigned char)s.p[i] & 0xc0) == 0x80)
            continue; /* inside a character of UTF-8, which is one sign */
        if (n + 1 < room)
            out[n] = variable_char(s.p[i]);
        n++;
    }
    if (room)
        out[n < room ? n : room - 1] = '\0';
    return n;
}

/* Could the name have been made above? Of others nothing is said. */
static bool is_variable(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (variable_char(name.p[i]) != name.p[i])
            return false;
    }
    return name.n && !(name.p[0] >= '0' && name.p[0] <= '9');
}

/* The value when `variable` is NAME=VALUE of this name. */
static bool value_of(const char *variable, struct str name, struct str *ret)
{
    if (strncmp(variable, name.p, name.n) != 0 || variable[name.n] != '=')
        return false;
    *ret = str_of(variable + name.n + 1);
    return true;
}

static bool name_at(char *const *list, size_t index, cairn_str *ret)
{
    for (; list && *list; list++) {
        struct str name, value;
        if (str_cut(str_of(*list), '=', &name, &value) && is_variable(name) && index-- == 0) {
            *ret = str_out(name);
            return true;
        }
    }
    return false;
}

bool cairn_environ_get(void *carrier, cairn_str name, size_t index, cairn_str *value)
{
    char *const *list = carrier ? carrier : environ;
    char variable[NAME_ROOM];
    struct str found;
    size_t n;
    if (str_in(name).n == 0)
        return name_at(list, index, value);
    n = cairn_environ_name(name, variable, sizeof variable);
    if (index > 0 || n >= sizeof variable)
        return false;
    for (; list && *list; list++) {
        if (value_of(*list, str_make(variable, n), &found)) {
            *value = str_out(found);
            return true;
        }
    }
    return false;
}

/* The place of a variable in the list: its own, or the end. */
static size_t place_of(const struct cairn_environ *env, struct str variable)
{
    struct str ignored;
    size_t i = 0;
    while (i < env->list_count && !(env->list[i] && value_of(env->list[i], variable, &ignored)))
        i++;
    return i;
}

void cairn_environ_set(void *carrier, cairn_str name, cairn_str value)
{
    struct cairn_environ *env = carrier;
    char variable[NAME_ROOM], *text;
    size_t n, at, value_n = str_in(value).n;
    if (!env || env->size < sizeof *env)
        return;
    n = cairn_environ_name(name, variable, sizeof variable);
    if (n >= sizeof variable || (value_n && memchr(value.p, '\0', value_n)))
        goto lost;
    at = place_of(env, str_make(variable, n));
    if (at == env->list_count && (env->list_room < 2 || env->list_count > env->list_room - 2))
        goto lost;
    if (env->used > env->room || value_n > env->room - env->used ||
        env->room - env->used - value_n < n + 2)
        goto lost;
    text = env->bytes + env->used;
    memcpy(text, variable, n);
    text[n] = '=';
    if (value_n)
        memcpy(text + n + 1, value.p, value_n);
    text[n + 1 + value_n] = '\0';
    env->used += n + value_n + 2;
    env->list[at] = text;
    if (at == env->list_count)
        env->list[++env->list_count] = NULL;
    return;
lost:
    env->lost++;
}
