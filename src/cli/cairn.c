/* cairn.c - finds the subcommand; help, version, and a guess when there is no such command. */
#include <string.h>

#include "cli/commands.h"

const struct command *const commands[] = {
    &command_serve,  &command_trace,  &command_search, &command_metrics, &command_sql,
    &command_delete, &command_load,   &command_check,  &command_stats,   &command_snapshot,
    &command_export, &command_import, &command_deps,   &command_diff,    NULL};

static int print_help(FILE *out)
{
    fprintf(out, "Usage: cairn COMMAND [OPTIONS]\n\nDistributed tracing in OpenTelemetry's "
                 "vocabulary.\n\nCommands:\n");
    for (int i = 0; commands[i]; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out,
            "  %-10s %s\n\n'cairn help COMMAND' says more about one; 'cairn --version' prints "
            "the version.\n",
            "help", "print this, or the help of a command");
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

static const struct command *find(const char *name)
{
    for (int i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

static int unknown(const char *name)
{
    const char *names[sizeof commands / sizeof *commands];
    size_t count = 0;
    for (; commands[count]; count++)
        names[count] = commands[count]->name;
    const char *like = options_suggest(name, names, count, sizeof *names);
    if (like)
        fprintf(stderr, "cairn: unknown command %s; did you mean %s?\n", name, like);
    else
        fprintf(stderr, "cairn: unknown command %s\n", name);
    fprintf(stderr, "Try 'cairn help'.\n");
    return EXIT_USAGE;
}

static int help(int argc, char **argv)
{
    const struct command *command = argc > 1 ? find(argv[1]) : NULL;
    if (argc < 2)
        return print_help(stdout);
    if (!command)
        return unknown(argv[1]);
    options_help(command, stdout);
    return EXIT_OK;
}

int cairn_main(int argc, char **argv)
{
    const struct command *command;
    if (argc < 2)
        return print_help(stderr);
    if (strcmp(argv[1], "help") == 0)
        return help(argc - 1, argv + 1);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print_help(stdout);
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        printf("cairn %s\n", CAIRN_VERSION);
        return EXIT_OK;
    }
    command = find(argv[1]);
    return command ? command->run(argc - 1, argv + 1) : unknown(argv[1]);
}
