// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <vector>

#include "core/backend/backend.h"
#include "core/backend/workspace_sizes.h"

namespace lorikeet {

/// A device that computes nothing and has no memory: it only books what would be allocated. A training step that runs
/// on it costs microseconds an operation and tells, from its ledger, what the same step needs elsewhere. Its addresses
/// are numbers that nobody may follow; a download gives zeros. One thread at a time.
class AccountingBackend : public Backend {
public:
    /// The workspace of each operation is booked as `workspace` tells it, which must outlive the backend; null: none.
    explicit AccountingBackend(const WorkspaceSizes* workspace = nullptr) : m_workspace(workspace) {}

    std::string name() const override { return "accounting"; }
    std::string kernels() const override { return "none"; }
    int64_t totalMemory() const override { return INT64_MAX; }
    std::unique_ptr<ExecutionContext> createContext() override { return std::make_unique<ExecutionContext>(*this); }

    std::byte* allocateBytes(std::size_t bytes) override;
    void freeBytes(std::byte* data, std::size_t) noexcept override { m_integers.erase(data); }
    MemoryLedger& ledger() override { return m_ledger; }

protected:
    void doDownload(ExecutionContext&, const Tensor& source, void* host) override;
    void doUpload(ExecutionContext&, const void* host, const Tensor& destination) override;
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
    void doMatmul(ExecutionContext&, const Tensor& x, const Weight& weight, const Tensor&, float, Output) override {
        book(m_workspace ? m_workspace->matmul(x, weight) : 0);
    }
    void doMatmulBackwardInput(ExecutionContext&, const Tensor& dY, const Weight& weight, const Tensor&, float,
                               Output) override {
        book(m_workspace ? m_workspace->matmulBackwardInput(dY, weight) : 0);
    }
    void doMatmulBackwardWeight(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor&, float,
                                Output) override {
        book(m_workspace ? m_workspace->matmulBackwardWeight(dY, x) : 0);
    }
    void doDequantize(ExecutionContext&, const Weight&, const Tensor&) override {}
    void doRowNorms(ExecutionContext&, const Weight&, const Tensor&, const Tensor&, float, const Tensor&) override {}
    void doRmsNorm(ExecutionContext&, const Tensor&, const Tensor&, float, const Tensor&, const Tensor&) override {}
    void doRmsNormBackward(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&,
                           Output) override {}
    void doRmsNormBackwardWeight(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&,
                                 const Tensor&) override {}
    void doRope(ExecutionContext&, const Tensor&, int, const Tensor&, const Tensor&, const Tensor&, bool) override {}
    void doAttention(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, const SequenceLayout& layout,
                     const AttentionSpec& spec, const Tensor&, const Tensor&) override {
        book(m_workspace ? m_workspace->attention(offsetsOf(layout), spec) : 0);
    }
    void doAttentionBackward(ExecutionContext&, const Tensor&, const Tensor&, const Tensor&, const Tensor&,
                             const Tensor&, const Tensor&, const SequenceLayout& layout, const AttentionSpec& spec,
                             const Tensor&, const Tensor&, const Tensor&) override {
        book(m_workspace ? m_workspace->attentionBackward(offsetsOf(layout), spec) : 0);
    }
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
    void book(int64_t bytes);
    std::span<const int32_t> integersOf(const Tensor& tensor) const;
    SequenceOffsets offsetsOf(const SequenceLayout& layout) const;

    const WorkspaceSizes* m_workspace;
    std::map<const std::byte*, std::vector<int32_t>> m_integers; ///< what was uploaded, by its address
    MemoryLedger m_ledger;
    std::atomic<uintptr_t> m_nextAddress = kFirstAddress;
    static constexpr uintptr_t kFirstAddress = uintptr_t(1) << 20;
};

} // namespace lorikeet
