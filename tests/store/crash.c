/* Killed at any moment: whatever was acknowledged is there after the next start, exactly once.
 *
 * A child appends traces and seals small heads all the time; it reports each acknowledgement through a pipe and
 * is killed at a random moment. The directory is opened again and again by the next children. */
#include <signal.h>
#include <sys/wait.h>

#include "fixture.h"

enum { ROUNDS = 20, ROUND_MS_MAX = 60, TRACES_MAX = 200000 };

static struct engine_options crash_options(const char *dir)
{
    struct engine_options options = test_options(dir);
    options.head_bytes_max = 16 << 10; /* a part every hundred appends or so, and merges */
    return options;
}

static void child(const char *dir, uint32_t first, int pipe_fd)
{
    struct engine_options options = crash_options(dir);
    struct store *s;
    if (store_open(&options, &s, NULL) < 0)
        _exit(1);
    for (uint32_t t = first;; t++) {
        int rc = append_trace(s, t, t % 5 + 1);
        if (rc == ERR_BUSY) {
            usleep(500);
            t--; /* the same again: whoever reads the pipe counts on at most one that was not acknowledged */
        }
        if (rc == 0 && write(pipe_fd, &t, sizeof t) != sizeof t)
            _exit(1);
    }
}

/* Runs a child for a while; marks what it acknowledged and returns the first trace it did not reach. */
static uint32_t run_and_kill(const char *dir, uint32_t first, uint32_t ms, bool *acked)
{
    uint32_t t, next = first;
    int fds[2], status;
    pid_t pid;
    assert_int_equal(pipe(fds), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(fds[0]);
        child(dir, first, fds[1]);
    }
    close(fds[1]);
    usleep(ms * 1000);
    kill(pid, SIGKILL);
    while (read(fds[0], &t, sizeof t) == sizeof t) {
        assert_true(t < TRACES_MAX);
        acked[t] = true;
        next = t + 1;
    }
    close(fds[0]);
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status)); /* not an exit: the child could open */
    return next + 1;                  /* one more may have been written and not acknowledged */
}

static void test_kill(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = crash_options(dir);
    bool *acked = calloc(TRACES_MAX, sizeof *acked);
    const char *seed = getenv("CAIRN_TEST_SEED");
    struct rng rng = {seed ? strtoull(seed, NULL, 10) : 42};
    uint32_t next = 0, count = 0;
    struct store *s;
    struct err err;
    (void)state;
    for (int round = 0; round < ROUNDS; round++)
        next = run_and_kill(dir, next, 5 + rng_below(&rng, ROUND_MS_MAX), acked);
    if (store_open(&options, &s, &err) < 0)
        fail_msg("store_open: %s", err.msg);
    for (uint32_t t = 0; t < next; t++) {
        int got = check_trace(s, t);
        if (acked[t] ? got != (int)(t % 5 + 1) : got != ERR_NOT_FOUND && got != (int)(t % 5 + 1))
            fail_msg("trace %u (%s): %d", t, acked[t] ? "acknowledged" : "not acknowledged", got);
        count += got > 0 ? (uint32_t)got : 0;
    }
    /* folding could hide a row that came twice: count them as they are stored */
    assert_int_equal(total_rows(s), count);
    assert_true(count > 0);
    store_close(s);
    free(acked);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_kill)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
