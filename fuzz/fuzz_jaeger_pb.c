/* Jaeger's protobuf. */
#include "dialect.h"
#include "wire/jaeger_pb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_dialect(jaeger_pb_decode, data, size);
}
