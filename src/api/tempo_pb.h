/* tempo_pb.h - tempopb.StreamingQuerier's messages: requests into structs, answers into a stream of messages.
 *
 * Writers frame what they write (grpc_message_begin). A long answer becomes several messages, each ended when it is past
 * TEMPO_PACKET_BYTES: clients put traces, series, names and values of all messages together. There is always at least
 * one message, and each has the running metrics. Readers borrow from the request. ERR_INVALID. spans: how many were
 * looked at. */
#ifndef API_TEMPO_PB_H
#define API_TEMPO_PB_H

#include "api/tempo.h"

/* limit_max: of traces. */
int tempo_pb_search_request(struct str bytes, struct arena *arena, uint32_t limit_max,
                            struct tempo_search *ret, struct err *err);
int tempo_pb_tags_request(struct str bytes, struct tempo_tags *ret, struct err *err);
int tempo_pb_values_request(struct str bytes, struct tempo_tags *ret, struct err *err);
/* A QueryInstantRequest, or a QueryRangeRequest. Not aligned yet. */
int tempo_pb_metrics_request(struct str bytes, bool instant, uint64_t now_ns,
                             struct tempo_metrics *ret, struct err *err);

void tempo_pb_search(struct buf *out, const struct spanset_list *found, uint64_t spans,
                     struct arena *arena);
void tempo_pb_tags(struct buf *out, const struct tempo_tag_names *names, uint64_t spans);
/* By scope. */
void tempo_pb_tags_v2(struct buf *out, const struct tempo_tag_names *names, uint64_t spans);
void tempo_pb_values(struct buf *out, const struct tempo_tag_values *values, uint64_t spans);
void tempo_pb_values_v2(struct buf *out, const struct tempo_tag_values *values, uint64_t spans);
void tempo_pb_series(struct buf *out, const struct series_list *found,
                     const struct tempo_metrics *m, uint64_t spans, struct arena *arena);

#endif
