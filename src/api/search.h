/* search.h - Jaeger's search form as a TraceQL tree: service, operation, durations and tags, all of one span. */
#ifndef API_SEARCH_H
#define API_SEARCH_H

#include "base/arena.h"
#include "base/err.h"
#include "traceql/ast.h"

/* Conditions joined by AND; starts as NULL, every span. Nodes and strings: strings borrow from the caller, nodes
 * live in the arena; a full arena is seen there. */
struct search_filter {
    struct arena *arena;
    const struct expr *expr;
    uint32_t count;
};

enum { SEARCH_CONDITIONS_MAX = 1000 }; /* what evaluates the tree goes as deep as they are many */

/* What all conditions together ask for. ERR_INVALID when they are too many, ERR_NOMEM. */
int search_done(const struct search_filter *f, const struct expr **ret, struct err *err);

void search_and(struct search_filter *f, const struct expr *e);

void search_service(struct search_filter *f, struct str service);
void search_operation(struct search_filter *f, struct str name);
/* min 0 and max UINT64_MAX are open. */
void search_duration(struct search_filter *f, uint64_t min_ns, uint64_t max_ns);

/* One tag with Jaeger's special keys: error, span.status, span.kind, scope.name, scope.version, resource.*, and the
 * keys under which Jaeger's model shows what OTLP keeps in fields (otel.status_code and the like). Everything else
 * is an attribute anywhere on the span, its resource, scope, events or links, compared by its text. */
void search_tag(struct search_filter *f, struct str key, struct str value);

/* A JSON object of strings, as in {"http.method":"GET"}. Strings are copied into the arena. ERR_INVALID. */
int search_tags_json(struct search_filter *f, struct str param, struct str json, struct err *err);

#endif
