/* detect.c - the table of detectors, those of the application, and running the ones that a list names. */
#define CAIRN_NO_INLINE
#include "sdk/detect.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "sdk/env.h"
#include "trace/semconv.h"
#include "tracer/diag.h"

static const struct built_in {
    const char *name;
    bool by_default;
    void (*look)(struct detection *d);
    cairn_resource *(*whole)(void); /* instead: makes its resource itself */
} built_in[] = {
    {"service", true, detect_service, NULL},
    {"host", true, detect_host, NULL},
    {"os", false, detect_os, NULL}, /* in host */
    {"process", true, detect_process, NULL},
    {"process_command_args", false, detect_process_command_args, NULL},
    {"container", true, detect_container, NULL},
    {"env", false, NULL, cairn_resource_from_env}, /* the SDK's start merges it anyway, later */
};

enum { BUILT_IN = sizeof built_in / sizeof *built_in };

/* ---- Of the application ---- */

enum { OWN_MAX = 32, NAME_BYTES_MAX = 64 };

struct own {
    char name[NAME_BYTES_MAX];
    cairn_resource_detector_fn *fn;
    void *user;
};

/* Filled from the front, never emptied: no lock, nothing to be left behind by a fork. */
static _Atomic(struct own *) own[OWN_MAX];

static bool name_is_good(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_')
            return false;
    }
    return name.n > 0 && name.n < NAME_BYTES_MAX;
}

static bool name_is_taken(struct str name)
{
    static const char *const words[] = {"default", "none"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_eq(name, str_of(words[i])))
            return true;
    }
    for (size_t i = 0; i < BUILT_IN; i++) {
        if (str_eq(name, str_of(built_in[i].name)))
            return true;
    }
    return false;
}

static cairn_status own_add(struct own *made)
{
    for (size_t i = 0; i < OWN_MAX; i++) {
        struct own *there = NULL;
        if (atomic_compare_exchange_strong(&own[i], &there, made))
            return CAIRN_OK;
        if (str_eq(str_of(there->name), str_of(made->name)))
            return CAIRN_ERROR_INVALID;
    }
    return CAIRN_ERROR_LIMIT;
}

cairn_status cairn_resource_detector_register(const char *name, cairn_resource_detector_fn *fn,
                                              void *user)
{
    struct own *made;
    cairn_status status;
    if (!fn || !name_is_good(str_of(name)) || name_is_taken(str_of(name))) {
        diag_error("resource detector \"%s\": its name is taken or not of [a-z0-9_]",
                   name ? name : "");
        return CAIRN_ERROR_INVALID;
    }
    made = calloc(1, sizeof *made);
    if (!made)
        return CAIRN_ERROR_NO_MEMORY;
    snprintf(made->name, sizeof made->name, "%s", name);
    made->fn = fn;
    made->user = user;
    status = own_add(made);
    if (status != CAIRN_OK) {
        diag_error("resource detector \"%s\" is not registered: %s", name,
                   status == CAIRN_ERROR_INVALID ? "its name is taken" : "there are too many");
        free(made);
    }
    return status;
}

/* ---- Running ---- */

struct run {
    cairn_resource *sum; /* what was found until now; owned */
    const char *root;
    bool environment;
    char unknown[256];
    size_t unknown_n;
};

/* Takes found over. */
static void add(struct run *run, cairn_resource *found)
{
    cairn_resource *both;
    if (!found)
        return;
    both = cairn_resource_merge(run->sum, found);
    if (both) {
        cairn_resource_unref(run->sum);
        run->sum = both;
    }
    cairn_resource_unref(found);
}

static void run_built_in(struct run *run, const struct built_in *b)
{
    cairn_resource *r = b->whole ? b->whole() : resource_make();
    struct detection d = {.root = run->root, .environment = run->environment};
    if (r && b->look) {
        d.arena = &r->arena;
        d.attrs = &r->resource.attrs;
        b->look(&d);
        buf_release(&d.file);
        if (r->resource.attrs.count) /* nothing found is of no schema */
            r->resource.schema_url = STR(DETECT_SCHEMA);
        r = resource_finish(r);
    }
    add(run, r);
}

static void run_defaults(struct run *run)
{
    for (size_t i = 0; i < BUILT_IN; i++) {
        if (built_in[i].by_default)
            run_built_in(run, &built_in[i]);
    }
    for (size_t i = 0; i < OWN_MAX; i++) {
        struct own *o = atomic_load(&own[i]);
        if (o)
            add(run, o->fn(o->user));
    }
}

static void note_unknown(struct run *run, struct str name)
{
    int n = snprintf(run->unknown + run->unknown_n, sizeof run->unknown - run->unknown_n, "%s%.*s",
                     run->unknown_n ? ", " : "", STR_ARG(name));
    run->unknown_n += n > 0 ? (size_t)n : 0;
    if (run->unknown_n >= sizeof run->unknown)
        run->unknown_n = sizeof run->unknown - 1;
}

static void run_one(struct run *run, struct str name)
{
    if (str_eq(name, STR("none")))
        return;
    if (str_eq(name, STR("default"))) {
        run_defaults(run);
        return;
    }
    for (size_t i = 0; i < BUILT_IN; i++) {
        if (str_eq(name, str_of(built_in[i].name))) {
            run_built_in(run, &built_in[i]);
            return;
        }
    }
    for (size_t i = 0; i < OWN_MAX; i++) {
        struct own *o = atomic_load(&own[i]);
        if (o && str_eq(name, str_of(o->name))) {
            add(run, o->fn(o->user));
            return;
        }
    }
    note_unknown(run, name);
}

cairn_resource *resource_detect(const char *names, const char *root, bool environment)
{
    struct run run = {.root = root, .environment = environment};
    struct str list = names ? str_of(names) : STR("default"), name;
    run.sum = cairn_resource_new(NULL, NULL);
    while ((name = env_next_name(&list)).n)
        run_one(&run, name);
    if (run.unknown_n)
        diag_warn("resource detectors: not known, left out: %s", run.unknown);
    return run.sum;
}

cairn_resource *cairn_resource_detect(const char *names)
{
    return resource_detect(names, "", true);
}

/* ---- What every SDK starts from ---- */

static cairn_resource *of_the_sdk(void)
{
    struct detection d = {.root = ""};
    char program[NAME_MAX + 1], service[NAME_MAX + 32];
    bool named = detect_program(&d, program, sizeof program) > 0;
    snprintf(service, sizeof service, named ? "unknown_service:%s" : "unknown_service", program);
    return cairn_resource_new(CAIRN_ATTRS(CAIRN_STR(SEMCONV_TELEMETRY_SDK_NAME, "cairn"),
                                          CAIRN_STR(SEMCONV_TELEMETRY_SDK_LANG, "c"),
                                          CAIRN_STR(SEMCONV_TELEMETRY_SDK_VERSION, CAIRN_VERSION),
                                          CAIRN_STR(SEMCONV_SERVICE_NAME, service)),
                              NULL);
}

cairn_resource *resource_of_process(const char *names, bool environment)
{
    struct run run = {.sum = of_the_sdk()};
    add(&run, resource_detect(names, "", environment));
    return run.sum;
}

cairn_resource *cairn_resource_default(void)
{
    return resource_of_process(NULL, false);
}
