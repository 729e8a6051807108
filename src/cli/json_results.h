/* json_results.h - finds the "result" members of an answer without parsing what is in them.
 *
 * api_v3 wraps OTLP/JSON as {"result":{...}}, several times in a row when it streams. The OTLP reader takes the inner
 * text as it stands, so the large part is parsed once. */
#ifndef CLI_JSON_RESULTS_H
#define CLI_JSON_RESULTS_H

#include "base/str.h"

/* The text of the next "result" object; *at starts as 0. False when there is none left. */
bool json_results_next(struct str text, size_t *at, struct str *ret);

#endif
