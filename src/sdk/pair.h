/* pair.h - the SDK and the tracing API are often separate shared libraries that share structures in memory. */
#ifndef SDK_PAIR_H
#define SDK_PAIR_H

#include <stdbool.h>

/* False (and a diagnostic) when the tracing API is of another build; then nothing of its inside may be touched. */
bool pair_fits(void);

#endif
