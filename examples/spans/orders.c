/* orders.c - a shop puts orders into a queue, a warehouse processes them, at the end of the day a batch job settles what
 * was sold. Shows nested spans, events, errors, links, a sampler and propagators of one's own choice. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cairn/cairn.h>

/* messaging.* is not stable yet */
#define CAIRN_SEMCONV_DEVELOPMENT
#include <cairn/semconv.h>

#include "../common/exporting.h"
#include "../common/options.h"
#include "orders.h"

enum { ORDERS = 6 };

static volatile sig_atomic_t stopping;

static void on_signal(int number)
{
    (void)number;
    stopping = 1;
}

static void pause_ms(long ms)
{
    struct timespec time = {.tv_nsec = ms * 1000000};
    nanosleep(&time, NULL);
}

/* ---- The shop ---- */

static void print_headers(const struct message *message)
{
    printf("order %d, priority %s, goes out with\n", message->order, message->priority);
    for (size_t i = 0; i < message->header_count; i++)
        printf("    %s: %s\n", message->headers[i].name, message->headers[i].value);
    fflush(stdout);
}

/* The root of a trace: what the sampler looks at is given at the start. */
static void place(cairn_tracer *tracer, struct message *message)
{
    CAIRN_SPAN(span, tracer, "send orders",
               CAIRN_WITH(.kind = CAIRN_KIND_PRODUCER,
                          .attributes = CAIRN_ATTRS(
                              CAIRN_STR(ORDER_PRIORITY, message->priority),
                              CAIRN_INT("order.id", message->order),
                              CAIRN_STR(CAIRN_ATTR_MESSAGING_DESTINATION_NAME, "orders"))));
    cairn_inject(NULL, message_set, message); /* NULL: the current context */
    print_headers(message);
}

/* A shop that is older than W3C Trace Context sends B3: the warehouse understands both. */
static void place_by_old_shop(struct message *message)
{
    message_set(message, CAIRN_S("b3"),
                CAIRN_S("80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"));
    print_headers(message);
}

/* ---- The warehouse ---- */

static void check_stock(cairn_tracer *tracer, const struct message *message)
{
    CAIRN_SPAN(span, tracer, "check stock");
    cairn_span_set(span, CAIRN_STR("item.name", message->item),
                   CAIRN_INT("item.count", message->count));
    pause_ms(2);
    cairn_span_add_event(span, "stock found", CAIRN_ATTRS(CAIRN_INT("shelf", message->order * 10)));
}

/* Every third order's card is declined twice: an event for the attempt that is repeated, an error for the end. */
static bool charge(cairn_tracer *tracer, const struct message *message)
{
    CAIRN_SPAN(span, tracer, "charge card");
    for (int attempt = 1; attempt <= 2; attempt++) {
        pause_ms(5);
        if (message->order % 3 != 0)
            return true;
        if (attempt == 1)
            cairn_span_add_event(span, "declined, trying again",
                                 CAIRN_ATTRS(CAIRN_INT("attempt", attempt)));
    }
    cairn_span_record_error(span, "CardDeclined", "the bank said no twice", NULL,
                            CAIRN_ATTRS(CAIRN_STR("card.issuer", "First Bank")));
    cairn_span_set(span, CAIRN_STR(CAIRN_ATTR_ERROR_TYPE, "CardDeclined"));
    cairn_span_set_status(span, CAIRN_SPAN_ERROR, "the bank said no twice");
    return false;
}

static void pack(cairn_tracer *tracer, const struct message *message)
{
    CAIRN_SPAN(span, tracer, "pack");
    for (int i = 0; i < message->count; i++) {
        CAIRN_SPAN(item, tracer, "wrap item"); /* a child of pack */
        cairn_span_set(item, CAIRN_INT("item.index", i));
        pause_ms(1);
    }
}

/* Goes on with the trace of whoever sent the message. Fills in the span's context, for the batch job. */
static void process(cairn_tracer *tracer, struct message *message, struct cairn_link *link)
{
    cairn_context *sender = cairn_extract(cairn_context_empty(), message_get, message);
    {
        CAIRN_SPAN(span, tracer, "process orders",
                   CAIRN_WITH(.kind = CAIRN_KIND_CONSUMER, .parent = sender,
                              .attributes = CAIRN_ATTRS(
                                  CAIRN_INT("order.id", message->order),
                                  CAIRN_STR(CAIRN_ATTR_MESSAGING_DESTINATION_NAME, "orders"))));
        check_stock(tracer, message);
        if (charge(tracer, message))
            pack(tracer, message);
        else
            cairn_span_set_status(span, CAIRN_SPAN_ERROR, "not paid");
        cairn_span_get_context(span, &link->context);
        link->context.trace_state = CAIRN_S(""); /* it borrows from the span, which ends here */
    }
    cairn_context_unref(sender);
}

/* ---- The batch job ---- */

/* A trace of its own: it has six causes and can be the child of none. Links lead to all of them. */
static void settle(cairn_tracer *tracer, const struct cairn_link *links)
{
    CAIRN_SPAN(span, tracer, "settle orders",
               CAIRN_WITH(.root = true, .links = links, .link_count = ORDERS,
                          .attributes = CAIRN_ATTRS(CAIRN_STR(ORDER_PRIORITY, "high"),
                                                    CAIRN_INT("order.count", ORDERS))));
    pause_ms(5);
    cairn_span_set_status(span, CAIRN_SPAN_OK, NULL);
}

static void one_day(cairn_tracer *tracer)
{
    static const struct message orders[ORDERS] = {
        {.order = 1, .priority = "high", .item = "rope", .count = 2},
        {.order = 2, .priority = "low", .item = "boots", .count = 1},
        {.order = 3, .priority = "high", .item = "lamp", .count = 1},
        {.order = 4, .priority = "low", .item = "map", .count = 3},
        {.order = 5, .priority = "low", .item = "tent", .count = 1},
        {.order = 6, .priority = "old", .item = "stove", .count = 1},
    };
    struct message queue[ORDERS];
    struct cairn_link links[ORDERS];
    memcpy(queue, orders, sizeof queue);
    memset(links, 0, sizeof links);
    for (int i = 0; i < ORDERS; i++) {
        if (strcmp(queue[i].priority, "old") == 0)
            place_by_old_shop(&queue[i]);
        else
            place(tracer, &queue[i]);
    }
    for (int i = 0; i < ORDERS && !stopping; i++)
        process(tracer, &queue[i], &links[i]);
    settle(tracer, links);
}

/* ---- Set-up ---- */

/* W3C Trace Context and B3 beside each other: written both, read whichever is there. */
static cairn_propagator *both_propagators(void)
{
    cairn_propagator *parts[] = {cairn_propagator_tracecontext(), cairn_propagator_b3()};
    return cairn_propagator_composite(parts, 2);
}

/* A number from 0 to max, or the end of the program. */
static double number_of(const char *option, const char *text, double max)
{
    char *end;
    double number = strtod(text, &end);
    if (*end || end == text || !(number >= 0 && number <= max)) {
        fprintf(stderr, "orders: --%s takes a number from 0 to %.0f, not '%s'\n", option, max,
                text);
        exit(2);
    }
    return number;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"ratio", "days", NULL};
    double ratio = number_of("ratio", option_text(argc, argv, names, "ratio", "0.25"), 1);
    long days = (long)number_of("days", option_text(argc, argv, names, "days", "1"), 1e6);
    cairn_sampler *sampler = priority_sampler(ratio);
    cairn_propagator *propagator = both_propagators();
    cairn_processor *processor = exporting_processor("orders");
    struct sigaction action = {.sa_handler = on_signal};
    cairn_tracer *tracer;
    cairn_sdk *sdk;

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sdk =
        cairn_sdk_start(CAIRN_SDK(.service_name = "orders", .service_version = "1.0.0",
                                  .sampler = sampler, .propagator = propagator,
                                  .processors = &processor, .processor_count = processor != NULL));
    cairn_sampler_unref(sampler);
    cairn_propagator_unref(propagator);
    tracer = cairn_tracer_get("orders");
    for (long day = 0; (days == 0 || day < days) && !stopping; day++)
        one_day(tracer);
    return cairn_sdk_stop(sdk, 5000) == CAIRN_OK ? 0 : 1;
}
