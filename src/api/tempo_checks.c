/* tempo_checks.c - what is checked of a request to Tempo's API in whichever form it came. */
#include <inttypes.h>

#include "api/tempo.h"

static const uint64_t SECOND_NS = 1000000000;

static const char *const scope_names[TEMPO_SCOPES] = {
    "none", "event", "instrumentation", "intrinsic", "link", "resource", "span",
};

const char *tempo_scope_name(enum tempo_scope scope)
{
    return scope_names[scope];
}

int tempo_scope_parse(struct str name, enum tempo_scope *ret, struct err *err)
{
    *ret = TEMPO_SCOPE_NONE;
    if (name.n == 0 || str_eq(name, STR("all")))
        return 0;
    for (int i = 0; i < TEMPO_SCOPES; i++) {
        if (str_eq(name, str_of(scope_names[i]))) {
            *ret = (enum tempo_scope)i;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "invalid scope: %.*s", name.n > 60 ? 60 : (int)name.n, name.p);
}

int tempo_range_check(uint64_t start_ns, uint64_t end_ns, struct err *err)
{
    if (end_ns > start_ns)
        return 0;
    return err_set(err, ERR_INVALID,
                   "http parameter start must be before end. received start=%" PRIu64
                   " end=%" PRIu64,
                   start_ns / SECOND_NS, end_ns / SECOND_NS);
}

/* About 240 buckets of a length that people read easily: a multiple of the largest unit that is shorter. */
static uint64_t default_step(uint64_t range_ns)
{
    static const uint64_t units_s[] = {3600, 300, 60, 15, 5, 1};
    const uint64_t fine_ns = 50000000, baseline = range_ns / 240;
    if (range_ns < 60 * SECOND_NS)
        return baseline > fine_ns ? baseline / fine_ns * fine_ns : fine_ns;
    for (size_t i = 0; i < sizeof units_s / sizeof *units_s; i++) {
        uint64_t unit = units_s[i] * SECOND_NS;
        if (baseline > unit)
            return baseline / unit * unit;
    }
    return SECOND_NS;
}

int tempo_metrics_align(struct tempo_metrics *m, struct err *err)
{
    uint64_t buckets, rest;
    TRY(tempo_range_check(m->start_ns, m->end_ns, err));
    if (m->series_max == 0)
        m->series_max = TEMPO_SERIES_LIMIT;
    if (m->instant) {
        m->step_ns = m->end_ns - m->start_ns;
        return 0;
    }
    if (m->step_ns == 0)
        m->step_ns = default_step(m->end_ns - m->start_ns);
    m->start_ns -= m->start_ns % m->step_ns;
    rest = m->end_ns % m->step_ns;
    if (rest && __builtin_add_overflow(m->end_ns, m->step_ns - rest, &m->end_ns))
        return err_set(err, ERR_INVALID, "invalid end: too late");
    buckets = (m->end_ns - m->start_ns) / m->step_ns;
    if (buckets > SERIES_BUCKETS_MAX)
        return err_set(err, ERR_INVALID,
                       "invalid step: the range has %" PRIu64
                       " of them, more than %d; ask for a longer step",
                       buckets, SERIES_BUCKETS_MAX);
    return 0;
}

int tempo_traceql(struct str text, struct arena *arena, const struct traceql **ret, struct err *err)
{
    struct err why = {0};
    int code = traceql_parse(text.n ? text : STR("{}"), arena, ret, NULL, &why);
    if (code < 0 && why.msg[0])
        return err_set(err, code == ERR_TOO_LARGE ? ERR_INVALID : code,
                       "invalid TraceQL query: %.200s", why.msg);
    return code;
}
