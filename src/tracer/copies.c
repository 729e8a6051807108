/* copies.c - finding the other copies of the tracing API in this process.
 *
 * A program with libcairn.a inside and a plugin that brings libcairn-api.so along have a slot for the provider each, unless the
 * program exports its symbols. The symbols of the other copy cannot be found then; what every loaded object shows is its
 * program headers, so each copy has an ELF note there that leads to its state. */
#include "tracer/copies.h"

#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <cairn/common.h>

#include "tracer/diag.h"
#include "tracer/thread.h"

enum { HAS_TRACERS = 1, HAS_SDK = 2, NOTE_TYPE = 1 };

#define NOTE_NAME "Cairn"

/* Other copies read it, maybe those of other versions: the first word keeps its meaning. */
extern _Atomic uint32_t copy_state __asm__("cairnpriv_copy_state")
    __attribute__((visibility("hidden")));
_Atomic uint32_t copy_state __attribute__((used));

/* An ELF note: bytes of name and description, type, name, description (from here to the state). */
__asm__(".pushsection .note.cairn,\"a\",%note\n"
        "    .balign 4\n"
        "    .long 6, 4, 1\n"
        "    .asciz \"" NOTE_NAME "\"\n"
        "    .balign 4\n"
        "    .long cairnpriv_copy_state - .\n"
        ".popsection\n");

static size_t padded(size_t n, size_t align)
{
    return (n + align - 1) / align * align;
}

/* The state that a note leads to, NULL when it is not one of ours. */
static _Atomic uint32_t *state_of(const ElfW(Nhdr) * note, const unsigned char *description)
{
    int32_t distance;
    if (note->n_type != NOTE_TYPE || note->n_namesz != sizeof NOTE_NAME ||
        note->n_descsz != sizeof distance || memcmp(note + 1, NOTE_NAME, sizeof NOTE_NAME) != 0)
        return NULL;
    memcpy(&distance, description, sizeof distance);
    return (_Atomic uint32_t *)((uintptr_t)description + (uintptr_t)(intptr_t)distance);
}

/* Sums up the states of all copies but this one in the notes of a segment. */
static void read_notes(const unsigned char *at, size_t bytes, size_t align, uint32_t *lone)
{
    const unsigned char *end = at + bytes;
    while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *note = (const void *)at;
        size_t description = padded(sizeof *note + note->n_namesz, align);
        size_t all = padded(description + note->n_descsz, align);
        _Atomic uint32_t *state;
        if (description > (size_t)(end - at) || note->n_descsz > (size_t)(end - at) - description)
            return;
        state = state_of(note, at + description);
        if (state && state != &copy_state)
            *lone |= 1u << (atomic_load(state) & (HAS_TRACERS | HAS_SDK));
        if (all > (size_t)(end - at))
            return;
        at += all;
    }
}

static int read_object(struct dl_phdr_info *info, size_t size, void *lone)
{
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_NOTE)
            read_notes((const unsigned char *)(info->dlpi_addr + segment->p_vaddr),
                       segment->p_memsz, segment->p_align == 8 ? 8 : 4, lone);
    }
    return 0;
}

static void check(void)
{
    static atomic_flag told = ATOMIC_FLAG_INIT;
    uint32_t others = 0, own = atomic_load(&copy_state);
    bool apart;
    if (atomic_load(&fork_generation)) /* the loader's lock may have been another thread's */
        return;
    dl_iterate_phdr(read_object, &others);
    apart = own & HAS_SDK ? others & 1u << HAS_TRACERS
                          : others & (1u << HAS_SDK | 1u << (HAS_SDK | HAS_TRACERS));
    if (apart && !atomic_flag_test_and_set(&told))
        diag(
            CAIRN_DIAGNOSTIC_WARNING,
            "two copies of the tracing API are in this process, and spans made through one do not reach the "
            "SDK of the other. Link the program to libcairn.so, or have it export cairn_* "
            "(--export-dynamic-symbol-list, see pkg-config --static cairn)");
}

void copies_tracer_made(void)
{
    if (!(atomic_fetch_or(&copy_state, HAS_TRACERS) & HAS_TRACERS))
        check();
}

void copies_sdk_registered(bool on)
{
    if (!on)
        atomic_fetch_and(&copy_state, ~(uint32_t)HAS_SDK);
    else if (!(atomic_fetch_or(&copy_state, HAS_SDK) & HAS_SDK))
        check();
}
