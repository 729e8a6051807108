/* shared.c - the build that the private names belong to; CMake makes the text from the headers that both sides see. */
#include "tracer/shared.h"

const char private_version[] = CAIRN_PRIVATE_VERSION;
