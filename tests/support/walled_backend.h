// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>

#include "core/cpu/cpu_backend.h"
#include "tests/support/walled_arena.h"

namespace lorikeet {

/// When a WalledBackend runs an operation.
enum class WalledMode : uint8_t {
    Immediate, ///< before the call returns
    Deferred,  ///< at the next download() or synchronize(), in the order of the calls, like a device's stream
};

/// The CPU's operations over memory that only they can reach: whoever keeps a pointer into device memory on the host
/// and follows it, dies. Freed memory turns into NaN, in Deferred mode after the operations that were queued before,
/// so that a tensor used after its Storage is gone shows. What passes on both modes has no hidden host access and no
/// hidden wait.
class WalledBackend : public CpuBackend {
public:
    explicit WalledBackend(WalledMode mode, int threads = 1, std::string_view kernels = "auto");
    ~WalledBackend() override;

    std::string name() const override { return "walled"; }
    std::unique_ptr<ExecutionContext> createContext() override;
    std::byte* allocateBytes(std::size_t bytes) override;
    void freeBytes(std::byte* data, std::size_t bytes) noexcept override;

    /// Calls of download() so far.
    int64_t downloads() const { return m_downloads; }
    /// Calls of synchronize() so far.
    int64_t synchronizations() const { return m_synchronizations; }
    /// Operations that wait to be run.
    int64_t queued() const;
    /// Runs what waits.
    void flush();

protected:
    void doUpload(ExecutionContext&, const void* host, const Tensor& destination) override;
    void doDownload(ExecutionContext&, const Tensor& source, void* host) override;
    void doCopy(ExecutionContext&, const Tensor& source, const Tensor& destination) override;
    void doFill(ExecutionContext&, const Tensor& destination, float value) override;
    void doSynchronize(ExecutionContext&) override;
    void doCast(ExecutionContext&, const Tensor& x, const Tensor& y) override;
    void doAdd(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& y) override;
    void doScale(ExecutionContext&, const Tensor& x, float alpha, const Tensor& y, Output output) override;
    void doDivide(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& y, Output output) override;
    void doAddBias(ExecutionContext&, const Tensor& bias, const Tensor& y) override;
    void doSumRows(ExecutionContext&, const Tensor& x, const Tensor& sums, float alpha, Output output) override;
    void doScaleColumns(ExecutionContext&, const Tensor& x, const Tensor& factors, const Tensor& y,
                        Output output) override;
    void doColumnDots(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& dots, float alpha,
                      Output output) override;
    void doAddNoise(ExecutionContext&, const Tensor& offsets, float alpha, const RandomStream& random,
                    const Tensor& y) override;
    void doDropout(ExecutionContext&, const Tensor& x, float p, const RandomStream& random, const Tensor& y,
                   Output output) override;
    void doEmbedding(ExecutionContext&, const Tensor& ids, const Weight& table, const Tensor& y) override;
    void doEmbeddingBackward(ExecutionContext&, const Tensor& dY, const Tensor& ids, const Tensor& dTable) override;
    void doGatherRows(ExecutionContext&, const Tensor& x, const Tensor& rows, const Tensor& y) override;
    void doScatterAddRows(ExecutionContext&, const Tensor& dY, const Tensor& rows, const Tensor& dX) override;
    void doMatmul(ExecutionContext&, const Tensor& x, const Weight& weight, const Tensor& y, float alpha,
                  Output output) override;
    void doMatmulBackwardInput(ExecutionContext&, const Tensor& dY, const Weight& weight, const Tensor& dX, float alpha,
                               Output output) override;
    void doMatmulBackwardWeight(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& dW, float alpha,
                                Output output) override;
    void doDequantize(ExecutionContext&, const Weight& weight, const Tensor& y) override;
    void doRowNorms(ExecutionContext&, const Weight& weight, const Tensor& a, const Tensor& b, float alpha,
                    const Tensor& norms) override;
    void doRmsNorm(ExecutionContext&, const Tensor& x, const Tensor& weight, float epsilon, const Tensor& y,
                   const Tensor& rstd) override;
    void doRmsNormBackward(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& weight,
                           const Tensor& rstd, const Tensor& dX, Output output) override;
    void doRmsNormBackwardWeight(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& rstd,
                                 const Tensor& dWeight) override;
    void doRope(ExecutionContext&, const Tensor& x, int headDim, const Tensor& cosines, const Tensor& sines,
                const Tensor& positions, bool inverse) override;
    void doAttention(ExecutionContext&, const Tensor& q, const Tensor& k, const Tensor& v, const SequenceLayout& layout,
                     const AttentionSpec& spec, const Tensor& out, const Tensor& logSumExp) override;
    void doAttentionBackward(ExecutionContext&, const Tensor& dOut, const Tensor& q, const Tensor& k, const Tensor& v,
                             const Tensor& out, const Tensor& logSumExp, const SequenceLayout& layout,
                             const AttentionSpec& spec, const Tensor& dQ, const Tensor& dK, const Tensor& dV) override;
    void doGated(ExecutionContext&, Activation activation, const Tensor& gate, const Tensor& up,
                 const Tensor& y) override;
    void doGatedBackward(ExecutionContext&, Activation activation, const Tensor& dY, const Tensor& gate,
                         const Tensor& up, const Tensor& dGate, const Tensor& dUp) override;
    void doCrossEntropy(ExecutionContext&, const Tensor& logits, const Tensor& targets, const Tensor& losses,
                        const Tensor& dLogits, float scale) override;
    void doSum(ExecutionContext&, const Tensor& x, const Tensor& result, float alpha, Output output) override;
    void doSumOfSquares(ExecutionContext&, const Tensor& x, const Tensor& result, Output output) override;
    void doClipFactor(ExecutionContext&, const Tensor& squares, float maxNorm, const Tensor& norm,
                      const Tensor& factor) override;
    void doAdamW(ExecutionContext&, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
                 const Tensor& parameter, const Tensor& m, const Tensor& v) override;
    void doAdamW8Bit(ExecutionContext&, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
                     const Tensor& parameter, const Moments8Bit& moments) override;

private:
    void submit(std::function<void()> operation);
    void runOpen(const std::function<void()>& operation);

    WalledMode m_mode;
    WalledArena m_arena;
    mutable std::mutex m_queueMutex;
    std::mutex m_flushMutex;
    std::deque<std::function<void()>> m_queue;
    std::atomic<int64_t> m_downloads = 0;
    std::atomic<int64_t> m_synchronizations = 0;
};

} // namespace lorikeet
