/* log.h - one logfmt line per event on standard error: ts level mod msg key=value...
 *
 * Only the server, the command line and the agent's entry point log; libraries return errors. A value given
 * through LOG's format is the caller's to quote: use %s with log_quote for anything that came from outside. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level); /* LOG_INFO at start */
enum log_level log_level(void);
bool log_level_parse(struct str name, enum log_level *ret); /* "error", "warn", "info", "debug" */

/* module is a short constant ("store"); msg a constant sentence; fmt the key=value pairs, may be "". */
void log_write(enum log_level level, const char *module, const char *msg, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* s in double quotes with control bytes, quotes and backslashes escaped; cut at 200 bytes. Returns out. */
const char *log_quote(char out[512], struct str s);

#define log_error(module, msg, ...) log_write(LOG_ERROR, module, msg, "" __VA_ARGS__)
#define log_warn(module, msg, ...)  log_write(LOG_WARN, module, msg, "" __VA_ARGS__)
#define log_info(module, msg, ...)  log_write(LOG_INFO, module, msg, "" __VA_ARGS__)
#define log_debug(module, msg, ...) log_write(LOG_DEBUG, module, msg, "" __VA_ARGS__)

#endif
