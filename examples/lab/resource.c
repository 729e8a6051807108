/* resource.c - who this process is: what we call ourselves, and a detector of our own beside libcairn's. */
#include "lab.h"

#include <stdio.h>
#include <string.h>

/* host.* is not stable yet: a later version of the conventions may rename it */
#define CAIRN_SEMCONV_DEVELOPMENT
#include <cairn/semconv.h>

/* The value of the first line "key : value" of /proc/cpuinfo; empty when there is none. */
static const char *read_cpu(const char *key, char line[256])
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    const char *value = "";
    while (file && !*value && fgets(line, 256, file)) {
        char *colon = strchr(line, ':');
        if (!colon || strncmp(line, key, strlen(key)) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        value = colon + 1 + strspn(colon + 1, " ");
    }
    if (file)
        fclose(file);
    return value;
}

/* A detector answers what it finds, or NULL: it neither waits nor fails. */
static cairn_resource *detect_cpu(void *user)
{
    char line[256];
    const char *model = read_cpu("model name", line);
    (void)user;
    if (!*model)
        return NULL;
    return cairn_resource_new(CAIRN_ATTRS(CAIRN_STR(CAIRN_ATTR_HOST_CPU_MODEL_NAME, model)),
                              CAIRN_SEMCONV_SCHEMA_URL);
}

cairn_resource *lab_resource(const char *service_name, const char *service_version)
{
    /* runs with libcairn's own detectors when the SDK starts */
    cairn_resource_detector_register("cpu", detect_cpu, NULL);
    return cairn_resource_new(
        CAIRN_ATTRS(CAIRN_STR(CAIRN_ATTR_SERVICE_NAME, service_name),
                    CAIRN_STR(CAIRN_ATTR_SERVICE_VERSION, service_version),
                    CAIRN_STR(CAIRN_ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
                              CAIRN_VALUE_DEPLOYMENT_ENVIRONMENT_NAME_DEVELOPMENT)),
        CAIRN_SEMCONV_SCHEMA_URL);
}
