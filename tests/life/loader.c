/* loader.c - life_loader LIBRARY: loads libcairn-otlp, records, and unloads it, three times. */
#define CAIRN_NO_INLINE
#include <cairn/cairn.h>
#include <cairn/otlp.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TAPE_FD = 200 };

static void *library;

static void *find(const char *name)
{
    void *at = dlsym(library, name);
    if (!at)
        _exit(91);
    return at;
}

/* A pointer to the library's function of this name. */
#define FIND(function) ((__typeof__(&function))find(#function))

static cairn_status to_tape(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)timeout_ms;
    for (size_t i = 0; i < FIND(cairn_batch_count)(batch); i++) {
        const cairn_span_data *span = FIND(cairn_batch_span)(batch, i);
        cairn_str name = FIND(cairn_span_data_name)(span);
        struct cairn_span_context context;
        char id[17], line[128];
        FIND(cairn_span_data_context)(span, &context);
        FIND(cairn_span_id_hex)(context.span_id, id);
        snprintf(line, sizeof line, "%.*s\t%s\t-\t1\t-\n", (int)name.n, name.p, id);
        if (write(TAPE_FD, line, strlen(line)) != (ssize_t)strlen(line))
            return CAIRN_ERROR_FAILED;
    }
    return CAIRN_OK;
}

int main(int argc, char **argv)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = to_tape};
    for (int i = 0; argc == 2 && i < 3; i++) {
        cairn_processor *p;
        cairn_sdk *sdk;
        library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        if (!library) {
            fprintf(stderr, "%s\n", dlerror());
            return 92;
        }
        FIND(cairn_otlp_register)();
        p = FIND(cairn_processor_batch)(FIND(cairn_exporter_custom)(&ops, NULL), NULL);
        sdk = FIND(cairn_sdk_start)(CAIRN_SDK(.processors = &p, .processor_count = 1));
        FIND(cairn_span_end)(FIND(cairn_span_start)(FIND(cairn_tracer_get)("l"), "loaded", NULL));
        if (FIND(cairn_sdk_stop)(sdk, 20000) != CAIRN_OK)
            return 93;
        dlclose(library);
    }
    return argc != 2;
}
