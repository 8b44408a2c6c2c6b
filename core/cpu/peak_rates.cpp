// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/peak_rates.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/cpu/matrix_kernels.h"

namespace lorikeet {
namespace {

/// Depth of the panels measured: both of them stay in a first-level cache of 32 KB.
constexpr int64_t kDepth = 128;
constexpr int kProductsPerRun = 64;
/// The best of many short runs: another program's time slice spoils some of them, not all.
constexpr int kRuns = 20;

class PanelProduct {
public:
    explicit PanelProduct(const PanelKernels& kernels)
        : m_kernels(kernels), m_memory(static_cast<std::size_t>(kDepth * (kernels.rows + kernels.columns)) +
                                       std::size_t(kernels.rows * kernels.columns) + kAlignment) {}

    double flopsPerRun() const {
        return 2.0 * m_kernels.unit * kDepth * m_kernels.rows * m_kernels.columns * kProductsPerRun;
    }
    void run() {
        const auto address = reinterpret_cast<std::uintptr_t>(m_memory.data());
        float* b = m_memory.data() + (64 - address % 64) % 64 / sizeof(float);
        float* sums = b + kDepth * m_kernels.columns;
        const float* a = sums + m_kernels.rows * m_kernels.columns;
        for (int i = 0; i < kProductsPerRun; ++i)
            m_kernels.multiply(a, b, kDepth, m_kernels.rows, m_kernels.columns, nullptr, sums);
    }

private:
    static constexpr std::size_t kAlignment = 16; // floats

    PanelKernels m_kernels;
    std::vector<float> m_memory; ///< zeros: no operand is slow
};

double rateOf(const PanelKernels& kernels, ThreadPool& pool) {
    std::vector<PanelProduct> products(static_cast<std::size_t>(pool.threads()), PanelProduct(kernels));
    double best = 0.0;
    for (int run = 0; run < kRuns; ++run) {
        const auto start = std::chrono::steady_clock::now();
        pool.parallelFor(pool.threads(), [&](int64_t thread) { products[std::size_t(thread)].run(); });
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        best = std::max(best, products.front().flopsPerRun() * pool.threads() / time.count());
    }
    return best;
}

} // namespace

PeakRates measurePeakRates(KernelSet set, ThreadPool& pool) {
    return {.float32 = rateOf(floatPanelKernels(set), pool), .bfloat16 = rateOf(bfloat16PanelKernels(set), pool)};
}

PeakRates measurePeakRates(KernelSet set) {
    ThreadPool callerOnly(1);
    return measurePeakRates(set, callerOnly);
}

} // namespace lorikeet
