/* Resource detectors over made-up machines: directories with the files that each system shows, and odd ones. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "sdk/detect.h"
#include "sdk_test.h"

/* ---- A root directory of files ---- */

static char root[64];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static void root_remove(void)
{
    if (*root)
        nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void root_make(void)
{
    root_remove();
    snprintf(root, sizeof root, "/tmp/cairn-detect-XXXXXX");
    assert_non_null(mkdtemp(root));
}

/* Makes the directories above, too. */
static void full_path(const char *path, char full[256])
{
    snprintf(full, 256, "%s%s", root, path);
    for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        mkdir(full, 0700);
        *p = '/';
    }
}

static void root_put_bytes(const char *path, const char *text, size_t n)
{
    char full[256];
    FILE *f;
    full_path(path, full);
    f = fopen(full, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

static void root_put(const char *path, const char *text)
{
    root_put_bytes(path, text, strlen(text));
}

static cairn_resource *run(const char *names)
{
    cairn_resource *r = resource_detect(names, root, false);
    assert_non_null(r);
    return r;
}

/* The text of an attribute, "" without it. Valid until the resource goes. */
static struct str text_of(const cairn_resource *r, const char *key)
{
    return attrs_get_string(&r->resource.attrs, str_of(key));
}

static void check_text(const cairn_resource *r, const char *key, const char *want, const char *name)
{
    check_str(text_of(r, key), want ? want : "", name);
    CHECK(want || !attrs_get(&r->resource.attrs, str_of(key)), name);
}

/* ---- Containers ---- */

#define ID  "9c3f0b5a7d1e48c2a6b4f8e0d2c5971308e6f4a1b7c9d3e5f0a2b4c6d8e1f307"
#define ID2 "11aa22bb33cc44dd55ee66ff77008899aabbccddeeff00112233445566778899"
#define POD "b7d1f3c5-0a2e-4c68-9f13-57b9d1e3a5c7"

static const struct {
    const char *name, *cgroup, *mountinfo, *want;
} containers[] = {
    {"docker, cgroup 1",
     "12:pids:/docker/" ID "\n11:memory:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/\n",
     NULL, ID},
    {"docker, systemd driver", "4:memory:/system.slice/docker-" ID ".scope\n", NULL, ID},
    {"docker in docker", "1:name=systemd:/docker/" ID2 "/docker/" ID "\n", NULL, ID},
    {"podman, cgroup 2", "0::/machine.slice/libpod-" ID ".scope/container\n", NULL, ID},
    {"podman without root",
     "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope/container\n",
     NULL, ID},
    {"podman, cgroupfs", "0::/libpod_parent/libpod-" ID "\n", NULL, ID},
    {"kubernetes with docker",
     "11:cpu,cpuacct:/kubepods/besteffort/pod" POD "/" ID "\n2:hugetlb:/kubepods/besteffort/pod" POD
     "/" ID "\n",
     NULL, ID},
    {"kubernetes with containerd, systemd",
     "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podb7d1f3c5_0a2e_4c68.slice/"
     "cri-containerd-" ID ".scope\n",
     NULL, ID},
    {"kubernetes with containerd, the colon form",
     "5:memory:/system.slice/containerd.service/kubepods-besteffort-podb7d1f3c5.slice:"
     "cri-containerd:" ID "\n",
     NULL, ID},
    {"kubernetes with cri-o",
     "0::/kubepods.slice/kubepods-podb7d1f3c5_0a2e.slice/crio-" ID ".scope\n", NULL, ID},
    {"cri-o, a group inside",
     "0::/kubepods.slice/kubepods-podb7d1f3c5_0a2e.slice/crio-" ID ".scope/container\n", NULL, ID},
    {"relative in a cgroup namespace", "0::/../cri-containerd-" ID ".scope\n", NULL, ID},
    {"ECS on EC2", "9:perf_event:/ecs/" POD "/" ID "\n", NULL, ID},
    {"ECS on Fargate",
     "9:perf_event:/ecs/0123456789abcdef0123456789abcdef/0123456789abcdef0123456789abcdef-265927\n",
     NULL, "0123456789abcdef0123456789abcdef-265927"},
    {"no newline at the end", "0::/docker/" ID, NULL, ID},
    {"the first line has none", "3:cpuset:/\n2:cpu:/docker/" ID "\n", NULL, ID},

    {"docker, private cgroup namespace", "0::/\n",
     "1004 900 0:98 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/AB\n"
     "1011 1010 0:30 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n"
     "1020 1004 8:1 /var/lib/docker/containers/" ID "/resolv.conf /etc/resolv.conf rw - ext4 "
     "/dev/sda1 rw\n"
     "1021 1004 8:1 /var/lib/docker/containers/" ID "/hostname /etc/hostname rw - ext4 /dev/sda1 "
     "rw\n",
     ID},
    {"podman, private cgroup namespace", "0::/\n",
     "600 500 0:54 /containers/overlay-containers/" ID
     "/userdata/.containerenv /run/.containerenv rw,nosuid - tmpfs tmpfs rw\n",
     ID},
    {"optional tags before the dash", "0::/\n",
     "600 500 0:54 /x/" ID "/hostname /etc/hostname rw master:15 propagate_from:2 - tmpfs tmpfs "
     "rw\n",
     ID},
    {"cri-o: the sandbox's files, the container's secrets", "0::/\n",
     "71 70 0:25 /containers/storage/overlay-containers/" ID2
     "/userdata/hostname /etc/hostname rw master:15 - tmpfs tmpfs rw\n"
     "72 70 252:4 /var/lib/kubelet/pods/" POD "/etc-hosts /etc/hosts rw - xfs /dev/vda4 rw\n"
     "73 70 0:25 /containers/storage/overlay-containers/" ID
     "/userdata/run/secrets /run/secrets rw - tmpfs tmpfs rw\n",
     ID},
    {"cri-o without secrets: the sandbox is not the container", "0::/\n",
     "71 70 0:25 /containers/storage/overlay-containers/" ID2
     "/userdata/hostname /etc/hostname rw master:15 - tmpfs tmpfs rw\n"
     "72 70 252:4 /var/lib/kubelet/pods/" POD "/etc-hosts /etc/hosts rw - xfs /dev/vda4 rw\n",
     NULL},
    {"containerd: the sandbox is not the container", "0::/\n",
     "23 20 253:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/" ID2
     "/hostname /etc/hostname rw - xfs /dev/mapper/vg rw\n",
     NULL},
    {"cgroup mounts before files", "",
     "23 20 253:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/" ID2
     "/hostname /etc/hostname rw - xfs /dev/mapper/vg rw\n"
     "24 20 0:32 /kubepods-podb7d1f3c5.slice:cri-containerd:" ID
     " /sys/fs/cgroup/systemd ro master:11 - cgroup cgroup rw,name=systemd\n",
     ID},

    {"systemd-nspawn", "0::/machine.slice/machine-debian.scope/payload/init.scope\n",
     "1 0 8:2 / / rw - ext4 /dev/sda2 rw\n", NULL},
    {"a desktop", "0::/user.slice/user-1000.slice/session-3.scope\n",
     "22 27 0:21 / /proc rw - proc proc rw\n", NULL},
    {"the host of docker containers", "0::/system.slice/docker.service\n",
     "40 27 0:50 / /var/lib/docker/overlay2/" ID "/merged rw - overlay overlay rw\n"
     "41 27 0:51 / /var/lib/docker/containers/" ID2 "/mounts/shm rw - tmpfs shm rw\n",
     NULL},
    {"nothing to read", NULL, NULL, NULL},
    {"empty files", "", "", NULL},
    {"63 digits", "0::/docker/9c3f0b5a7d1e48c2a6b4f8e0d2c5971308e6f4a1b7c9d3e5f0a2b4c6d8e1f30\n",
     NULL, NULL},
    {"65 digits", "0::/docker/" ID "0\n", NULL, NULL},
    {"capitals are no id",
     "0::/docker/9C3F0B5A7D1E48C2A6B4F8E0D2C5971308E6F4A1B7C9D3E5F0A2B4C6D8E1F307\n", NULL, NULL},
    {"not hexadecimal",
     "0::/docker/zz3f0b5a7d1e48c2a6b4f8e0d2c5971308e6f4a1b7c9d3e5f0a2b4c6d8e1f307\n", NULL, NULL},
    {"garbage", ":::::\n\n::\nabc\n/\n" ID "\n", " \n- - -\n1 2 3\n" ID "\n", NULL},
    {"half a mount", "", "600 500 0:54 /x/" ID "/hostname /etc/hostname rw", NULL},
};

static void test_container(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(containers); i++) {
        cairn_resource *r;
        root_make();
        if (containers[i].cgroup)
            root_put("/proc/self/cgroup", containers[i].cgroup);
        if (containers[i].mountinfo)
            root_put("/proc/self/mountinfo", containers[i].mountinfo);
        r = run("container");
        check_text(r, "container.id", containers[i].want, containers[i].name);
        CHECK(r->resource.attrs.count == (containers[i].want != NULL), containers[i].name);
        check_cairn_str(cairn_resource_schema_url(r), containers[i].want ? DETECT_SCHEMA : "",
                        containers[i].name);
        cairn_resource_unref(r);
    }
}

/* The parsers over memory that ends with the text. */
static void test_container_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(containers); i++) {
        struct str cgroup = str_of(containers[i].cgroup), mounts = str_of(containers[i].mountinfo);
        for (size_t n = 0; n <= cgroup.n; n++) {
            struct guarded g = guarded_copy(cgroup.p, n);
            detect_cgroup_id(g.bytes);
            guarded_free(&g);
        }
        for (size_t n = 0; n <= mounts.n; n++) {
            struct guarded g = guarded_copy(mounts.p, n);
            detect_mounts_id(g.bytes);
            guarded_free(&g);
        }
    }
}

/* ---- Host and operating system ---- */

#define MACHINE "fdbf79e8af94cb7f9e8df36789187052"

static const struct {
    const char *name, *etc, *dbus, *cgroup, *marker, *want;
} machines[] = {
    {"/etc/machine-id", MACHINE "\n", "00000000000000000000000000000001\n", NULL, NULL, MACHINE},
    {"that of dbus", NULL, MACHINE "\n", NULL, NULL, MACHINE},
    {"no newline", MACHINE, NULL, NULL, NULL, MACHINE},
    {"first boot", "uninitialized\n", NULL, NULL, NULL, NULL},
    {"empty, then dbus", "", MACHINE "\n", NULL, NULL, MACHINE},
    {"too short", "fdbf79e8\n", NULL, NULL, NULL, NULL},
    {"too long", MACHINE "0\n", NULL, NULL, NULL, NULL},
    {"none", NULL, NULL, NULL, NULL, NULL},
    {"in a container", MACHINE "\n", NULL, "0::/docker/" ID "\n", NULL, NULL},
    {"in docker without an id", MACHINE "\n", NULL, "0::/\n", "/.dockerenv", NULL},
    {"in podman without an id", MACHINE "\n", NULL, "0::/\n", "/run/.containerenv", NULL},
};

static void test_machine_id(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(machines); i++) {
        cairn_resource *r;
        root_make();
        if (machines[i].etc)
            root_put("/etc/machine-id", machines[i].etc);
        if (machines[i].dbus)
            root_put("/var/lib/dbus/machine-id", machines[i].dbus);
        if (machines[i].cgroup)
            root_put("/proc/self/cgroup", machines[i].cgroup);
        if (machines[i].marker)
            root_put(machines[i].marker, "");
        r = run("host");
        check_text(r, "host.id", machines[i].want, machines[i].name);
        CHECK(text_of(r, "host.name").n > 0, machines[i].name);
        CHECK(text_of(r, "host.arch").n > 0, machines[i].name);
        check_text(r, "os.type", "linux", machines[i].name);
        cairn_resource_unref(r);
    }
}

static void test_arch(void **state)
{
    static const char *const cases[][2] = {
        {"x86_64", "amd64"}, {"aarch64", "arm64"},
        {"armv7l", "arm32"}, {"armv6l", "arm32"},
        {"i686", "x86"},     {"i386", "x86"},
        {"ia64", "ia64"},    {"ppc64le", "ppc64"},
        {"ppc64", "ppc64"},  {"ppc", "ppc32"},
        {"s390x", "s390x"},  {"riscv64", "riscv64"},
        {"arm64", "arm64"},  {"loongarch64", "loongarch64"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_str(detect_arch(cases[i][0]), cases[i][1], cases[i][0]);
}

static const struct {
    const char *name, *etc, *usr_lib;
    const char *os_name, *version, *build, *description;
} releases[] = {
    {"debian",
     "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n"
     "VERSION_ID=\"12\"\nID=debian\n",
     NULL, "Debian GNU/Linux", "12", NULL, "Debian GNU/Linux 12 (bookworm)"},
    {"in /usr/lib", NULL, "NAME=Fedora\nVERSION_ID=40\nPRETTY_NAME='Fedora 40'\n", "Fedora", "40",
     NULL, "Fedora 40"},
    {"/etc first", "NAME=a\nPRETTY_NAME=A\n", "NAME=b\n", "a", NULL, NULL, "A"},
    {"arch has a build and no version",
     "NAME=\"Arch Linux\"\nPRETTY_NAME=\"Arch\"\nBUILD_ID=rolling\n", NULL, "Arch Linux", NULL,
     "rolling", "Arch"},
    {"escapes", "NAME=\"a \\\"b\\\" \\$c \\\\\"\nPRETTY_NAME=x\n", NULL, "a \"b\" $c \\", NULL,
     NULL, "x"},
    {"no escapes in single quotes", "NAME='a\\b'\nPRETTY_NAME=x\n", NULL, "a\\b", NULL, NULL, "x"},
    {"comments, junk, spaces", "# NAME=no\n\n=\nNAME\n  NAME=yes  \nPRETTY_NAME=\"\"x\n", NULL,
     "yes", NULL, NULL, "\"\"x"},
    {"the last one counts", "NAME=a\nNAME=b\nPRETTY_NAME=x", NULL, "b", NULL, NULL, "x"},
    {"one quote is no quote", "NAME=\"\nPRETTY_NAME='x\"", NULL, "\"", NULL, NULL, "'x\""},
    {"not UTF-8", "NAME=a\xff\nPRETTY_NAME=x\n", NULL, "a\xef\xbf\xbd", NULL, NULL, "x"},
};

static void test_os(void **state)
{
    cairn_resource *r;
    (void)state;
    for (size_t i = 0; i < COUNT(releases); i++) {
        const char *name = releases[i].name;
        root_make();
        if (releases[i].etc)
            root_put("/etc/os-release", releases[i].etc);
        if (releases[i].usr_lib)
            root_put("/usr/lib/os-release", releases[i].usr_lib);
        r = run("os");
        check_text(r, "os.type", "linux", name);
        check_text(r, "os.name", releases[i].os_name, name);
        check_text(r, "os.version", releases[i].version, name);
        check_text(r, "os.build_id", releases[i].build, name);
        check_text(r, "os.description", releases[i].description, name);
        cairn_resource_unref(r);
    }
    root_make();
    r = run("os"); /* without the file: uname */
    assert_true(str_starts(text_of(r, "os.description"), STR("Linux ")));
    check_text(r, "os.name", NULL, "no file");
    cairn_resource_unref(r);
}

/* ---- Process ---- */

static void test_process(void **state)
{
    static const char cmdline[] = "./shop\0--password\0s3cret\0";
    char exe[256], passwd[128];
    const struct attr *args;
    cairn_resource *r;
    (void)state;
    root_make();
    root_put_bytes("/proc/self/cmdline", cmdline, sizeof cmdline - 1);
    full_path("/proc/self/exe", exe);
    assert_int_equal(symlink("/opt/shop/bin/shop (deleted)", exe), 0);
    snprintf(passwd, sizeof passwd, "root:x:99999999:0::/:/bin/sh\nme:x:%d:0::/:/bin/sh\n",
             (int)geteuid());
    root_put("/etc/passwd", passwd);
    r = run("process");
    check_text(r, "process.executable.name", "shop", "process");
    check_text(r, "process.executable.path", "/opt/shop/bin/shop", "process");
    check_text(r, "process.command", "./shop", "process");
    check_text(r, "process.owner", "me", "process");
    check_text(r, "process.command_args", NULL, "process");
    check_text(r, "process.args_count", NULL, "process");
    assert_int_equal(attrs_get(&r->resource.attrs, STR("process.pid"))->integer, getpid());
    assert_int_equal(attrs_get(&r->resource.attrs, STR("process.parent_pid"))->integer, getppid());
    assert_int_equal(text_of(r, "process.creation.time").n, 24);
    cairn_resource_unref(r);

    r = run("process_command_args");
    args = &r->resource.attrs.items[0];
    check_str(args->key, "process.command_args", "arguments");
    assert_int_equal(args->value.array.count, 3);
    check_str(args->value.array.items[0].string, "./shop", "arguments");
    check_str(args->value.array.items[2].string, "s3cret", "arguments");
    assert_int_equal(attrs_get(&r->resource.attrs, STR("process.args_count"))->integer, 3);
    cairn_resource_unref(r);
}

static void test_process_of_nothing(void **state)
{
    cairn_resource *r;
    (void)state;
    root_make();
    r = run("process,process_command_args");
    check_text(r, "process.executable.name", "test_sdk_detect", "from the C library");
    check_text(r, "process.executable.path", NULL, "no link");
    check_text(r, "process.command", NULL, "no file");
    check_text(r, "process.command_args", NULL, "no file");
    check_text(r, "process.owner", NULL, "no file");
    cairn_resource_unref(r);
}

static void test_users(void **state)
{
    static const struct {
        const char *passwd;
        uid_t uid;
        const char *want;
    } cases[] = {
        {"root:x:0:0:root:/root:/bin/bash\nwww:x:33:33::/:/bin/false\n", 33, "www"},
        {"root:x:0:0:root:/root:/bin/bash\n", 0, "root"},
        {"a:x:1:1\nb:x:1:1\n", 1, "a"},
        {"a:x:1", 1, ""}, /* may be cut from 12 */
        {"a:x:12\n", 1, ""},
        {"a:1:2\na\n::\n:\n\n", 1, ""},
        {"", 0, ""},
        {"a:x::\n", 0, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_str(detect_user(str_of(cases[i].passwd), cases[i].uid), cases[i].want,
                  cases[i].passwd);
}

static void test_start_ticks(void **state)
{
    static const struct {
        const char *stat;
        bool ok;
        uint64_t want;
    } cases[] = {
        {"7 (cat) R 1 7 7 0 -1 4194304 83 0 0 0 0 0 0 0 20 0 1 0 123456 2215936 99", true, 123456},
        {"7 (a) b) (c) R 1 7 7 0 -1 4194304 83 0 0 0 0 0 0 0 20 0 1 0 42 2215936\n", true, 42},
        {"7 (cat) R 1 7 7 0 -1 4194304 83 0 0 0 0 0 0 0 20 0 1 0 9", true, 9},
        {"7 (cat) R 1 7 7 0 -1 4194304 83 0 0 0 0 0 0 0 20 0 1 0", false, 0},
        {"7 (cat) R 1 7 7 0 -1 4194304 83 0 0 0 0 0 0 0 20 0 1 0 x 3", false, 0},
        {"7 cat R 1", false, 0},
        {"7 (cat)", false, 0},
        {"", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t got = 0;
        CHECK(detect_start_ticks(str_of(cases[i].stat), &got) == cases[i].ok, cases[i].stat);
        CHECK(got == cases[i].want, cases[i].stat);
    }
}

/* ---- Odd files ---- */

static void test_odd_files(void **state)
{
    static const char *const paths[] = {"/etc/machine-id",    "/etc/os-release",
                                        "/proc/self/cgroup",  "/proc/self/mountinfo",
                                        "/proc/self/cmdline", "/etc/passwd"};
    char full[256], target[256];
    cairn_resource *r;
    (void)state;
    for (int kind = 0; kind < 5; kind++) {
        root_make();
        for (size_t i = 0; i < COUNT(paths); i++) {
            full_path(paths[i], full);
            snprintf(target, sizeof target, "%s/loop", root);
            switch (kind) {
            case 0: assert_int_equal(mkfifo(full, 0600), 0); break;
            case 1: assert_int_equal(mkdir(full, 0700), 0); break;
            case 2: assert_int_equal(symlink("/dev/zero", full), 0); break;
            case 3: assert_int_equal(symlink(full, full), 0); break;
            default: assert_int_equal(symlink(target, full), 0); break;
            }
        }
        errno = 12345;
        r = run("host,process,process_command_args,container"); /* does not wait */
        assert_int_equal(errno, 12345);
        check_text(r, "host.id", NULL, "odd");
        check_text(r, "container.id", NULL, "odd");
        check_text(r, "process.owner", NULL, "odd");
        cairn_resource_unref(r);
    }
}

static void test_large_file(void **state)
{
    enum { BYTES = 3 * DETECT_FILE_BYTES_MAX };
    char *text = malloc(BYTES);
    struct detection d = {.root = root};
    cairn_resource *r;
    (void)state;
    assert_non_null(text);
    memset(text, 'a', BYTES);
    root_make();
    root_put_bytes("/proc/self/cgroup", text, BYTES);
    root_put_bytes("/proc/self/cmdline", text, BYTES);
    memset(text, '\0', BYTES);
    root_put_bytes("/etc/passwd", text, BYTES);
    assert_int_equal(detect_read(&d, "/proc/self/cgroup").n, DETECT_FILE_BYTES_MAX);
    buf_release(&d.file);
    r = run("process,process_command_args,container");
    assert_int_equal(text_of(r, "process.command").n, DETECT_FILE_BYTES_MAX);
    cairn_resource_unref(r);
    root_put_bytes("/proc/self/cmdline", text, BYTES); /* as many arguments as bytes */
    r = run("process_command_args");
    assert_int_equal(attrs_get(&r->resource.attrs, STR("process.args_count"))->integer, 4096);
    cairn_resource_unref(r);
    free(text);
}

/* ---- Choosing ---- */

static const struct {
    const char *names;  /* NULL: default */
    const char *has[4]; /* of these namespaces */
    const char * not [4];
    unsigned diagnostics;
} lists[] = {
    {NULL, {"service.instance.id", "host.name", "process.pid", "own.a"}, {"process.args_count"}, 0},
    {"default", {"service.instance.id", "os.type", "process.pid", "own.a"}, {"from.env"}, 0},
    {"", {NULL}, {"service.instance.id", "host.name", "process.pid", "own.a"}, 0},
    {"none", {NULL}, {"service.instance.id", "host.name", "process.pid", "own.a"}, 0},
    {"process", {"process.pid"}, {"service.instance.id", "host.name", "own.a"}, 0},
    {" os , own_a,", {"os.type", "own.a"}, {"host.name", "own.b"}, 0},
    {"env", {"from.env", "service.name"}, {"os.type"}, 0},
    {"service", {"service.name", "service.instance.id"}, {"from.env"}, 0},
    {"default,env,process_command_args", {"own.b", "from.env", "process.args_count"}, {NULL}, 0},
    {"process,nosuch,Process,os", {"process.pid", "os.type"}, {NULL}, 1},
};

static cairn_resource *own(void *user)
{
    return cairn_resource_new(CAIRN_ATTRS(CAIRN_STR(user, "x"), CAIRN_STR("own.last", user)), NULL);
}

static cairn_resource *finds_nothing(void *user)
{
    (*(unsigned *)user)++;
    return NULL;
}

static void test_choosing(void **state)
{
    static char a[] = "own.a", b[] = "own.b";
    static unsigned calls;
    cairn_resource *r;
    (void)state;
    assert_int_equal(cairn_resource_detector_register("own_a", own, a), CAIRN_OK);
    assert_int_equal(cairn_resource_detector_register("own_b", own, b), CAIRN_OK);
    assert_int_equal(cairn_resource_detector_register("nothing1", finds_nothing, &calls), CAIRN_OK);
    setenv("OTEL_RESOURCE_ATTRIBUTES", "from.env=1", 1);
    setenv("OTEL_SERVICE_NAME", "named", 1);
    for (size_t i = 0; i < COUNT(lists); i++) {
        const char *name = lists[i].names ? lists[i].names : "NULL";
        listen_to_diagnostics();
        r = cairn_resource_detect(lists[i].names);
        CHECK(said_lines() == lists[i].diagnostics, name);
        cairn_set_diagnostics(NULL, NULL);
        for (size_t j = 0; j < 4; j++) {
            CHECK(!lists[i].has[j] || attrs_get(&r->resource.attrs, str_of(lists[i].has[j])), name);
            CHECK(!lists[i].not [j] || !attrs_get(&r->resource.attrs, str_of(lists[i].not [j])),
                  name);
        }
        cairn_resource_unref(r);
    }
    assert_int_equal(calls, 3);
    r = cairn_resource_detect("own_b,own_a"); /* the later one wins */
    check_text(r, "own.last", "own.a", "order");
    cairn_resource_unref(r);
    unsetenv("OTEL_RESOURCE_ATTRIBUTES");
    unsetenv("OTEL_SERVICE_NAME");
}

static void test_registering(void **state)
{
    static const char *const bad[] = {
        NULL,   "",      "Upper",
        "a-b",  "a b",   "a,b",
        "host", "env",   "default",
        "none", "own_a", "a2345678901234567890123456789012345678901234567890123456789012_4"};
    char name[16];
    int taken = 0;
    (void)state;
    listen_to_diagnostics();
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(cairn_resource_detector_register(bad[i], own, NULL), CAIRN_ERROR_INVALID);
    assert_int_equal(said_lines(), COUNT(bad));
    assert_int_equal(cairn_resource_detector_register("fine", NULL, NULL), CAIRN_ERROR_INVALID);
    for (int i = 0; i < 40; i++) { /* own_a, own_b and nothing1 are there already */
        static char key[] = "own.many";
        cairn_status status;
        snprintf(name, sizeof name, "many_%d", i);
        status = cairn_resource_detector_register(name, own, key);
        taken += status == CAIRN_OK;
        assert_int_equal(status, i < 29 ? CAIRN_OK : CAIRN_ERROR_LIMIT);
    }
    assert_int_equal(taken, 29);
    cairn_set_diagnostics(NULL, NULL);
}

/* The layers of an SDK: detected, environment, code. */
static void test_layers(void **state)
{
    static const struct {
        const char *detectors, *environment, *code;
        const char *want; /* of os.type */
    } cases[] = {
        {"os", NULL, NULL, "linux"},   {"none", NULL, NULL, ""},       {"os", "env", NULL, "env"},
        {"os", "env", "code", "code"}, {"none", NULL, "code", "code"}, {NULL, NULL, NULL, "linux"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cairn_resource *code =
            cases[i].code
                ? cairn_resource_new(CAIRN_ATTRS(CAIRN_STR("os.type", cases[i].code)), NULL)
                : NULL;
        cairn_exporter *memory = cairn_exporter_memory(10);
        cairn_processor *simple = cairn_processor_simple(cairn_exporter_ref(memory));
        struct str got = {"", 0};
        struct cairn_attr a;
        char env[32];
        cairn_sdk *sdk;
        snprintf(env, sizeof env, "os.type=%s", cases[i].environment ? cases[i].environment : "");
        if (cases[i].environment)
            setenv("OTEL_RESOURCE_ATTRIBUTES", env, 1);
        sdk = cairn_sdk_start(CAIRN_SDK(.processors = &simple, .processor_count = 1,
                                        .resource = code, .detectors = cases[i].detectors));
        cairn_span_end(cairn_span_start(cairn_tracer_get("t"), "s", NULL));
        for (size_t j = 0; cairn_span_data_resource_attribute(cairn_memory_span(memory, 0), j, &a);
             j++) {
            if (a.key.n == 7 && memcmp(a.key.p, "os.type", 7) == 0)
                got = str_make(a.value.as.string.p, a.value.as.string.n);
        }
        check_str(got, cases[i].want, cases[i].detectors ? cases[i].detectors : "default");
        assert_int_equal(cairn_sdk_stop(sdk, 20000), CAIRN_OK);
        cairn_exporter_unref(memory);
        cairn_resource_unref(code);
        unsetenv("OTEL_RESOURCE_ATTRIBUTES");
    }
}

static int clean_up(void **state)
{
    (void)state;
    root_remove();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_container),
        cmocka_unit_test(test_container_bounds),
        cmocka_unit_test(test_machine_id),
        cmocka_unit_test(test_arch),
        cmocka_unit_test(test_os),
        cmocka_unit_test(test_process),
        cmocka_unit_test(test_process_of_nothing),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_start_ticks),
        cmocka_unit_test(test_odd_files),
        cmocka_unit_test(test_large_file),
        cmocka_unit_test(test_choosing),
        cmocka_unit_test(test_registering),
        cmocka_unit_test(test_layers),
    };
    return cmocka_run_group_tests(tests, NULL, clean_up);
}
