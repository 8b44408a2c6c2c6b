// SPDX-License-Identifier: GPL-3.0-or-later
// The operations beside the matrix products, in the shapes of SmolLM2-135M, 512 tokens; the argument is the number of
// threads. FLOP counts what must be computed: a masked score or padding is none.
#include <cmath>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/cpu/cpu_backend.h"

namespace lorikeet {
namespace {

constexpr int64_t kTokens = 512;
constexpr int64_t kHidden = 576;
constexpr int64_t kFeedForward = 1536;
constexpr int64_t kVocabulary = 49152;

/// A backend and tensors of one benchmark, filled with small values that do not repeat.
class Bench {
public:
    explicit Bench(benchmark::State& state) : backend(int(state.range(0))), context(backend.createContext()) {
        state.SetLabel(backend.kernels());
    }

    Tensor tensor(DType dtype, const Shape& shape) {
        std::vector<float> values(std::size_t(shape.elements()));
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = std::sin(0.7f * float(i % 10007));
        m_storages.push_back(context->allocate(DType::F32, shape, MemoryTag::Workspace));
        backend.upload(*context, values.data(), m_storages.back());
        if (dtype == DType::F32)
            return m_storages.back();
        m_storages.push_back(context->allocate(dtype, shape, MemoryTag::Workspace));
        backend.cast(*context, m_storages[m_storages.size() - 2], m_storages.back());
        return m_storages.back();
    }

    Tensor integers(const std::vector<int32_t>& values) {
        m_storages.push_back(context->allocate(DType::I32, {int64_t(values.size())}, MemoryTag::Workspace));
        backend.upload(*context, values.data(), m_storages.back());
        return m_storages.back();
    }

    CpuBackend backend;
    std::unique_ptr<ExecutionContext> context;

private:
    std::vector<Storage> m_storages;
};

void setRate(benchmark::State& state, const char* name, double perIteration) {
    state.counters[name] = benchmark::Counter(perIteration, benchmark::Counter::kIsIterationInvariantRate);
}

const AttentionSpec kAttention{.heads = 9, .kvHeads = 3, .headDim = 64, .scale = 0.125f};

/// Floating-point operations of one [T, T] x [T, D] product of all heads under the causal mask.
constexpr double kCausalProduct = 2.0 * 9 * 64 * (double(kTokens) * double(kTokens + 1) / 2);

void attentionForward(benchmark::State& state) {
    Bench bench(state);
    const Tensor q = bench.tensor(DType::BF16, {kTokens, kHidden}), k = bench.tensor(DType::BF16, {kTokens, 192});
    const Tensor v = bench.tensor(DType::BF16, {kTokens, 192}), out = bench.tensor(DType::BF16, {kTokens, kHidden});
    const Tensor logSumExp = bench.tensor(DType::F32, {9, kTokens}), offsets = bench.integers({0, kTokens});
    for (auto _ : state)
        bench.backend.attention(*bench.context, q, k, v, {offsets, offsets, kTokens, kTokens}, kAttention, out,
                                logSumExp);
    setRate(state, "FLOP", 2 * kCausalProduct);
}

void attentionBackward(benchmark::State& state) {
    Bench bench(state);
    const Tensor q = bench.tensor(DType::BF16, {kTokens, kHidden}), k = bench.tensor(DType::BF16, {kTokens, 192});
    const Tensor v = bench.tensor(DType::BF16, {kTokens, 192}), out = bench.tensor(DType::BF16, {kTokens, kHidden});
    const Tensor logSumExp = bench.tensor(DType::F32, {9, kTokens}), offsets = bench.integers({0, kTokens});
    const Tensor dOut = bench.tensor(DType::BF16, {kTokens, kHidden}), dQ = bench.tensor(DType::BF16, q.shape);
    const Tensor dK = bench.tensor(DType::BF16, k.shape), dV = bench.tensor(DType::BF16, v.shape);
    const SequenceLayout layout{offsets, offsets, kTokens, kTokens};
    bench.backend.attention(*bench.context, q, k, v, layout, kAttention, out, logSumExp);
    for (auto _ : state)
        bench.backend.attentionBackward(*bench.context, dOut, q, k, v, out, logSumExp, layout, kAttention, dQ, dK, dV);
    setRate(state, "FLOP", 5 * kCausalProduct);
}

void attentionDecoding(benchmark::State& state) {
    Bench bench(state);
    const Tensor q = bench.tensor(DType::BF16, {1, kHidden}), k = bench.tensor(DType::BF16, {kTokens, 192});
    const Tensor v = bench.tensor(DType::BF16, {kTokens, 192}), out = bench.tensor(DType::BF16, {1, kHidden});
    const Tensor logSumExp = bench.tensor(DType::F32, {9, 1});
    const SequenceLayout layout{bench.integers({0, 1}), bench.integers({0, kTokens}), 1, kTokens};
    for (auto _ : state)
        bench.backend.attention(*bench.context, q, k, v, layout, kAttention, out, logSumExp);
}

void crossEntropy(benchmark::State& state) {
    Bench bench(state);
    constexpr int64_t kRows = 64;
    const Tensor logits = bench.tensor(DType::F32, {kRows, kVocabulary}), losses = bench.tensor(DType::F32, {kRows});
    const Tensor targets = bench.integers(std::vector<int32_t>(kRows, 5));
    const Tensor dLogits = bench.tensor(DType::F32, logits.shape);
    for (auto _ : state)
        bench.backend.crossEntropy(*bench.context, logits, targets, losses, dLogits, 0.1f);
    setRate(state, "logits", double(kRows) * double(kVocabulary));
}

void rmsNorm(benchmark::State& state) {
    Bench bench(state);
    const Tensor x = bench.tensor(DType::BF16, {kTokens, kHidden}), weight = bench.tensor(DType::BF16, {kHidden});
    const Tensor y = bench.tensor(DType::BF16, x.shape), rstd = bench.tensor(DType::F32, {kTokens});
    for (auto _ : state)
        bench.backend.rmsNorm(*bench.context, x, weight, 1e-5f, y, rstd);
    setRate(state, "elements", double(kTokens) * double(kHidden));
}

void rmsNormBackward(benchmark::State& state) {
    Bench bench(state);
    const Tensor x = bench.tensor(DType::BF16, {kTokens, kHidden}), weight = bench.tensor(DType::BF16, {kHidden});
    const Tensor dY = bench.tensor(DType::BF16, x.shape), dX = bench.tensor(DType::BF16, x.shape);
    const Tensor rstd = bench.tensor(DType::F32, {kTokens});
    for (auto _ : state)
        bench.backend.rmsNormBackward(*bench.context, dY, x, weight, rstd, dX, Output::Assign);
    setRate(state, "elements", double(kTokens) * double(kHidden));
}

void gated(benchmark::State& state) {
    Bench bench(state);
    const Tensor gate = bench.tensor(DType::BF16, {kTokens, kFeedForward}), up = bench.tensor(DType::BF16, gate.shape);
    const Tensor y = bench.tensor(DType::BF16, gate.shape);
    for (auto _ : state)
        bench.backend.gated(*bench.context, Activation::Silu, gate, up, y);
    setRate(state, "elements", double(kTokens) * double(kFeedForward));
}

void dropout(benchmark::State& state) {
    Bench bench(state);
    const Tensor x = bench.tensor(DType::BF16, {kTokens, kFeedForward}), y = bench.tensor(DType::BF16, x.shape);
    for (auto _ : state)
        bench.backend.dropout(*bench.context, x, 0.1f, RandomStream{1, RandomPurpose::Dropout, 2, 3}, y);
    setRate(state, "elements", double(kTokens) * double(kFeedForward));
}

#define LORIKEET_BENCH(name) BENCHMARK(name)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMicrosecond)
LORIKEET_BENCH(attentionForward);
LORIKEET_BENCH(attentionBackward);
LORIKEET_BENCH(attentionDecoding);
LORIKEET_BENCH(crossEntropy);
LORIKEET_BENCH(rmsNorm);
LORIKEET_BENCH(rmsNormBackward);
LORIKEET_BENCH(gated);
LORIKEET_BENCH(dropout);

} // namespace
} // namespace lorikeet

BENCHMARK_MAIN();
