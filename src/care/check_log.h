/* check_log.h - the records of a log segment: which are good, where damage lies, and a new segment of the good ones. */
#ifndef CARE_CHECK_LOG_H
#define CARE_CHECK_LOG_H

#include "base/str.h"
#include "care/care.h"

struct log_check {
    uint64_t problems, records, spans, bytes;
};

/* salt NULL: that of a lost MANIFEST. Then a record is what has its form and decodes as a request. */
int check_log(const char *path, const char *file, const uint64_t *salt,
              const struct care_watcher *w, struct log_check *ret, struct err *err);

/* Writes the good records (found as above) to dir/NNNNNNNN.log, with new_salt, and flushes it. */
int rewrite_log(const char *path, const uint64_t *salt, const char *dir, uint64_t number,
                uint64_t new_salt, uint64_t *ret_records, struct err *err);

#endif
