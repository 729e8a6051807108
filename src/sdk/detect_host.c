/* detect_host.c - detector `host`: the machine, and with it the operating system (the specification gives both to this
 * name).
 *
 * host.id is the machine id, whose sources the semantic conventions name. In a container it is left out: images bring one
 * along, the same for all that run them. */
#include <string.h>
#include <sys/utsname.h>

#include "base/hex.h"
#include "sdk/detect.h"
#include "trace/semconv.h"

struct str detect_arch(const char *machine)
{
    static const struct {
        const char *machine, *arch;
    } known[] = {
        {"x86_64", "amd64"}, {"amd64", "amd64"}, {"aarch64", "arm64"}, {"aarch64_be", "arm64"},
        {"i386", "x86"},     {"i486", "x86"},    {"i586", "x86"},      {"i686", "x86"},
        {"ia64", "ia64"},    {"ppc", "ppc32"},   {"ppc64", "ppc64"},   {"ppc64le", "ppc64"},
        {"arm64", "arm64"},  {"s390x", "s390x"}, {"powerpc", "ppc32"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(machine, known[i].machine) == 0)
            return str_of(known[i].arch);
    }
    return str_starts(str_of(machine), STR("arm")) ? STR("arm32") : str_of(machine);
}

/* 32 hexadecimal digits; the file may also be empty or say "uninitialized". */
static struct str machine_id(struct detection *d, const char *path)
{
    struct str id = detect_read_line(d, path);
    uint8_t bytes[16];
    return id.n == 32 && hex_decode(bytes, sizeof bytes, id) ? id : (struct str){NULL, 0};
}

static bool in_container(struct detection *d)
{
    return detect_exists(d, "/.dockerenv") || detect_exists(d, "/run/.containerenv") ||
           detect_container_id(d).n;
}

void detect_host(struct detection *d)
{
    struct utsname host;
    struct str id = {NULL, 0};
    if (uname(&host) == 0) {
        detect_put(d, SEMCONV_HOST_NAME, str_of(host.nodename));
        detect_put(d, SEMCONV_HOST_ARCH, detect_arch(host.machine));
    }
    if (!in_container(d)) {
        id = machine_id(d, "/etc/machine-id");
        if (id.n == 0)
            id = machine_id(d, "/var/lib/dbus/machine-id");
    }
    detect_put(d, SEMCONV_HOST_ID, id);
    detect_os(d);
}
