/* query_text.h - a TraceQL query from the command line, and what is wrong with it. */
#ifndef CLI_QUERY_TEXT_H
#define CLI_QUERY_TEXT_H

#include <stdio.h>

#include "traceql/traceql.h"

/* Parses it. When it is no query, prints the words to errors, then its line with a caret below the place, and answers
 * NULL. command: "cairn search". The tree borrows from text and lives in the arena. */
const struct traceql *query_text_parse(const char *command, struct str text, struct arena *arena,
                                       FILE *errors);

/* The line of text that the place is in, and below it "^~~" from there on; as long as width, cut in front or behind where
 * it is longer. */
void query_text_point(struct str text, const struct traceql_diag *place, unsigned width,
                      bool colors, struct buf *out);

#endif
