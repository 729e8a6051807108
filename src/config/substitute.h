/* substitute.h - ${NAME}, ${env:NAME}, ${NAME:-default} and $$ in the text of one scalar. */
#ifndef CONFIG_SUBSTITUTE_H
#define CONFIG_SUBSTITUTE_H

#include "base/buf.h"
#include "base/err.h"

/* Answers a variable's value or NULL. */
typedef const char *config_env_fn(const char *name);

/* Appends text to *out with its references replaced. What a variable holds is never looked at again. ERR_INVALID with the
 * reference in *err, ERR_NOMEM. */
int config_substitute(struct str text, config_env_fn *env, struct buf *out, struct err *err);

#endif
