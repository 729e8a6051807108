/* Functions that an application may well have, and that the library has inside under the same names. */
#include <stdlib.h>

void buf_init(void *b, size_t n);
void *arena_alloc(void *a, size_t n);
int queue_push(void);
int diag(void);

void buf_init(void *b, size_t n)
{
    (void)b, (void)n;
    abort();
}

void *arena_alloc(void *a, size_t n)
{
    (void)a, (void)n;
    abort();
}

int queue_push(void)
{
    abort();
}

int diag(void)
{
    abort();
}
