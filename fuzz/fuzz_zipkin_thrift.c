/* Zipkin's thrift, version 1. */
#include "dialect.h"
#include "wire/zipkin_thrift.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_dialect(zipkin_thrift_decode, data, size);
}
