/* directory.h - what lies in a data directory: MANIFEST's list, part files, log segments. */
#ifndef CARE_DIRECTORY_H
#define CARE_DIRECTORY_H

#include <stddef.h>

#include "care/care.h"
#include "store/file.h"
#include "store/manifest.h"

struct care_numbers {
    uint64_t *items; /* ascending */
    size_t count, cap;
};

struct care_directory {
    const char *dir;
    struct manifest manifest;
    bool has_manifest;                   /* it was read and is good */
    struct err manifest_err;             /* else why not */
    struct care_numbers parts, segments; /* files that are there */
};

/* ERR_NOT_FOUND when it has neither MANIFEST nor data; ERR_UNSUPPORTED for a newer version's MANIFEST; ERR_IO. */
int care_directory_read(const char *dir, struct care_directory *ret, struct err *err);
void care_directory_release(struct care_directory *d);

/* "DIR/parts/00000003.part"; the piece from "parts/" on is what problems are reported under. */
int care_part_path(const char *dir, uint64_t number, char out[FILE_PATH_MAX], struct err *err);
int care_log_path(const char *dir, uint64_t number, char out[FILE_PATH_MAX], struct err *err);

#endif
