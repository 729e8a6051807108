/* options.c - one loop over the arguments, one setter per type. */
#include "cli/options.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/units.h"

enum { HELP_WIDTH = 80, HELP_COLUMN = 30, WORD_MAX = 64 };

struct parse {
    const struct command *command;
    void *values;
    FILE *errors;
};

static bool fail(const struct parse *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool fail(const struct parse *p, const char *fmt, ...)
{
    va_list args;
    fprintf(p->errors, "cairn %s: ", p->command->name);
    va_start(args, fmt);
    vfprintf(p->errors, fmt, args);
    va_end(args);
    fprintf(p->errors, "\nTry 'cairn %s --help'.\n", p->command->name);
    return false;
}

/* --- values --- */

static void *place(const struct parse *p, const struct option *o)
{
    return (char *)p->values + o->offset;
}

static bool set_number(const struct parse *p, const struct option *o, const char *where,
                       const char *text)
{
    static const char *const examples[] = {[OPTION_COUNT] = "a number, as in 100",
                                           [OPTION_SIZE] = "a size, as in 64MiB",
                                           [OPTION_DURATION] = "a duration, as in 30s or 1.5ms"};
    uint64_t v;
    bool ok = o->type == OPTION_COUNT  ? str_to_u64(str_of(text), &v)
              : o->type == OPTION_SIZE ? parse_size(str_of(text), &v)
                                       : parse_duration(str_of(text), &v);
    if (!ok)
        return fail(p, "%s: \"%s\" is not %s", where, text, examples[o->type]);
    if (v < o->min || (o->max && v > o->max))
        return fail(p, "%s: \"%s\" is %s", where, text, v < o->min ? "too small" : "too large");
    *(uint64_t *)place(p, o) = v;
    return true;
}

static bool set_choice(const struct parse *p, const struct option *o, const char *where,
                       const char *text)
{
    char all[256] = "";
    for (int i = 0; o->choices[i]; i++) {
        size_t n = strlen(all);
        if (strcmp(o->choices[i], text) == 0) {
            *(int *)place(p, o) = i;
            return true;
        }
        snprintf(all + n, sizeof all - n, "%s%s", i ? ", " : "", o->choices[i]);
    }
    return fail(p, "%s: \"%s\" is none of %s", where, text, all);
}

static bool set_flag(const struct parse *p, const struct option *o, const char *where,
                     const char *text)
{
    if (text && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return fail(p, "%s takes no value", where);
    *(bool *)place(p, o) = !text || strcmp(text, "true") == 0;
    return true;
}

static bool add_to_list(const struct parse *p, const struct option *o, const char *where,
                        const char *text)
{
    struct option_list *list = place(p, o);
    if (list->count == OPTION_LIST_MAX)
        return fail(p, "%s is given more than %d times", where, OPTION_LIST_MAX);
    list->items[list->count++] = text;
    return true;
}

/* where is how the user named it, for messages. */
static bool set(const struct parse *p, const struct option *o, const char *where, const char *text)
{
    switch (o->type) {
    case OPTION_FLAG: return set_flag(p, o, where, text);
    case OPTION_STRING: *(const char **)place(p, o) = text; return true;
    case OPTION_CHOICE: return set_choice(p, o, where, text);
    case OPTION_LIST: return add_to_list(p, o, where, text);
    case OPTION_COUNT:
    case OPTION_SIZE:
    case OPTION_DURATION: break;
    }
    return set_number(p, o, where, text);
}

void options_env_name(char out[64], const char *name)
{
    int n = snprintf(out, 64, "CAIRN_%s", name);
    for (int i = 0; i < n && i < 63; i++)
        out[i] = out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
}

/* Defaults, then the environment over them. */
static bool set_defaults(const struct parse *p)
{
    for (const struct option *o = p->command->options; o->name; o++) {
        char env[64];
        options_env_name(env, o->name);
        const char *text = o->env ? getenv(env) : NULL;
        if (o->fallback && !set(p, o, o->name, o->fallback))
            return false;
        if (text && *text && !set(p, o, env, text))
            return false;
    }
    return true;
}

/* --- arguments --- */

static const struct option *find(const struct command *c, const char *name, size_t n)
{
    for (const struct option *o = c->options; o->name; o++) {
        if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    }
    return NULL;
}

static bool unknown(const struct parse *p, const char *argument, size_t name_bytes)
{
    char name[WORD_MAX];
    size_t count = 0;
    while (p->command->options[count].name)
        count++;
    snprintf(name, sizeof name, "%.*s", (int)(name_bytes < 60 ? name_bytes : 60), argument + 2);
    const char *like = options_suggest(name, p->command->options, count, sizeof(struct option));
    if (like && argument[1] == '-')
        return fail(p, "unknown option %s; did you mean --%s?", argument, like);
    return fail(p, "unknown option %s", argument);
}

/* One option at argv[i]; answers how many arguments it took, 0 for an error. */
static int take_option(const struct parse *p, char **argv, int i)
{
    const char *argument = argv[i], *equals = strchr(argument, '=');
    size_t n = equals ? (size_t)(equals - argument) : strlen(argument);
    const struct option *o =
        strncmp(argument, "--", 2) == 0 && n > 2 ? find(p->command, argument + 2, n - 2) : NULL;
    char where[WORD_MAX];
    if (!o)
        return unknown(p, argument, n > 2 ? n - 2 : 0);
    snprintf(where, sizeof where, "--%s", o->name);
    if (equals)
        return set(p, o, where, equals + 1) ? 1 : 0;
    if (o->type == OPTION_FLAG)
        return set(p, o, where, NULL) ? 1 : 0;
    if (!argv[i + 1])
        return fail(p, "%s needs a value: %s %s", where, where, o->arg);
    return set(p, o, where, argv[i + 1]) ? 2 : 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            return false;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    }
    return false;
}

enum options_result options_parse(const struct command *command, int argc, char **argv,
                                  void *values, const char **operand, FILE *errors)
{
    struct parse p = {command, values, errors};
    bool only_operands = false;
    int count = 0, max = command->repeats ? OPERANDS_MAX
                                          : (command->operand != NULL) + (command->second != NULL);
    operand[0] = NULL;
    if (asks_for_help(argc, argv)) {
        options_help(command, stdout);
        return OPTIONS_HELP;
    }
    if (!set_defaults(&p))
        return OPTIONS_BAD;
    for (int i = 1; i < argc;) {
        if (!only_operands && argv[i][0] == '-' && argv[i][1]) {
            if (strcmp(argv[i], "--") == 0) {
                only_operands = true;
                i++;
                continue;
            }
            int taken = take_option(&p, argv, i);
            if (!taken)
                return OPTIONS_BAD;
            i += taken;
            continue;
        }
        if (count == max) {
            fail(&p, "unexpected argument %s", argv[i]);
            return OPTIONS_BAD;
        }
        operand[count++] = argv[i++];
    }
    if (command->repeats) {
        operand[count] = NULL;
    } else if (count < max && !command->optional) {
        fail(&p, "%s is missing", count ? command->second : command->operand);
        return OPTIONS_BAD;
    }
    return OPTIONS_OK;
}

/* --- help --- */

/* Words of text from column on, wrapped and indented to column. */
static void print_wrapped(FILE *out, const char *text, size_t column, size_t at)
{
    while (*text) {
        size_t n = strcspn(text, " ");
        if (at > column && at + 1 + n > HELP_WIDTH) {
            fprintf(out, "\n%*s", (int)column, "");
            at = column;
        } else if (at > column) {
            fputc(' ', out);
            at++;
        }
        fwrite(text, 1, n, out);
        at += n;
        text += n + strspn(text + n, " ");
    }
    fputc('\n', out);
}

static void print_option(FILE *out, const struct option *o)
{
    char text[1024], env[64];
    int n = fprintf(out, "  --%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
    size_t used = (size_t)snprintf(text, sizeof text, "%s", o->text);
    if (o->fallback)
        used += (size_t)snprintf(text + used, sizeof text - used, " (default %s)", o->fallback);
    if (o->env) {
        options_env_name(env, o->name);
        snprintf(text + used, sizeof text - used, " [%s]", env);
    }
    if (n >= HELP_COLUMN - 1)
        fprintf(out, "\n%*s", HELP_COLUMN, "");
    else
        fprintf(out, "%*s", HELP_COLUMN - n, "");
    print_wrapped(out, text, HELP_COLUMN, HELP_COLUMN);
}

void options_help(const struct command *command, FILE *out)
{
    bool env = false;
    fprintf(out, "Usage: cairn %s %s\n\n", command->name, command->usage);
    print_wrapped(out, command->text, 0, 0);
    fprintf(out, "\nOptions:\n");
    for (const struct option *o = command->options; o->name; o++) {
        print_option(out, o);
        env = env || o->env;
    }
    fprintf(out, "  --help%*sprint this\n", HELP_COLUMN - 8, "");
    if (env)
        fprintf(out, "\nA name in [brackets] is the environment variable that sets the same.\n");
}

/* --- suggestions --- */

/* Edits (insert, delete, replace) from a to b, both shorter than WORD_MAX. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MAX], n = strlen(b);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

const char *options_suggest(const char *word, const void *names, size_t count, size_t stride)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) < 5 ? 2 : 3; /* worse than this is no suggestion */
    if (strlen(word) >= WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const char *name;
        memcpy(&name, (const char *)names + i * stride, sizeof name);
        size_t d = strlen(name) < WORD_MAX ? distance(word, name) : SIZE_MAX;
        if (d && strlen(word) >= 3 && strncmp(name, word, strlen(word)) == 0)
            d = 1; /* the beginning of a longer name */
        if (d <= best_distance - (best != NULL)) {
            best = name;
            best_distance = d;
        }
    }
    return best;
}
