/* tempo_value.h - attributes as Tempo shows them: statuses, kinds, durations and ids in words. */
#ifndef API_TEMPO_VALUE_H
#define API_TEMPO_VALUE_H

#include "api/tempo.h"

/* Of a span that a search shows, keyed by its bare name: status 2 is "error", 1500000 of a duration "1.5ms", an id
 * hexadecimal. An attribute that has an intrinsic's name and type is taken for it: the answer has one place for both. False
 * when there is no value. Text lives in the arena or in the attribute. */
bool tempo_span_attr(const struct attr *in, struct arena *arena, struct attr *ret);

/* Of a set of spans or a series: the key stays what the query says, "by(status)", and a missing value is "nil". */
struct attr tempo_label(const struct attr *in, struct arena *arena);

/* Go's text of a duration: "1.5ms", "2m3s". */
struct str tempo_duration_text(uint64_t ns, struct arena *arena);

enum tempo_value_kind {
    TEMPO_VALUE_ATTRIBUTE,
    TEMPO_VALUE_STATUS, /* fixed words */
    TEMPO_VALUE_KIND,
    TEMPO_VALUE_NUMBERS, /* durations, ids, places in the tree: nothing to choose from */
};

/* How the values of a field are listed. */
enum tempo_value_kind tempo_value_kind(const struct field *f);

/* --- what both forms of an answer have --- */

#define TEMPO_NO_ROOT   "<root span not yet received>"
#define TEMPO_TRUNCATED "there are more series than the request allows; some were left out"

enum { TEMPO_TRACE_ID_BYTES = 2 * TRACE_ID_BYTES + 1, TEMPO_EXEMPLAR_LABELS = 2 };

/* Hexadecimal without zeros in front. */
struct str tempo_trace_id_text(struct trace_id id, char out[TEMPO_TRACE_ID_BYTES]);
/* All 16 digits. */
void tempo_span_id_text(struct span_id id, char out[2 * SPAN_ID_BYTES]);
uint32_t tempo_duration_ms(const struct trace_summary *s);
/* When the bucket ends, which is its sample's time. */
uint64_t tempo_bucket_ms(const struct tempo_metrics *m, uint32_t bucket);
bool tempo_series_has_samples(const struct series *s, uint32_t buckets);

struct tempo_exemplar_text {
    char trace_id[TEMPO_TRACE_ID_BYTES], span_id[2 * SPAN_ID_BYTES + 1];
};

/* trace:id and span:id; they borrow from text. */
void tempo_exemplar_labels(const struct exemplar *e, struct tempo_exemplar_text *text,
                           struct attr ret[TEMPO_EXEMPLAR_LABELS]);

#endif
