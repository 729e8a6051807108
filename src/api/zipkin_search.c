/* zipkin_search.c - see zipkin_search.h. */
#include "api/zipkin_search.h"

#include "api/params.h"
#include "api/search.h"
#include "base/clock.h"

static const uint64_t NS_PER_US = 1000, NS_PER_MS = 1000000;
static const uint64_t LOOKBACK_NS = 24ull * 3600 * 1000 * 1000000;
enum { SEARCH_LIMIT = 10, CONDITIONS_MAX = 32 };

int zipkin_range(struct call *c, bool required, uint64_t *start_ns, uint64_t *end_ns,
                 struct err *err)
{
    struct str end = call_param(c, STR("endTs")), lookback = call_param(c, STR("lookback"));
    uint64_t back_ns = LOOKBACK_NS;
    if (required && end.n == 0)
        return err_set(err, ERR_INVALID, "parameter 'endTs' is required");
    *end_ns = clock_realtime_ns();
    if (end.n)
        TRY(param_unix_time(STR("endTs"), end, NS_PER_MS, end_ns, err));
    if (lookback.n)
        TRY(param_unix_time(STR("lookback"), lookback, NS_PER_MS, &back_ns, err));
    *start_ns = *end_ns > back_ns ? *end_ns - back_ns : 0;
    /* the last millisecond is meant whole */
    *end_ns = *end_ns > UINT64_MAX - NS_PER_MS ? UINT64_MAX : *end_ns + (NS_PER_MS - 1);
    return 0;
}

static struct value string_value(struct str s)
{
    return (struct value){.type = VALUE_STRING, .string = s};
}

static struct field attribute(enum field_scope scope, struct str key)
{
    return (struct field){.kind = FIELD_ATTRIBUTE, .scope = scope, .key = key};
}

/* The condition without a value: an annotation with this text, or a tag with this key. */
static const struct expr *named(struct search_filter *f, struct str name)
{
    struct field event = {.kind = FIELD_EVENT_NAME};
    struct value error = {.type = VALUE_INT, .integer = STATUS_ERROR};
    const struct expr *is_event, *has_tag;
    if (str_eq(name, STR("error")))
        return expr_compare(f->arena, EXPR_EQ, (struct field){.kind = FIELD_STATUS}, error);
    is_event = expr_compare(f->arena, EXPR_EQ, event, string_value(name));
    has_tag = expr_compare(f->arena, EXPR_EXISTS, attribute(SCOPE_ANY, name),
                           (struct value){.type = VALUE_EMPTY});
    return expr_or(f->arena, is_event, has_tag);
}

/* The text of tag "error" is the status message of a span that failed. */
static const struct expr *failed_with(struct search_filter *f, struct str message)
{
    return expr_and(f->arena, named(f, STR("error")),
                    expr_compare(f->arena, EXPR_EQ, (struct field){.kind = FIELD_STATUS_MESSAGE},
                                 string_value(message)));
}

/* --- the form: conditions, each of which some span of the service fulfils --- */

struct form {
    struct arena *arena;
    const struct expr *service; /* NULL = any */
    const struct spanset_expr *sets;
    uint32_t count;
};

static void add(struct form *form, const struct expr *condition)
{
    struct spanset_expr *filter = arena_calloc(form->arena, 1, sizeof *filter), *both;
    if (!filter || form->count++ >= CONDITIONS_MAX)
        return;
    filter->op = SPANSET_FILTER;
    filter->condition = filter->written = expr_and(form->arena, form->service, condition);
    filter->number = form->count - 1;
    if (!form->sets) {
        form->sets = filter;
    } else if ((both = arena_calloc(form->arena, 1, sizeof *both))) {
        *both = (struct spanset_expr){.op = SPANSET_AND, .left = form->sets, .right = filter};
        form->sets = both;
    }
}

static void add_annotation(struct form *form, struct str condition)
{
    struct search_filter f = {.arena = form->arena};
    struct str key, value;
    if (!str_cut(condition, '=', &key, &value))
        search_and(&f, named(&f, condition));
    else if (str_eq(key, STR("error")) && !str_eq_nocase(value, STR("true")))
        search_and(&f, failed_with(&f, value));
    else
        search_tag(&f, key, value);
    add(form, f.expr);
}

/* "http.method=GET and error and retry" */
static void add_annotation_query(struct form *form, struct str query)
{
    static const struct str and = STR_INIT(" and ");
    while (query.n) {
        size_t at = 0;
        while (at < query.n && !str_starts(str_from(query, at), and))
            at++;
        struct str condition = str_trim(str_make(query.p, at));
        if (condition.n)
            add_annotation(form, condition);
        query = at < query.n ? str_from(query, at + and.n) : (struct str){NULL, 0};
    }
}

static int add_durations(struct call *c, struct form *form, struct err *err)
{
    struct str min = call_param(c, STR("minDuration")), max = call_param(c, STR("maxDuration"));
    struct search_filter f = {.arena = form->arena};
    uint64_t min_us = 0, max_us = 0;
    if (min.n && !str_to_u64(min, &min_us))
        return err_set(err, ERR_INVALID, "minDuration takes microseconds");
    if (max.n && !str_to_u64(max, &max_us))
        return err_set(err, ERR_INVALID, "maxDuration takes microseconds");
    if (max.n && !min.n)
        return err_set(err, ERR_INVALID, "maxDuration is only valid with minDuration");
    if (max.n && max_us < min_us)
        return err_set(err, ERR_INVALID, "maxDuration should be no less than minDuration");
    /* what is shown as 5 may be 5.9 */
    search_duration(&f, min_us > UINT64_MAX / NS_PER_US ? UINT64_MAX - 1 : min_us * NS_PER_US,
                    max.n && max_us < UINT64_MAX / NS_PER_US - 1 ? max_us * NS_PER_US + 999
                                                                 : UINT64_MAX);
    if (f.expr)
        add(form, f.expr);
    return 0;
}

static void add_names(struct call *c, struct form *form)
{
    struct search_filter service = {.arena = form->arena}, operation = {.arena = form->arena};
    struct str name = call_param(c, STR("serviceName"));
    if (name.n)
        search_service(&service, name);
    form->service = service.expr;
    name = call_param(c, STR("spanName"));
    if (name.n && !str_eq(name, STR("all"))) { /* Zipkin's first UI sends it for any */
        search_operation(&operation, name);
        add(form, operation.expr);
    }
    name = call_param(c, STR("remoteServiceName"));
    if (name.n)
        add(form, expr_compare(form->arena, EXPR_EQ, attribute(SCOPE_SPAN, STR("peer.service")),
                               string_value(name)));
}

int zipkin_search_form(struct call *c, struct spansets_query *ret, struct err *err)
{
    struct form form = {.arena = &c->arena};
    *ret = (struct spansets_query){.spans_per_set = 1};
    TRY(zipkin_range(c, false, &ret->start_ns, &ret->end_ns, err));
    if (str_eq(call_param(c, STR("limit")), STR("0")))
        return err_set(err, ERR_INVALID, "parameter limit must be above 0");
    TRY(param_limit(STR("limit"), call_param(c, STR("limit")), SEARCH_LIMIT,
                    c->api->search_limit_max, &ret->limit, err));
    add_names(c, &form);
    add_annotation_query(&form, call_param(c, STR("annotationQuery")));
    TRY(add_durations(c, &form, err));
    if (form.count == 0)
        add(&form, NULL);
    if (form.count > CONDITIONS_MAX)
        return err_set(err, ERR_INVALID, "more than %d conditions", CONDITIONS_MAX);
    ret->query = traceql_of_sets(form.sets, form.count, &c->arena);
    return ret->query && !arena_failed(&c->arena) ? 0 : ERR_NOMEM;
}
