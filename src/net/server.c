/* server.c - the server as its users see it: listeners, start, stop, numbers.
 *
 * Each listener has one socket per loop, bound to the same port with SO_REUSEPORT, and the kernel spreads
 * connections over them. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "net/exchange.h"
#include "net/loop.h"
#include "net/offload.h"

/* One descriptor per connection: the soft limit of 1024 is for programs that use select. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static unsigned core_count(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > LOOPS_MAX ? LOOPS_MAX : (unsigned)n;
}

static void init_drained(struct http_server *server)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&server->drained, &attr);
    pthread_condattr_destroy(&attr);
}

int http_server_new(const struct http_server_options *options, struct http_server **ret,
                    struct err *err)
{
    struct http_server *server = calloc(1, sizeof *server);
    unsigned loops = options->loops ? options->loops : core_count();
    if (loops > LOOPS_MAX)
        loops = LOOPS_MAX;
    if (server)
        server->loops = calloc(loops, sizeof *server->loops);
    if (!server || !server->loops) {
        free(server);
        return err_set(err, ERR_NOMEM, "out of memory");
    }
    raise_descriptor_limit();
    server->limits = options->limits;
    pthread_mutex_init(&server->lock, NULL);
    init_drained(server);
    for (; server->loop_count < loops; server->loop_count++) {
        int rc = net_loop_init(&server->loops[server->loop_count], server);
        if (rc < 0) {
            http_server_free(server);
            return err_set(err, rc, "cannot make an event loop");
        }
    }
    *ret = server;
    return 0;
}

/* --- listening --- */

/* "host:port", "[v6]:port" or ":port" into its parts; host is empty for all addresses. */
static bool split_address(const char *address, char host[256], char port[16])
{
    const char *colon = strrchr(address, ':');
    size_t host_bytes, port_bytes;
    uint64_t n;
    if (!colon)
        return false;
    host_bytes = (size_t)(colon - address);
    port_bytes = strlen(colon + 1);
    if (host_bytes >= 2 && address[0] == '[' && address[host_bytes - 1] == ']') {
        address++;
        host_bytes -= 2;
    } else if (memchr(address, ':', host_bytes)) {
        return false; /* IPv6 needs its brackets */
    }
    if (host_bytes >= 256 || port_bytes >= 16 || !str_to_u64(str_of(colon + 1), &n) || n > 65535)
        return false;
    memcpy(host, address, host_bytes);
    host[host_bytes] = '\0';
    memcpy(port, colon + 1, port_bytes + 1);
    return true;
}

static int resolve(const struct http_listener *listener, struct addrinfo **ret, struct err *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    char host[256], port[16];
    int rc;
    if (!split_address(listener->address, host, port))
        return err_set(err, ERR_INVALID, "%s is no address for %s, it takes host:port",
                       listener->address, listener->name);
    /* all addresses: one IPv6 socket takes IPv4 too, where the system has IPv6 */
    rc = getaddrinfo(host[0] ? host : "::", port, &hints, ret);
    if (rc && !host[0])
        rc = getaddrinfo("0.0.0.0", port, &hints, ret);
    return rc ? err_set(err, ERR_INVALID, "cannot resolve %s for %s: %s", listener->address,
                        listener->name, gai_strerror(rc))
              : 0;
}

static void set_option(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof value);
}

/* A listening socket, or -1 with errno. Accepted ones inherit no-delay and keep-alive. */
static int open_socket(const struct sockaddr *addr, socklen_t addr_bytes, bool shared)
{
    int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (shared)
        set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (addr->sa_family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (bind(fd, addr, addr_bytes) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    addr_bytes = (socklen_t)errno;
    close(fd);
    errno = (int)addr_bytes;
    return -1;
}

static in_port_t *port_of(struct sockaddr_storage *addr)
{
    return addr->ss_family == AF_INET6 ? &((struct sockaddr_in6 *)addr)->sin6_port
                                       : &((struct sockaddr_in *)addr)->sin_port;
}

/* One socket per loop on the same port. Sharing would also let a second server of the same user in, so the port
 * is first taken alone. False with errno. */
static bool open_sockets(struct http_server *server, struct listener *listener,
                         const struct addrinfo *info)
{
    struct sockaddr_storage addr = {0};
    socklen_t n = info->ai_addrlen;
    bool shared = server->loop_count > 1;
    memcpy(&addr, info->ai_addr, n);
    if (shared && *port_of(&addr)) {
        int fd = open_socket((struct sockaddr *)&addr, n, false);
        if (fd < 0)
            return false;
        close(fd);
    }
    for (unsigned i = 0; i < server->loop_count; i++) {
        int fd = open_socket((struct sockaddr *)&addr, info->ai_addrlen, shared);
        if (fd < 0)
            return false;
        listener->fds[i] = fd;
        n = sizeof addr;
        if (i == 0)
            getsockname(fd, (struct sockaddr *)&addr, &n); /* port 0 became a real one */
    }
    listener->port = ntohs(*port_of(&addr));
    return true;
}

static void release_listener(struct http_server *server, struct listener *listener)
{
    for (unsigned i = 0; i < server->loop_count; i++) {
        if (listener->fds[i] >= 0)
            close(listener->fds[i]);
    }
    free((void *)(uintptr_t)listener->options.address);
    free((void *)(uintptr_t)listener->options.name);
}

int http_server_listen(struct http_server *server, const struct http_listener *options,
                       struct err *err)
{
    struct listener *listeners =
        realloc(server->listeners, (server->listener_count + 1) * sizeof *listeners);
    struct listener *listener;
    struct addrinfo *info;
    int rc;
    if (!listeners)
        return err_set(err, ERR_NOMEM, "out of memory");
    server->listeners = listeners;
    if (server->started)
        return err_set(err, ERR_INVALID, "the server runs already");
    TRY(resolve(options, &info, err));
    listener = &listeners[server->listener_count];
    *listener = (struct listener){.options = *options};
    listener->options.address = strdup(options->address);
    listener->options.name = strdup(options->name);
    for (unsigned i = 0; i < LOOPS_MAX; i++)
        listener->fds[i] = -1;
    rc = 0;
    if (!listener->options.address || !listener->options.name) {
        rc = err_set(err, ERR_NOMEM, "out of memory");
    } else if (!open_sockets(server, listener, info)) {
        rc = err_set(err, errno == EADDRINUSE ? ERR_BUSY : ERR_IO, "cannot listen on %s (%s): %s",
                     options->address, options->name, strerror(errno));
    }
    if (rc < 0)
        release_listener(server, listener);
    else
        server->listener_count++;
    freeaddrinfo(info);
    return rc;
}

int http_server_port(const struct http_server *server, size_t listener)
{
    return listener < server->listener_count ? server->listeners[listener].port : -1;
}

/* --- life --- */

int http_server_start(struct http_server *server, struct err *err)
{
    unsigned threads = core_count();
    server->started = true;
    server->offload = offload_new(threads < 2 ? 2 : threads);
    if (!server->offload)
        return err_set(err, ERR_IO, "cannot start query threads");
    for (unsigned i = 0; i < server->loop_count; i++)
        TRY(net_loop_start(&server->loops[i], err));
    return 0;
}

static void wait_drained(struct http_server *server, uint32_t grace_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += grace_ms / 1000;
    until.tv_nsec += (long)(grace_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&server->lock);
    while (server->loops_drained < server->loop_count &&
           pthread_cond_timedwait(&server->drained, &server->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&server->lock);
}

void http_server_stop(struct http_server *server, uint32_t grace_ms)
{
    bool running = server->started && !server->stopped;
    server->stopped = true;
    if (!running)
        return;
    for (unsigned i = 0; i < server->loop_count; i++)
        net_loop_stop(&server->loops[i]);
    wait_drained(server, grace_ms);
    for (unsigned i = 0; i < server->loop_count; i++)
        net_loop_kill(&server->loops[i]);
    if (server->offload)
        offload_close(server->offload);
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    http_server_stop(server, 0);
    for (unsigned i = 0; i < server->loop_count; i++)
        net_loop_release(&server->loops[i]);
    for (size_t i = 0; i < server->listener_count; i++)
        release_listener(server, &server->listeners[i]);
    offload_free(server->offload);
    pthread_cond_destroy(&server->drained);
    pthread_mutex_destroy(&server->lock);
    free(server->listeners);
    free(server->loops);
    free(server);
}

bool http_offload(struct http_exchange *x, void (*work)(struct http_exchange *x, void *user),
                  void *user)
{
    x->work = work;
    x->work_user = user;
    return offload_push(x->loop->server->offload, x);
}

static uint64_t get(const _Atomic uint64_t *c)
{
    return atomic_load_explicit(c, memory_order_relaxed);
}

void http_server_stats(const struct http_server *server, struct http_stats *ret)
{
    *ret = (struct http_stats){
        .connections_open = get(&server->connections),
        .memory_bytes = atomic_load_explicit(&server->memory_bytes, memory_order_relaxed),
    };
    for (unsigned i = 0; i < server->loop_count; i++) {
        const struct counters *c = &server->loops[i].counters;
        ret->connections_total += get(&c->connections_total);
        ret->connections_refused += get(&c->connections_refused);
        ret->requests += get(&c->requests);
        ret->bytes_in += get(&c->bytes_in);
        ret->bytes_out += get(&c->bytes_out);
        ret->replies_4xx += get(&c->replies_4xx);
        ret->replies_5xx += get(&c->replies_5xx);
        ret->timeouts += get(&c->timeouts);
        ret->protocol_errors += get(&c->protocol_errors);
        ret->memory_refused += get(&c->memory_refused);
    }
}
