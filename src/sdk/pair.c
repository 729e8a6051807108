/* pair.c - are libcairn.so and libcairn-api.so of one build? */
#include "sdk/pair.h"

#include <string.h>

#include "tracer/shared.h"

#include <cairn/common.h>

/* Says it through the public interface: the private one is what cannot be trusted. */
bool pair_fits(void)
{
    static const char text[] =
        "libcairn and libcairn-api are of different builds (" CAIRN_PRIVATE_VERSION
        " is this libcairn's); tracing stays off. Install both from one package.";
    if (strcmp(private_version, CAIRN_PRIVATE_VERSION) == 0)
        return true;
    cairn_diagnose(CAIRN_DIAGNOSTIC_ERROR, cairn_str_make(text, sizeof text - 1));
    return false;
}
