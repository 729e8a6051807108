/* descriptors.h - staying out of a host's standard descriptors.
 *
 * A host that runs with 0, 1 or 2 closed would otherwise find there what is opened next, and its next printf would go to the
 * collector. */
#ifndef OTLP_DESCRIPTORS_H
#define OTLP_DESCRIPTORS_H

/* Moves a descriptor out of there: the same, or another one above 2 in its place; -1 when there is none. */
int descriptor_above_stdio(int fd);

/* Fills what is closed of 0, 1 and 2 while somebody opens descriptors that cannot be moved; release wants the answer.
 * Short: the host may want these numbers. */
unsigned stdio_reserve(void);
void stdio_release(unsigned reserved);

#endif
