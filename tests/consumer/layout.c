/* The places of all members of the public structures, on 64-bit machines. Programs that are built know them by heart: a line here
 * never changes. New members come at the end of structures that begin with their size, and get a new line. */
#include <cairn/cairn.h>
#include <cairn/jaeger_remote.h>
#include <cairn/otlp.h>

#define AT(type, member, offset)                              \
    _Static_assert(offsetof(struct type, member) == (offset), \
                   "struct " #type ": " #member " is elsewhere")
#define BYTES(type, bytes) \
    _Static_assert(sizeof(struct type) >= (bytes), "struct " #type " has lost members")
#define ALL_BYTES(type, bytes) \
    _Static_assert(sizeof(struct type) == (bytes), "struct " #type " cannot grow")

#if UINTPTR_MAX > UINT32_MAX

AT(cairn_value, type, 0);
AT(cairn_value, reserved, 4);
AT(cairn_value, as, 8);
ALL_BYTES(cairn_value, 24);

AT(cairn_attr, key, 0);
AT(cairn_attr, value, 16);
ALL_BYTES(cairn_attr, 40);

AT(cairn_attrs, items, 0);
AT(cairn_attrs, count, 8);
ALL_BYTES(cairn_attrs, 16);

AT(cairn_baggage_entry, name, 0);
AT(cairn_baggage_entry, value, 16);
AT(cairn_baggage_entry, metadata, 32);
ALL_BYTES(cairn_baggage_entry, 48);

AT(cairn_str, p, 0);
AT(cairn_str, n, 8);
ALL_BYTES(cairn_str, 16);

AT(cairn_sampling_rule, size, 0);
AT(cairn_sampling_rule, composable, 8);
AT(cairn_sampling_rule, span_name, 16);
AT(cairn_sampling_rule, kinds, 24);
AT(cairn_sampling_rule, parents, 28);
AT(cairn_sampling_rule, values_key, 32);
AT(cairn_sampling_rule, values, 40);
AT(cairn_sampling_rule, value_count, 48);
AT(cairn_sampling_rule, patterns_key, 56);
AT(cairn_sampling_rule, included, 64);
AT(cairn_sampling_rule, included_count, 72);
AT(cairn_sampling_rule, excluded, 80);
AT(cairn_sampling_rule, excluded_count, 88);
AT(cairn_sampling_rule, matches, 96);
AT(cairn_sampling_rule, user, 104);
AT(cairn_sampling_rule, free_user, 112);
BYTES(cairn_sampling_rule, 120);

AT(cairn_sampling_intent, size, 0);
AT(cairn_sampling_intent, threshold, 8);
AT(cairn_sampling_intent, reliable, 16);
AT(cairn_sampling_intent, attributes_count, 20);
AT(cairn_sampling_intent, attributes, 24);
AT(cairn_sampling_intent, trace_state, 152);
AT(cairn_sampling_intent, trace_state_user, 160);
BYTES(cairn_sampling_intent, 168);

AT(cairn_composable_ops, size, 0);
AT(cairn_composable_ops, get_intent, 8);
AT(cairn_composable_ops, free_user, 16);
BYTES(cairn_composable_ops, 24);

AT(cairn_token, previous, 0);
AT(cairn_token, mark, 8);
ALL_BYTES(cairn_token, 16);

AT(cairn_event_data, size, 0);
AT(cairn_event_data, name, 8);
AT(cairn_event_data, time_ns, 24);
AT(cairn_event_data, attribute_count, 32);
AT(cairn_event_data, dropped_attribute_count, 36);
BYTES(cairn_event_data, 40);

AT(cairn_link_data, size, 0);
AT(cairn_link_data, context, 8);
AT(cairn_link_data, attribute_count, 56);
AT(cairn_link_data, dropped_attribute_count, 60);
BYTES(cairn_link_data, 64);

AT(cairn_exporter_ops, size, 0);
AT(cairn_exporter_ops, export_spans, 8);
AT(cairn_exporter_ops, force_flush, 16);
AT(cairn_exporter_ops, shutdown, 24);
AT(cairn_exporter_ops, interrupt, 32);
AT(cairn_exporter_ops, free_user, 40);
BYTES(cairn_exporter_ops, 48);

AT(cairn_batch_options, size, 0);
AT(cairn_batch_options, queue_spans_max, 8);
AT(cairn_batch_options, schedule_delay_ms, 12);
AT(cairn_batch_options, batch_spans_max, 16);
AT(cairn_batch_options, export_timeout_ms, 20);
BYTES(cairn_batch_options, 24);

AT(cairn_processor_ops, size, 0);
AT(cairn_processor_ops, on_start, 8);
AT(cairn_processor_ops, on_end, 16);
AT(cairn_processor_ops, force_flush, 24);
AT(cairn_processor_ops, shutdown, 32);
AT(cairn_processor_ops, free_user, 40);
BYTES(cairn_processor_ops, 48);

AT(cairn_jaeger_remote_options, size, 0);
AT(cairn_jaeger_remote_options, endpoint, 8);
AT(cairn_jaeger_remote_options, service_name, 16);
AT(cairn_jaeger_remote_options, polling_interval_ms, 24);
AT(cairn_jaeger_remote_options, timeout_ms, 28);
AT(cairn_jaeger_remote_options, initial_sampler, 32);
BYTES(cairn_jaeger_remote_options, 40);

AT(cairn_otlp_options, size, 0);
AT(cairn_otlp_options, endpoint, 8);
AT(cairn_otlp_options, encoding, 16);
AT(cairn_otlp_options, compression, 24);
AT(cairn_otlp_options, headers, 32);
AT(cairn_otlp_options, timeout_ms, 40);
AT(cairn_otlp_options, certificate, 48);
AT(cairn_otlp_options, client_certificate, 56);
AT(cairn_otlp_options, client_key, 64);
BYTES(cairn_otlp_options, 72);
AT(cairn_otlp_options, transport, 72);
AT(cairn_otlp_options, insecure, 76);
AT(cairn_otlp_options, no_environment, 77);
AT(cairn_otlp_options, concurrent_requests, 80);
BYTES(cairn_otlp_options, 88);

AT(cairn_propagator_ops, size, 0);
AT(cairn_propagator_ops, inject, 8);
AT(cairn_propagator_ops, extract, 16);
AT(cairn_propagator_ops, field, 24);
AT(cairn_propagator_ops, free_user, 32);
BYTES(cairn_propagator_ops, 40);

AT(cairn_environ, size, 0);
AT(cairn_environ, bytes, 8);
AT(cairn_environ, room, 16);
AT(cairn_environ, used, 24);
AT(cairn_environ, list, 32);
AT(cairn_environ, list_room, 40);
AT(cairn_environ, list_count, 48);
AT(cairn_environ, lost, 56);
BYTES(cairn_environ, 64);

AT(cairn_parent_based_options, size, 0);
AT(cairn_parent_based_options, root, 8);
AT(cairn_parent_based_options, remote_sampled, 16);
AT(cairn_parent_based_options, remote_not_sampled, 24);
AT(cairn_parent_based_options, local_sampled, 32);
AT(cairn_parent_based_options, local_not_sampled, 40);
BYTES(cairn_parent_based_options, 48);

AT(cairn_operation_ratio, operation, 0);
AT(cairn_operation_ratio, ratio, 16);
ALL_BYTES(cairn_operation_ratio, 24);

AT(cairn_per_operation_options, size, 0);
AT(cairn_per_operation_options, default_ratio, 8);
AT(cairn_per_operation_options, lower_bound_per_second, 16);
AT(cairn_per_operation_options, operations, 24);
AT(cairn_per_operation_options, operation_count, 32);
BYTES(cairn_per_operation_options, 40);

AT(cairn_sampling_params, size, 0);
AT(cairn_sampling_params, parent_context, 8);
AT(cairn_sampling_params, parent, 16);
AT(cairn_sampling_params, trace_id, 24);
AT(cairn_sampling_params, name, 32);
AT(cairn_sampling_params, kind, 48);
AT(cairn_sampling_params, attributes, 56);
AT(cairn_sampling_params, links, 64);
AT(cairn_sampling_params, link_count, 72);
AT(cairn_sampling_params, parent_threshold, 80);
BYTES(cairn_sampling_params, 88);

AT(cairn_sampling_result, size, 0);
AT(cairn_sampling_result, decision, 8);
AT(cairn_sampling_result, attributes, 16);
AT(cairn_sampling_result, attribute_count, 24);
AT(cairn_sampling_result, trace_state, 32);
BYTES(cairn_sampling_result, 48);

AT(cairn_sampler_ops, size, 0);
AT(cairn_sampler_ops, should_sample, 8);
AT(cairn_sampler_ops, free_user, 16);
BYTES(cairn_sampler_ops, 24);

AT(cairn_sampler_args, size, 0);
AT(cairn_sampler_args, arg, 8);
AT(cairn_sampler_args, service_name, 24);
AT(cairn_sampler_args, initial_sampler, 40);
BYTES(cairn_sampler_args, 48);

AT(cairn_limits, size, 0);
AT(cairn_limits, attribute_count, 8);
AT(cairn_limits, attribute_value_length, 12);
AT(cairn_limits, event_count, 16);
AT(cairn_limits, link_count, 20);
AT(cairn_limits, event_attribute_count, 24);
AT(cairn_limits, link_attribute_count, 28);
AT(cairn_limits, span_bytes, 32);
BYTES(cairn_limits, 40);

AT(cairn_id_generator, size, 0);
AT(cairn_id_generator, user, 8);
AT(cairn_id_generator, trace_id, 16);
AT(cairn_id_generator, span_id, 24);
AT(cairn_id_generator, random, 32);
BYTES(cairn_id_generator, 40);

AT(cairn_sdk_options, size, 0);
AT(cairn_sdk_options, service_name, 8);
AT(cairn_sdk_options, service_version, 16);
AT(cairn_sdk_options, resource, 24);
AT(cairn_sdk_options, sampler, 32);
AT(cairn_sdk_options, processors, 40);
AT(cairn_sdk_options, processor_count, 48);
AT(cairn_sdk_options, limits, 56);
AT(cairn_sdk_options, id_generator, 64);
AT(cairn_sdk_options, propagator, 72);
AT(cairn_sdk_options, detectors, 80);
AT(cairn_sdk_options, no_process_context, 88);
BYTES(cairn_sdk_options, 96);

AT(cairn_stats, size, 0);
AT(cairn_stats, started, 8);
AT(cairn_stats, ended, 16);
AT(cairn_stats, exported, 24);
AT(cairn_stats, lost_queue_full, 32);
AT(cairn_stats, lost_export, 40);
AT(cairn_stats, lost_shutdown, 48);
AT(cairn_stats, lost_memory, 56);
BYTES(cairn_stats, 64);

AT(cairn_tracer_options, size, 0);
AT(cairn_tracer_options, name, 8);
AT(cairn_tracer_options, version, 16);
AT(cairn_tracer_options, schema_url, 24);
AT(cairn_tracer_options, attributes, 32);
BYTES(cairn_tracer_options, 40);

AT(cairn_span_context, trace_id, 0);
AT(cairn_span_context, span_id, 16);
AT(cairn_span_context, flags, 24);
AT(cairn_span_context, is_remote, 25);
AT(cairn_span_context, reserved, 26);
AT(cairn_span_context, trace_state, 32);
ALL_BYTES(cairn_span_context, 48);

AT(cairn_link, context, 0);
AT(cairn_link, attributes, 48);
ALL_BYTES(cairn_link, 56);

AT(cairn_span_options, size, 0);
AT(cairn_span_options, parent, 8);
AT(cairn_span_options, root, 16);
AT(cairn_span_options, kind, 20);
AT(cairn_span_options, start_ns, 24);
AT(cairn_span_options, attributes, 32);
AT(cairn_span_options, links, 40);
AT(cairn_span_options, link_count, 48);
BYTES(cairn_span_options, 56);

AT(cairn_scope, span, 0);
AT(cairn_scope, token, 8);
ALL_BYTES(cairn_scope, 24);

#endif
