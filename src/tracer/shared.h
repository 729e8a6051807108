/* shared.h - what of the tracing API's inside the SDK reaches, also when the two are separate shared libraries.
 *
 * There is one set of these in a process, in libcairn-api.so: the slots, the threads' states and the registered provider exist
 * once, whoever uses them. libcairn-api.so gives them under the version node CAIRN_PRIVATE to libcairn.so of the same build
 * and to nobody else. The linker knows them by a prefix, so that static archives, where they are global too, leave an
 * application's own names alone. docs/decisions/0006-libcairn-api.md */
#ifndef TRACER_SHARED_H
#define TRACER_SHARED_H

/* Behind the declaration of a function or variable of src/tracer/ that src/sdk/ uses. */
#define TRACER_SHARED(name) __asm__("cairnpriv_" #name) __attribute__((__visibility__("default")))

/* What build this is: two libraries of different ones must not touch each other's structures. */
extern const char private_version[] TRACER_SHARED(private_version);

#endif
