/* tempo_params.h - the URLs of Tempo's API as requests. What they do not understand is an error that names the
 * parameter; parameters they do not know are ignored. All results borrow from req or live in the arena. ERR_INVALID. */
#ifndef API_TEMPO_PARAMS_H
#define API_TEMPO_PARAMS_H

#include "api/tempo.h"

/* limit_max: of traces. */
int tempo_params_search(const struct http_request *req, struct arena *arena, uint32_t limit_max,
                        struct tempo_search *ret, struct err *err);
int tempo_params_tags(const struct http_request *req, struct arena *arena, struct tempo_tags *ret,
                      struct err *err);
/* The same, and the tag: all that stands before "/values", which may have slashes, and be encoded twice. */
int tempo_params_values(const struct http_request *req, struct arena *arena, struct tempo_tags *ret,
                        struct err *err);
/* Not aligned yet. now_ns: Unix time, where a range that is not given ends. */
int tempo_params_metrics(const struct http_request *req, struct arena *arena, uint64_t now_ns,
                         struct tempo_metrics *ret, struct err *err);
/* start and end; 0, UINT64_MAX when they are not given. */
int tempo_params_range(const struct http_request *req, struct arena *arena, uint64_t *start_ns,
                       uint64_t *end_ns, struct err *err);

/* "key=value key="quoted value" ...", as in the parameter tags: Go's logfmt. */
int tempo_params_logfmt(struct str text, struct arena *arena, struct tempo_search *ret,
                        struct err *err);

/* A point in time as Unix nanoseconds: a count of seconds, also with a fraction, milliseconds, microseconds or
 * nanoseconds (told apart by the number of digits: 10, 13, 16, 19), or RFC 3339. */
bool tempo_time_parse(struct str text, uint64_t *ret);
/* Go's durations and Prometheus' d, w, y; a plain number is seconds. */
bool tempo_duration_parse(struct str text, uint64_t *ret);

#endif
