/* tempo_json.h - Tempo's answers over HTTP: protobuf's JSON mapping, as Tempo writes it.
 *
 * 64-bit integers are strings; what is zero or empty is left out, so that a sample of 0 has its time alone. Grafana refuses
 * members it does not know in answers to metrics queries: none may be added, not even Tempo's newer ones. spans: how many
 * were looked at. */
#ifndef API_TEMPO_JSON_H
#define API_TEMPO_JSON_H

#include "api/tempo.h"

void tempo_json_search(struct json_writer *w, const struct spanset_list *found, uint64_t spans,
                       struct arena *arena);
void tempo_json_tags(struct json_writer *w, const struct tempo_tag_names *names, uint64_t spans);
/* By scope. */
void tempo_json_tags_v2(struct json_writer *w, const struct tempo_tag_names *names, uint64_t spans);
void tempo_json_values(struct json_writer *w, const struct tempo_tag_values *values,
                       uint64_t spans);
void tempo_json_values_v2(struct json_writer *w, const struct tempo_tag_values *values,
                          uint64_t spans);
void tempo_json_series(struct json_writer *w, const struct series_list *found,
                       const struct tempo_metrics *m, struct arena *arena);

#endif
