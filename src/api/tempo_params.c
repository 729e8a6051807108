/* tempo_params.c - the parameters of Tempo's endpoints, one by one. */
#include "api/tempo_params.h"

#include "api/params.h"
#include "net/query.h"

enum { QUOTED_MAX = 60 }; /* of a bad text, in messages */

static const uint64_t SECOND_NS = 1000000000;

/* --- numbers and times --- */

static int invalid(struct str name, struct str text, const char *what, struct err *err)
{
    return err_set(err, ERR_INVALID, "invalid %.*s: \"%.*s\" is not %s", STR_ARG(name),
                   text.n > QUOTED_MAX ? QUOTED_MAX : (int)text.n, text.n ? text.p : "", what);
}

/* Digits only: "123" of a fraction is 123 ms. */
static bool parse_fraction(struct str digits, uint64_t *ns)
{
    uint64_t unit = SECOND_NS / 10;
    *ns = 0;
    for (size_t i = 0; i < digits.n; i++, unit /= 10) {
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return false;
        *ns += unit * (uint64_t)(digits.p[i] - '0');
    }
    return true;
}

static bool parse_count(struct str text, uint64_t *ret)
{
    uint64_t v, unit = text.n <= 10 ? SECOND_NS : text.n <= 13 ? 1000000 : text.n <= 16 ? 1000 : 1;
    return str_to_u64(text, &v) && !__builtin_mul_overflow(v, unit, ret);
}

bool tempo_time_parse(struct str text, uint64_t *ret)
{
    struct str whole, digits;
    uint64_t s, ns;
    if (parse_count(text, ret))
        return true;
    if (str_cut(text, '.', &whole, &digits) && str_to_u64(whole, &s) && s < UINT32_MAX &&
        parse_fraction(digits, &ns)) {
        *ret = s * SECOND_NS + ns;
        return true;
    }
    return param_rfc3339(STR(""), text, ret, NULL) == 0;
}

/* "2w3d" at the start of *text, which Go has no units for. */
static bool take_days(struct str *text, uint64_t *ns)
{
    const uint64_t day = 24 * 3600 * SECOND_NS;
    size_t i = 0;
    *ns = 0;
    for (;;) {
        size_t start = i;
        uint64_t n, unit;
        while (i < text->n && text->p[i] >= '0' && text->p[i] <= '9')
            i++;
        unit = i == text->n        ? 0
               : text->p[i] == 'd' ? day
               : text->p[i] == 'w' ? 7 * day
               : text->p[i] == 'y' ? 365 * day
                                   : 0;
        if (unit == 0) {
            *text = str_from(*text, start);
            return true;
        }
        if (!str_to_u64(str_make(text->p + start, i - start), &n) ||
            __builtin_mul_overflow(n, unit, &n) || __builtin_add_overflow(*ns, n, ns))
            return false;
        i++;
    }
}

bool tempo_duration_parse(struct str text, uint64_t *ret)
{
    int64_t rest = 0;
    double seconds;
    uint64_t days;
    if (str_to_double(text, &seconds)) {
        bool good = seconds >= 0 && seconds < 1e10;
        *ret = good ? (uint64_t)(seconds * 1e9 + 0.5) : 0;
        return good;
    }
    if (!text.n || !take_days(&text, &days))
        return false;
    if (text.n && (!str_to_duration_ns(text, &rest) || rest < 0))
        return false;
    *ret = days + (uint64_t)rest;
    return days <= INT64_MAX;
}

/* --- parameters --- */

/* False when it is absent or empty, as Tempo takes it. */
static bool get(const struct http_request *req, struct arena *arena, const char *name,
                struct str *ret)
{
    *ret = (struct str){NULL, 0};
    return http_query_get(req, arena, str_of(name), ret) && ret->n > 0;
}

static int get_u32(const struct http_request *req, struct arena *arena, const char *name,
                   uint32_t fallback, uint32_t *ret, struct err *err)
{
    struct str text;
    uint64_t v = fallback;
    if (get(req, arena, name, &text) && (!str_to_u64(text, &v) || v > UINT32_MAX))
        return invalid(str_of(name), text, "a count", err);
    *ret = (uint32_t)v;
    return 0;
}

static int get_time(const struct http_request *req, struct arena *arena, const char *name,
                    uint64_t *ret, struct err *err)
{
    struct str text;
    if (get(req, arena, name, &text) && !tempo_time_parse(text, ret))
        return invalid(str_of(name), text, "a time, in seconds since 1970 or RFC 3339", err);
    return 0;
}

/* Go's durations only. */
static int get_duration(const struct http_request *req, struct arena *arena, const char *name,
                        uint64_t *ret, struct err *err)
{
    struct str text;
    int64_t v;
    if (!get(req, arena, name, &text))
        return 0;
    if (!str_to_duration_ns(text, &v) || v < 0)
        return invalid(str_of(name), text, "a duration, as in 100ms or 1m30s", err);
    *ret = (uint64_t)v;
    return 0;
}

int tempo_params_range(const struct http_request *req, struct arena *arena, uint64_t *start_ns,
                       uint64_t *end_ns, struct err *err)
{
    *start_ns = *end_ns = 0;
    TRY(get_time(req, arena, "start", start_ns, err));
    TRY(get_time(req, arena, "end", end_ns, err));
    if (*end_ns == 0)
        *end_ns = UINT64_MAX;
    return tempo_range_check(*start_ns, *end_ns, err);
}

/* --- search --- */

static int add_tag(struct tempo_search *s, struct str key, struct str value, struct err *err)
{
    for (uint32_t i = 0; i < s->tag_count; i++) {
        if (str_eq(s->tags[i].key, key))
            return err_set(err, ERR_INVALID, "invalid tags: tag %.*s has been set twice",
                           key.n > QUOTED_MAX ? QUOTED_MAX : (int)key.n, key.p);
    }
    if (s->tag_count == TEMPO_TAGS_MAX)
        return err_set(err, ERR_INVALID, "invalid tags: more than %d", TEMPO_TAGS_MAX);
    s->tags[s->tag_count++] =
        (struct attr){.key = key, .value = {.type = VALUE_STRING, .string = value}};
    return 0;
}

/* Behind the opening quote at *at; Go's short escapes. False when it does not end. */
static bool take_quoted(struct str text, size_t *at, struct arena *arena, struct str *ret)
{
    char *out = arena_alloc(arena, text.n - *at + 1);
    size_t n = 0;
    for (; out && *at < text.n; ++*at) {
        char c = text.p[*at];
        if (c == '"') {
            ++*at;
            *ret = str_make(out, n);
            return true;
        }
        if (c == '\\' && *at + 1 < text.n) {
            c = text.p[++*at];
            c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
        }
        out[n++] = c;
    }
    return false;
}

static bool ends_word(char c)
{
    return (unsigned char)c <= ' ';
}

static struct str take_word(struct str text, size_t *at, bool key)
{
    size_t start = *at;
    while (*at < text.n && !ends_word(text.p[*at]) && text.p[*at] != '"' &&
           !(key && text.p[*at] == '='))
        ++*at;
    return str_make(text.p + start, *at - start);
}

int tempo_params_logfmt(struct str text, struct arena *arena, struct tempo_search *ret,
                        struct err *err)
{
    size_t at = 0;
    ret->tags = arena_calloc(arena, TEMPO_TAGS_MAX, sizeof *ret->tags);
    ret->tag_count = 0;
    if (!ret->tags)
        return ERR_NOMEM;
    for (;;) {
        struct str key, value = {NULL, 0};
        while (at < text.n && ends_word(text.p[at]))
            at++;
        if (at == text.n)
            return 0;
        key = take_word(text, &at, true);
        if (key.n == 0)
            return err_set(err, ERR_INVALID, "invalid tags: unexpected '%c' at pos %zu", text.p[at],
                           at + 1);
        if (at < text.n && text.p[at] == '=') {
            at++;
            if (at < text.n && text.p[at] == '"') {
                at++;
                if (!take_quoted(text, &at, arena, &value))
                    return err_set(err, ERR_INVALID,
                                   "invalid tags: unterminated quoted value at pos %zu", at + 1);
            } else {
                value = take_word(text, &at, false);
            }
        }
        if (at < text.n && !ends_word(text.p[at]))
            return err_set(err, ERR_INVALID, "invalid tags: unexpected '%c' at pos %zu", text.p[at],
                           at + 1);
        TRY(add_tag(ret, key, value, err));
    }
}

static bool is_reserved(struct str name)
{
    static const struct str names[] = {
        STR_INIT("minDuration"), STR_INIT("maxDuration"), STR_INIT("limit"),
        STR_INIT("spss"),        STR_INIT("start"),       STR_INIT("end"),
        STR_INIT("q"),           STR_INIT("tags"),        STR_INIT("prettyPrint"),
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq(name, names[i]))
            return true;
    }
    return false;
}

/* Before there was a parameter tags, every parameter was one. */
static int loose_tags(const struct http_request *req, struct arena *arena, struct tempo_search *ret,
                      struct err *err)
{
    struct str name, value;
    size_t at = 0;
    ret->tags = arena_calloc(arena, TEMPO_TAGS_MAX, sizeof *ret->tags);
    if (!ret->tags)
        return ERR_NOMEM;
    while (http_query_next(req, arena, &at, &name, &value)) {
        if (name.n && value.n && !is_reserved(name))
            TRY(add_tag(ret, name, value, err));
    }
    return 0;
}

static int search_what(const struct http_request *req, struct arena *arena,
                       struct tempo_search *ret, struct err *err)
{
    struct str tags, time;
    bool has_query = get(req, arena, "q", &ret->query), has_tags = get(req, arena, "tags", &tags);
    if (has_query && has_tags)
        return err_set(err, ERR_INVALID,
                       "invalid request: can't specify tags and q in the same query");
    if (has_tags)
        return tempo_params_logfmt(tags, arena, ret, err);
    if (has_query || get(req, arena, "start", &time) || get(req, arena, "end", &time))
        return 0;
    return loose_tags(req, arena, ret, err);
}

int tempo_params_search(const struct http_request *req, struct arena *arena, uint32_t limit_max,
                        struct tempo_search *ret, struct err *err)
{
    *ret = (struct tempo_search){.max_duration_ns = UINT64_MAX};
    TRY(search_what(req, arena, ret, err));
    TRY(get_duration(req, arena, "minDuration", &ret->min_duration_ns, err));
    TRY(get_duration(req, arena, "maxDuration", &ret->max_duration_ns, err));
    if (ret->max_duration_ns < ret->min_duration_ns)
        return err_set(err, ERR_INVALID, "invalid maxDuration: must be greater than minDuration");
    TRY(get_u32(req, arena, "limit",
                TEMPO_SEARCH_LIMIT < limit_max ? TEMPO_SEARCH_LIMIT : limit_max, &ret->limit, err));
    if (ret->limit == 0)
        return err_set(err, ERR_INVALID, "invalid limit: must be a positive number");
    if (ret->limit > limit_max)
        return err_set(err, ERR_INVALID, "limit %u exceeds max limit %u", ret->limit, limit_max);
    TRY(get_u32(req, arena, "spss", TEMPO_SPANS_PER_SET, &ret->spans_per_set, err));
    if (ret->spans_per_set == 0)
        ret->spans_per_set = UINT32_MAX;
    return tempo_params_range(req, arena, &ret->start_ns, &ret->end_ns, err);
}

/* --- tags --- */

int tempo_params_tags(const struct http_request *req, struct arena *arena, struct tempo_tags *ret,
                      struct err *err)
{
    struct str scope;
    *ret = (struct tempo_tags){0};
    get(req, arena, "scope", &scope);
    TRY(tempo_scope_parse(scope, &ret->scope, err));
    get(req, arena, "q", &ret->query);
    TRY(get_u32(req, arena, "limit", 0, &ret->limit, err));
    return tempo_params_range(req, arena, &ret->start_ns, &ret->end_ns, err);
}

int tempo_params_values(const struct http_request *req, struct arena *arena, struct tempo_tags *ret,
                        struct err *err)
{
    static const struct str end = STR_INIT("/values");
    struct str rest = req->params[0], decoded;
    TRY(tempo_params_tags(req, arena, ret, err));
    if (rest.n <= end.n || !str_eq(str_from(rest, rest.n - end.n), end))
        return err_set(err, ERR_NOT_FOUND, "404 page not found");
    rest.n -= end.n;
    if (percent_decode_path(arena, rest, &decoded))
        rest = decoded;
    ret->tag = rest;
    return 0;
}

/* --- metrics --- */

static int metrics_range(const struct http_request *req, struct arena *arena, uint64_t now_ns,
                         struct tempo_metrics *ret, struct err *err)
{
    uint64_t since = 3600 * SECOND_NS;
    struct str text;
    if (get(req, arena, "since", &text) && !tempo_duration_parse(text, &since))
        return invalid(STR("since"), text, "a duration, as in 30m or 2d", err);
    TRY(get_time(req, arena, "start", &ret->start_ns, err));
    TRY(get_time(req, arena, "end", &ret->end_ns, err));
    if (ret->end_ns == 0)
        ret->end_ns = now_ns;
    if (ret->start_ns == 0)
        ret->start_ns = ret->end_ns > since ? ret->end_ns - since : 0;
    return tempo_range_check(ret->start_ns, ret->end_ns, err);
}

int tempo_params_metrics(const struct http_request *req, struct arena *arena, uint64_t now_ns,
                         struct tempo_metrics *ret, struct err *err)
{
    struct str text;
    *ret = (struct tempo_metrics){0};
    if (!get(req, arena, "q", &ret->query))
        get(req, arena, "query", &ret->query);
    TRY(metrics_range(req, arena, now_ns, ret, err));
    if (get(req, arena, "step", &text) && !tempo_duration_parse(text, &ret->step_ns))
        return invalid(STR("step"), text, "a duration, as in 15s, or a number of seconds", err);
    TRY(get_u32(req, arena, "exemplars", TEMPO_EXEMPLARS_LIMIT, &ret->exemplars_max, err));
    if (ret->exemplars_max > TEMPO_EXEMPLARS_LIMIT)
        ret->exemplars_max = TEMPO_EXEMPLARS_LIMIT;
    return get_u32(req, arena, "maxSeries", TEMPO_SERIES_LIMIT, &ret->series_max, err);
}
