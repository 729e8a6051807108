/* pattern.c - RE2's regular expressions over PCRE2.
 *
 * What RE2 has not (references back, looking around, recursion, verbs) is refused first, so that a query means the same
 * here and elsewhere and most of what makes backtracking slow is out; PCRE2's limits bound the rest. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "traceql/pattern.h"

#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/utf8.h"

enum {
    STEPS_MAX = 200 * 1000, /* about 2 ms */
    DEPTH_MAX = 20 * 1000,
    HEAP_KIB_MAX = 8 * 1024,
    PARENTHESES_MAX = 100,
};

struct pattern {
    pcre2_code *code;
    pcre2_match_context *limits;
    uint64_t *limit_hits; /* atomic */
};

/* ---- Memory: all of a pattern lies in the arena ---- */

static void *take(PCRE2_SIZE n, void *arena)
{
    return arena_alloc(arena, n);
}

static void give(void *p, void *arena)
{
    (void)p, (void)arena;
}

/* ---- What RE2 does not know ---- */

struct difference {
    const char *start, *what;
};

static const struct difference groups[] = {
    {"(*", "verbs '(*…)'"},
    {"(?=", "looking ahead '(?=…)'"},
    {"(?!", "looking ahead '(?!…)'"},
    {"(?<=", "looking behind '(?<=…)'"},
    {"(?<!", "looking behind '(?<!…)'"},
    {"(?>", "atomic groups '(?>…)'"},
    {"(?|", "'(?|…)'"},
    {"(?#", "comments '(?#…)'"},
    {"(?(", "conditions '(?(…)…)'"},
    {"(?R", "recursion '(?R)'"},
    {"(?&", "recursion '(?&…)'"},
    {"(?P>", "recursion '(?P>…)'"},
    {"(?P=", "references '(?P=…)'"},
    {"(?C", "callouts '(?C…)'"},
    {"(?x", "the flag x"},
    {"(?J", "the flag J"},
    {"(?n", "the flag n"},
    {"(?+", "recursion"},
};

static const char *refused_group(struct str s)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (str_starts(s, str_of(groups[i].start)))
            return groups[i].what;
    }
    if (s.n > 2 && s.p[1] == '?' && ((s.p[2] >= '0' && s.p[2] <= '9')))
        return "recursion";
    return NULL;
}

static const char *refused_escape(char c)
{
    if (c >= '1' && c <= '9')
        return "references back '\\1'";
    if (c == '\0' || !strchr("gkKGRXCNZhHVEou", c)) /* \E alone: PCRE2 ignores it */
        return NULL;
    return "this escape";
}

/* Where s leaves RE2's syntax, or s.n. *what says with what. */
static size_t beyond_re2(struct str s, const char **what)
{
    bool in_class = false;
    for (size_t i = 0; i < s.n; i++) {
        struct str rest = str_from(s, i);
        char c = s.p[i];
        *what = NULL;
        if (c == '\\' && i + 1 < s.n) {
            if (s.p[i + 1] == 'Q') { /* to \E all is literal */
                while (i + 1 < s.n && !str_starts(str_from(s, i), STR("\\E")))
                    i++;
            } else {
                *what = refused_escape(s.p[i + 1]);
            }
            if (!*what)
                i++;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            i += i + 1 < s.n && s.p[i + 1] == '^';
            i += i + 1 < s.n && s.p[i + 1] == ']'; /* the first one stands for itself */
        } else if (c == '(') {
            *what = refused_group(rest);
        } else if (c == '+' && i > 0 && strchr("*+?}", s.p[i - 1]) &&
                   (i < 2 || s.p[i - 2] != '\\')) {
            *what = "possessive repetition";
        }
        if (*what)
            return i;
    }
    return s.n;
}

/* ---- Compiling ---- */

static int compile_error(int code, size_t at, struct err *err)
{
    PCRE2_UCHAR words[120] = "";
    if (code == PCRE2_ERROR_HEAP_FAILED || code == PCRE2_ERROR_NOMEMORY)
        return err_set(err, ERR_TOO_LARGE, "the regular expression needs too much memory");
    pcre2_get_error_message(code, words, sizeof words);
    return err_at(err, ERR_INVALID, at, "%s, at character %zu of the regular expression",
                  (const char *)words, at + 1);
}

static int set_limits(struct pattern *p, pcre2_general_context *memory, struct err *err)
{
    p->limits = pcre2_match_context_create(memory);
    if (!p->limits)
        return err_set(err, ERR_TOO_LARGE, "no memory left for the regular expression");
    pcre2_set_match_limit(p->limits, STEPS_MAX);
    pcre2_set_depth_limit(p->limits, DEPTH_MAX);
    pcre2_set_heap_limit(p->limits, HEAP_KIB_MAX);
    return 0;
}

int pattern_compile(struct str text, struct arena *arena, const struct pattern **ret,
                    struct err *err)
{
    const uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
                             PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE;
    struct pattern *p = arena_calloc(arena, 1, sizeof *p);
    pcre2_general_context *memory = pcre2_general_context_create(take, give, arena);
    pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
    const char *what;
    size_t at = beyond_re2(text, &what);
    int code;
    if (text.n > PATTERN_BYTES_MAX)
        return err_set(err, ERR_TOO_LARGE, "the regular expression is longer than %d bytes",
                       PATTERN_BYTES_MAX);
    if (at < text.n)
        return err_at(err, ERR_INVALID, at,
                      "RE2's syntax does not have %s, at character %zu of the regular expression",
                      what, at + 1);
    if (!p || !context || !(p->limit_hits = arena_calloc(arena, 1, sizeof *p->limit_hits)))
        return err_set(err, ERR_TOO_LARGE, "no memory left for the regular expression");
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(context, PARENTHESES_MAX);
    p->code =
        pcre2_compile((PCRE2_SPTR)(text.p ? text.p : ""), text.n, options, &code, &at, context);
    if (!p->code)
        return compile_error(code, at, err);
    TRY(set_limits(p, memory, err));
    *ret = p;
    return 0;
}

/* ---- Matching ---- */

/* Each thread keeps one place for PCRE2's stack frames, which grow to HEAP_KIB_MAX at most. */
static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static bool scratch_kept;

static void scratch_free(void *scratch)
{
    pcre2_match_data_free(scratch);
}

static void scratch_start(void)
{
    scratch_kept = pthread_key_create(&scratch_key, scratch_free) == 0;
}

static pcre2_match_data *scratch_get(void)
{
    pcre2_match_data *scratch;
    pthread_once(&scratch_once, scratch_start);
    if (!scratch_kept)
        return NULL;
    scratch = pthread_getspecific(scratch_key);
    if (scratch)
        return scratch;
    scratch = pcre2_match_data_create(1, NULL);
    if (scratch && pthread_setspecific(scratch_key, scratch) != 0) {
        pcre2_match_data_free(scratch);
        return NULL;
    }
    return scratch;
}

/* Of well-formed UTF-8. */
static int match(const struct pattern *p, struct str s)
{
    pcre2_match_data *scratch = scratch_get();
    if (!scratch)
        return PCRE2_ERROR_NOMEMORY;
    return pcre2_match(p->code, (PCRE2_SPTR)(s.p ? s.p : ""), s.n, 0, PCRE2_NO_UTF_CHECK, scratch,
                       p->limits);
}

/* Bytes that are no UTF-8 count as U+FFFD each, as in RE2. */
static int match_mended(const struct pattern *p, struct str s)
{
    char *out = malloc(3 * s.n);
    size_t n = 0;
    int code;
    if (!out)
        return PCRE2_ERROR_NOMEMORY;
    while (s.n) {
        size_t valid = utf8_valid_prefix(s);
        memcpy(out + n, s.p, valid);
        n += valid;
        s = str_from(s, valid);
        if (s.n) {
            memcpy(out + n, "\xef\xbf\xbd", 3);
            n += 3;
            s = str_from(s, 1);
        }
    }
    code = match(p, str_make(out, n));
    free(out);
    return code;
}

bool pattern_holds(const struct pattern *p, struct str s, bool wanted)
{
    int code = utf8_valid(s) ? match(p, s) : match_mended(p, s);
    if (code < 0 && code != PCRE2_ERROR_NOMATCH) {
        __atomic_fetch_add(p->limit_hits, 1, __ATOMIC_RELAXED);
        return false;
    }
    return (code >= 0) == wanted;
}

bool pattern_matches(const struct pattern *p, struct str s)
{
    return pattern_holds(p, s, true);
}

uint64_t pattern_limit_hits(const struct pattern *p)
{
    return __atomic_load_n(p->limit_hits, __ATOMIC_RELAXED);
}
