// SPDX-License-Identifier: GPL-3.0-or-later
// Weights per second that are quantized, from memory and from a GGUF file (its path in LORIKEET_TEST_MODEL).
#include <cstdlib>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/base/random.h"
#include "core/base/thread_pool.h"
#include "core/formats/gguf_file.h"
#include "core/quant/quantize.h"

namespace lorikeet {
namespace {

constexpr int64_t kWeights = int64_t(1) << 24;

/// Arguments: the QuantType, the number of threads.
void quantizeMemory(benchmark::State& state) {
    static const std::vector<float> values = [] {
        std::vector<float> made(kWeights);
        for (std::size_t i = 0; i < made.size(); ++i)
            made[i] = RandomStream{1}.uniform(i) - 0.5f;
        return made;
    }();
    const auto type = QuantType(state.range(0));
    ThreadPool pool(int(state.range(1)));
    for (auto _ : state)
        benchmark::DoNotOptimize(quantize(values, {kWeights}, {type, 64, true}, pool).codes.data());
    state.SetItemsProcessed(state.iterations() * kWeights);
    state.SetLabel(std::string(quantTypeName(type)));
}
BENCHMARK(quantizeMemory)
    ->ArgsProduct({{int(QuantType::Nf4), int(QuantType::Fp4), int(QuantType::Int4), int(QuantType::Int8)}, {1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// Opens the file and quantizes every matrix of it. Argument: the number of threads.
void quantizeGguf(benchmark::State& state) {
    const char* path = std::getenv("LORIKEET_TEST_MODEL");
    if (!path)
        return state.SkipWithError("needs LORIKEET_TEST_MODEL");
    ThreadPool pool(int(state.range(0)));
    int64_t weights = 0;
    for (auto _ : state) {
        const GgufFile file(path);
        for (const TensorRecord& tensor : file.tensors()) {
            if (tensor.shape.size() != 2)
                continue;
            const auto source = [&](int64_t first, std::span<float> out) { decode(tensor, first, out); };
            benchmark::DoNotOptimize(quantize(source, {tensor.shape[0], tensor.shape[1]}, {}, pool).codes.data());
            file.release(tensor);
            weights += tensor.elements();
        }
    }
    state.SetItemsProcessed(weights);
}
BENCHMARK(quantizeGguf)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

} // namespace
} // namespace lorikeet

BENCHMARK_MAIN();
