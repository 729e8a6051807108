/* support.c - the test server's handlers. */
#include "net/support.h"

#include <pthread.h>
#include <stdatomic.h>

#include "net/encoding.h"
#include "test.h"

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_opened = PTHREAD_COND_INITIALIZER;
static bool gate_is_open = true;
static atomic_uint waiting, cancelled;

void gate_close(void)
{
    pthread_mutex_lock(&gate_lock);
    gate_is_open = false;
    pthread_mutex_unlock(&gate_lock);
}

void gate_open(void)
{
    pthread_mutex_lock(&gate_lock);
    gate_is_open = true;
    pthread_cond_broadcast(&gate_opened);
    pthread_mutex_unlock(&gate_lock);
}

unsigned gate_waiting(void)
{
    return atomic_load(&waiting);
}

unsigned gate_cancelled(void)
{
    return atomic_load(&cancelled);
}

bool wait_until(bool (*condition)(void *user), void *user)
{
    for (int i = 0; i < 10000; i++) {
        if (condition(user))
            return true;
        usleep(1000);
    }
    return false;
}

static void on_hello(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)req;
    (void)user;
    http_reply_text(x, 200, "hello");
}

static void on_echo(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct http_reply reply = {.status = 200, .content_type = "application/octet-stream"};
    (void)user;
    buf_put_str(&reply.body, req->body);
    http_reply(x, &reply);
}

static void on_count(struct http_exchange *x, const struct http_request *req, void *user)
{
    uint64_t sum = 0;
    (void)user;
    for (size_t i = 0; i < req->body.n; i++)
        sum += (unsigned char)req->body.p[i];
    http_reply_text(x, 200, "%zu %llu", req->body.n, (unsigned long long)sum);
}

static void on_item(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)user;
    http_reply_text(x, 200, "%.*s|%.*s|%.*s", STR_ARG(req->params[0]), STR_ARG(req->params[1]),
                    STR_ARG(req->query));
}

static void on_file(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)user;
    http_reply_text(x, 200, "%.*s", STR_ARG(req->params[0]));
}

static void on_big(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct http_reply reply = {.status = 200, .content_type = "text/plain"};
    struct str n = STR("0");
    uint64_t bytes = 0;
    (void)user;
    http_query_get(req, http_exchange_arena(x), STR("n"), &n);
    str_to_u64(n, &bytes);
    for (uint64_t i = 0; i < bytes; i += 7 * 26) { /* whole alphabets, the last one cut */
        static const char letters[] =
            "aaaaaaabbbbbbbcccccccdddddddeeeeeeefffffffggggggghhhhhhhiiiiiiijjjjjjjkkkkkkklllllllmmmmmmm"
            "nnnnnnnooooooopppppppqqqqqqqrrrrrrrssssssstttttttuuuuuuuvvvvvvvwwwwwwwxxxxxxxyyyyyyyzzzzzzz";
        size_t left = (size_t)(bytes - i);
        buf_put(&reply.body, letters, left < sizeof letters - 1 ? left : sizeof letters - 1);
    }
    http_reply(x, &reply);
}

static void on_stored(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct http_reply reply = {.status = 200, .content_type = "text/plain", .body_is_gzip = true};
    struct http_header etag = {STR("ETag"), STR("\"1\"")};
    struct buf plain = {0};
    (void)req;
    (void)user;
    for (int i = 0; i < 200; i++)
        buf_put_str(&plain, STR("stored "));
    encoding_gzip(buf_str(&plain), &reply.body);
    buf_release(&plain);
    reply.headers = &etag;
    reply.header_count = 1;
    http_reply(x, &reply);
}

static void on_header(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)user;
    http_reply_text(x, 200, "%.*s", STR_ARG(http_header_get(req, STR("x-probe"))));
}

static void on_peer(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)user;
    http_reply_text(x, 200, "%s", req->peer);
}

static void offload(struct http_exchange *x, void (*work)(struct http_exchange *, void *))
{
    if (!http_offload(x, work, NULL))
        http_reply_text(x, 503, "503 too many queries");
}

static void work_later(struct http_exchange *x, void *user)
{
    (void)user;
    http_reply_text(x, 200, "later");
}

static void on_later(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)req;
    (void)user;
    offload(x, work_later);
}

static void work_gate(struct http_exchange *x, void *user)
{
    (void)user;
    atomic_fetch_add(&waiting, 1);
    pthread_mutex_lock(&gate_lock);
    while (!gate_is_open)
        pthread_cond_wait(&gate_opened, &gate_lock);
    pthread_mutex_unlock(&gate_lock);
    atomic_fetch_sub(&waiting, 1);
    http_reply_text(x, 200, "through");
}

static void on_gate(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)req;
    (void)user;
    offload(x, work_gate);
}

static void work_cancelled(struct http_exchange *x, void *user)
{
    (void)user;
    atomic_fetch_add(&waiting, 1);
    for (int i = 0; i < 10000 && !http_exchange_cancelled(x); i++)
        usleep(1000);
    atomic_fetch_sub(&waiting, 1);
    if (http_exchange_cancelled(x))
        atomic_fetch_add(&cancelled, 1);
    http_reply_text(x, 200, "too late");
}

static void on_cancelled(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)req;
    (void)user;
    offload(x, work_cancelled);
}

static void work_grpc_echo(struct http_exchange *x, void *user)
{
    struct buf message = {0};
    (void)user;
    buf_put_str(&message, http_exchange_request(x)->body);
    grpc_reply(x, &message);
}

static void on_grpc_echo(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)req;
    work_grpc_echo(x, user);
}

static void on_grpc_later(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)req;
    (void)user;
    offload(x, work_grpc_echo);
}

static void on_grpc_fail(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)req;
    (void)user;
    grpc_reply_error(x, 3,
                     STR("50% b\xc3\xa4"
                         "d\n"),
                     STR("\x01\x02\x03\x04"));
}

static void on_grpc_empty(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct buf message = {0};
    (void)req;
    (void)user;
    grpc_reply(x, &message);
}

/* "3 100": three messages of a hundred bytes, a hundred and one, ..., the first all 'a', the next all 'b' */
static void work_grpc_many(struct http_exchange *x, void *user)
{
    struct str count, bytes;
    struct buf messages = {0};
    uint64_t n = 0, size = 0;
    (void)user;
    str_cut(http_exchange_request(x)->body, ' ', &count, &bytes);
    str_to_u64(count, &n);
    str_to_u64(bytes, &size);
    for (uint64_t i = 0; i < n; i++) {
        size_t begin = grpc_message_begin(&messages);
        void *p = buf_reserve(&messages, size + i);
        if (p)
            memset(p, (int)('a' + i % 26), size + i);
        messages.n += p ? size + i : 0;
        grpc_message_end(&messages, begin);
    }
    grpc_reply_messages(x, &messages);
}

static void on_grpc_many(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)req;
    (void)user;
    offload(x, work_grpc_many);
}

static const struct http_route routes[] = {
    {HTTP_GET, "/hello", on_hello, NULL, 0, false, NULL},
    {HTTP_POST | HTTP_PUT, "/echo", on_echo, NULL, ECHO_MAX, false, NULL},
    {HTTP_POST, "/count", on_count, NULL, 16u << 20, false, NULL},
    {HTTP_POST, "/bodyless", on_hello, NULL, 0, false, NULL},
    {HTTP_GET, "/items/{id}/parts/{part}", on_item, NULL, 0, false, NULL},
    {HTTP_GET, "/files/{rest*}", on_file, NULL, 0, false, NULL},
    {HTTP_GET, "/big", on_big, NULL, 0, false, NULL},
    {HTTP_GET, "/stored", on_stored, NULL, 0, false, NULL},
    {HTTP_GET, "/header", on_header, NULL, 0, false, NULL},
    {HTTP_GET, "/peer", on_peer, NULL, 0, false, NULL},
    {HTTP_GET, "/later", on_later, NULL, 0, false, NULL},
    {HTTP_GET, "/gate", on_gate, NULL, 0, false, NULL},
    {HTTP_GET, "/cancelled", on_cancelled, NULL, 0, false, NULL},
    {HTTP_POST, "/cairn.Test/Echo", on_grpc_echo, NULL, GRPC_MAX, true, NULL},
    {HTTP_POST, "/cairn.Test/Later", on_grpc_later, NULL, 4u << 20, true, NULL},
    {HTTP_POST, "/cairn.Test/Fail", on_grpc_fail, NULL, GRPC_MAX, true, NULL},
    {HTTP_POST, "/cairn.Test/Empty", on_grpc_empty, NULL, GRPC_MAX, true, NULL},
    {HTTP_POST, "/cairn.Test/Many", on_grpc_many, NULL, GRPC_MAX, true, NULL},
};

struct http_limits test_limits(void)
{
    struct http_limits limits = HTTP_LIMITS_DEFAULT;
    limits.wire_body_bytes_max = 16u << 20;
    return limits;
}

struct fixture fixture_start(struct http_limits limits, unsigned loops)
{
    struct http_server_options options = {loops ? loops : 1, limits};
    struct http_listener listener = {"127.0.0.1:0", routes, COUNT(routes), "test"};
    struct fixture f;
    struct err err = {0};
    if (http_server_new(&options, &f.server, &err) < 0 ||
        http_server_listen(f.server, &listener, &err) < 0 || http_server_start(f.server, &err) < 0)
        fail_msg("server: %s", err.msg);
    f.port = http_server_port(f.server, 0);
    return f;
}

void fixture_stop(struct fixture *f)
{
    http_server_stop(f->server, 2000);
    http_server_free(f->server);
}

struct http_stats fixture_stats(const struct fixture *f)
{
    struct http_stats stats;
    http_server_stats(f->server, &stats);
    return stats;
}
