/* message.c - the headers of a message as a carrier: how a context travels over anything that has names and values. */
#include "orders.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void message_set(void *carrier, cairn_str name, cairn_str value)
{
    struct message *message = carrier;
    size_t i = message->header_count;
    if (i == HEADERS_MAX || name.n >= sizeof message->headers[i].name ||
        value.n >= sizeof message->headers[i].value)
        return; /* better no trace than half a header */
    snprintf(message->headers[i].name, sizeof message->headers[i].name, "%.*s", (int)name.n,
             name.p);
    snprintf(message->headers[i].value, sizeof message->headers[i].value, "%.*s", (int)value.n,
             value.p);
    message->header_count++;
}

bool message_get(void *carrier, cairn_str name, size_t index, cairn_str *value)
{
    const struct message *message = carrier;
    for (size_t i = 0; name.n && i < message->header_count; i++) {
        const char *own = message->headers[i].name;
        if (strlen(own) == name.n && strncasecmp(own, name.p, name.n) == 0 && index-- == 0) {
            *value = cairn_str_of(message->headers[i].value);
            return true;
        }
    }
    return false;
}
