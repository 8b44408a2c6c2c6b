// SPDX-License-Identifier: GPL-3.0-or-later
// oneDNN's dense products of the same shapes: what bench_matmul is to be compared with. OMP_NUM_THREADS sets threads.
#include <array>
#include <string>

#include <benchmark/benchmark.h>
#include <oneapi/dnnl/dnnl.hpp>

namespace {

using dnnl::memory;

struct LayerShape {
    const char* name;
    int64_t rows, columns; ///< of W [N, K]
};

constexpr std::array kLayers{LayerShape{"q_o", 576, 576}, LayerShape{"k_v", 192, 576}, LayerShape{"gate_up", 1536, 576},
                             LayerShape{"down", 576, 1536}};

/// y [T, N] = x [T, K] W^T, all as they lie in memory.
void runForward(benchmark::State& state, memory::data_type type, LayerShape shape, int64_t tokens) {
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    using Tag = memory::format_tag;
    const memory::desc x({tokens, shape.columns}, type, Tag::ab);
    const memory::desc w({shape.columns, shape.rows}, type, Tag::ba);
    const memory::desc y({tokens, shape.rows}, memory::data_type::f32, Tag::ab);
    const dnnl::matmul product(dnnl::matmul::primitive_desc(dnnl::matmul::desc(x, w, y), engine));
    const memory xMemory(x, engine), wMemory(w, engine), yMemory(y, engine);
    for (auto _ : state) {
        product.execute(stream, {{DNNL_ARG_SRC, xMemory}, {DNNL_ARG_WEIGHTS, wMemory}, {DNNL_ARG_DST, yMemory}});
        stream.wait();
    }
    state.counters["GFLOP/s/core"] = benchmark::Counter(2e-9 * double(tokens * shape.rows * shape.columns),
                                                        benchmark::Counter::kIsIterationInvariantRate);
}

} // namespace

int main(int argc, char** argv) {
    for (const auto type : {memory::data_type::f32, memory::data_type::bf16})
        for (const LayerShape& shape : kLayers) {
            const std::string name = std::string("dnnl/") + shape.name + "/T512/" +
                                     (type == memory::data_type::f32 ? "float32" : "bfloat16");
            benchmark::RegisterBenchmark(name.c_str(),
                                         [=](benchmark::State& state) { runForward(state, type, shape, 512); })
                ->MeasureProcessCPUTime()
                ->Unit(benchmark::kMicrosecond);
        }
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
