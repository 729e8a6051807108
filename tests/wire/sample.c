/* sample.c - static data: every kind of value, every field of every message set somewhere. */
#include "sample.h"

#include <math.h>

#define TEXT(s)                                     \
    {                                               \
        .type = VALUE_STRING, .string = STR_INIT(s) \
    }
#define LENGTH(a) (uint32_t)(sizeof(a) / sizeof *(a))

static struct value mixed[] = {
    TEXT("one"), {.type = VALUE_INT, .integer = -2}, {.type = VALUE_EMPTY}};
static struct value nested[] = {{.type = VALUE_ARRAY, .array = {mixed, 3}}, {.type = VALUE_ARRAY}};
static struct attr inner[] = {{STR_INIT("k"), TEXT("v")}, {STR_INIT(""), {.type = VALUE_EMPTY}}};

static struct attr every_type[] = {
    {STR_INIT("string"), TEXT("gr\xc3\xbc\xc3\x9f"
                              "e \xf0\x9f\xa7\xad")},
    {STR_INIT("empty.string"), TEXT("")},
    {STR_INIT("true"), {.type = VALUE_BOOL, .boolean = true}},
    {STR_INIT("false"), {.type = VALUE_BOOL, .boolean = false}},
    {STR_INIT("int"), {.type = VALUE_INT, .integer = 42}},
    {STR_INIT("int.zero"), {.type = VALUE_INT, .integer = 0}},
    {STR_INIT("int.min"), {.type = VALUE_INT, .integer = INT64_MIN}},
    {STR_INIT("int.max"), {.type = VALUE_INT, .integer = INT64_MAX}},
    {STR_INIT("double"), {.type = VALUE_DOUBLE, .number = 2.5}},
    {STR_INIT("double.tiny"), {.type = VALUE_DOUBLE, .number = 5e-324}},
    {STR_INIT("double.zero"), {.type = VALUE_DOUBLE, .number = 0}},
    {STR_INIT("double.minus_zero"), {.type = VALUE_DOUBLE, .number = -0.0}},
    {STR_INIT("double.tenth"), {.type = VALUE_DOUBLE, .number = 0.1}},
    {STR_INIT("double.nan"), {.type = VALUE_DOUBLE, .number = (double)NAN}},
    {STR_INIT("double.infinite"), {.type = VALUE_DOUBLE, .number = -(double)INFINITY}},
    {STR_INIT("bytes"), {.type = VALUE_BYTES, .string = STR_INIT("\x00\xff\x80z")}},
    {STR_INIT("bytes.empty"), {.type = VALUE_BYTES}},
    {STR_INIT("array"), {.type = VALUE_ARRAY, .array = {mixed, 3}}},
    {STR_INIT("array.nested"), {.type = VALUE_ARRAY, .array = {nested, 2}}},
    {STR_INIT("array.empty"), {.type = VALUE_ARRAY}},
    {STR_INIT("kvlist"), {.type = VALUE_KVLIST, .kvlist = {inner, 2}}},
    {STR_INIT("kvlist.empty"), {.type = VALUE_KVLIST}},
    {STR_INIT("empty"), {.type = VALUE_EMPTY}},
    {STR_INIT("control"), TEXT("a\"b\\c\n\t\x01\x7f/")},
    {STR_INIT("int"), TEXT("the same key again")},
    {STR_INIT(""), TEXT("no key")},
};

static struct attr service_attrs[] = {{STR_INIT("service.name"), TEXT("checkout")},
                                      {STR_INIT("host.name"), TEXT("node-1")}};
static struct resource checkout = {.attrs = {service_attrs, 2},
                                   .dropped_attributes_count = 1,
                                   .schema_url = STR_INIT("https://example.com/schema/1"),
                                   .service_name = STR_INIT("checkout")};
static struct resource nameless;

static struct attr scope_attrs[] = {{STR_INIT("scope.attr"), TEXT("s")}};
static struct scope scope_one = {.name = STR_INIT("lib"),
                                 .version = STR_INIT("1.2"),
                                 .attrs = {scope_attrs, 1},
                                 .dropped_attributes_count = 2,
                                 .schema_url = STR_INIT("https://example.com/schema/2")};
static struct scope scope_two = {.name = STR_INIT("other")};
static struct scope scope_none;

static struct span_event events[] = {
    {.time_ns = 1700000000000000001u,
     .name = STR_INIT("exception"),
     .attrs = {every_type, 4},
     .dropped_attributes_count = 3},
    {.time_ns = 0},
};
static struct span_link links[] = {
    {.trace_id = {{1, 2, 3}},
     .span_id = {{4}},
     .trace_state = STR_INIT("a=b"),
     .attrs = {every_type + 4, 2},
     .dropped_attributes_count = 5,
     .flags = 0x301},
    {.trace_id = {{9}}, .span_id = {{9}}},
};

struct span_batch sample_batch(void)
{
    static struct span spans[3];
    struct trace_id trace = {{0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb,
                              0x21, 0x1c, 0x80, 0x31, 0x9c}};
    spans[0] = (struct span){
        .trace_id = trace,
        .span_id = {{1, 1, 1, 1, 1, 1, 1, 1}},
        .trace_state = STR("vendor=1,other=2"),
        .name = STR("everything"),
        .kind = SPAN_KIND_SERVER,
        .flags = 0x101,
        .start_ns = 1700000000000000000u,
        .end_ns = 1700000000123456789u,
        .status_code = STATUS_ERROR,
        .status_message = STR("it broke"),
        .attrs = {every_type, LENGTH(every_type)},
        .events = events,
        .links = links,
        .event_count = 2,
        .link_count = 2,
        .dropped_attributes_count = 1,
        .dropped_events_count = 2,
        .dropped_links_count = 3,
        .resource = &checkout,
        .scope = &scope_one,
    };
    spans[1] = (struct span){.trace_id = trace,
                             .span_id = {{2}},
                             .parent_span_id = {{1, 1, 1, 1, 1, 1, 1, 1}},
                             .name = STR("child"),
                             .kind = SPAN_KIND_CONSUMER,
                             .start_ns = 5,
                             .end_ns = 3,
                             .status_code = STATUS_OK,
                             .resource = &checkout,
                             .scope = &scope_two};
    spans[2] = (struct span){
        .trace_id = {{7}}, .span_id = {{3}}, .resource = &nameless, .scope = &scope_none};
    return (struct span_batch){.spans = spans, .span_count = 3};
}

bool batch_eq(const struct span_batch *a, const struct span_batch *b)
{
    if (a->span_count != b->span_count)
        return false;
    for (size_t i = 0; i < a->span_count; i++) {
        if (!span_eq(&a->spans[i], &b->spans[i]) ||
            !str_eq(a->spans[i].resource->service_name, b->spans[i].resource->service_name))
            return false;
    }
    return true;
}
