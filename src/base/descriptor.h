/* descriptor.h - staying out of a host's standard descriptors.
 *
 * A host that runs with 0, 1 or 2 closed would otherwise find there what is opened next, and its next printf would go to the
 * collector or into the file of traces. */
#ifndef BASE_DESCRIPTOR_H
#define BASE_DESCRIPTOR_H

/* Moves a descriptor out of there: the same, or another one above 2 in its place; -1 when there is none. */
int descriptor_above_stdio(int fd);

#endif
