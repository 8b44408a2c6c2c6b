// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "core/backend/backend.h"
#include "core/base/thread_pool.h"
#include "core/cpu/block_cache.h"

namespace lorikeet {

class WorkspaceSizes;

/// The families of micro-kernels, the fastest first. Each computes the same formulas in another order of sums, so a
/// run that must repeat to the bit names its family.
enum class KernelSet : uint8_t { Amx, Avx512Bf16, Avx512, Avx2, Portable };

/// "amx", "avx512bf16", "avx512", "avx2", "portable".
std::string_view kernelSetName(KernelSet set);
/// The set of a name as the command line writes it; "auto" measures for some milliseconds, once a process, and
/// chooses. Throws BadConfig for another name and where this processor lacks the set.
KernelSet chooseKernelSet(std::string_view name);
bool processorHas(KernelSet set);

/// The backend on the processor's own cores. Operations run before the call returns.
class CpuBackend : public Backend {
public:
    /// threads: 0 for as many as the process may use.
    explicit CpuBackend(int threads = 0, std::string_view kernels = "auto");
    ~CpuBackend() override;

    std::string name() const override { return "cpu"; }
    std::string kernels() const override;
    int64_t totalMemory() const override;
    std::unique_ptr<ExecutionContext> createContext() override;
    int threads() const { return m_pool.threads(); }
    /// Gives freed memory that is kept for later use back to the system. Any thread.
    void releaseKept() noexcept { m_blocks.trim(); }
    /// What its operations need beside their tensors.
    std::unique_ptr<WorkspaceSizes> workspaceSizes() const;

    std::byte* allocateBytes(std::size_t bytes) override;
    void freeBytes(std::byte* data, std::size_t bytes) noexcept override;
    MemoryLedger& ledger() override { return m_ledger; }

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

    ThreadPool& pool() { return m_pool; }
    KernelSet kernelSet() const { return m_kernels; }

private:
    ThreadPool m_pool;
    KernelSet m_kernels;
    MemoryLedger m_ledger;
    BlockCache m_blocks;
};

} // namespace lorikeet
