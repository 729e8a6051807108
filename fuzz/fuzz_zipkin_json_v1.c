/* Zipkin's JSON, version 1. */
#include "dialect.h"
#include "wire/zipkin_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_dialect(zipkin_json_v1_decode, data, size);
}
