/* options.h - command-line options from a table: the table parses, helps and names environment variables.
 *
 * A command declares a struct for its values and one row per option that says where in it the value goes. Order of
 * precedence: command line, environment, default. The manual pages and the shell completions are tested against
 * the same tables. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_type {
    OPTION_FLAG,     /* bool */
    OPTION_STRING,   /* const char * */
    OPTION_COUNT,    /* uint64_t */
    OPTION_SIZE,     /* uint64_t bytes: 64MiB, 10GB, 512 */
    OPTION_DURATION, /* uint64_t nanoseconds: 30s, 1.5ms, 7d */
    OPTION_CHOICE,   /* int, index into choices */
    OPTION_LIST,     /* struct option_list, once per value */
};

enum { OPTION_LIST_MAX = 64, OPERANDS_MAX = 1024 };

struct option_list {
    const char *items[OPTION_LIST_MAX];
    uint32_t count;
};

struct option {
    const char *name;           /* without the dashes */
    const char *arg;            /* what the value is called; NULL for flags */
    const char *text;           /* what it does, for the help; no full stop */
    const char *fallback;       /* the default, as one would type it; NULL = none */
    const char *const *choices; /* NULL-terminated */
    uint64_t min, max;          /* of numbers; max 0 = none */
    size_t offset;              /* of the value in the command's struct */
    enum option_type type;
    bool env; /* also read from CAIRN_NAME */
};

struct command {
    const char *name;
    const char *summary;               /* one line for the list of commands */
    const char *usage;                 /* behind the name: "[OPTIONS] ID" */
    const char *text;                  /* what it does, some sentences */
    const struct option *options;      /* ended by a row without a name */
    const char *operand;               /* name of the operand it takes; NULL = none */
    const char *second;                /* of another behind it; NULL = none */
    bool repeats;                      /* the operand may be given several times, or not at all */
    bool optional;                     /* the operand (without a second) may be missing */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit status */
};

enum { EXIT_OK = 0, EXIT_ERROR = 1, EXIT_USAGE = 2 };

enum options_result { OPTIONS_OK, OPTIONS_HELP, OPTIONS_BAD };

/* Fills values (defaults included) and *operand; a command with a second one passes an array of two, one whose operand
 * repeats an array of OPERANDS_MAX + 1, which ends with NULL. OPTIONS_HELP: --help was given and printed to standard output.
 * OPTIONS_BAD: said on errors what is wrong. Strings borrow from argv and the environment. */
enum options_result options_parse(const struct command *command, int argc, char **argv,
                                  void *values, const char **operand, FILE *errors);

void options_help(const struct command *command, FILE *out);

/* "CAIRN_DATA_DIR" of "data-dir"; out has room for 64 bytes. */
void options_env_name(char out[64], const char *name);

/* The candidate (of a list of count, stride bytes apart, each starting with its name) most like word, or NULL. */
const char *options_suggest(const char *word, const void *names, size_t count, size_t stride);

#endif
