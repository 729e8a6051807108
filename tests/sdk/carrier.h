/* carrier.h - a list of header fields to inject into and to extract from. */
#ifndef CARRIER_H
#define CARRIER_H

#include "sdk_test.h"

struct carrier {
    struct {
        const char *name, *value;
    } fields[70];
    size_t count;
};

/* What is injected in one test program is kept until its end. */
static inline const char *carrier_keep(cairn_str s)
{
    static char text[1 << 18];
    static size_t used;
    char *kept = text + used;
    assert_true(s.n < sizeof text - used);
    memcpy(kept, s.p, s.n);
    kept[s.n] = '\0';
    used += s.n + 1;
    return kept;
}

static inline void set_field(void *carrier, cairn_str name, cairn_str value)
{
    struct carrier *c = carrier;
    assert_true(c->count < COUNT(c->fields));
    c->fields[c->count].name = carrier_keep(name);
    c->fields[c->count++].value = carrier_keep(value);
}

static inline bool get_field(void *carrier, cairn_str name, size_t index, cairn_str *value)
{
    struct carrier *c = carrier;
    if (name.n == 0 && index < c->count) {
        *value = cairn_str_of(c->fields[index].name);
        return true;
    }
    for (size_t i = 0; i < c->count; i++) {
        if (str_eq_nocase(str_of(c->fields[i].name), str_make(name.p, name.n)) && index-- == 0) {
            *value = cairn_str_of(c->fields[i].value);
            return true;
        }
    }
    return false;
}

static inline const char *field(const struct carrier *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->fields[i].name, name) == 0)
            return c->fields[i].value;
    }
    return NULL;
}

/* All fields as name=value, a space between them. */
static inline void check_carrier(const struct carrier *c, const char *want, const char *name)
{
    char got[1024] = "";
    for (size_t i = 0; i < c->count; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s=%s", i ? " " : "",
                 c->fields[i].name, c->fields[i].value);
    check_str(str_of(got), want, name);
}

#endif
