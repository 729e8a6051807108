/* golden.h - compares with a file kept beside the test. Run with --update, the test program rewrites the files
 * instead; what changed is then seen in the diff. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include "test.h"

static bool golden_update;

static inline void golden_arguments(int argc, char **argv)
{
    golden_update = argc > 1 && strcmp(argv[1], "--update") == 0;
}

/* name is below GOLDEN_DIR, which the build defines. */
static inline void golden_check(const char *name, struct str got)
{
    static char want[1 << 20];
    char path[512];
    snprintf(path, sizeof path, GOLDEN_DIR "/%s", name);
    FILE *f = fopen(path, golden_update ? "wb" : "rb");
    if (!f)
        fail_msg("cannot open %s; run the test with --update to make it", path);
    if (golden_update) {
        assert_int_equal(fwrite(got.p, 1, got.n, f), got.n);
        assert_int_equal(fclose(f), 0);
        return;
    }
    size_t n = fread(want, 1, sizeof want, f);
    fclose(f);
    if (n != got.n || memcmp(want, got.p, n) != 0)
        fail_msg("%s differs (run with --update and look at the diff); got:\n%.*s", name,
                 STR_ARG(got));
}

#endif
