/* fields.c - the tables of names. */
#include "traceql/fields.h"

static const struct intrinsic intrinsics[] = {
    {STR_INIT("duration"), STR_INIT("span:duration"), FIELD_DURATION, TYPE_DURATION},
    {STR_INIT("name"), STR_INIT("span:name"), FIELD_NAME, TYPE_STRING},
    {STR_INIT("kind"), STR_INIT("span:kind"), FIELD_KIND, TYPE_KIND},
    {STR_INIT("status"), STR_INIT("span:status"), FIELD_STATUS, TYPE_STATUS},
    {STR_INIT("statusMessage"), STR_INIT("span:statusMessage"), FIELD_STATUS_MESSAGE, TYPE_STRING},
    {STR_INIT("span:id"), STR_INIT(""), FIELD_SPAN_ID, TYPE_STRING},
    {STR_INIT("span:parentID"), STR_INIT(""), FIELD_PARENT_ID, TYPE_STRING},
    {STR_INIT("span:childCount"), STR_INIT(""), FIELD_CHILD_COUNT, TYPE_INT},
    {STR_INIT("traceDuration"), STR_INIT("trace:duration"), FIELD_TRACE_DURATION, TYPE_DURATION},
    {STR_INIT("rootName"), STR_INIT("trace:rootName"), FIELD_ROOT_NAME, TYPE_STRING},
    {STR_INIT("rootServiceName"), STR_INIT("trace:rootService"), FIELD_ROOT_SERVICE, TYPE_STRING},
    {STR_INIT("trace:id"), STR_INIT(""), FIELD_TRACE_ID, TYPE_STRING},
    {STR_INIT("event:name"), STR_INIT(""), FIELD_EVENT_NAME, TYPE_STRING},
    {STR_INIT("event:timeSinceStart"), STR_INIT(""), FIELD_EVENT_TIME, TYPE_DURATION},
    {STR_INIT("link:traceID"), STR_INIT(""), FIELD_LINK_TRACE_ID, TYPE_STRING},
    {STR_INIT("link:spanID"), STR_INIT(""), FIELD_LINK_SPAN_ID, TYPE_STRING},
    {STR_INIT("instrumentation:name"), STR_INIT(""), FIELD_SCOPE_NAME, TYPE_STRING},
    {STR_INIT("instrumentation:version"), STR_INIT(""), FIELD_SCOPE_VERSION, TYPE_STRING},
    {STR_INIT("nestedSetLeft"), STR_INIT(""), FIELD_NESTED_LEFT, TYPE_INT},
    {STR_INIT("nestedSetRight"), STR_INIT(""), FIELD_NESTED_RIGHT, TYPE_INT},
    {STR_INIT("nestedSetParent"), STR_INIT(""), FIELD_NESTED_PARENT, TYPE_INT},
};

enum { INTRINSICS = sizeof intrinsics / sizeof *intrinsics };

static const struct str statuses[] = {
    [STATUS_UNSET] = STR_INIT("unset"),
    [STATUS_OK] = STR_INIT("ok"),
    [STATUS_ERROR] = STR_INIT("error"),
};

static const struct str kinds[] = {
    [SPAN_KIND_UNSPECIFIED] = STR_INIT("unspecified"), [SPAN_KIND_INTERNAL] = STR_INIT("internal"),
    [SPAN_KIND_SERVER] = STR_INIT("server"),           [SPAN_KIND_CLIENT] = STR_INIT("client"),
    [SPAN_KIND_PRODUCER] = STR_INIT("producer"),       [SPAN_KIND_CONSUMER] = STR_INIT("consumer"),
};

static const struct str scopes[] = {
    [SCOPE_ANY] = STR_INIT(""),
    [SCOPE_SPAN] = STR_INIT("span"),
    [SCOPE_RESOURCE] = STR_INIT("resource"),
    [SCOPE_INSTRUMENTATION] = STR_INIT("instrumentation"),
    [SCOPE_EVENT] = STR_INIT("event"),
    [SCOPE_LINK] = STR_INIT("link"),
    [SCOPE_FIRST] = STR_INIT(""),
};

const struct intrinsic *intrinsic_at(size_t i)
{
    return i < INTRINSICS ? &intrinsics[i] : NULL;
}

const struct intrinsic *intrinsic_of_name(struct str name)
{
    for (size_t i = 0; i < INTRINSICS; i++) {
        if (str_eq(intrinsics[i].name, name) || (name.n && str_eq(intrinsics[i].alias, name)))
            return &intrinsics[i];
    }
    return NULL;
}

const struct intrinsic *intrinsic_of_kind(enum field_kind kind)
{
    for (size_t i = 0; i < INTRINSICS; i++) {
        if (intrinsics[i].kind == kind)
            return &intrinsics[i];
    }
    return NULL;
}

enum expr_type field_type(const struct field *f)
{
    const struct intrinsic *intrinsic = intrinsic_of_kind(f->kind);
    return intrinsic ? intrinsic->type : TYPE_ANY;
}

bool field_is_always(const struct field *f)
{
    return f->kind != FIELD_ATTRIBUTE ||
           (f->scope == SCOPE_RESOURCE && str_eq(f->key, STR("service.name")));
}

static bool number_of(const struct str *names, size_t count, struct str name, int64_t *ret)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(names[i], name)) {
            *ret = (int64_t)i;
            return true;
        }
    }
    return false;
}

bool status_of_name(struct str name, int64_t *ret)
{
    return number_of(statuses, sizeof statuses / sizeof *statuses, name, ret);
}

bool kind_of_name(struct str name, int64_t *ret)
{
    return number_of(kinds, sizeof kinds / sizeof *kinds, name, ret);
}

struct str status_name(int64_t status)
{
    return status >= 0 && status <= STATUS_ERROR ? statuses[status] : STR("");
}

struct str kind_name(int64_t kind)
{
    return kind >= 0 && kind <= SPAN_KIND_CONSUMER ? kinds[kind] : STR("");
}

struct str scope_prefix(enum field_scope scope)
{
    return scopes[scope];
}

bool scope_of_prefix(struct str prefix, enum field_scope *ret)
{
    int64_t n;
    if (prefix.n == 0 || !number_of(scopes, sizeof scopes / sizeof *scopes, prefix, &n))
        return false;
    *ret = (enum field_scope)n;
    return true;
}

size_t attribute_end_bytes(struct str s)
{
    static const struct str spaces[] = {
        /* Unicode's white space beyond ASCII */
        STR_INIT("\xc2\x85"),     STR_INIT("\xc2\xa0"),     STR_INIT("\xe1\x9a\x80"),
        STR_INIT("\xe2\x80\xa8"), STR_INIT("\xe2\x80\xa9"), STR_INIT("\xe2\x80\xaf"),
        STR_INIT("\xe2\x81\x9f"), STR_INIT("\xe3\x80\x80"),
    };
    if (s.n == 0)
        return 0;
    if (s.p[0] && strchr(" \t\n\v\f\r{}()=~!<>&|^,", s.p[0]))
        return 1;
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        if (str_starts(s, spaces[i]))
            return spaces[i].n;
    }
    if (str_starts(s, STR("\xe2\x80")) && s.n > 2 && (unsigned char)s.p[2] <= 0x8a)
        return 3; /* U+2000 to U+200A */
    return 0;
}

enum { NAME_MAX_BYTES = 32 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance; names longer than the table are far from all. */
static size_t distance(struct str a, struct str b)
{
    size_t row[NAME_MAX_BYTES + 1];
    if (a.n > NAME_MAX_BYTES || b.n > NAME_MAX_BYTES)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t above = row[j];
            bool same = (a.p[i - 1] | 0x20) == (b.p[j - 1] | 0x20);
            row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + !same);
            diagonal = above;
        }
    }
    return row[b.n];
}

struct str nearest_name(struct str wrong, const struct str *names, size_t count)
{
    struct str best = {NULL, 0};
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(wrong, names[i]);
        if (d < least && d <= (names[i].n + 2) / 3) {
            least = d;
            best = names[i];
        }
    }
    return best;
}
