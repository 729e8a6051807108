/* options.h - the examples' command lines: "--name value" and "--name=value", nothing more. */
#ifndef EXAMPLES_OPTIONS_H
#define EXAMPLES_OPTIONS_H

/* The value of --NAME in argv, or fallback. Ends the program with a usage line for an option not in names
 * (a NULL-terminated list). */
const char *option_text(int argc, char **argv, const char *const *names, const char *name,
                        const char *fallback);

/* The port that --port names, or fallback; ends the program when it is none. */
int option_port(int argc, char **argv, const char *const *names, int fallback);

#endif
