/* client.c - blocking sockets with a time limit. */
#include "net/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "test.h"

enum { PATIENCE_MS = 10000 };

int client_connect(int port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void client_send(int fd, struct str bytes)
{
    while (bytes.n) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the server has had enough: the reply tells */
        bytes = str_from(bytes, (size_t)n);
    }
}

/* More bytes into text; false at the end, on an error or when it takes too long. */
static bool read_more(int fd, struct response *r)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n;
    void *at = buf_reserve(&r->text, 64 * 1024);
    if (poll(&p, 1, PATIENCE_MS) <= 0) {
        r->status = -1;
        return false;
    }
    n = recv(fd, at, 64 * 1024, 0);
    if (n <= 0) {
        r->closed = true;
        return false;
    }
    r->text.n += (size_t)n;
    return true;
}

struct str response_field(const struct response *r, const char *name)
{
    struct str rest = r->head, line, key, value;
    while (rest.n) {
        str_cut(rest, '\n', &line, &rest);
        if (str_cut(line, ':', &key, &value) && str_eq_nocase(key, str_of(name))) {
            if (value.n && value.p[value.n - 1] == '\r')
                value.n--;
            return str_trim(value);
        }
    }
    return (struct str){NULL, 0};
}

struct response client_read(int fd, bool is_head)
{
    struct response r = {0};
    unsigned char *end;
    uint64_t length = 0, status = 0;
    size_t head;
    while (!(end = r.text.n ? memmem(r.text.p, r.text.n, "\r\n\r\n", 4) : NULL)) {
        if (!read_more(fd, &r))
            return r;
    }
    head = (size_t)(end - r.text.p) + 4;
    r.head = str_make(r.text.p, head);
    str_to_u64(response_field(&r, "content-length"), &length);
    if (is_head)
        length = 0;
    while (r.text.n < head + length) {
        if (!read_more(fd, &r))
            return r;
    }
    r.head = str_make(r.text.p, head);
    r.body = str_make(r.text.p + head, (size_t)length);
    if (r.text.n > head + length)
        fail_msg("%zu bytes behind the reply", r.text.n - head - (size_t)length);
    if (head > 12 && str_to_u64(str_make(r.text.p + 9, 3), &status))
        r.status = (int)status;
    return r;
}

void response_release(struct response *r)
{
    buf_release(&r->text);
}

static bool sees_end(int fd, int patience_ms)
{
    char bytes[4096];
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, patience_ms) <= 0)
            return false;
        if (recv(fd, bytes, sizeof bytes, 0) <= 0)
            return true;
    }
}

bool client_sees_end(int fd)
{
    return sees_end(fd, PATIENCE_MS);
}

bool client_sees_end_soon(int fd)
{
    return sees_end(fd, 50);
}

struct response client_once(int port, struct str request)
{
    int fd = client_connect(port);
    struct response r;
    client_send(fd, request);
    r = client_read(fd, str_starts(request, STR("HEAD ")));
    close(fd);
    return r;
}
