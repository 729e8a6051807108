/* hint.h - SQLite's words for a bad statement, with the place in front and a way out behind. */
#ifndef SQL_HINT_H
#define SQL_HINT_H

#include "sql/table.h"

/* Fills err for a statement that SQLite refused with message at the byte offset (negative: unknown). ERR_INVALID. */
int hint_error(struct sql_context *context, struct str text, int offset, const char *message,
               struct err *err);

#endif
