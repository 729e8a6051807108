/* client.h - asks a server over HTTP: the part that trace and search share. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "base/buf.h"
#include "base/err.h"

/* Reads a whole answer into out, which the caller releases. path starts with '/' and is encoded already. server is
 * a URL; without a scheme http is meant. ERR_NOT_FOUND for 404; on any failure err has the words to print: the
 * server's own where it sent some. */
int client_get(const char *server, struct str path, struct buf *out, struct err *err);

/* The same with DELETE. */
int client_delete(const char *server, struct str path, struct buf *out, struct err *err);
/* The same with a body, sent as content_type; it may wait for the server as long as that takes. */
int client_post(const char *server, struct str path, const char *content_type, struct str body,
                struct buf *out, struct err *err);

/* The answer as it came, and a new line, to standard output. */
void client_print(const struct buf *body);

/* Appends s percent-encoded, for a path segment or a query value. */
void client_put_encoded(struct buf *out, struct str s);

#endif
