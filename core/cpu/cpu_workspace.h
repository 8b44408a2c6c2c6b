// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/workspace_sizes.h"
#include "core/cpu/cpu_backend.h"

namespace lorikeet {

/// The workspace of CpuBackend's operations; each function stands beside the operation that books it.
class CpuWorkspace : public WorkspaceSizes {
public:
    CpuWorkspace(int threads, KernelSet kernels) : m_threads(threads), m_kernels(kernels) {}

    int64_t matmul(const Tensor& x, const Weight& weight) const override;
    int64_t matmulBackwardInput(const Tensor& dY, const Weight& weight) const override;
    int64_t matmulBackwardWeight(const Tensor& dY, const Tensor& x) const override;
    int64_t attention(const SequenceOffsets& sequences, const AttentionSpec& spec) const override;
    int64_t attentionBackward(const SequenceOffsets& sequences, const AttentionSpec& spec) const override;

private:
    int m_threads;
    KernelSet m_kernels;
};

} // namespace lorikeet
