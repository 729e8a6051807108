/* Jaeger's thrift. */
#include "dialect.h"
#include "wire/jaeger_thrift.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_dialect(jaeger_thrift_decode, data, size);
}
