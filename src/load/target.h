/* target.h - where requests go: a URL taken apart. */
#ifndef LOAD_TARGET_H
#define LOAD_TARGET_H

#include "base/err.h"
#include "load/request.h"

enum { LOAD_HOST_BYTES = 256, LOAD_URL_BYTES = 1024 };

struct load_target {
    enum load_protocol protocol;
    char host[LOAD_HOST_BYTES]; /* without the brackets of an IPv6 address */
    char port[6];
    char url[LOAD_URL_BYTES]; /* for messages, and for HTTP with its path */
};

enum load_wanted { LOAD_ANY_PROTOCOL = -1 };

/* Reads grpc://HOST[:PORT], http[s]://HOST[:PORT][/PATH] or HOST[:PORT]; an empty text is the local server. protocol is
 * an enum load_protocol, or LOAD_ANY_PROTOCOL: gRPC unless the URL says http. Ports default to OTLP's, the path to
 * /v1/traces. ERR_INVALID with the reason. */
int load_target_parse(const char *text, int protocol, struct load_target *ret, struct err *err);

#endif
