/* import.h - files of traces, of any of the formats that export.h writes, into something that takes OTLP requests.
 *
 * The format is told by the content: OTLP/JSON (lines, or documents), OTLP protobuf (records with a length in front, or one
 * request), Jaeger's JSON, Zipkin's JSON. Input is read piece by piece; of Jaeger's a whole document is in memory. */
#ifndef CARE_IMPORT_H
#define CARE_IMPORT_H

#include "base/str.h"
#include "care/care.h"

struct import_counts {
    uint64_t spans, requests, bytes; /* bytes of the unpacked input */
    uint64_t bad;                    /* pieces that could not be read */
    uint64_t rejected;               /* spans without ids */
};

struct import_target {
    /* Delivers an ExportTraceServiceRequest. Negative ends the import. */
    int (*send)(void *user, struct str request, uint64_t spans, struct err *err);
    /* A piece that could not be read: the words name file, line or record, and what. */
    void (*bad)(void *user, const char *words);
    void *user;
    bool skip_bad; /* go on behind it; else it ends the import with ERR_INVALID */
};

/* name is what messages call it. ret is added to. */
int import_file(int fd, const char *name, const struct import_target *to,
                const struct care_watcher *w, struct import_counts *ret, struct err *err);

#endif
