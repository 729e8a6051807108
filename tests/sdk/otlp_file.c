/* The OTLP file exporter: whole lines, appended; full disks, readers that are gone or do not read, cut lines. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "sdk/otlp_file.h"
#include "sdk_test.h"
#include "wire/otlp_json.h"

static cairn_sdk *open_sdk(cairn_exporter *exporter)
{
    cairn_processor *p = cairn_processor_simple(exporter);
    cairn_sdk *sdk;
    assert_non_null(p);
    sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
    return sdk;
}

static void one_span(size_t name_n)
{
    static char name[65536];
    memset(name, 'n', sizeof name);
    cairn_span_end(
        cairn_span_start_str(cairn_tracer_get("file"), cairn_str_make(name, name_n), NULL));
}

static struct cairn_stats stats_of(cairn_sdk *sdk)
{
    struct cairn_stats s = {.size = sizeof s};
    cairn_sdk_get_stats(sdk, &s);
    return s;
}

/* How many lines of the text are one TracesData of one span, and how many are not. */
static void count_lines(const char *text, size_t n, size_t *good, size_t *bad)
{
    struct str rest = str_make(text, n), line;
    *good = *bad = 0;
    while (rest.n) {
        struct arena arena;
        struct span_batch batch;
        struct err err;
        assert_true(str_cut(rest, '\n', &line, &rest)); /* every line has its end */
        arena_init(&arena, 0);
        if (otlp_json_decode(line, NULL, &arena, &batch, &err) == 0 && batch.span_count == 1)
            ++*good;
        else
            ++*bad;
        arena_release(&arena);
    }
}

static void check_file(const char *path, size_t want_good, size_t want_bad)
{
    static char text[1 << 20];
    FILE *f = fopen(path, "r");
    size_t n, good, bad;
    assert_non_null(f);
    n = fread(text, 1, sizeof text, f);
    fclose(f);
    count_lines(text, n, &good, &bad);
    assert_int_equal(good, want_good);
    assert_int_equal(bad, want_bad);
}

static void test_file(void **state)
{
    char path[] = "/tmp/cairn-otlp-file-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    close(fd);
    for (int i = 0; i < 2; i++) { /* the second one appends */
        cairn_sdk *sdk = open_sdk(cairn_exporter_otlp_file(path));
        one_span(4);
        one_span(30000);
        assert_int_equal(stats_of(sdk).exported, 2);
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
    }
    check_file(path, 4, 0);
    unlink(path);
}

static void test_cannot_open(void **state)
{
    (void)state;
    errno = 77;
    assert_null(cairn_exporter_otlp_file("/nowhere/at/all"));
    assert_int_equal(errno, 77);
}

static void test_full_disk(void **state)
{
    cairn_sdk *sdk = open_sdk(cairn_exporter_otlp_file("/dev/full"));
    (void)state;
    one_span(4);
    assert_int_equal(stats_of(sdk).lost_export, 1);
    assert_int_equal(stats_of(sdk).exported, 0);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
}

/* The pipe's reader is gone: no signal, errno as it was. */
static void test_reader_gone(void **state)
{
    int ends[2];
    cairn_sdk *sdk;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    sdk = open_sdk(otlp_file_on(ends[1], true));
    close(ends[0]);
    errno = 77;
    one_span(4); /* SIGPIPE would end the test */
    assert_int_equal(errno, 77);
    assert_int_equal(stats_of(sdk).lost_export, 1);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
}

/* A full pipe that nobody reads cuts a line; when it is read again the next line is whole. */
static void test_cut_line(void **state)
{
    static char text[1 << 20];
    struct cairn_batch_options batch = {.size = sizeof batch, .export_timeout_ms = 50};
    int ends[2];
    size_t n = 0, good, bad;
    ssize_t got;
    cairn_processor *p;
    cairn_sdk *sdk;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 8192);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    p = cairn_processor_batch(otlp_file_on(ends[1], false), &batch);
    sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
    one_span(30000);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_ERROR_FAILED);
    while ((got = read(ends[0], text + n, sizeof text - n)) > 0)
        n += (size_t)got;
    one_span(4);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    while ((got = read(ends[0], text + n, sizeof text - n)) > 0)
        n += (size_t)got;
    count_lines(text, n, &good, &bad);
    assert_int_equal(good, 1);
    assert_int_equal(bad, 1);
    assert_false(fcntl(ends[1], F_GETFL) & O_NONBLOCK); /* the host's descriptor is as it was */
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),      cmocka_unit_test(test_cannot_open),
        cmocka_unit_test(test_full_disk), cmocka_unit_test(test_reader_gone),
        cmocka_unit_test(test_cut_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
