/* Jaeger's JSON. */
#include "dialect.h"
#include "wire/jaeger_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_dialect(jaeger_json_decode, data, size);
}
