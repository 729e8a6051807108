/* fields.h - the names of what a span has of its own, and their types. */
#ifndef TRACEQL_FIELDS_H
#define TRACEQL_FIELDS_H

#include "base/buf.h"
#include "traceql/ast.h"

struct intrinsic {
    struct str name;  /* as it is printed: without a scope where there is such a name */
    struct str alias; /* the other one, or empty */
    enum field_kind kind;
    enum expr_type type; /* ids are TYPE_STRING */
};

/* NULL when there is none of that name. */
const struct intrinsic *intrinsic_of_name(struct str name);
const struct intrinsic *intrinsic_of_kind(enum field_kind kind);
/* One after the other, for lists and suggestions; NULL behind the last. */
const struct intrinsic *intrinsic_at(size_t i);

enum expr_type field_type(const struct field *f);
/* Cannot be nil: an intrinsic, or resource.service.name. */
bool field_is_always(const struct field *f);

/* "status" and "kind" literals: ok, error, unset; server, client ... */
bool status_of_name(struct str name, int64_t *ret);
bool kind_of_name(struct str name, int64_t *ret);
struct str status_name(int64_t status); /* empty when there is none of that number */
struct str kind_name(int64_t kind);

/* "span", "resource" ...: what stands before an attribute's dot. Empty for SCOPE_ANY and SCOPE_FIRST. */
struct str scope_prefix(enum field_scope scope);
bool scope_of_prefix(struct str prefix, enum field_scope *ret);

/* Ends an attribute's name: white space and {}()=~!<>&|^, ; bytes of it at the start of s, 0 when it does not. */
size_t attribute_end_bytes(struct str s);

/* Which of the names was meant: nearest by edits, at most a third of its letters. Empty when none is near. */
struct str nearest_name(struct str wrong, const struct str *names, size_t count);

#endif
