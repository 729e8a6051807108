/* lab.h - the pieces of the lab that are worth a file of their own. */
#ifndef LAB_H
#define LAB_H

#include <cairn/cairn.h>

/* exporter.c: writes each span as a JSON object to standard output, an object per span. Owned. */
cairn_exporter *json_exporter_new(void);

/* resource.c: the resource of the given name and version, and a detector that adds to it at the SDK's start. Owned. */
cairn_resource *lab_resource(const char *service_name, const char *service_version);

#endif
