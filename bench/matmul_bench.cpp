// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix products of a 135M Llama's shapes by kernel set, type of activations and form of weight.
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "core/cpu/cpu_backend.h"

namespace lorikeet {
namespace {

struct LayerShape {
    const char* name;
    int64_t rows, columns; ///< of W [N, K]
};

constexpr std::array kLayers{LayerShape{"q_o", 576, 576}, LayerShape{"k_v", 192, 576}, LayerShape{"gate_up", 1536, 576},
                             LayerShape{"down", 576, 1536}};
constexpr std::array kAdapters{LayerShape{"lora_a", 16, 576}, LayerShape{"lora_b", 576, 16},
                               LayerShape{"lora_b_up", 1536, 16}, LayerShape{"lora_a_down", 16, 1536}};

/// A weight with arbitrary codes in the backend's memory.
class BenchWeight {
public:
    BenchWeight(ExecutionContext& context, QuantType type, const LayerShape& shape) {
        const Shape matrix{shape.rows, shape.columns};
        if (type == QuantType::None) {
            m_codes = filled(context, DType::F32, matrix, 0);
            m_weight.dense = m_codes;
            return;
        }
        QuantizedTensor& quantized = m_weight.quantized;
        const bool fourBit = isFourBit(type);
        quantized.type = type;
        quantized.blocksize = fourBit ? 64 : 32;
        quantized.shape = matrix;
        m_codes = filled(context, fourBit ? DType::U8 : DType::I8, {matrix.elements() / (fourBit ? 2 : 1)}, 0x5b);
        m_absmax = filled(context, fourBit ? DType::U8 : DType::F32, {quantized.blocks()}, 0);
        quantized.codes = m_codes;
        quantized.absmax = m_absmax;
        if (fourBit) {
            m_tables[0] = filled(context, DType::F32, {16}, 0);
            m_tables[1] = filled(context, DType::F32, {256}, 0);
            m_tables[2] = filled(context, DType::F32, {(quantized.blocks() + 255) / 256}, 0);
            quantized.codebook = m_tables[0];
            quantized.nestedMap = m_tables[1];
            quantized.nestedAbsmax = m_tables[2];
        }
    }
    const Weight& weight() const { return m_weight; }

private:
    static Storage filled(ExecutionContext& context, DType dtype, const Shape& shape, int byte) {
        Storage storage = context.allocate(dtype, shape, MemoryTag::Weights);
        std::memset(storage.view().data, byte, storage.view().bytes());
        return storage;
    }

    Storage m_codes, m_absmax;
    std::array<Storage, 3> m_tables;
    Weight m_weight;
};

enum class Direction { Forward, BackwardInput, BackwardWeight };

void runProduct(benchmark::State& state, KernelSet set, int threads, DType type, QuantType form, LayerShape shape,
                int64_t tokens, Direction direction) {
    CpuBackend backend(threads, kernelSetName(set));
    const auto context = backend.createContext();
    const BenchWeight weight(*context, form, shape);
    const Storage x = context->allocate(type, {tokens, shape.columns}, MemoryTag::Activations);
    const Storage y = context->allocate(type, {tokens, shape.rows}, MemoryTag::Activations);
    const Storage dW = context->allocate(DType::F32, {shape.rows, shape.columns}, MemoryTag::Gradients);
    backend.fill(*context, x, 0.5f);
    backend.fill(*context, y, 0.5f);
    backend.fill(*context, dW, 0.0f);
    for (auto _ : state) {
        if (direction == Direction::Forward)
            backend.matmul(*context, x, weight.weight(), y);
        else if (direction == Direction::BackwardInput)
            backend.matmulBackwardInput(*context, y, weight.weight(), x);
        else
            backend.matmulBackwardWeight(*context, y, x, dW);
    }
    using benchmark::Counter;
    state.counters["GFLOP/s/core"] =
        Counter(2e-9 * double(tokens * shape.rows * shape.columns), Counter::kIsIterationInvariantRate);
    const double codeBytes = form == QuantType::None ? 4.0 : isFourBit(form) ? 0.5 : 1.0;
    state.counters["weightGB/s/core"] =
        Counter(1e-9 * codeBytes * double(shape.rows * shape.columns), Counter::kIsIterationInvariantRate);
}

void add(const std::string& operation, KernelSet set, int threads, DType type, QuantType form, LayerShape shape,
         int64_t tokens, Direction direction) {
    const std::string name = fmt::format("{}/{}/{}/T{}/{}/{}/{}threads", operation, shape.name, quantTypeName(form),
                                         tokens, dtypeName(type), kernelSetName(set), threads);
    benchmark::RegisterBenchmark(
        name.c_str(),
        [=](benchmark::State& state) { runProduct(state, set, threads, type, form, shape, tokens, direction); })
        ->MeasureProcessCPUTime() // of all threads: what a core gives, also where other programs take their share
        ->Unit(benchmark::kMicrosecond);
}

void addProducts(KernelSet set, int threads) {
    for (const DType type : {DType::F32, DType::BF16}) {
        for (const LayerShape& shape : kLayers) {
            add("forward", set, threads, type, QuantType::Nf4, shape, 512, Direction::Forward);
            add("backward_input", set, threads, type, QuantType::Nf4, shape, 512, Direction::BackwardInput);
            add("forward", set, threads, type, QuantType::Nf4, shape, 1, Direction::Forward);
        }
        for (const LayerShape& shape : kAdapters) {
            add("forward", set, threads, type, QuantType::None, shape, 512, Direction::Forward);
            add("backward_input", set, threads, type, QuantType::None, shape, 512, Direction::BackwardInput);
            add("backward_weight", set, threads, type, QuantType::None, shape, 512, Direction::BackwardWeight);
        }
        constexpr LayerShape kHead{"head", 49152, 576};
        add("forward", set, threads, type, QuantType::Q8_0, kHead, 128, Direction::Forward);
        add("backward_input", set, threads, type, QuantType::Q8_0, kHead, 128, Direction::BackwardInput);
        add("forward", set, threads, type, QuantType::Q8_0, kHead, 1, Direction::Forward);
    }
}

} // namespace
} // namespace lorikeet

int main(int argc, char** argv) {
    using namespace lorikeet;
    for (const KernelSet set :
         {KernelSet::Amx, KernelSet::Avx512Bf16, KernelSet::Avx512, KernelSet::Avx2, KernelSet::Portable})
        for (const int threads : {1, 2})
            if (processorHas(set))
                addProducts(set, threads);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
