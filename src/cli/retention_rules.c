/* retention_rules.c - a rule is CONDITION:TIME; the conditions are a table. */
#include "cli/retention_rules.h"

#include "cli/units.h"

static bool read_status(struct str text, struct retention_rule *ret)
{
    static const char *const names[] = {
        [STATUS_UNSET] = "unset", [STATUS_OK] = "ok", [STATUS_ERROR] = "error"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq(text, str_of(names[i]))) {
            ret->status = (enum status_code)i;
            return true;
        }
    }
    return false;
}

static bool read_duration(struct str text, struct retention_rule *ret)
{
    return parse_duration(text, &ret->duration_ns);
}

static const struct {
    struct str start; /* of the condition */
    enum retention_field field;
    bool (*read)(struct str text, struct retention_rule *ret);
} conditions[] = {
    {STR_INIT("status="), RETENTION_STATUS, read_status},
    {STR_INIT("duration>"), RETENTION_DURATION, read_duration},
};

static bool read_condition(struct str text, struct retention_rule *ret)
{
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        struct str start = conditions[i].start;
        if (text.n > start.n && str_eq(str_make(text.p, start.n), start)) {
            ret->field = conditions[i].field;
            return conditions[i].read(str_from(text, start.n), ret);
        }
    }
    return false;
}

static int read_rule(struct str text, uint64_t retention_ns, struct retention_rule *ret,
                     struct err *err)
{
    struct str condition, time;
    int shown = text.n < 60 ? (int)text.n : 60;
    *ret = (struct retention_rule){.field = RETENTION_STATUS};
    if (!str_cut(text, ':', &condition, &time) || !read_condition(condition, ret) ||
        !parse_duration(time, &ret->keep_ns))
        return err_set(err, ERR_INVALID,
                       "--retention-rule: \"%.*s\" is no rule such as status=error:30d or "
                       "duration>2s:30d",
                       shown, text.p ? text.p : "");
    if (ret->keep_ns <= retention_ns)
        return err_set(err, ERR_INVALID,
                       "--retention-rule: \"%.*s\" keeps no longer than --retention does", shown,
                       text.p);
    return 0;
}

int retention_rules_parse(const struct option_list *values, uint64_t retention_ns,
                          struct retention_rules *ret, struct err *err)
{
    ret->count = 0;
    if (values->count && !retention_ns)
        return err_set(err, ERR_INVALID,
                       "--retention-rule keeps some traces longer: say with --retention how long "
                       "the rest is kept");
    for (uint32_t i = 0; i < values->count; i++) {
        struct str rest = str_of(values->items[i]), item;
        do {
            str_cut(rest, ',', &item, &rest);
            if (ret->count == RETENTION_RULES_MAX)
                return err_set(err, ERR_INVALID, "--retention-rule: more than %d rules",
                               RETENTION_RULES_MAX);
            TRY(read_rule(item, retention_ns, &ret->items[ret->count], err));
            ret->count++;
        } while (rest.n);
    }
    return 0;
}
