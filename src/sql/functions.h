/* functions.h - what SQL can call beyond SQLite's own. */
#ifndef SQL_FUNCTIONS_H
#define SQL_FUNCTIONS_H

#include "sql/table.h"

/* Times, durations, regular expressions. An SQLite code. */
int functions_register(sqlite3 *db, struct sql_context *context);
/* Quantiles and histograms. */
int aggregates_register(sqlite3 *db);

#endif
