/* detect_service.c - detector `service`: service.name from OTEL_SERVICE_NAME, and an id for this instance.
 *
 * service.instance.id is a random UUID (version 4) of the process: all SDKs of a process have the same one, and a forked
 * worker has its own. */
#include <stdlib.h>

#include "sdk/detect.h"
#include "trace/semconv.h"

void detect_service(struct detection *d)
{
    const struct identity *me = identity_get();
    if (d->environment)
        detect_put(d, SEMCONV_SERVICE_NAME, str_trim(str_of(secure_getenv("OTEL_SERVICE_NAME"))));
    if (me)
        detect_put(d, SEMCONV_SERVICE_INSTANCE_ID, str_of(me->instance_id));
}
