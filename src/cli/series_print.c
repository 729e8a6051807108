/* series_print.c - series as text: a table for people, CSV for programs. */
#include "cli/series_print.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/table.h"

void series_print_table(const struct answer_series_list *list, enum axis_unit unit, unsigned width,
                        bool colors, struct buf *out)
{
    struct table t;
    char text[UNITS_BYTES];
    size_t columns =
        list->count < TABLE_COLUMNS_MAX - 1 ? list->count : (size_t)TABLE_COLUMNS_MAX - 1;
    table_init(&t);
    table_column(&t, STR("TIME"), false, TABLE_WHOLE);
    for (size_t i = 0; i < columns; i++)
        table_column(&t, list->items[i].name, true, TABLE_CUT);
    for (size_t row = 0; row < list->time_count; row++) {
        format_time(text, (uint64_t)list->times_ms[row] * 1000000);
        table_cell(&t, str_of(text), "2");
        for (size_t i = 0; i < columns; i++) {
            axis_format(text, list->items[i].values[row], unit);
            table_cell(&t, str_of(text), NULL);
        }
    }
    table_print(&t, width, colors, out);
    table_release(&t);
}

/* ---- CSV ---- */

static void put_field(struct buf *out, struct str s)
{
    bool quoted = false;
    for (size_t i = 0; i < s.n; i++)
        quoted = quoted || s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\n' || s.p[i] == '\r';
    if (!quoted) {
        buf_put_str(out, s);
        return;
    }
    buf_put_byte(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_put_byte(out, '"');
        buf_put_byte(out, (unsigned char)s.p[i]);
    }
    buf_put_byte(out, '"');
}

static struct str label_of(const struct answer_series *s, struct str key)
{
    for (uint32_t i = 0; i < s->label_count; i++) {
        if (str_eq(s->labels[i].key, key))
            return s->labels[i].value;
    }
    return STR("");
}

/* Keys of any series, in the order in which they come up. */
static uint32_t all_keys(const struct answer_series_list *list, struct str keys[SERIES_LABELS_MAX])
{
    uint32_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        for (uint32_t n = 0; n < list->items[i].label_count; n++) {
            struct str key = list->items[i].labels[n].key;
            uint32_t at = 0;
            while (at < count && !str_eq(keys[at], key))
                at++;
            if (at == count && count < SERIES_LABELS_MAX)
                keys[count++] = key;
        }
    }
    return count;
}

static void put_line(const struct answer_series *s, const struct str *keys, uint32_t key_count,
                     int64_t time_ms, double value, struct buf *out)
{
    char time[31];
    clock_format_rfc3339(time, (uint64_t)time_ms * 1000000);
    buf_put_str(out, str_of(time));
    for (uint32_t i = 0; i < key_count; i++) {
        buf_put_byte(out, ',');
        put_field(out, label_of(s, keys[i]));
    }
    buf_printf(out, ",%.17g\n", value);
}

void series_print_csv(const struct answer_series_list *list, struct buf *out)
{
    struct str keys[SERIES_LABELS_MAX];
    uint32_t count = all_keys(list, keys);
    buf_put_str(out, STR("time"));
    for (uint32_t i = 0; i < count; i++) {
        buf_put_byte(out, ',');
        put_field(out, keys[i]);
    }
    buf_put_str(out, STR(",value\n"));
    for (size_t i = 0; i < list->count; i++) {
        const struct answer_series *s = &list->items[i];
        for (size_t t = 0; t < list->time_count; t++) {
            if (!isnan(s->values[t]))
                put_line(s, keys, count, list->times_ms[t], s->values[t], out);
        }
    }
}

/* ---- compare() ---- */

/* The series of the same attribute and value with another __meta_type. */
static const struct answer_series *counterpart(const struct answer_series_list *list,
                                               const struct answer_series *s, struct str type)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct answer_series *other = &list->items[i];
        bool same = other->label_count == s->label_count &&
                    str_eq(label_of(other, STR("__meta_type")), type);
        for (uint32_t n = 0; same && n < s->label_count; n++) {
            struct str key = s->labels[n].key;
            same =
                str_eq(key, STR("__meta_type")) || str_eq(label_of(other, key), s->labels[n].value);
        }
        if (same)
            return other;
    }
    return NULL;
}

static const struct answer_label *attribute_of(const struct answer_series *s)
{
    for (uint32_t i = 0; i < s->label_count; i++) {
        if (!str_starts(s->labels[i].key, STR("__meta")))
            return &s->labels[i];
    }
    return NULL;
}

static void put_compared(struct table *t, const struct answer_series *selection,
                         const struct answer_series *baseline)
{
    const struct answer_label *a = attribute_of(selection ? selection : baseline);
    char count[UNITS_BYTES];
    if (!a)
        return;
    table_cell(t, a->key, "2");
    table_cell(t, a->value.p ? a->value : STR("nil"), NULL);
    format_count(count, selection ? (uint64_t)selection->sum : 0);
    table_cell(t, str_of(count), NULL);
    format_count(count, baseline ? (uint64_t)baseline->sum : 0);
    table_cell(t, str_of(count), NULL);
}

void series_print_comparison(const struct answer_series_list *list, unsigned width, bool colors,
                             struct buf *out)
{
    const struct str selection = STR("selection"), baseline = STR("baseline");
    struct table t;
    table_init(&t);
    table_column(&t, STR("ATTRIBUTE"), false, TABLE_CUT);
    table_column(&t, STR("VALUE"), false, TABLE_CUT);
    table_column(&t, STR("SELECTION"), true, TABLE_WHOLE);
    table_column(&t, STR("BASELINE"), true, TABLE_WHOLE);
    for (size_t i = 0; i < list->count; i++) {
        const struct answer_series *s = &list->items[i];
        struct str type = label_of(s, STR("__meta_type"));
        if (str_eq(type, selection))
            put_compared(&t, s, counterpart(list, s, baseline));
        else if (str_eq(type, baseline) && !counterpart(list, s, selection))
            put_compared(&t, NULL, s);
    }
    table_print(&t, width, colors, out);
    table_release(&t);
}
