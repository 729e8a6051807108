/* substitute.c - see substitute.h.
 *
 * $$ splits the text first: what stands between two of them is searched for references on its own, so that a reference
 * never reaches across one. Specification: configuration/data-model.md, "Environment variable substitution". */
#include "config/substitute.h"

enum { NAME_BYTES_MAX = 255 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Bytes of the name that s begins with. */
static size_t name_bytes(struct str s)
{
    size_t n = 0;
    while (n < s.n && (is_letter(s.p[n]) || (n && s.p[n] >= '0' && s.p[n] <= '9')))
        n++;
    return n;
}

static bool is_default(struct str s)
{
    return s.n >= 2 && s.p[0] == ':' && s.p[1] == '-';
}

static bool is_printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 127)
            return false;
    }
    return true;
}

/* inside is what stands between ${ and }. */
static int reference(struct str inside, config_env_fn *env, struct buf *out, struct err *err)
{
    struct str ref = inside, rest;
    char name[NAME_BYTES_MAX + 1];
    const char *value;
    size_t n = name_bytes(ref);
    if (n && n < ref.n && ref.p[n] == ':' && !is_default(str_from(ref, n))) {
        if (!str_eq(str_make(ref.p, n), STR("env")))
            return err_set(err, ERR_INVALID,
                           "${%.*s}: only ${NAME}, ${env:NAME} and ${NAME:-default} are known",
                           STR_ARG(inside));
        ref = str_from(ref, n + 1);
        n = name_bytes(ref);
    }
    rest = str_from(ref, n);
    if (n == 0 || n > NAME_BYTES_MAX || (rest.n && !is_default(rest)) || !is_printable(rest))
        return err_set(err, ERR_INVALID,
                       "${%.*s} is not a reference to a variable; write ${NAME} or "
                       "${NAME:-default}, and $${ for a plain ${",
                       STR_ARG(inside));
    memcpy(name, ref.p, n);
    name[n] = '\0';
    value = env(name);
    buf_put_str(out, value && *value ? str_of(value) : str_from(rest, 2));
    return 0;
}

/* A part without $$. */
static int part(struct str s, config_env_fn *env, struct buf *out, struct err *err)
{
    while (s.n) {
        struct str inside;
        ptrdiff_t end;
        if (s.n > 3 && s.p[0] == '$' && s.p[1] == '{' && (end = str_find(s, '}')) > 2) {
            inside = str_make(s.p + 2, (size_t)end - 2);
            TRY(reference(inside, env, out, err));
            s = str_from(s, (size_t)end + 1);
        } else {
            buf_put_byte(out, (unsigned char)s.p[0]);
            s = str_from(s, 1);
        }
    }
    return 0;
}

/* Index of the first $$, or -1. */
static ptrdiff_t escape(struct str s)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] == '$' && s.p[i + 1] == '$')
            return (ptrdiff_t)i;
    }
    return -1;
}

int config_substitute(struct str text, config_env_fn *env, struct buf *out, struct err *err)
{
    ptrdiff_t at;
    while ((at = escape(text)) >= 0) {
        TRY(part(str_make(text.p, (size_t)at), env, out, err));
        buf_put_byte(out, '$');
        text = str_from(text, (size_t)at + 2);
    }
    TRY(part(text, env, out, err));
    return out->failed ? err_set(err, ERR_NOMEM, "too long, or out of memory") : 0;
}
