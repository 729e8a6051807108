/* common_options.h - rows that many commands have in their tables. OFFSET(field) is the command's own: .offset = where its struct
 * has the field. */
#ifndef CLI_COMMON_OPTIONS_H
#define CLI_COMMON_OPTIONS_H

#include "cli/options.h"
#include "cli/term.h"

#define OPTION_SERVER                                                                       \
    {                                                                                       \
        .name = "server", .arg = "URL", .type = OPTION_STRING, OFFSET(server), .env = true, \
        .fallback = "http://127.0.0.1:16686", .text = "where the server answers queries"    \
    }

#define OPTION_COLOR                                                                              \
    {                                                                                             \
        .name = "color", .arg = "WHEN", .type = OPTION_CHOICE, OFFSET(color), .fallback = "auto", \
        .choices = term_color_choices,                                                            \
        .text = "auto, always or never; auto is a terminal without NO_COLOR"                      \
    }

#define OPTION_WIDTH                                                                         \
    {                                                                                        \
        .name = "width", .arg = "CELLS", .type = OPTION_COUNT, OFFSET(width), .max = 100000, \
        .text = "print this wide; else as wide as the terminal"                              \
    }

#endif
