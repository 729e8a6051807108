/* commands.h - the subcommands: each is a file with its table of options and its run function. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/options.h"

extern const struct command command_serve;
extern const struct command command_trace;
extern const struct command command_search;
extern const struct command command_delete;
extern const struct command command_load;
extern const struct command command_check;
extern const struct command command_stats;
extern const struct command command_snapshot;
extern const struct command command_export;
extern const struct command command_import;
extern const struct command command_deps;
extern const struct command command_diff;

/* All of them, ended by NULL. */
extern const struct command *const commands[];

/* The whole program, for main and the tests. */
int cairn_main(int argc, char **argv);

#endif
