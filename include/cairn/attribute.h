/* attribute.h - attributes: a key and a typed value, built in place and copied by whoever takes them.
 *
 *     cairn_span_set(span, CAIRN_STR("http.route", route), CAIRN_INT("items", n), CAIRN_BOOL("cached", hit));
 *
 * Keys are not empty; a second value for a key replaces the first. Specification: common/README.md, "Attribute". */
#ifndef CAIRN_ATTRIBUTE_H
#define CAIRN_ATTRIBUTE_H

#include <cairn/common.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The type of a value. The first eight are OTLP's AnyValue numbers. */
enum {
    CAIRN_TYPE_EMPTY = 0,
    CAIRN_TYPE_STRING = 1, /* as.string, UTF-8 */
    CAIRN_TYPE_BOOL = 2,   /* as.boolean */
    CAIRN_TYPE_INT = 3,    /* as.integer */
    CAIRN_TYPE_DOUBLE = 4, /* as.number */
    CAIRN_TYPE_LIST = 5,   /* as.list, of values of any type */
    CAIRN_TYPE_MAP = 6,    /* as.map */
    CAIRN_TYPE_BYTES = 7,  /* as.string, any bytes */
    /* Arrays of one type straight from C arrays; they arrive as LIST. */
    CAIRN_TYPE_STRINGS = 16,  /* as.array of cairn_str */
    CAIRN_TYPE_CSTRINGS = 17, /* as.array of const char *, each ending in NUL */
    CAIRN_TYPE_BOOLS = 18,    /* as.array of bool */
    CAIRN_TYPE_INTS = 19,     /* as.array of int64_t */
    CAIRN_TYPE_DOUBLES = 20   /* as.array of double */
};

struct cairn_attr;
struct cairn_value;

/* A value; everything it points to is borrowed for the call that takes it. */
struct cairn_value {
    int32_t type; /* CAIRN_TYPE_... */
    uint32_t reserved;
    union {
        cairn_str string;
        bool boolean;
        int64_t integer;
        double number;
        struct {
            const struct cairn_value *items;
            uint32_t count;
        } list;
        struct {
            const struct cairn_attr *items;
            uint32_t count;
        } map;
        struct {
            const void *items;
            size_t count;
        } array;
    } as;
};

struct cairn_attr {
    cairn_str key;
    struct cairn_value value;
};

/* Attributes for one call. */
struct cairn_attrs {
    const struct cairn_attr *items;
    size_t count;
};

/* One attribute. Keys and C strings end in NUL (NULL: an empty string); literals cost no strlen. */
#define CAIRN_STR(key, chars)  cairn_attr_string(cairn_str_of(key), cairn_str_of(chars))
#define CAIRN_STRN(key, p, n)  cairn_attr_string(cairn_str_of(key), cairn_str_make((p), (n)))
#define CAIRN_BYTES(key, p, n) cairn_attr_bytes(cairn_str_of(key), (p), (n))
#define CAIRN_BOOL(key, v)     cairn_attr_bool(cairn_str_of(key), (v))
#define CAIRN_INT(key, v)      cairn_attr_int(cairn_str_of(key), (v))
#define CAIRN_DOUBLE(key, v)   cairn_attr_double(cairn_str_of(key), (v))
/* Arrays: p points to n of const char *, bool, int64_t or double. */
#define CAIRN_STRS(key, p, n)    cairn_attr_strings(cairn_str_of(key), (p), (n))
#define CAIRN_BOOLS(key, p, n)   cairn_attr_bools(cairn_str_of(key), (p), (n))
#define CAIRN_INTS(key, p, n)    cairn_attr_ints(cairn_str_of(key), (p), (n))
#define CAIRN_DOUBLES(key, p, n) cairn_attr_doubles(cairn_str_of(key), (p), (n))
/* Nested: p points to n of struct cairn_value (LIST) or struct cairn_attr (MAP). Deeper than 64 becomes empty. */
#define CAIRN_LIST(key, p, n) cairn_attr_list(cairn_str_of(key), (p), (n))
#define CAIRN_MAP(key, p, n)  cairn_attr_map(cairn_str_of(key), (p), (n))

static inline struct cairn_attr cairn_attr_empty(cairn_str key)
{
    struct cairn_attr a;
    a.key = key;
    a.value.type = CAIRN_TYPE_EMPTY;
    a.value.reserved = 0;
    return a;
}

static inline struct cairn_attr cairn_attr_string(cairn_str key, cairn_str v)
{
    struct cairn_attr a = cairn_attr_empty(key);
    a.value.type = CAIRN_TYPE_STRING;
    a.value.as.string = v;
    return a;
}

static inline struct cairn_attr cairn_attr_bytes(cairn_str key, const void *p, size_t n)
{
    struct cairn_attr a = cairn_attr_empty(key);
    a.value.type = CAIRN_TYPE_BYTES;
    a.value.as.string.p = (const char *)p;
    a.value.as.string.n = n;
    return a;
}

static inline struct cairn_attr cairn_attr_bool(cairn_str key, bool v)
{
    struct cairn_attr a = cairn_attr_empty(key);
    a.value.type = CAIRN_TYPE_BOOL;
    a.value.as.boolean = v;
    return a;
}

static inline struct cairn_attr cairn_attr_int(cairn_str key, int64_t v)
{
    struct cairn_attr a = cairn_attr_empty(key);
    a.value.type = CAIRN_TYPE_INT;
    a.value.as.integer = v;
    return a;
}

static inline struct cairn_attr cairn_attr_double(cairn_str key, double v)
{
    struct cairn_attr a = cairn_attr_empty(key);
    a.value.type = CAIRN_TYPE_DOUBLE;
    a.value.as.number = v;
    return a;
}

static inline struct cairn_attr cairn_attr_array(cairn_str key, int32_t type, const void *items,
                                                 size_t count)
{
    struct cairn_attr a = cairn_attr_empty(key);
    a.value.type = type;
    a.value.as.array.items = items;
    a.value.as.array.count = count;
    return a;
}

static inline struct cairn_attr cairn_attr_strings(cairn_str key, const char *const *items,
                                                   size_t count)
{
    return cairn_attr_array(key, CAIRN_TYPE_CSTRINGS, items, count);
}

static inline struct cairn_attr cairn_attr_bools(cairn_str key, const bool *items, size_t count)
{
    return cairn_attr_array(key, CAIRN_TYPE_BOOLS, items, count);
}

static inline struct cairn_attr cairn_attr_ints(cairn_str key, const int64_t *items, size_t count)
{
    return cairn_attr_array(key, CAIRN_TYPE_INTS, items, count);
}

static inline struct cairn_attr cairn_attr_doubles(cairn_str key, const double *items, size_t count)
{
    return cairn_attr_array(key, CAIRN_TYPE_DOUBLES, items, count);
}

static inline struct cairn_attr cairn_attr_list(cairn_str key, const struct cairn_value *items,
                                                size_t count)
{
    struct cairn_attr a = cairn_attr_empty(key);
    a.value.type = CAIRN_TYPE_LIST;
    a.value.as.list.items = items;
    a.value.as.list.count = (uint32_t)count;
    return a;
}

static inline struct cairn_attr cairn_attr_map(cairn_str key, const struct cairn_attr *items,
                                               size_t count)
{
    struct cairn_attr a = cairn_attr_empty(key);
    a.value.type = CAIRN_TYPE_MAP;
    a.value.as.map.items = items;
    a.value.as.map.count = (uint32_t)count;
    return a;
}

#ifdef __cplusplus
}

/* A C++ braced list as a struct cairn_attrs that lives to the end of the full expression. */
struct cairn_attrs_list {
    cairn_attrs attrs;
    template <size_t N> explicit cairn_attrs_list(const cairn_attr (&items)[N])
    {
        attrs.items = items;
        attrs.count = N;
    }
    operator const cairn_attrs *() const
    {
        return &attrs;
    }
};
#    define CAIRN_ATTRS(...) cairn_attrs_list({__VA_ARGS__})
#else
/* The attributes given as a `const struct cairn_attrs *` for this call. */
#    define CAIRN_ATTRS(...)                                                            \
        (&(const struct cairn_attrs){(const struct cairn_attr[]){__VA_ARGS__},          \
                                     sizeof((const struct cairn_attr[]){__VA_ARGS__}) / \
                                         sizeof(struct cairn_attr)})
#endif

#endif
