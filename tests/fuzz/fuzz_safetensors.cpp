// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever the bytes: a safetensors file is opened, and all in it read, or an Error is thrown.
#include <algorithm>
#include <vector>

#include "core/base/error.h"
#include "core/formats/bitsandbytes_checkpoint.h"
#include "core/formats/safetensors.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    const lorikeet::FuzzInput input(data, size);
    try {
        const auto file = lorikeet::openSafetensors(input.path());
        lorikeet::readSafetensorsMetadata(input.path());
        for (const lorikeet::TensorRecord& record : file->tensors()) {
            std::vector<float> values(std::size_t(std::min<int64_t>(record.elements(), 4096)));
            lorikeet::decode(record, record.elements() - int64_t(values.size()), values);
            if (lorikeet::isBitsandbytesWeight(*file, record.name))
                lorikeet::readBitsandbytesWeight(*file, record.name);
        }
    } catch (const lorikeet::Error&) {
    }
    return 0;
}
