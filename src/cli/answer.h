/* answer.h - a server's JSON answer, and its members as commands want them. */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

/* Asks and parses; the caller frees the object with json_decref. Failures as client_get's, and ERR_INVALID when the answer
 * is no JSON object. */
int answer_get(const char *server, struct str path, json_t **ret, struct err *err);
int answer_parse(struct str body, json_t **ret, struct err *err);

/* Empty, 0 when there is none of that type. */
struct str answer_text(const json_t *object, const char *key);
/* Also a number in a string, as OTLP writes those of 64 bits. */
uint64_t answer_u64(const json_t *object, const char *key);
double answer_number(const json_t *object, const char *key);

/* Appends "?name=value", or '&' where there is a '?' already; the value is encoded. */
void answer_param(struct buf *path, const char *name, struct str value);
void answer_param_u64(struct buf *path, const char *name, uint64_t value, const char *unit);

#endif
