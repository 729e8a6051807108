/* places.c - see places.h. */
#include "query/places.h"

#include "wire/otlp_pb.h"

static struct places member(enum column_table table, struct str name)
{
    struct places p = {.scope = COLUMN_MEMBER, .name = name};
    p.tables[table] = true;
    return p;
}

struct places places_of(const struct field *f)
{
    bool any = f->scope == SCOPE_ANY || f->scope == SCOPE_FIRST;
    switch (f->kind) {
    case FIELD_STATUS_MESSAGE: return member(TABLE_SPANS, STR(MEMBER_STATUS_MESSAGE));
    case FIELD_EVENT_NAME: return member(TABLE_EVENTS, STR(MEMBER_NAME));
    case FIELD_EVENT_TIME: return member(TABLE_EVENTS, STR(MEMBER_TIME));
    case FIELD_LINK_TRACE_ID: return member(TABLE_LINKS, STR(MEMBER_TRACE_ID));
    case FIELD_LINK_SPAN_ID: return member(TABLE_LINKS, STR(MEMBER_SPAN_ID));
    case FIELD_ATTRIBUTE: break;
    default: return (struct places){.name = {NULL, 0}};
    }
    return (struct places){.tables = {[TABLE_SPANS] = any || f->scope == SCOPE_SPAN,
                                      [TABLE_EVENTS] = any || f->scope == SCOPE_EVENT,
                                      [TABLE_LINKS] = any || f->scope == SCOPE_LINK},
                           .resource = any || f->scope == SCOPE_RESOURCE,
                           .instrumentation = any || f->scope == SCOPE_INSTRUMENTATION,
                           .scope = COLUMN_ATTRIBUTE,
                           .name = f->key};
}

int column_value(uint8_t type, uint64_t number, struct str string, struct arena *arena,
                 struct value *ret, struct err *err)
{
    *ret = (struct value){.type = (enum value_type)type};
    switch (type) {
    case COLUMN_STRING: ret->string = string; return 0;
    case COLUMN_BOOL: ret->boolean = number != 0; return 0;
    case COLUMN_INT: ret->integer = (int64_t)number; return 0;
    case COLUMN_DOUBLE: memcpy(&ret->number, &number, sizeof ret->number); return 0;
    default: return otlp_pb_decode_value(string, arena, ret, err);
    }
}

int page_value(const struct part_column *c, const struct page *page, uint32_t i,
               struct arena *arena, struct value *ret, struct err *err)
{
    struct str string = page->strings ? page->strings[page->values[i]] : (struct str){NULL, 0};
    return column_value(c->key.type, page->values[i], string, arena, ret, err);
}
