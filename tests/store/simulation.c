/* Random programs over the store's own code on a disk and a clock that are simulated: appends, seals, merges, queries,
 * deletions, retention, I/O errors, full disks, clocks that jump, crashes and power cuts at any call. What was acknowledged
 * is there, exactly once; what was deleted or grew too old is gone, and nothing else is.
 *
 * A seed makes a list of steps, each with a seed of its own, so that a failing program stays itself when steps are
 * left out: the shortest list that still fails is printed. CAIRN_TEST_SEED=n runs that seed alone and names its steps
 * and calls; with CAIRN_TEST_SEEDS=m it is the first of m. */
#include <errno.h>
#include <sys/wait.h>

#include "mem_fs.h"
#include "sim_model.h"

enum { STEPS = 120, SEEDS = 200, SEEDS_LONG = 10000, HEAL_ROUNDS = 40 };

#define DATA_DIR "/srv/data"

/* ---- Simulated clock and random numbers: the linker puts these in the place of base/clock.c's and base/random.c's */

uint64_t __wrap_clock_monotonic_ns(void);
uint64_t __wrap_random_u64(void);

static uint64_t now_ns;

/* The other clock, that of retention: it may be set to any time. The traces' spans begin then, too (fixture.c). */
static const uint64_t BASE_NS = 1700000000000000000u, MS = 1000000;
static uint64_t wall_ns;

static uint64_t wall_clock(void *user)
{
    (void)user;
    return wall_ns;
}

/* What the programs did, so that a change which makes them do nothing is seen. */
static struct {
    uint64_t kept, refused, seals, merges, starts, power_cuts, failed_starts;
    uint64_t deleted, deletions_failed, retentions, retentions_failed,
        retained; /* the last: pieces taken */
} done;

uint64_t __wrap_clock_monotonic_ns(void)
{
    return now_ns += 1000; /* a call takes its time */
}

uint64_t __wrap_random_u64(void)
{
    return now_ns * 0x9e3779b97f4a7c15u;
}

/* ---- Steps ---- */

enum kind {
    APPEND,      /* queues some batches and writes them */
    QUEUE,       /* queues some */
    WRITE,       /* the writer's step */
    SEAL_HEAD,   /* the same, and the head is frozen */
    SEAL_ALL,    /* both */
    SEAL,        /* the sealing thread's step */
    MERGE,       /* its others */
    RETAIN,      /* a run of retention */
    DELETE,      /* of a trace */
    DELETE_MANY, /* of half of them */
    QUERY,       /* one trace */
    CHECK,       /* everything */
    TIME,        /* some passes */
    SET_CLOCK,   /* the wall clock is set */
    WRITE_BACK,  /* the kernel writes on its own */
    FAULTS,      /* calls begin to fail now and then */
    FULL,        /* the disk is nearly full */
    HEAL,        /* faults are over, there is room: all must work */
    CRASH,       /* kill -9 */
    POWER,       /* power cut */
    DOOM,        /* the next crash comes within some calls */
    DOOM_POWER,  /* the next power cut */
    CLOSE,       /* and start again */
    CLOSE_POWER, /* a clean end, then a power cut */
    KIND_END
};

static const struct {
    const char *name;
    uint32_t weight;
} kinds[KIND_END] = {
    [APPEND] = {"append", 40},
    [QUEUE] = {"queue", 6},
    [WRITE] = {"write", 8},
    [SEAL_HEAD] = {"freeze", 10},
    [SEAL_ALL] = {"freeze and seal", 30},
    [SEAL] = {"seal", 16},
    [MERGE] = {"merge", 8},
    [RETAIN] = {"retain", 8},
    [DELETE] = {"delete", 12},
    [DELETE_MANY] = {"delete many", 1},
    [QUERY] = {"query", 10},
    [CHECK] = {"check", 2},
    [TIME] = {"time", 6},
    [SET_CLOCK] = {"set the clock", 4},
    [WRITE_BACK] = {"write back", 8},
    [FAULTS] = {"faults", 4},
    [FULL] = {"disk full", 2},
    [HEAL] = {"heal", 4},
    [CRASH] = {"crash", 2},
    [POWER] = {"power cut", 2},
    [DOOM] = {"crash within", 4},
    [DOOM_POWER] = {"power within", 4},
    [CLOSE] = {"restart", 1},
    [CLOSE_POWER] = {"restart, power cut", 1},
};

struct step {
    enum kind kind;
    uint64_t seed;
    bool left_out;
};

struct sim {
    struct model model;
    struct store *store; /* NULL when it could not be opened */
    struct engine_options options;
    struct arena arena;
    bool faulty, full; /* errors may happen; the disk may be full */
    enum loss doom;    /* what happens when the file system is dead */
    bool loud;
};

static void set_faults(struct sim *sim, struct rng *rng)
{
    static const uint32_t chances[] = {0, 0, 200, 2000, 12000};
    struct mem_fs_faults *f = mem_fs_faults();
    f->error_chance = chances[rng_below(rng, COUNT(chances))];
    f->read_error_chance = chances[rng_below(rng, COUNT(chances))];
    f->sync_error_chance = chances[rng_below(rng, COUNT(chances))];
    sim->model.flushes_failed |= f->sync_error_chance > 0;
    sim->faulty = f->error_chance || f->read_error_chance || f->sync_error_chance;
}

static void no_faults(struct sim *sim)
{
    struct mem_fs_faults *f = mem_fs_faults();
    f->error_chance = f->read_error_chance = f->sync_error_chance = 0;
    sim->faulty = sim->full = false;
    mem_fs_set_capacity(UINT64_MAX);
    now_ns += 1000000000; /* the store asks again how much room there is */
}

/* ---- Starts ---- */

/* The data directory may stand in one that a power cut does not know either. */
static void open_store(struct sim *sim, enum loss loss, struct rng *rng)
{
    struct err err = {0};
    int rc = 0;
    for (int attempt = 0; attempt < 6; attempt++) {
        if (attempt == 5) {
            no_faults(sim);
            mem_fs_die_after(UINT64_MAX);
        }
        rc = store_open_stepped(&sim->options, &sim->store, &err);
        if (rc == 0 && !mem_fs_dead())
            break;
        if (rc == 0)
            store_close(sim->store);
        sim->store = NULL;
        done.failed_starts++;
        if (mem_fs_dead()) { /* killed while it started */
            bool power = sim->doom == LOSS_POWER;
            if (power)
                mem_fs_power_cut();
            else
                mem_fs_crash();
            loss = power ? LOSS_POWER : loss == LOSS_NONE ? LOSS_PROCESS : loss;
            if (attempt < 4 && rng_below(rng, 2)) {
                sim->doom = rng_below(rng, 2) ? LOSS_POWER : LOSS_PROCESS;
                mem_fs_die_after(rng_below(rng, 20));
            }
        } else if (rc != ERR_IO && rc != ERR_BUSY) {
            model_fail(&sim->model, "start: %d %s", rc, err.msg);
            return;
        } else if (!sim->faulty && !(sim->full && sim->model.count == 0)) {
            model_fail(&sim->model, "start%s: %s", sim->full ? " on a full disk" : "", err.msg);
            return;
        }
    }
    if (!sim->store) {
        model_fail(&sim->model, "start: %d %s", rc, err.msg);
        return;
    }
    done.starts++;
    struct mem_fs_faults faults = *mem_fs_faults();
    memset(mem_fs_faults(), 0, sizeof faults);
    model_reopened(&sim->model, sim->store, loss);
    *mem_fs_faults() = faults;
}

static void reopen(struct sim *sim, enum loss loss, bool clean, struct rng *rng)
{
    bool dead = mem_fs_dead();
    if (!clean)
        mem_fs_die_after(0);
    store_close(sim->store);
    sim->store = NULL;
    dead |= clean && mem_fs_dead();
    if (mem_fs_misuse())
        model_fail(&sim->model, "%s", mem_fs_misuse());
    if (mem_fs_open_files())
        model_fail(&sim->model, "%u descriptors are still open", mem_fs_open_files());
    if (dead && sim->doom == LOSS_POWER)
        loss = LOSS_POWER;
    else if (dead && loss == LOSS_NONE)
        loss = LOSS_PROCESS;
    if (clean && sim->model.ack == ENGINE_ACK_MEMORY && loss == LOSS_NONE)
        loss = LOSS_PROCESS; /* sealed at close by the thread, which is not here */
    done.power_cuts += loss == LOSS_POWER;
    if (loss == LOSS_POWER)
        mem_fs_power_cut();
    else
        mem_fs_crash();
    sim->doom = LOSS_NONE;
    now_ns += 1000000 + rng_below(rng, 1000000);
    if (rng_below(rng, 4) == 0) {
        sim->doom = rng_below(rng, 2) ? LOSS_POWER : LOSS_PROCESS;
        mem_fs_die_after(rng_below(rng, 20));
    }
    open_store(sim, loss, rng);
}

/* ---- Steps, done ---- */

static void on_done(int result, const struct err *err, void *user)
{
    struct batch *b = user;
    (void)err;
    b->answered = true;
    b->visible = result == 0;
    done.kept += result == 0;
    done.refused += result < 0;
    b->certain = b->visible && b->flushed;
}

static int queue_one(struct sim *sim, struct rng *rng)
{
    struct batch *b = model_make(&sim->model, rng);
    struct span_batch batch;
    struct engine_append append = {.batch = &batch, .done = on_done, .user = b};
    int rc;
    if (!b)
        return 0;
    b->flushed = sim->model.ack == ENGINE_ACK_FSYNC;
    batch = (struct span_batch){.spans = model_spans(b, &sim->arena), .span_count = b->span_count};
    rc = store_append(sim->store, &append, NULL);
    b->answered |= rc < 0;
    if (rc < 0 && rc != ERR_BUSY)
        model_fail(&sim->model, "append: %d", rc);
    return rc;
}

static void write_step(struct sim *sim, bool seal)
{
    store_step_write(sim->store, seal);
}

static int seal_step(struct sim *sim)
{
    struct engine_stats stats;
    int rc = store_step_seal(sim->store);
    done.seals += rc == 0;
    store_stats(sim->store, &stats);
    if (rc == 0 && !stats.head_spans)
        model_sealed(&sim->model);
    return rc;
}

struct files {
    uint64_t count;
};

static int count_file(const char *name, void *user)
{
    struct files *f = user;
    f->count += strstr(name, ".part") != NULL;
    return 0;
}

/* All is well again: batches are taken, heads become parts, nothing is left lying about. */
static void heal(struct sim *sim, struct rng *rng)
{
    struct engine_stats stats;
    struct files files = {0};
    uint32_t before;
    int rc;
    if (!mem_fs_dead())
        mem_fs_die_after(UINT64_MAX);
    else
        return;
    no_faults(sim);
    write_step(sim, true);
    for (int i = 0; i < HEAL_ROUNDS; i++) {
        rc = seal_step(sim);
        if (rc < 0 && rc != ERR_NOT_FOUND)
            model_fail(&sim->model, "sealing fails without a reason: %d", rc);
        now_ns += 1000000000;
        write_step(sim, true);
    }
    before = sim->model.count;
    rc = queue_one(sim, rng);
    if (sim->model.count > before) {
        write_step(sim, false);
        if (rc < 0 || !sim->model.batches[before].visible)
            model_fail(&sim->model, "a batch is refused without a reason: %d", rc);
    }
    write_step(sim, true);
    seal_step(sim);
    store_stats(sim->store, &stats);
    if (stats.head_spans)
        model_fail(&sim->model, "%llu spans stay in heads", (unsigned long long)stats.head_spans);
    file_list(DATA_DIR "/parts", count_file, &files, NULL);
    if (files.count != stats.parts)
        model_fail(&sim->model, "%llu files for %llu parts", (unsigned long long)files.count,
                   (unsigned long long)stats.parts);
    model_check_all(&sim->model, sim->store);
}

/* What the store has now, whatever errors are on their way; NULL when the disk is dead. */
static struct store *without_faults(struct sim *sim, struct mem_fs_faults *saved)
{
    *saved = *mem_fs_faults();
    memset(mem_fs_faults(), 0, sizeof *saved);
    return mem_fs_dead() ? NULL : sim->store;
}

static void delete_trace(struct sim *sim, uint32_t trace)
{
    struct mem_fs_faults saved;
    struct err err = {0};
    int rc = store_delete_trace(sim->store, test_trace_id(trace), &err);
    bool trouble = sim->faulty || sim->full || mem_fs_dead();
    done.deleted += rc == 0;
    done.deletions_failed += rc < 0 && rc != ERR_NOT_FOUND;
    if (rc < 0 && rc != ERR_NOT_FOUND && !(trouble && (rc == ERR_IO || rc == ERR_BUSY)))
        model_fail(&sim->model, "trace %u cannot be deleted: %d %s", trace, rc, err.msg);
    struct store *s = without_faults(sim, &saved);
    model_deleted(&sim->model, s, trace, rc);
    if (s)
        model_check_trace(&sim->model, s, trace, false);
    *mem_fs_faults() = saved;
}

static void delete_many(struct sim *sim, struct rng *rng)
{
    for (uint32_t t = 0; t < sim->model.trace_count && !mem_fs_dead(); t++) {
        if (rng_below(rng, 2) && model_has(&sim->model, t))
            delete_trace(sim, t);
    }
}

static void retain(struct sim *sim, struct rng *rng)
{
    struct mem_fs_faults saved;
    struct store *s = without_faults(sim, &saved);
    int rc;
    model_plan_retention(&sim->model, s, &sim->options, wall_ns);
    *mem_fs_faults() = saved;
    rc = store_step_retain(sim->store, rng_below(rng, 2));
    done.retentions += rc == 0;
    done.retentions_failed += rc < 0;
    if (rc < 0 && rc != ERR_CANCELLED && !sim->faulty && !sim->full && !mem_fs_dead())
        model_fail(&sim->model, "retention fails without a reason: %d", rc);
    s = without_faults(sim, &saved);
    done.retained += model_retained(&sim->model, s, rc);
    if (s)
        model_check_all(&sim->model, s);
    *mem_fs_faults() = saved;
}

static void doom(struct sim *sim, enum loss loss, struct rng *rng)
{
    if (sim->doom != LOSS_NONE)
        return;
    sim->doom = loss;
    mem_fs_die_after(rng_below(rng, 30));
}

/* The steps that need an open store and a living disk. */
static void work(struct sim *sim, enum kind kind, struct rng *rng)
{
    struct store *s = sim->store;
    uint32_t n = 1 + rng_below(rng, 4);
    switch (kind) {
    case APPEND:
    case QUEUE:
        for (uint32_t i = 0; i < n; i++)
            queue_one(sim, rng);
        wall_ns += rng_below(rng, 4) * MS;
        if (kind == APPEND)
            write_step(sim, false);
        break;
    case WRITE:
    case SEAL_HEAD: write_step(sim, kind == SEAL_HEAD); break;
    case SEAL: seal_step(sim); break;
    case MERGE: done.merges += store_step_merge(s) == 0; break;
    case RETAIN: retain(sim, rng); break;
    case DELETE:
        if (sim->model.trace_count)
            delete_trace(sim, rng_below(rng, sim->model.trace_count));
        break;
    case DELETE_MANY: delete_many(sim, rng); break;
    case SEAL_ALL:
        write_step(sim, true);
        seal_step(sim);
        break;
    case QUERY:
        if (sim->model.trace_count)
            model_check_trace(&sim->model, s, rng_below(rng, sim->model.trace_count), sim->faulty);
        break;
    case CHECK:
        if (!sim->faulty)
            model_check_all(&sim->model, s);
        break;
    case HEAL: heal(sim, rng); break;
    default: break;
    }
}

/* Seconds; now and then a year, or an hour back. */
static void pass_time(struct rng *rng)
{
    const uint64_t hour = UINT64_C(3600) * 1000000000;
    uint32_t jump = rng_below(rng, 10);
    if (jump == 0)
        now_ns += 365 * 24 * hour;
    else if (jump == 1 && now_ns > 2 * hour)
        now_ns -= hour;
    else
        now_ns += (uint64_t)rng_below(rng, 120000) * 1000000;
}

/* Somewhere in the time that the traces are of; now and then a year later, or before all of them. */
static void set_clock(struct rng *rng)
{
    uint32_t jump = rng_below(rng, 16);
    if (jump == 0)
        wall_ns = BASE_NS + UINT64_C(365) * 86400 * 1000 * MS;
    else if (jump == 1)
        wall_ns = BASE_NS - UINT64_C(86400) * 1000 * MS;
    else
        wall_ns = BASE_NS + rng_below(rng, 500) * MS;
}

static void take(struct sim *sim, const struct step *step)
{
    struct rng rng = {step->seed};
    mem_fs_reseed(rng_next(&rng));
    switch (step->kind) {
    case TIME: pass_time(&rng); break;
    case SET_CLOCK: set_clock(&rng); break;
    case WRITE_BACK: mem_fs_write_back(); break;
    case FAULTS: set_faults(sim, &rng); break;
    case FULL:
        sim->full = true;
        mem_fs_set_capacity(mem_fs_used() + rng_below(&rng, 12000));
        break;
    case CRASH: reopen(sim, LOSS_PROCESS, false, &rng); break;
    case POWER: reopen(sim, LOSS_POWER, false, &rng); break;
    case CLOSE:
    case CLOSE_POWER:
        write_step(sim, false);
        reopen(sim, step->kind == CLOSE ? LOSS_NONE : LOSS_POWER, true, &rng);
        break;
    case DOOM: doom(sim, LOSS_PROCESS, &rng); break;
    case DOOM_POWER: doom(sim, LOSS_POWER, &rng); break;
    default: work(sim, step->kind, &rng);
    }
    if (sim->store && mem_fs_dead())
        reopen(sim, sim->doom, false, &rng);
}

/* ---- Programs ---- */

static void make_steps(uint64_t seed, struct step steps[STEPS])
{
    struct rng rng = {seed};
    uint32_t total = 0;
    for (int k = 0; k < KIND_END; k++)
        total += kinds[k].weight;
    for (int i = 0; i < STEPS; i++) {
        uint32_t at = rng_below(&rng, total);
        enum kind kind = 0;
        while (at >= kinds[kind].weight)
            at -= kinds[kind++].weight;
        steps[i] = (struct step){kind, rng_next(&rng), false};
    }
}

/* None, by age, by age with rules, or by size. */
static void set_retention(struct engine_options *o, struct rng *rng)
{
    static struct retention_rule rules[2];
    uint32_t how = rng_below(rng, 4);
    o->now_ns = wall_clock;
    if (how == 1 || how == 2)
        o->retention_ns = (20 + rng_below(rng, 150)) * MS;
    if (how == 3)
        o->retention_bytes = 4000 + rng_below(rng, 40000);
    if (how != 2)
        return;
    rules[0] = (struct retention_rule){.field = RETENTION_STATUS,
                                       .status = STATUS_ERROR,
                                       .keep_ns = o->retention_ns + rng_below(rng, 200) * MS};
    rules[1] = (struct retention_rule){.field = RETENTION_DURATION,
                                       .duration_ns = 60 * MS,
                                       .keep_ns = o->retention_ns + rng_below(rng, 300) * MS};
    o->retention_rules = rules;
    o->retention_rule_count = COUNT(rules);
}

static struct engine_options sim_options(struct rng *rng)
{
    static const enum engine_ack acks[] = {ENGINE_ACK_FSYNC, ENGINE_ACK_FSYNC, ENGINE_ACK_FSYNC,
                                           ENGINE_ACK_WRITE, ENGINE_ACK_MEMORY};
    struct engine_options o = test_options(DATA_DIR);
    o.ack = acks[rng_below(rng, COUNT(acks))];
    o.head_bytes_max = 1000 + rng_below(rng, 8000);
    o.head_age_ms_max = 1000 + rng_below(rng, 60000);
    o.disk_free_bytes_min = rng_below(rng, 2) ? 0 : 3000;
    set_retention(&o, rng);
    return o;
}

static void start(struct sim *sim, struct rng *rng)
{
    sim->options = sim_options(rng);
    sim->model.ack = sim->options.ack;
    arena_init(&sim->arena, 0);
    mem_fs_faults()->short_chance = rng_below(rng, 2) ? 6000 : 0;
    file_make_dir("/srv", NULL);
    file_sync_dir("/", NULL);
    open_store(sim, LOSS_NONE, rng);
}

static void finish(struct sim *sim, struct rng *rng)
{
    if (sim->store && !sim->model.failure[0])
        heal(sim, rng);
    if (sim->store && !sim->model.failure[0])
        reopen(sim, LOSS_POWER, true, rng);
    if (sim->store)
        store_close(sim->store);
    arena_release(&sim->arena);
}

/* True when all was well; else why not, in failure. */
static bool run(uint64_t seed, const struct step steps[STEPS], bool loud, char failure[400])
{
    struct sim *sim = calloc(1, sizeof *sim);
    struct rng rng = {~seed};
    bool good;
    assert_non_null(sim);
    now_ns = 1000000000;
    wall_ns = BASE_NS;
    mem_fs_open(rng_next(&rng));
    mem_fs_set_loud(loud);
    start(sim, &rng);
    for (int i = 0; i < STEPS && !sim->model.failure[0] && sim->store; i++) {
        if (steps[i].left_out)
            continue;
        if (loud)
            fprintf(stderr, "  %3d %-18s calls %llu, %llu bytes\n", i, kinds[steps[i].kind].name,
                    (unsigned long long)mem_fs_calls(), (unsigned long long)mem_fs_used());
        take(sim, &steps[i]);
    }
    finish(sim, &rng);
    good = !sim->model.failure[0];
    snprintf(failure, 400, "%s", sim->model.failure);
    mem_fs_close();
    free(sim);
    return good;
}

/* In a process of its own: a program that crashes has failed too. */
static bool fails(uint64_t seed, const struct step steps[STEPS])
{
    char failure[400];
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(run(seed, steps, false, failure) ? 0 : 1);
    waitpid(pid, &status, 0);
    return status != 0;
}

/* Leaves out runs of steps, long ones first, as long as it still fails. */
static void shorten(uint64_t seed, struct step steps[STEPS])
{
    for (int length = STEPS / 2; length >= 1; length /= 2) {
        for (int from = 0; from < STEPS; from += length) {
            struct step shorter[STEPS];
            int changed = 0;
            memcpy(shorter, steps, sizeof shorter);
            for (int i = from; i < from + length && i < STEPS; i++) {
                changed += !shorter[i].left_out;
                shorter[i].left_out = true;
            }
            if (changed && fails(seed, shorter))
                memcpy(steps, shorter, sizeof shorter);
        }
    }
}

static void explain(uint64_t seed, struct step steps[STEPS])
{
    char failure[400] = "";
    shorten(seed, steps);
    fprintf(stderr, "seed %llu fails; the shortest program:\n", (unsigned long long)seed);
    run(seed, steps, true, failure);
    fail_msg("CAIRN_TEST_SEED=%llu: %s", (unsigned long long)seed, failure);
}

static void test_seeds(void **state)
{
    const char *from = getenv("CAIRN_TEST_SEED"), *many = getenv("CAIRN_TEST_SEEDS");
    bool one = from && !many;
    uint64_t first = from ? strtoull(from, NULL, 10) : 1, count = SEEDS;
    struct step steps[STEPS];
    char failure[400];
    (void)state;
    if (one)
        count = 1;
    else if (many)
        count = strtoull(many, NULL, 10);
    else if (getenv("CAIRN_TEST_LONG"))
        count = SEEDS_LONG;
    for (uint64_t seed = first; seed < first + count; seed++) {
        make_steps(seed, steps);
        if (!run(seed, steps, one, failure))
            explain(seed, steps);
    }
    print_message(
        "%llu batches kept, %llu refused, %llu seals, %llu merges, %llu starts, %llu failed, %llu power cuts\n",
        (unsigned long long)done.kept, (unsigned long long)done.refused,
        (unsigned long long)done.seals, (unsigned long long)done.merges,
        (unsigned long long)done.starts, (unsigned long long)done.failed_starts,
        (unsigned long long)done.power_cuts);
    print_message(
        "%llu traces deleted, %llu deletions failed, %llu runs of retention, %llu failed or stopped, %llu "
        "times spans of a trace removed\n",
        (unsigned long long)done.deleted, (unsigned long long)done.deletions_failed,
        (unsigned long long)done.retentions, (unsigned long long)done.retentions_failed,
        (unsigned long long)done.retained);
    assert_true(one || (done.kept && done.refused && done.seals && done.merges && done.power_cuts));
    assert_true(one || (done.deleted && done.deletions_failed && done.retentions &&
                        done.retentions_failed && done.retained));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_seeds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
