/* Zipkin's protobuf. */
#include "dialect.h"
#include "wire/zipkin_pb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_dialect(zipkin_pb_decode, data, size);
}
