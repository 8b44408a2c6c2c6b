// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>

#include "core/backend/backend.h"

namespace lorikeet {

/// A device that computes nothing and has no memory: it only books what would be allocated. A training step that runs
/// on it costs microseconds an operation and tells, from its ledger, what the same step needs elsewhere. Its addresses
/// are numbers that nobody may follow; a download gives zeros.
class AccountingBackend : public Backend {
public:
    std::string name() const override { return "accounting"; }
    std::string kernels() const override { return "none"; }
    int64_t totalMemory() const override { return INT64_MAX; }
    std::unique_ptr<ExecutionContext> createContext() override { return std::make_unique<ExecutionContext>(*this); }

    std::byte* allocateBytes(std::size_t bytes) override;
    void freeBytes(std::byte*, std::size_t) noexcept override {}
    MemoryLedger& ledger() override { return m_ledger; }

protected:
    void doDownload(ExecutionContext&, const Tensor& source, void* host) override;
    void doUpload(ExecutionContext&, const void*, const Tensor&) override {}
    void doCopy(ExecutionContext&, const Tensor&, const Tensor&) override {}
    void doFill(ExecutionContext&, const Tensor&, float) override {}
    void doSynchronize(ExecutionContext&) override {}
    void doCast(ExecutionContext&, const Tensor&, const Tensor&) override {}
    void doAdd(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&) override {}
    void doScale(ExecutionContext&, const Tensor&, float, const Tensor&, Output) override {}
    void doDivide(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, Output) override {}
    void doAddBias(ExecutionContext&, const Tensor&, const Tensor&) override {}
    void doSumRows(ExecutionContext&, const Tensor&, const Tensor&, float, Output) override {}
    void doScaleColumns(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, Output) override {}
    void doColumnDots(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, float, Output) override {}
    void doAddNoise(ExecutionContext&, const Tensor&, float, const RandomStream&, const Tensor&) override {}
    void doDropout(ExecutionContext&, const Tensor&, float, const RandomStream&, const Tensor&, Output) override {}
    void doEmbedding(ExecutionContext&, const Tensor&, const Weight&, const Tensor&) override {}
    void doEmbeddingBackward(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&) override {}
    void doGatherRows(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&) override {}
    void doScatterAddRows(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&) override {}
    void doMatmul(ExecutionContext&, const Tensor&, const Weight&, const Tensor&, float, Output) override {}
    void doMatmulBackwardInput(ExecutionContext&, const Tensor&, const Weight&, const Tensor&, float, Output) override {
    }
    void doMatmulBackwardWeight(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, float,
                                Output) override {}
    void doDequantize(ExecutionContext&, const Weight&, const Tensor&) override {}
    void doRowNorms(ExecutionContext&, const Weight&, const Tensor&, const Tensor&, float, const Tensor&) override {}
    void doRmsNorm(ExecutionContext&, const Tensor&, const Tensor&, float, const Tensor&, const Tensor&) override {}
    void doRmsNormBackward(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&,
                           Output) override {}
    void doRmsNormBackwardWeight(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&,
                                 const Tensor&) override {}
    void doRope(ExecutionContext&, const Tensor&, int, const Tensor&, const Tensor&, const Tensor&, bool) override {}
    void doAttention(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, const SequenceLayout&,
                     const AttentionSpec&, const Tensor&, const Tensor&) override {}
    void doAttentionBackward(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, const Tensor&,
                             const Tensor&, const Tensor&, const SequenceLayout&, const AttentionSpec&, const Tensor&,
                             const Tensor&, const Tensor&) override {}
    void doGated(ExecutionContext&, Activation, const Tensor&, const Tensor&, const Tensor&) override {}
    void doGatedBackward(ExecutionContext&, Activation, const Tensor&, const Tensor&, const Tensor&, const Tensor&,
                         const Tensor&) override {}
    void doCrossEntropy(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, float) override {
    }
    void doSum(ExecutionContext&, const Tensor&, const Tensor&, float, Output) override {}
    void doSumOfSquares(ExecutionContext&, const Tensor&, const Tensor&, Output) override {}
    void doClipFactor(ExecutionContext&, const Tensor&, float, const Tensor&, const Tensor&) override {}
    void doAdamW(ExecutionContext&, const Tensor&, const Tensor&, const AdamWStep&, const Tensor&, const Tensor&,
                 const Tensor&) override {}
    void doAdamW8Bit(ExecutionContext&, const Tensor&, const Tensor&, const AdamWStep&, const Tensor&,
                     const Moments8Bit&) override {}

private:
    MemoryLedger m_ledger;
    std::atomic<uintptr_t> m_nextAddress = kFirstAddress;
    static constexpr uintptr_t kFirstAddress = uintptr_t(1) << 20;
};

} // namespace lorikeet
