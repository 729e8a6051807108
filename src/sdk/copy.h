/* copy.h - copying short strings in place: most keys and values have less than 33 bytes, where a call costs more than
 * the copy (and takes the caller's registers). Never reads or writes outside of the n bytes. */
#ifndef SDK_COPY_H
#define SDK_COPY_H

#include <stdint.h>
#include <string.h>

/* The last step of each length overlaps the one before instead of going down to single bytes. */
static inline __attribute__((always_inline)) void copy_short(unsigned char *to, const char *from,
                                                             size_t n)
{
    if (n >= 16) {
        __uint128_t step, tail;
        memcpy(&tail, from + n - 16, 16);
        for (size_t at = 0; at + 16 < n; at += 16) {
            memcpy(&step, from + at, 16);
            memcpy(to + at, &step, 16);
        }
        memcpy(to + n - 16, &tail, 16);
    } else if (n >= 8) {
        uint64_t head, tail;
        memcpy(&head, from, 8);
        memcpy(&tail, from + n - 8, 8);
        memcpy(to, &head, 8);
        memcpy(to + n - 8, &tail, 8);
    } else if (n >= 4) {
        uint32_t head, tail;
        memcpy(&head, from, 4);
        memcpy(&tail, from + n - 4, 4);
        memcpy(to, &head, 4);
        memcpy(to + n - 4, &tail, 4);
    } else if (n) {
        to[0] = (unsigned char)from[0];
        to[n / 2] = (unsigned char)from[n / 2];
        to[n - 1] = (unsigned char)from[n - 1];
    }
}

#endif
