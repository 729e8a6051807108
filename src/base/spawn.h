/* spawn.h - threads of the library's own in somebody else's program. */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

/* Starts run(arg) in a detached thread with a stack that TLS handshakes fit on and with all signals blocked: the host's
 * handlers run on the host's threads. 0, or the error of pthread_create. */
int thread_spawn(void *(*run)(void *arg), void *arg);

#endif
