/* orders.h - the pieces of the order processing. */
#ifndef SPANS_ORDERS_H
#define SPANS_ORDERS_H

#include <cairn/cairn.h>

/* sampler.c: traces that begin with order.priority = "high" are always recorded, a share `ratio` of the others. Owned. */
#define ORDER_PRIORITY "order.priority"
cairn_sampler *priority_sampler(double ratio);

/* message.c: a message of the queue between shop and warehouse: what was ordered, and headers like those of any
 * protocol. */
enum { HEADERS_MAX = 8, HEADER_BYTES_MAX = 128 };
struct message {
    int order;
    const char *priority, *item;
    int count;
    size_t header_count;
    struct {
        char name[32], value[HEADER_BYTES_MAX];
    } headers[HEADERS_MAX];
};
void message_set(void *message, cairn_str name, cairn_str value); /* a cairn_set_fn */
bool message_get(void *message, cairn_str name, size_t index,
                 cairn_str *value); /* a cairn_get_fn */

#endif
