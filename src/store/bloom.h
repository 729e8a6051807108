/* bloom.h - split-block bloom filters: "surely not here" in one cache line.
 *
 * 256-bit blocks; a key sets one bit in each of a block's eight words. About 1 in 80 keys that are not there pass. */
#ifndef STORE_BLOOM_H
#define STORE_BLOOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    BLOOM_BLOCK_BYTES = 32,
    BLOOM_KEY_BITS = 10,
    BLOOM_PAGE_KEY_BITS = 8, /* where a mistake costs a page: 1 in 40 */
};

/* Bytes of a filter for so many keys: a multiple of the block, at least one. */
static inline size_t bloom_bytes_at(size_t keys, unsigned key_bits)
{
    return (keys * key_bits / 8 / BLOOM_BLOCK_BYTES + 1) * BLOOM_BLOCK_BYTES;
}

static inline size_t bloom_bytes(size_t keys)
{
    return bloom_bytes_at(keys, BLOOM_KEY_BITS);
}

static inline size_t bloom_block(size_t bytes, uint64_t hash)
{
    return (size_t)((hash >> 32) * (bytes / BLOOM_BLOCK_BYTES) >> 32) * BLOOM_BLOCK_BYTES;
}

static inline void bloom_mask(uint64_t hash, uint32_t mask[8])
{
    static const uint32_t salts[8] = {0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f,
                                      0x165667b1, 0xd3a2646d, 0xfd7046c5, 0xb55a4f09};
    for (int i = 0; i < 8; i++)
        mask[i] = 1u << ((uint32_t)hash * salts[i] >> 27);
}

static inline void bloom_add(unsigned char *filter, size_t bytes, uint64_t hash)
{
    uint32_t mask[8], words[8];
    unsigned char *block = filter + bloom_block(bytes, hash);
    bloom_mask(hash, mask);
    memcpy(words, block, sizeof words);
    for (int i = 0; i < 8; i++)
        words[i] |= mask[i];
    memcpy(block, words, sizeof words);
}

/* False: it was never added. */
static inline bool bloom_may_have(const unsigned char *filter, size_t bytes, uint64_t hash)
{
    uint32_t mask[8], words[8], missing = 0;
    bloom_mask(hash, mask);
    memcpy(words, filter + bloom_block(bytes, hash), sizeof words);
    for (int i = 0; i < 8; i++)
        missing |= mask[i] & ~words[i];
    return missing == 0;
}

#endif
