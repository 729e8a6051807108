/* shop.c - the shape `shop`: 20 services with 4 pods each serve requests.
 *
 * A request is a trace of 5 to 60 spans (log-uniform) that cross services: HTTP spans and calls of a database, with ten
 * attributes each by semantic convention. A ninth of them fail with an exception event and its stack trace, a twentieth
 * have a link. About 600 bytes per span on the wire. */
#include "load/shape.h"

enum {
    PODS = 4,
    SPANS_MIN = 5,
    SPANS_MAX = 60,
    STACKS = 200,
    ATTRIBUTES = 11,         /* ten, and error.type of what failed */
    DURATION_NS = 200000000, /* longest, nearly always */
};

struct shop {
    struct str stacks[STACKS];
    unsigned callers; /* spans of the trace that may have children: all but the database's */
    struct {
        uint64_t index, start_ns;
    } caller[SPANS_MAX];
};

static const char *const service_names[] = {
    "frontend", "checkout",  "cart",      "catalog", "payment",   "shipping", "email",
    "currency", "recommend", "inventory", "user",    "auth",      "search",   "reviews",
    "pricing",  "fraud",     "loyalty",   "tax",     "warehouse", "notifier"};
enum { SERVICES = sizeof service_names / sizeof *service_names };

static const struct {
    struct str name, method, route;
} routes[] = {
#define ROUTE(method, route)                                          \
    {                                                                 \
        STR_INIT(method " " route), STR_INIT(method), STR_INIT(route) \
    }
    ROUTE("GET", "/api/v1/orders/{id}"), ROUTE("POST", "/api/v1/orders"),
    ROUTE("GET", "/api/v1/products"),    ROUTE("GET", "/api/v1/cart/{user}"),
    ROUTE("PUT", "/api/v1/cart/{user}"), ROUTE("POST", "/api/v1/pay"),
    ROUTE("GET", "/api/v1/quotes"),      ROUTE("DELETE", "/api/v1/cart/{id}"),
    ROUTE("GET", "/api/v1/users/{id}"),
#undef ROUTE
};
enum { ROUTES = sizeof routes / sizeof *routes };

static const struct {
    struct str name, table;
} tables[] = {
#define TABLE(table)                               \
    {                                              \
        STR_INIT("SELECT " table), STR_INIT(table) \
    }
    TABLE("orders"), TABLE("items"),  TABLE("users"),
    TABLE("stock"),  TABLE("prices"), TABLE("reviews"),
#undef TABLE
};
enum { TABLES = sizeof tables / sizeof *tables };

static void http_attributes(struct load_gen *g, struct arena *a, struct span *span)
{
    uint64_t route = gen_below(g, ROUTES), bits = gen_next(g);
    struct gen_line path = {.n = 0}, address = {.n = 0}, user = {.n = 0};
    span->name = routes[route].name;
    line_put(&path, STR("/api/v1/orders/"));
    line_dec(&path, gen_below(g, 1000000), 6);
    line_put(&address, STR("10."));
    line_dec(&address, bits & 3, 1);
    line_put(&address, STR("."));
    line_dec(&address, bits >> 8 & 255, 1);
    line_put(&address, STR("."));
    line_dec(&address, bits >> 16 & 255, 1);
    line_put(&user, STR("u-"));
    line_hex(&user, gen_below(g, 200000), 8);
    gen_put(span, STR("http.request.method"), gen_text(routes[route].method));
    gen_put(span, STR("http.route"), gen_text(routes[route].route));
    gen_put(span, STR("url.path"), gen_text(line_keep(&path, a)));
    gen_put(span, STR("server.address"), gen_text(STR("shop.example.com")));
    gen_put(span, STR("server.port"), gen_number(8080));
    gen_put(span, STR("client.address"), gen_text(line_keep(&address, a)));
    gen_put(span, STR("http.response.status_code"),
            gen_number(span->status_code == STATUS_ERROR ? 500
                       : (bits >> 32) % 20               ? 200
                                                         : 404));
    gen_put(span, STR("user.id"), gen_text(line_keep(&user, a)));
    gen_put(span, STR("network.protocol.version"), gen_text(STR("1.1")));
    gen_put(span, STR("user_agent.original"), gen_text(STR("Mozilla/5.0 (X11; Linux x86_64)")));
}

static void database_attributes(struct load_gen *g, struct arena *a, struct span *span)
{
    uint64_t table = gen_below(g, TABLES), bits = gen_next(g);
    struct gen_line query = {.n = 0};
    span->name = tables[table].name;
    line_put(&query, STR("SELECT id, col_"));
    line_dec(&query, bits % 20, 1);
    line_put(&query, STR(", col_"));
    line_dec(&query, (bits >> 8) % 20, 1);
    line_put(&query, STR(" FROM "));
    line_put(&query, tables[table].table);
    line_put(&query, STR(" WHERE id = "));
    line_dec(&query, (bits >> 16) % 1000000, 1);
    line_put(&query, STR(" AND state = 'open'"));
    bits = gen_next(g);
    gen_put(span, STR("db.system.name"), gen_text(STR("postgresql")));
    gen_put(span, STR("db.namespace"), gen_text(STR("shop")));
    gen_put(span, STR("db.collection.name"), gen_text(tables[table].table));
    gen_put(span, STR("db.operation.name"), gen_text(STR("SELECT")));
    gen_put(span, STR("db.query.text"), gen_text(line_keep(&query, a)));
    gen_put(span, STR("server.address"), gen_text(STR("db-primary.internal")));
    gen_put(span, STR("server.port"), gen_number(5432));
    gen_put(span, STR("db.response.returned_rows"), gen_number(bits % 50));
    gen_put(span, STR("thread.id"), gen_number(bits >> 8 & 31));
    gen_put(
        span, STR("shop.cpu_ms"),
        (struct value){.type = VALUE_DOUBLE, .number = (double)(bits >> 32) / 4294967296 * 100});
}

static void add_exception(struct load_gen *g, struct arena *a, struct span *span)
{
    const struct shop *shop = g->state;
    struct span_event *event = arena_alloc(a, sizeof *event);
    struct attr *attrs = arena_alloc(a, 3 * sizeof *attrs);
    struct gen_line message = {.n = 0};
    if (!event || !attrs)
        return; /* the arena remembers */
    line_put(&message, STR("connection "));
    line_dec(&message, gen_below(g, 5000), 1);
    line_put(&message, STR(" reset by peer"));
    attrs[0] = (struct attr){STR("exception.type"), gen_text(STR("java.io.IOException"))};
    attrs[1] = (struct attr){STR("exception.message"), gen_text(line_keep(&message, a))};
    attrs[2] =
        (struct attr){STR("exception.stacktrace"), gen_text(shop->stacks[gen_below(g, STACKS)])};
    *event =
        (struct span_event){.time_ns = span->end_ns, .name = STR("exception"), .attrs = {attrs, 3}};
    span->events = event;
    span->event_count = 1;
}

static void add_link(struct load_gen *g, struct arena *a, struct span *span)
{
    struct span_link *link = arena_alloc(a, sizeof *link);
    uint64_t words[3] = {gen_next(g), gen_next(g), gen_next(g) | 1};
    if (!link)
        return;
    *link = (struct span_link){.trace_state = {NULL, 0}};
    memcpy(link->trace_id.bytes, words, TRACE_ID_BYTES);
    memcpy(link->span_id.bytes, words + 2, SPAN_ID_BYTES);
    span->links = link;
    span->link_count = 1;
}

static void make(struct load_gen *g, uint64_t index)
{
    struct shop *shop = g->state;
    uint64_t pick = gen_below(g, 100), bits = gen_next(g);
    size_t pod = gen_below(g, g->pod_count), parent = index ? gen_below(g, shop->callers) : 0;
    bool database = index && pick % 3 == 0;
    struct span *span = gen_span(g, pod, index, ATTRIBUTES);
    if (!span)
        return;
    span->kind = database            ? SPAN_KIND_CLIENT
                 : index && pick % 2 ? SPAN_KIND_INTERNAL
                                     : SPAN_KIND_SERVER;
    span->start_ns = index ? shop->caller[parent].start_ns + gen_below(g, 50000) : g->start_ns;
    span->end_ns = span->start_ns + 20000 + ((bits & 0xfffff) << (bits >> 32 & 7));
    span->status_code = pick < 11 ? STATUS_ERROR : STATUS_UNSET;
    span->scope = &g->scopes[(bits >> 40) % 3];
    if (index)
        gen_set_parent(g, span, shop->caller[parent].index, span->kind == SPAN_KIND_SERVER);
    if (database)
        database_attributes(g, gen_arena(g, pod), span);
    else
        http_attributes(g, gen_arena(g, pod), span);
    if (span->status_code == STATUS_ERROR) {
        gen_put(span, STR("error.type"),
                gen_text(database ? STR("java.io.IOException") : STR("500")));
        add_exception(g, gen_arena(g, pod), span);
    }
    if (pick >= 95)
        add_link(g, gen_arena(g, pod), span);
    if (!database) {
        shop->caller[shop->callers].index = index;
        shop->caller[shop->callers++].start_ns = span->start_ns;
    }
}

static void begin(struct load_gen *g)
{
    unsigned octave = (unsigned)gen_below(g, 36), count = SPANS_MIN;
    for (unsigned i = 0; i < octave; i++)
        count += 1 + count / 16;
    g->size = count < SPANS_MAX ? count : SPANS_MAX;
    g->duration_ns = DURATION_NS;
    ((struct shop *)g->state)->callers = 0;
}

static void make_stacks(struct load_gen *g, struct shop *shop)
{
    for (int i = 0; i < STACKS; i++) {
        struct buf b;
        buf_init(&b, 0);
        for (int line = 0; line < 22; line++)
            buf_printf(&b, "\tat com.example.shop.%s.Handler%u.call(Handler.java:%u)\n",
                       service_names[gen_below(g, SERVICES)], (unsigned)gen_below(g, 50),
                       (unsigned)gen_below(g, 900));
        shop->stacks[i] = arena_str(&g->arena, buf_str(&b));
        buf_release(&b);
    }
}

static int init(struct load_gen *g)
{
    struct shop *shop = g->state = arena_calloc(&g->arena, 1, sizeof *shop);
    g->scopes = arena_calloc(&g->arena, g->scope_count = 3, sizeof *g->scopes);
    if (!shop || !g->scopes)
        return ERR_NOMEM;
    g->scopes[0] = (struct scope){.name = STR("io.opentelemetry.tomcat"), .version = STR("2.1")};
    g->scopes[1] = (struct scope){.name = STR("io.opentelemetry.jdbc"), .version = STR("2.1")};
    g->scopes[2] = (struct scope){.name = STR("shop"), .version = STR("1.0")};
    make_stacks(g, shop);
    for (size_t i = 0; i < g->pod_count; i++) {
        struct str service = gen_service_name(g, service_names, SERVICES, i / PODS);
        const struct attr more[] = {
            {STR("service.version"), gen_text(STR("2.3.1"))},
            {STR("k8s.pod.name"),
             gen_text(arena_printf(&g->arena, "%.*s-6d4cf5-%04zx", STR_ARG(service), i * 77))},
            {STR("k8s.namespace.name"), gen_text(STR("shop"))},
            {STR("telemetry.sdk.language"), gen_text(STR("java"))},
            {STR("telemetry.sdk.version"), gen_text(STR("1.50.0"))},
        };
        TRY(gen_resource(g, i, service, more, sizeof more / sizeof *more));
    }
    return arena_failed(&g->arena) ? ERR_NOMEM : 0;
}

const struct shape shape_shop = {.name = "shop",
                                 .services = SERVICES,
                                 .pods_each = PODS,
                                 .init = init,
                                 .begin = begin,
                                 .make = make};
