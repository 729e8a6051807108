/* input.h - a file that may be compressed, read piece by piece: by its first bytes gzip, zstd or neither. */
#ifndef CARE_INPUT_H
#define CARE_INPUT_H

#include "base/buf.h"
#include "base/err.h"

struct input;

/* fd stays the caller's. name is for words; borrowed. */
int input_new(int fd, const char *name, struct input **ret, struct err *err);
void input_free(struct input *in); /* NULL is fine */

/* Appends up to a piece to out; *ret_end: there is no more. ERR_INVALID: the compressed bytes are damaged or cut short. */
int input_read(struct input *in, struct buf *out, bool *ret_end, struct err *err);

#endif
