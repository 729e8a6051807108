/* forks.h - how much fork_while_others_record does. */
#ifndef TESTS_LIFE_FORKS_H
#define TESTS_LIFE_FORKS_H

/* How often fork_while_others_record forks, and what its children record. gcc's AddressSanitizer does not free its
 * allocator's locks in a child: one fork in ten hangs there, whatever is tested, and ten in a row nearly always do. */
#if defined(__SANITIZE_ADDRESS__)
enum { FORKS = 1 };
#    define FORKED_SPANS "5"
#else
enum { FORKS = 10 };
#    define FORKED_SPANS "50"
#endif

#endif
