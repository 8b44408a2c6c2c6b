// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/kv_cache.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/core/model/golden_model.h"

namespace lorikeet {
namespace {

class Decoding : public testing::TestWithParam<std::string> {
protected:
    /// Goes on in the first sequence of the golden, in pieces of the given lengths: all logits, one after the other.
    std::vector<float> decodeInPieces(const LoraAdapter* adapter, KvCache& cache,
                                      const std::vector<int64_t>& pieces) const {
        std::vector<float> all;
        for (int64_t piece : pieces) {
            const Storage ids = device.context->allocate(DType::I32, {piece}, MemoryTag::Data);
            device.backend.upload(*device, tokens.data() + cache.length(), ids);
            const Storage logits = device.zeros({piece, base->config().vocabularySize});
            decode(*device, *base, adapter, ids, cache, logits);
            const std::vector<float> values = device.floats(logits);
            all.insert(all.end(), values.begin(), values.end());
        }
        return all;
    }

    std::vector<float> expected(const char* name) const {
        std::vector<float> values = golden.values(name);
        values.resize(std::size_t(length * base->config().vocabularySize));
        return values;
    }

    TestDevice device;
    GoldenModel golden{GetParam()};
    std::shared_ptr<const BaseModel> base = loadExactly(*device, golden.folder());
    std::vector<int32_t> tokens = golden.integers("tokens");
    int64_t length = golden.integers("offsets")[1];
};

TEST_P(Decoding, WithACacheGivesTheLogitsOfAFullForwardPass) {
    KvCache cache(*device, base->config(), DType::F32, length);
    const auto logits = decodeInPieces(nullptr, cache, {length - 4, 1, 2, 1});
    EXPECT_EQ(cache.length(), length);
    EXPECT_LT(relativeDifference(logits, expected("base_logits")), 1e-5);
}

TEST_P(Decoding, WithACacheAndAnAdapterGivesTheLogitsOfAFullForwardPass) {
    const LoraAdapter adapter = LoraAdapter::load(*device, base->config(), golden.folder() / "adapter", false);
    KvCache cache(*device, base->config(), DType::F32, length + 3);
    const auto logits = decodeInPieces(&adapter, cache, {length - 1, 1});
    EXPECT_LT(relativeDifference(logits, expected("logits")), 1e-5);
}

TEST_P(Decoding, GoesOnFromACutCache) {
    KvCache cache(*device, base->config(), DType::F32, length);
    const auto first = decodeInPieces(nullptr, cache, {length});
    cache.truncate(length - 3);
    const auto again = decodeInPieces(nullptr, cache, {3});
    const std::vector<float> tail(first.end() - std::ptrdiff_t(again.size()), first.end());
    EXPECT_LT(relativeDifference(again, tail), 1e-5);
}

// Dynamic RoPE is left out: its frequencies depend on the length at the time of each call, here as in transformers.
INSTANTIATE_TEST_SUITE_P(Models, Decoding,
                         testing::Values("llama_gqa", "llama_biases_tied", "llama_yarn", "llama_llama3",
                                         "mistral_window", "qwen2_biases", "qwen2_window"),
                         [](const auto& param) { return std::string(param.param); });

TEST(KvCache, RefusesTokensBeyondItsCapacity) {
    const TestDevice device;
    const GoldenModel golden("llama_gqa");
    const auto base = loadExactly(*device, golden.folder());
    KvCache cache(*device, base->config(), DType::F32, 2);
    const std::vector<int32_t> tokens = {1, 2, 3};
    const Storage ids = device.context->allocate(DType::I32, {3}, MemoryTag::Data);
    device.backend.upload(*device, tokens.data(), ids);
    const Storage logits = device.zeros({1, base->config().vocabularySize});
    EXPECT_THROW(decode(*device, *base, nullptr, ids, cache, logits), Error);
    EXPECT_THROW(cache.truncate(1), Error);
}

} // namespace
} // namespace lorikeet
