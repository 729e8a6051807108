/* place.c - telling a URL from a path. */
#include "cli/place.h"

#include <string.h>
#include <unistd.h>

#include "base/str.h"

bool place_is_url(const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t port;
    if (strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0)
        return true;
    return colon && access(text, F_OK) < 0 && !strchr(text, '/') &&
           str_to_u64(str_of(colon + 1), &port);
}
