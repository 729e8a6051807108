/* failure.h - what a transfer that got no answer means: try again or not, and a line that a person can act upon. */
#ifndef OTLP_FAILURE_H
#define OTLP_FAILURE_H

#include <curl/curl.h>

#include "otlp/settings.h"

/* Connections that fail or break are tried again; certificates, URLs and answers that are too large are not. */
bool failure_may_pass(CURLcode code);

/* The line, without a newline, in out: what to look at first, then detail (libcurl's words). */
void failure_text(CURLcode code, const struct otlp_settings *settings, const char *detail,
                  char *out, size_t room);

#endif
