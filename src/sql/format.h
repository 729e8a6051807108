/* format.h - answers as text: JSON, JSON lines, CSV.
 *
 * Integers that JSON's readers would round (beyond 2^53) are strings, as are infinities; blobs are base64. In CSV (RFC
 * 4180 with bare line feeds) NULL is empty and an empty text is "". */
#ifndef SQL_FORMAT_H
#define SQL_FORMAT_H

#include "base/json_writer.h"
#include "sql/sql.h"

enum sql_format { SQL_JSON, SQL_JSON_LINES, SQL_CSV };

struct sql_writer {
    enum sql_format format;
    struct buf *out;
    struct json_writer json;
    struct arena *arena; /* of the names */
    struct str *names;
    uint32_t count;
};

/* "json", "ndjson" or "jsonl", "csv". */
bool sql_format_parse(struct str name, enum sql_format *ret);
const char *sql_format_type(enum sql_format format); /* content type */

/* The sink writes to out; ERR_TOO_LARGE when that is full. */
struct sql_sink sql_writer_init(struct sql_writer *w, enum sql_format format, struct arena *arena,
                                struct buf *out);
/* What stands behind the rows. warning may be empty. */
void sql_writer_end(struct sql_writer *w, const struct sql_result *result, uint64_t spans_scanned,
                    struct str warning);

#endif
