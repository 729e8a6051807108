/* client.h - a raw HTTP/1.1 client: sends exactly the bytes it is given and takes replies apart. */
#ifndef TESTS_NET_CLIENT_H
#define TESTS_NET_CLIENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct response {
    int status;      /* 0 = the connection ended before a whole reply; -1 = nothing came in time */
    struct buf text; /* owner of what follows */
    struct str head; /* status line and fields */
    struct str body;
    bool closed; /* the connection ended behind it */
};

int client_connect(int port);
void client_send(int fd, struct str bytes);
/* Reads one reply. A reply to HEAD has no body whatever its length says. */
struct response client_read(int fd, bool is_head);
void response_release(struct response *r);
/* The value of a field by lower-case name; empty when absent. */
struct str response_field(const struct response *r, const char *name);
/* Does the server close the connection (within ten seconds)? Discards what still comes. */
bool client_sees_end(int fd);

/* The same within 50 ms. */
bool client_sees_end_soon(int fd);

/* One request on a connection of its own. */
struct response client_once(int port, struct str request);

#endif
