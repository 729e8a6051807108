/* protobuf-c as the judge of our codec: it reads what we write, field by field, and we read what it writes. */
#include "sample.h"
#include "test.h"
#include "trace.pb-c.h"
#include "wire/otlp_pb.h"

static void same_text(const char *got, struct str want)
{
    check_str(str_of(got), want.n ? want.p : "", "text");
}

static void same_bytes(ProtobufCBinaryData got, const void *want, size_t n)
{
    assert_int_equal(got.len, n);
    if (n)
        assert_memory_equal(got.data, want, n);
}

static void same_attrs(size_t n, Oracle__KeyValue **got, const struct attrs *want);

static void same_value(const Oracle__AnyValue *got, const struct value *want)
{
    assert_non_null(got);
    assert_int_equal(got->value_case, want->type); /* both are OTLP's field numbers */
    switch (want->type) {
    case VALUE_EMPTY: break;
    case VALUE_STRING: same_text(got->string_value, want->string); break;
    case VALUE_BOOL: assert_int_equal(got->bool_value, want->boolean); break;
    case VALUE_INT: assert_true(got->int_value == want->integer); break;
    case VALUE_DOUBLE: assert_memory_equal(&got->double_value, &want->number, 8); break;
    case VALUE_BYTES: same_bytes(got->bytes_value, want->string.p, want->string.n); break;
    case VALUE_KVLIST:
        same_attrs(got->kvlist_value->n_values, got->kvlist_value->values, &want->kvlist);
        break;
    case VALUE_ARRAY:
        assert_int_equal(got->array_value->n_values, want->array.count);
        for (uint32_t i = 0; i < want->array.count; i++)
            same_value(got->array_value->values[i], &want->array.items[i]);
        break;
    }
}

static void same_attrs(size_t n, Oracle__KeyValue **got, const struct attrs *want)
{
    assert_int_equal(n, want->count);
    for (size_t i = 0; i < n; i++) {
        same_text(got[i]->key, want->items[i].key);
        same_value(got[i]->value, &want->items[i].value);
    }
}

static void same_lists(const Oracle__Span *got, const struct span *want)
{
    assert_int_equal(got->n_events, want->event_count);
    for (size_t i = 0; i < got->n_events; i++) {
        const Oracle__Event *e = got->events[i];
        assert_true(e->time_unix_nano == want->events[i].time_ns);
        same_text(e->name, want->events[i].name);
        same_attrs(e->n_attributes, e->attributes, &want->events[i].attrs);
        assert_int_equal(e->dropped_attributes_count, want->events[i].dropped_attributes_count);
    }
    assert_int_equal(got->n_links, want->link_count);
    for (size_t i = 0; i < got->n_links; i++) {
        const Oracle__Link *l = got->links[i];
        same_bytes(l->trace_id, want->links[i].trace_id.bytes, 16);
        same_bytes(l->span_id, want->links[i].span_id.bytes, 8);
        same_text(l->trace_state, want->links[i].trace_state);
        same_attrs(l->n_attributes, l->attributes, &want->links[i].attrs);
        assert_int_equal(l->flags, want->links[i].flags);
        assert_int_equal(l->dropped_attributes_count, want->links[i].dropped_attributes_count);
    }
}

static void same_span(const Oracle__Span *got, const struct span *want)
{
    same_bytes(got->trace_id, want->trace_id.bytes, 16);
    same_bytes(got->span_id, want->span_id.bytes, 8);
    same_bytes(got->parent_span_id, want->parent_span_id.bytes,
               span_id_is_zero(want->parent_span_id) ? 0 : 8);
    same_text(got->trace_state, want->trace_state);
    same_text(got->name, want->name);
    assert_int_equal(got->kind, want->kind);
    assert_true(got->start_time_unix_nano == want->start_ns);
    assert_true(got->end_time_unix_nano == want->end_ns);
    assert_int_equal(got->flags, want->flags);
    same_attrs(got->n_attributes, got->attributes, &want->attrs);
    same_lists(got, want);
    assert_int_equal(got->dropped_attributes_count, want->dropped_attributes_count);
    assert_int_equal(got->dropped_events_count, want->dropped_events_count);
    assert_int_equal(got->dropped_links_count, want->dropped_links_count);
    assert_int_equal(got->status ? got->status->code : 0, want->status_code);
    same_text(got->status ? got->status->message : "", want->status_message);
}

static void same_batch(const Oracle__TracesData *got, const struct span_batch *want)
{
    size_t n = 0;
    for (size_t i = 0; i < got->n_resource_spans; i++) {
        const Oracle__ResourceSpans *rs = got->resource_spans[i];
        for (size_t j = 0; j < rs->n_scope_spans; j++) {
            const Oracle__ScopeSpans *ss = rs->scope_spans[j];
            for (size_t k = 0; k < ss->n_spans; k++, n++) {
                const struct span *span = &want->spans[n];
                assert_true(n < want->span_count);
                same_span(ss->spans[k], span);
                same_attrs(rs->resource->n_attributes, rs->resource->attributes,
                           &span->resource->attrs);
                assert_int_equal(rs->resource->dropped_attributes_count,
                                 span->resource->dropped_attributes_count);
                assert_int_equal(ss->scope->dropped_attributes_count,
                                 span->scope->dropped_attributes_count);
                same_text(rs->schema_url, span->resource->schema_url);
                same_text(ss->scope->name, span->scope->name);
                same_text(ss->scope->version, span->scope->version);
                same_attrs(ss->scope->n_attributes, ss->scope->attributes, &span->scope->attrs);
                same_text(ss->schema_url, span->scope->schema_url);
            }
        }
    }
    assert_int_equal(n, want->span_count);
}

static void test_oracle(void **state)
{
    struct span_batch want = sample_batch(), got;
    Oracle__TracesData *judged;
    struct buf b;
    struct arena arena;
    unsigned char *packed;
    size_t n;
    (void)state;
    buf_init(&b, 0);
    otlp_pb_encode(want.spans, want.span_count, &b);
    judged = oracle__traces_data__unpack(NULL, b.n, b.p);
    assert_non_null(judged);
    same_batch(judged, &want);

    n = oracle__traces_data__get_packed_size(judged);
    packed = malloc(n);
    assert_non_null(packed);
    oracle__traces_data__pack(judged, packed);
    arena_init(&arena, 0);
    assert_int_equal(otlp_pb_decode(str_make(packed, n), NULL, &arena, &got, NULL), 0);
    assert_true(batch_eq(&want, &got));
    oracle__traces_data__free_unpacked(judged, NULL);
    free(packed);
    arena_release(&arena);
    buf_release(&b);
}

static void test_process_context(void **state)
{
    struct span_batch batch = sample_batch();
    const struct resource *want = batch.spans[0].resource;
    Oracle__ProcessContext *judged;
    struct buf b;
    (void)state;
    buf_init(&b, 0);
    otlp_pb_encode_process_context(want, batch.spans[0].attrs.items, batch.spans[0].attrs.count,
                                   &b);
    judged = oracle__process_context__unpack(NULL, b.n, b.p);
    assert_non_null(judged);
    same_attrs(judged->resource->n_attributes, judged->resource->attributes, &want->attrs);
    same_attrs(judged->n_attributes, judged->attributes, &batch.spans[0].attrs);
    oracle__process_context__free_unpacked(judged, NULL);
    buf_release(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_oracle),
                                              cmocka_unit_test(test_process_context)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
