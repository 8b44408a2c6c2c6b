// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever the bytes: a GGUF file is opened, and all in it read, or an Error is thrown.
#include <algorithm>
#include <vector>

#include "core/base/error.h"
#include "core/formats/gguf_file.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

/// Calls a getter; a wrong type is no finding.
template <typename Getter>
void call(Getter getter) {
    try {
        getter();
    } catch (const lorikeet::Error&) {
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    const lorikeet::FuzzInput input(data, size);
    try {
        const lorikeet::GgufFile file(input.path());
        for (std::string_view key : file.keys()) {
            call([&] { file.string(key); });
            call([&] { file.integer(key); });
            call([&] { file.number(key); });
            call([&] { file.boolean(key); });
            call([&] { file.strings(key); });
            call([&] { file.integers(key); });
            call([&] { file.numbers(key); });
            file.valueText(key);
        }
        for (const lorikeet::TensorRecord& record : file.tensors()) {
            std::vector<float> values(std::size_t(std::min<int64_t>(record.elements(), 4096)));
            lorikeet::decode(record, record.elements() - int64_t(values.size()), values);
            file.release(record);
        }
    } catch (const lorikeet::Error&) {
    }
    return 0;
}
