// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "core/model/kv_cache.h"
#include "tests/core/model/golden_model.h"
#include "tests/support/walled_backend.h"

namespace lorikeet {
namespace {

std::vector<float> download(ExecutionContext& context, const Tensor& tensor) {
    std::vector<float> values(std::size_t(tensor.elements()));
    context.backend().download(context, tensor, values.data());
    return values;
}

/// The whole of a model's life on one backend: loading in 4 bits, two micro-batches of a training step with dropout,
/// then decoding with the trained adapter.
class Life {
public:
    Life(Backend& backend, bool checkpointing)
        : m_backend(backend), m_context(backend.createContext()), m_base(load()),
          m_adapter(*m_context, *m_base, LoraSpec{}, 3, true),
          m_loss(m_context->allocate(DType::F32, {1}, MemoryTag::Workspace)) {
        m_backend.fill(*m_context, m_loss, 0.0f);
        const DeviceBatch batch = m_golden.batch(*m_context, m_base->config());
        for (uint32_t microBatch : {0u, 1u})
            lossAndGradients(*m_context, *m_base, m_adapter, batch, 0.1f, {checkpointing, 0.2f, 0, 0, microBatch},
                             m_loss);
    }

    std::vector<float> loss() { return download(*m_context, m_loss); }

    std::vector<std::vector<float>> gradients() {
        std::vector<std::vector<float>> all;
        for (const Parameter& parameter : m_adapter.parameters())
            all.push_back(download(*m_context, parameter.gradient));
        return all;
    }

    std::vector<float> decoded() {
        KvCache cache(*m_context, m_base->config(), m_base->computeType(), 6);
        const Storage logits = m_context->allocate(DType::F32, {1, m_base->config().vocabularySize}, MemoryTag::Logits);
        for (int32_t length : {4, 1}) {
            const std::vector<int32_t> tokens(std::size_t(length), 7);
            const Storage ids = m_context->allocate(DType::I32, {length}, MemoryTag::Data);
            m_backend.upload(*m_context, tokens.data(), ids);
            decode(*m_context, *m_base, &m_adapter, ids, cache, logits);
        }
        return download(*m_context, logits);
    }

private:
    std::shared_ptr<const BaseModel> load() {
        LoadOptions options;
        options.quantization = QuantizationSpec{};
        options.threads = 1;
        return BaseModel::load(*m_context, m_golden.folder(), options);
    }

    GoldenModel m_golden{"llama_gqa"};
    Backend& m_backend;
    std::unique_ptr<ExecutionContext> m_context;
    std::shared_ptr<const BaseModel> m_base;
    LoraAdapter m_adapter;
    Storage m_loss;
};

class WalledStep : public testing::TestWithParam<WalledMode> {};

TEST_P(WalledStep, TouchesNoDeviceMemoryFromTheHostAndWaitsForOneDownload) {
    for (bool checkpointing : {false, true}) {
        CpuBackend plain(1, "portable");
        Life expected(plain, checkpointing);
        WalledBackend walled(GetParam(), 1, "portable");
        Life life(walled, checkpointing);
        EXPECT_EQ(walled.downloads(), 0);
        EXPECT_LE(walled.synchronizations(), 1) << "once, for the table of angles that all contexts share";
        EXPECT_EQ(life.loss(), expected.loss());
        EXPECT_EQ(walled.downloads(), 1);
        EXPECT_EQ(life.gradients(), expected.gradients());
        EXPECT_EQ(life.decoded(), expected.decoded());
    }
}

INSTANTIATE_TEST_SUITE_P(Modes, WalledStep, testing::Values(WalledMode::Immediate, WalledMode::Deferred),
                         [](const auto& mode) {
                             return std::string(mode.param == WalledMode::Immediate ? "Immediate" : "Deferred");
                         });

} // namespace
} // namespace lorikeet
