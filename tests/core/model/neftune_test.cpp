// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <cstring>
#include <numeric>

#include <gtest/gtest.h>

#include "core/formats/safetensors.h"
#include "tests/core/model/golden_model.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

constexpr double kAlpha = 5.0f;
/// Sequences of 1, 12 and 30 tokens, none twice, so that a row of the table belongs to one position.
const std::vector<int32_t> kOffsets = {0, 1, 13, 43};

class Neftune : public testing::Test {
protected:
    DeviceBatch batch(const ModelConfig& config) const {
        std::vector<int32_t> tokens(43), rows(42), targets(42);
        std::iota(tokens.begin(), tokens.end(), 3);
        std::iota(rows.begin(), rows.end(), 1);
        std::iota(targets.begin(), targets.end(), 2);
        return uploadBatch(*device, {tokens, kOffsets, {}, rows, targets}, config.vocabularySize);
    }

    struct Result {
        std::vector<float> loss, gradients;
    };
    Result run(const std::filesystem::path& model, const PassOptions& options) const {
        const std::shared_ptr<const BaseModel> base = loadExactly(*device, model);
        LoraAdapter adapter = LoraAdapter::load(*device, base->config(), golden.folder() / "adapter", true);
        const Storage loss = device.zeros({1});
        lossAndGradients(*device, *base, adapter, batch(base->config()), 1.0f / 42, options, loss);
        Result result{device.floats(loss), {}};
        for (const Parameter& parameter : adapter.parameters()) {
            const std::vector<float> values = device.floats(parameter.gradient);
            result.gradients.insert(result.gradients.end(), values.begin(), values.end());
        }
        return result;
    }

    /// The model with the noise of its batch in its embedding's rows.
    void writeNoisyModel(const std::filesystem::path& folder, const RandomStream& random) const {
        std::filesystem::copy(golden.folder() / "config.json", folder / "config.json");
        const auto file = openSafetensors(golden.folder() / "model.safetensors");
        std::vector<TensorRecord> records = file->tensors();
        std::vector<float> table;
        for (TensorRecord& record : records) {
            if (record.name != "model.embed_tokens.weight")
                continue;
            table.resize(std::size_t(record.elements()));
            decode(record, 0, table);
            const std::size_t columns = std::size_t(record.shape[1]);
            for (std::size_t s = 0; s + 1 < kOffsets.size(); ++s)
                for (int32_t t = kOffsets[s]; t < kOffsets[s + 1]; ++t)
                    for (std::size_t c = 0; c < columns; ++c) {
                        const double most = kAlpha / std::sqrt(double(kOffsets[s + 1] - kOffsets[s]) * double(columns));
                        const float uniform = random.uniform(std::size_t(t) * columns + c);
                        table[std::size_t(t + 3) * columns + c] += float((2.0 * double(uniform) - 1.0) * most);
                    }
            record.bytes = std::as_bytes(std::span(table));
            record.type = StoredType::F32;
        }
        writeSafetensors(folder / "model.safetensors", records);
    }

    TestDevice device;
    GoldenModel golden{"llama_gqa"};
};

TEST_F(Neftune, TrainsAsIfTheNoiseStoodInTheEmbedding) {
    const TemporaryFolder folder;
    PassOptions options{.neftuneAlpha = float(kAlpha), .seed = 9, .step = 4, .microBatch = 2};
    writeNoisyModel(folder.path(), RandomStream{9, RandomPurpose::Neftune, 2, 4});
    const Result noisy = run(golden.folder(), options), expected = run(folder.path(), {});
    EXPECT_LT(relativeDifference(noisy.loss, expected.loss), 1e-6);
    EXPECT_LT(relativeDifference(noisy.gradients, expected.gradients), 1e-5);
    EXPECT_GT(relativeDifference(noisy.gradients, run(golden.folder(), {}).gradients), 1e-2);
}

TEST_F(Neftune, IsTheSameWhenRepeatedAndOtherwiseInAnotherStepOrMicroBatch) {
    const PassOptions options{.neftuneAlpha = float(kAlpha), .seed = 9, .step = 4, .microBatch = 2};
    PassOptions checkpointed = options, later = options, next = options, reseeded = options;
    checkpointed.gradientCheckpointing = true;
    later.step = 5;
    next.microBatch = 3;
    reseeded.seed = 10;
    const Result result = run(golden.folder(), options);
    EXPECT_EQ(run(golden.folder(), options).gradients, result.gradients);
    EXPECT_EQ(run(golden.folder(), checkpointed).gradients, result.gradients);
    for (const PassOptions& other : {later, next, reseeded})
        EXPECT_NE(run(golden.folder(), other).loss, result.loss);
}

} // namespace
} // namespace lorikeet
