/* copies.h - more than one copy of the tracing API in a process is a mistake that looks like working tracing. */
#ifndef TRACER_COPIES_H
#define TRACER_COPIES_H

#include <stdbool.h>

/* Tells the other copies what this one is used for, and says so once when one copy has tracers while another has the SDK:
 * their spans never meet. At the first tracer and when an SDK is registered (on) or taken out. */
void copies_tracer_made(void);
void copies_sdk_registered(bool on);

#endif
