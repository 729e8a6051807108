/* detect_container.c - detector `container`: container.id, from what the kernel shows of control groups and mounts.
 *
 * Docker, Podman, containerd, CRI-O and ECS name a container by 64 hexadecimal digits (Fargate: 32, a dash and a number) and
 * use that as a directory: in the control group's path, which a private cgroup namespace hides, and in the sources of the
 * files that they mount over /etc/hostname and others. In a Kubernetes pod these files belong to the pod's sandbox, not to
 * the container, so that there only the secrets that CRI-O and Podman mount for each container count. Better no id than
 * the id of something else. */
#include "sdk/detect.h"
#include "trace/semconv.h"

static bool all_of(struct str s, const char *from, const char *to)
{
    for (size_t i = 0; i < s.n; i++) {
        bool hex = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= from[0] && s.p[i] <= to[0]);
        if (!hex)
            return false;
    }
    return s.n > 0;
}

static bool is_hex(struct str s)
{
    return all_of(s, "a", "f");
}

/* ECS on Fargate: the task's id and the container's number in it. */
static bool is_task_id(struct str s)
{
    return s.n > 33 && s.n <= 33 + 20 && s.p[32] == '-' && is_hex(str_make(s.p, 32)) &&
           all_of(str_from(s, 33), "0", "9");
}

/* "docker-<id>.scope", "slice:cri-containerd:<id>", "<id>": what is left without prefix and suffix. */
static struct str segment_id(struct str s)
{
    struct str rest;
    if (is_task_id(s))
        return s;
    while (str_cut(s, ':', &rest, &rest))
        s = rest;
    str_cut(s, '.', &s, &rest);
    while (s.n > 64 && str_cut(s, '-', &rest, &rest))
        s = rest;
    return s.n == 64 && is_hex(s) ? s : (struct str){NULL, 0};
}

/* The last one in a path: containers in containers, and groups that a container makes inside of its own. */
static struct str path_id(struct str path)
{
    struct str found = {NULL, 0};
    while (path.n) {
        struct str segment, id;
        str_cut(path, '/', &segment, &path);
        id = segment_id(segment);
        if (id.n)
            found = id;
    }
    return found;
}

struct str detect_cgroup_id(struct str line)
{
    struct str number, controllers, path;
    if (!str_cut(line, ':', &number, &path) || !str_cut(path, ':', &controllers, &path))
        return (struct str){NULL, 0};
    return path_id(path);
}

static struct str cgroups_id(struct str text)
{
    while (text.n) {
        struct str line, id;
        str_cut(text, '\n', &line, &text);
        id = detect_cgroup_id(line);
        if (id.n)
            return id;
    }
    return (struct str){NULL, 0};
}

/* ---- Mounts ---- */

struct mount {
    struct str source, at, type; /* source: the directory of its file system that is mounted */
};

/* number parent device source at options [tags...] - type ...; proc(5). */
static bool mount_of(struct str line, struct mount *ret)
{
    struct str field;
    for (int i = 0; i < 3; i++)
        str_cut(line, ' ', &field, &line);
    str_cut(line, ' ', &ret->source, &line);
    str_cut(line, ' ', &ret->at, &line);
    do {
        if (!str_cut(line, ' ', &field, &line))
            return false;
    } while (!str_eq(field, STR("-")));
    str_cut(line, ' ', &ret->type, &line);
    return ret->source.n > 0;
}

static bool contains(struct str s, struct str part)
{
    for (; s.n >= part.n; s = str_from(s, 1)) {
        if (str_starts(s, part))
            return true;
    }
    return false;
}

/* How far a mount is to be believed; the first kind that gives an id wins. */
enum { BY_CGROUP, BY_SECRETS, BY_FILES, KINDS, NO_KIND };

static int kind_of(const struct mount *m)
{
    static const struct str files[] = {STR_INIT("/etc/hostname"), STR_INIT("/etc/hosts"),
                                       STR_INIT("/etc/resolv.conf"),
                                       STR_INIT("/run/.containerenv")};
    if (str_eq(m->type, STR("cgroup")) || str_eq(m->type, STR("cgroup2")))
        return BY_CGROUP;
    if (str_eq(m->at, STR("/run/secrets")))
        return BY_SECRETS;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (str_eq(m->at, files[i]))
            return BY_FILES;
    }
    return NO_KIND;
}

struct str detect_mounts_id(struct str text)
{
    struct str found[KINDS] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    bool pod = false;
    while (text.n) {
        struct mount m;
        struct str line;
        int kind;
        str_cut(text, '\n', &line, &text);
        if (!mount_of(line, &m))
            continue;
        pod = pod || contains(m.source, STR("/kubelet/pods/")) ||
              contains(m.source, STR("/sandboxes/"));
        kind = kind_of(&m);
        if (kind < KINDS && found[kind].n == 0)
            found[kind] = path_id(m.source);
    }
    if (pod)
        found[BY_FILES] = (struct str){NULL, 0};
    for (int i = 0; i < KINDS; i++) {
        if (found[i].n)
            return found[i];
    }
    return (struct str){NULL, 0};
}

struct str detect_container_id(struct detection *d)
{
    struct str id = cgroups_id(detect_read(d, "/proc/self/cgroup"));
    return id.n ? id : detect_mounts_id(detect_read(d, "/proc/self/mountinfo"));
}

void detect_container(struct detection *d)
{
    detect_put(d, SEMCONV_CONTAINER_ID, detect_container_id(d));
}
