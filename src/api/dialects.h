/* dialects.h - the tables of endpoints that make up the query port, each ended by {NULL, NULL}. */
#ifndef API_DIALECTS_H
#define API_DIALECTS_H

#include "net/http.h"

struct endpoint {
    const char *path; /* as http_route's; all answer GET */
    http_handler_fn *handler;
};

extern const struct endpoint jaeger_v1_endpoints[];
extern const struct endpoint jaeger_v3_endpoints[];
extern const struct endpoint native_endpoints[];
extern const struct endpoint health_endpoints[];
extern const struct endpoint ui_endpoints[];

#endif
