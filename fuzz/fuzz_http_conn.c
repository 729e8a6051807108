/* A whole server behind a socket: any bytes, HTTP/1 or HTTP/2, are answered or refused, and nothing stays behind.
 * Input that begins with a zero byte gets HTTP/2's preface put before it. */
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "net/http.h"

static void on_echo(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct http_reply reply = {.status = 200, .content_type = "text/plain"};
    (void)user;
    buf_put_str(&reply.body, req->body);
    http_reply(x, &reply);
}

static void on_call(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct buf message = {0};
    (void)user;
    buf_put_str(&message, req->body);
    grpc_reply(x, &message);
}

static struct http_server *server_once(void)
{
    static const struct http_route routes[] = {
        {HTTP_POST | HTTP_GET, "/", on_echo, NULL, 1000, false, NULL},
        {HTTP_POST, "/a/{b}", on_echo, NULL, 100000, false, NULL},
        {HTTP_POST, "/s/m", on_call, NULL, 1000, true, NULL},
    };
    static struct http_server *server;
    struct http_server_options options = {1, HTTP_LIMITS_DEFAULT};
    struct http_listener listener = {"127.0.0.1:0", routes, sizeof routes / sizeof *routes, "fuzz"};
    if (!server) {
        FUZZ_CHECK(http_server_new(&options, &server, NULL) == 0);
        FUZZ_CHECK(http_server_listen(server, &listener, NULL) == 0);
        FUZZ_CHECK(http_server_start(server, NULL) == 0);
    }
    return server;
}

static int connect_to(int port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct linger reset = {1, 0}; /* thousands of runs would use up the ports otherwise */
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    FUZZ_CHECK(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    FUZZ_CHECK(connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    struct http_server *server = server_once();
    struct http_stats stats;
    char bytes[4096];
    int fd = connect_to(http_server_port(server, 0));
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (size && data[0] == 0) {
        send(fd, preface, sizeof preface - 1, MSG_NOSIGNAL);
        data++;
        size--;
    }
    send(fd, data, size, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    while (poll(&p, 1, 3000) > 0 && recv(fd, bytes, sizeof bytes, 0) > 0)
        ;
    close(fd);
    for (int i = 0; i < 30000; i++) {
        http_server_stats(server, &stats);
        if (!stats.connections_open)
            break;
        usleep(100);
    }
    FUZZ_CHECK(stats.connections_open == 0 && stats.memory_bytes == 0);
    return 0;
}
