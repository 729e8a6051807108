/* stream.h - the bytes of one connection: what lies between the socket and the protocol.
 *
 * Protocols see a stream of plain bytes in and out and nothing of libuv's sockets; encryption belongs behind this
 * interface. Incoming bytes live in a buffer that all streams of a loop share, so an idle stream holds none.
 * At most one write is under way. One thread. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct stream;

struct stream_events {
    void (*received)(struct stream *s, const unsigned char *p, size_t n); /* p until it returns */
    void (*ended)(struct stream *s, int error); /* 0 = the peer sends no more; else libuv's code */
    void (*written)(struct stream *s);          /* a write that took its time is out */
    void (*closed)(struct stream *s);           /* after stream_close; the memory may go */
};

struct stream {
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    const struct stream_events *events;
    const uv_buf_t *scratch; /* the loop's read buffer */
    bool reading, writing, closing;
};

/* scratch is borrowed for the stream's life. After a success only stream_close ends it. */
int stream_init(struct stream *s, uv_loop_t *loop, const struct stream_events *events,
                const uv_buf_t *scratch);
/* Takes over a connected socket; 0 or libuv's code (then fd is still the caller's). */
int stream_open(struct stream *s, int fd);
void stream_read(struct stream *s, bool on);
/* Sends bufs. 0 = all is with the kernel; 1 = the rest is under way, the bytes must stay until the written event;
 * negative = the connection is broken. Not while a write is under way. */
int stream_write(struct stream *s, uv_buf_t *bufs, unsigned count);
/* Bytes of the write under way that have not left yet. */
size_t stream_unsent(const struct stream *s);
/* Tells the peer that no more bytes come; its own may still arrive. */
void stream_shutdown(struct stream *s);
void stream_close(struct stream *s);
/* "127.0.0.1:34567" or "[::1]:34567"; "" when unknown. */
void stream_peer(const struct stream *s, char *out, size_t out_bytes);

#endif
