/* fixture.h - data directories for the tests of src/care, and what a check says of them. */
#ifndef TESTS_CARE_FIXTURE_H
#define TESTS_CARE_FIXTURE_H

#include "../store/fixture.h"
#include "care/check.h"

enum { CARE_SPANS = 3 }; /* of each trace that care_make writes */

/* A directory with this many traces in parts of `each`, and then some in the log. */
char *care_make(uint32_t part_traces, uint32_t each, uint32_t log_traces);

/* The only or the n-th (from 0, by name) file of a sub-directory with this ending; out has room for 1,024. */
void care_file(const char *dir, const char *sub, const char *suffix, unsigned n, char out[1024]);
bool care_exists(const char *dir, const char *name);

unsigned char *care_read(const char *path, size_t *n); /* the caller frees */
void care_write(const char *path, const unsigned char *p, size_t n);
void care_flip(const char *path, size_t at, unsigned char bits);

/* care_check without listeners. */
int care_quiet(const char *dir, bool repair, struct care_check *ret, struct err *err);

/* Opens the directory as a server does; whole traces among 0..count-1, with all their spans. damaged: a query may say
 * that something is. */
uint32_t care_whole_traces(const char *dir, uint32_t count, bool damaged);

#endif
