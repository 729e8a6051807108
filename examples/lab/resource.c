/* resource.c - a resource of our own: a detector that looks at the machine, and what we call ourselves on top. */
#include "lab.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* host.* and os.* are not stable yet: a later version of the conventions may rename them */
#define CAIRN_SEMCONV_DEVELOPMENT
#include <cairn/semconv.h>

/* The machine's id (systemd's and D-Bus's), or an empty text. */
static const char *machine_id(char out[64])
{
    FILE *file = fopen("/etc/machine-id", "re");
    out[0] = '\0';
    if (file && fgets(out, 64, file))
        out[strcspn(out, "\n")] = '\0';
    if (file)
        fclose(file);
    return out;
}

/* What this machine is. Attributes that cannot be found out are left out. */
static cairn_resource *detect_machine(void)
{
    struct cairn_attr found[4];
    size_t count = 0;
    struct utsname system;
    char id[64];
    found[count++] = CAIRN_STR(CAIRN_ATTR_OS_TYPE, CAIRN_VALUE_OS_TYPE_LINUX);
    if (uname(&system) == 0) {
        found[count++] = CAIRN_STR(CAIRN_ATTR_OS_VERSION, system.release);
        found[count++] = CAIRN_STR(CAIRN_ATTR_HOST_NAME, system.nodename);
    }
    if (*machine_id(id))
        found[count++] = CAIRN_STR(CAIRN_ATTR_HOST_ID, id);
    return cairn_resource_new(&(struct cairn_attrs){found, count}, CAIRN_SEMCONV_SCHEMA_URL);
}

cairn_resource *lab_resource(const char *service_name, const char *service_version)
{
    cairn_resource *machine = detect_machine(), *merged;
    cairn_resource *service = cairn_resource_new(
        CAIRN_ATTRS(CAIRN_STR(CAIRN_ATTR_SERVICE_NAME, service_name),
                    CAIRN_STR(CAIRN_ATTR_SERVICE_VERSION, service_version),
                    CAIRN_STR(CAIRN_ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
                              CAIRN_VALUE_DEPLOYMENT_ENVIRONMENT_NAME_DEVELOPMENT)),
        CAIRN_SEMCONV_SCHEMA_URL);
    merged = cairn_resource_merge(machine, service); /* the second wins */
    cairn_resource_unref(machine);
    cairn_resource_unref(service);
    return merged;
}
