/* sampler_composable.h - composables inside: a structure that others embed as their first member. */
#ifndef SDK_SAMPLER_COMPOSABLE_H
#define SDK_SAMPLER_COMPOSABLE_H

#include <cairn/composable.h>

#include <stdatomic.h>

struct cairn_composable {
    void (*get_intent)(cairn_composable *c, const struct cairn_sampling_params *params,
                       struct cairn_sampling_intent *intent);
    void (*release)(cairn_composable *c); /* what the embedding structure holds; may be NULL */
    atomic_uint refs;                     /* not used by the static ones */
    bool is_static;
    bool calls_out; /* reaches functions of the application */
    uint32_t depth; /* 1 when it stands on no other */
    char *description;
};

/* Zeroed memory with one reference; `bytes` of the embedding structure. */
void *composable_new(size_t bytes, void (*get_intent)(cairn_composable *c,
                                                      const struct cairn_sampling_params *params,
                                                      struct cairn_sampling_intent *intent));

/* Makes c stand on part (NULL counts as always off) and answers it with a reference; NULL when that is too deep. */
cairn_composable *composable_adopt(cairn_composable *c, cairn_composable *part);

#endif
