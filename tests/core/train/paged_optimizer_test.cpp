// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/base/files.h"
#include "core/train/accounting_backend.h"
#include "tests/core/train/optimized_parameters.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"
#include "tests/support/walled_backend.h"

namespace lorikeet {
namespace {

/// Larger than a page, of a page, smaller than one, and too small for 8 bits.
const Shape kShapes[] = {{20001, 1}, {64, 64}, {100, 50}, {9, 11}, {7}};

TrainingConfig training(OptimizerType type, std::optional<double> budgetMb = {}) {
    TrainingConfig config;
    config.optimizer = type;
    config.optimizerBudgetMb = budgetMb;
    config.weightDecay = 0.01;
    return config;
}

/// Values of a parameter or a gradient, other ones for each stream.
std::vector<float> normalValues(int64_t count, uint32_t stream) {
    const RandomStream random{5, RandomPurpose::Sampling, stream, 0};
    std::vector<float> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = random.normal(i);
    return values;
}

struct Trained {
    std::vector<std::vector<float>> values;
    OptimizedParameters::State state;
    std::vector<int64_t> evicted; ///< pages, by step
    int64_t peak = 0;             ///< of optimizer state, in bytes
};

/// Steps `begin` to `end` over all shapes, from a state where one is given.
Trained train(Backend& backend, const TrainingConfig& config, int64_t begin = 1, int64_t end = 6,
              const Trained* from = nullptr) {
    const TemporaryFolder folder;
    OptimizedParameters parameters(backend);
    uint32_t stream = 0;
    for (const Shape& shape : kShapes)
        parameters.add("p" + std::to_string(stream), shape,
                       from ? from->values[stream] : normalValues(shape.elements(), stream)),
            ++stream;
    backend.ledger().resetPeak();
    Optimizer optimizer(parameters.context(), parameters.list, config, std::nullopt, folder.path());
    if (from)
        parameters.setState(optimizer, from->state);
    Trained result;
    for (int64_t step = begin; step <= end; ++step) {
        for (std::size_t i = 0; i < parameters.list.size(); ++i)
            parameters.setGradient(i, normalValues(kShapes[i].elements(), uint32_t(100 * step) + uint32_t(i)));
        const int64_t before = optimizer.state().traffic().evicted;
        parameters.step(optimizer, step, 1e-3);
        result.evicted.push_back(optimizer.state().traffic().evicted - before);
    }
    result.peak = backend.ledger().peak()[MemoryTag::Optimizer];
    for (std::size_t i = 0; i < parameters.list.size(); ++i)
        result.values.push_back(parameters.values(i));
    result.state = parameters.state(optimizer);
    return result;
}

class PagedOptimizer : public testing::TestWithParam<std::tuple<WalledMode, OptimizerType>> {};

INSTANTIATE_TEST_SUITE_P(, PagedOptimizer,
                         testing::Combine(testing::Values(WalledMode::Immediate, WalledMode::Deferred),
                                          testing::Values(OptimizerType::PagedAdamW32Bit,
                                                          OptimizerType::PagedAdamW8Bit)),
                         [](const auto& one) {
                             return std::string(std::get<0>(one.param) == WalledMode::Deferred ? "deferred_"
                                                                                               : "walled_") +
                                    (std::get<1>(one.param) == OptimizerType::PagedAdamW8Bit ? "8bit" : "32bit");
                         });

TEST_P(PagedOptimizer, ShrinkingTheBudgetMovesPagesOnEveryStepAndNoBit) {
    const auto [mode, type] = GetParam();
    CpuBackend plainBackend(1, "portable");
    const Trained plain =
        train(plainBackend,
              training(type == OptimizerType::PagedAdamW8Bit ? OptimizerType::AdamW8Bit : OptimizerType::AdamW32Bit));
    EXPECT_EQ(plain.evicted, std::vector<int64_t>(6, 0));
    for (const double budgetMb : {0.2, 0.05, 0.033}) {
        WalledBackend backend(mode, 1, "portable");
        const Trained paged = train(backend, training(type, budgetMb));
        EXPECT_EQ(paged.values, plain.values);
        EXPECT_EQ(paged.state, plain.state);
        EXPECT_LE(paged.peak, std::min(plain.peak, int64_t(budgetMb * (1 << 20))));
        if (paged.peak == plain.peak)
            continue;
        for (const int64_t evicted : paged.evicted)
            EXPECT_GT(evicted, 0) << budgetMb;
    }
}

TEST_P(PagedOptimizer, StateThatWasSavedUnpagedGoesOnPagedAndBack) {
    const auto [mode, type] = GetParam();
    WalledBackend backend(mode, 1, "portable");
    const Trained whole = train(backend, training(type));
    const Trained half = train(backend, training(type), 1, 3);
    const Trained pagedHalf = train(backend, training(type, 0.04), 1, 3);
    EXPECT_EQ(pagedHalf.state, half.state);
    for (const Trained* from : {&half, &pagedHalf})
        for (const std::optional<double> budget : {std::optional<double>(), std::optional<double>(0.04)}) {
            const Trained rest = train(backend, training(type, budget), 4, 6, from);
            EXPECT_EQ(rest.values, whole.values);
            EXPECT_EQ(rest.state, whole.state);
        }
}

TEST(OptimizerState, ThatIsOnlyReadIsNotWrittenBackAndKnownWithoutReading) {
    const TemporaryFolder folder;
    CpuBackend backend(1, "portable");
    OptimizedParameters parameters(backend);
    uint32_t stream = 0;
    for (const Shape& shape : kShapes) {
        parameters.add("p" + std::to_string(stream), shape, normalValues(shape.elements(), stream));
        ++stream;
    }
    Optimizer optimizer(parameters.context(), parameters.list, training(OptimizerType::PagedAdamW32Bit, 0.05),
                        std::nullopt, folder.path());
    for (std::size_t i = 0; i < parameters.list.size(); ++i)
        parameters.setGradient(i, normalValues(kShapes[i].elements(), uint32_t(i)));
    parameters.step(optimizer, 1, 1e-3);
    const OptimizedParameters::State state = parameters.state(optimizer); // what the step left unwritten goes out
    int64_t written = 0;
    setFileFaultHook([&](FileOperation operation, const std::filesystem::path&) {
        written += operation == FileOperation::Write;
        return 0;
    });
    const int64_t fetched = optimizer.state().traffic().fetched;
    EXPECT_EQ(parameters.state(optimizer), state);
    EXPECT_GT(optimizer.state().traffic().fetched, fetched);
    EXPECT_EQ(written, 0);
    parameters.setState(optimizer, state);
    EXPECT_GT(written, 0);
    const int64_t all = optimizer.state().traffic().fetched;
    const std::vector<StateTensor> tensors = optimizer.stateTensors();
    EXPECT_EQ(optimizer.state().traffic().fetched, all);
    setFileFaultHook({});
    ASSERT_EQ(tensors.size(), state.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        EXPECT_EQ(tensors[i].name, state[i].first);
        EXPECT_EQ(tensors[i].shape.elements() * 4, int64_t(state[i].second.size()));
    }
}

TEST(OptimizerState, IsNamedByItsParameterAndSmallTensorsKeep32Bits) {
    CpuBackend backend(1, "portable");
    const Trained trained = train(backend, training(OptimizerType::AdamW8Bit), 1, 1);
    std::vector<std::string> names;
    for (const auto& [name, bytes] : trained.state)
        names.push_back(name + " " + std::to_string(bytes.size()));
    EXPECT_EQ(names, (std::vector<std::string>{
                         "p0.exp_avg 20001", "p0.exp_avg.absmax 316", "p0.exp_avg_sq 20001", "p0.exp_avg_sq.absmax 316",
                         "p1.exp_avg 4096", "p1.exp_avg.absmax 64", "p1.exp_avg_sq 4096", "p1.exp_avg_sq.absmax 64",
                         "p2.exp_avg 5000", "p2.exp_avg.absmax 80", "p2.exp_avg_sq 5000", "p2.exp_avg_sq.absmax 80",
                         "p3.exp_avg 396", "p3.exp_avg_sq 396", "p4.exp_avg 28", "p4.exp_avg_sq 28"}));
    EXPECT_EQ(trained.peak, 2 * (20001 + 316 + 4096 + 64 + 5000 + 80 + 396 + 28));
}

TEST(OptimizerState, OneGradientThatIsNotFiniteStopsTheWholeStep) {
    for (const OptimizerType type : {OptimizerType::AdamW32Bit, OptimizerType::AdamW8Bit})
        for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
            CpuBackend backend(1, "portable");
            OptimizedParameters parameters(backend);
            parameters.add("a", {80, 64}, normalValues(5120, 0));
            parameters.add("b", {5}, normalValues(5, 1));
            Optimizer optimizer(parameters.context(), parameters.list, training(type), std::nullopt);
            parameters.setGradient(0, normalValues(5120, 2));
            parameters.step(optimizer, 1, 1e-3);
            const auto a = parameters.values(0), b = parameters.values(1);
            const OptimizedParameters::State state = parameters.state(optimizer);
            std::vector<float> gradient = normalValues(5120, 3);
            gradient[17] = bad;
            parameters.setGradient(0, gradient);
            parameters.setGradient(1, normalValues(5, 4));
            EXPECT_FALSE(std::isfinite(parameters.step(optimizer, 2, 1e-3)));
            EXPECT_EQ(parameters.values(0), a);
            EXPECT_EQ(parameters.values(1), b);
            EXPECT_EQ(parameters.state(optimizer), state);
        }
}

TEST(OptimizerState, LoraPlusStepsBByItsOwnRate) {
    CpuBackend backend(1, "portable");
    OptimizedParameters parameters(backend);
    parameters.add("q.lora_A.weight", {2, 3}, std::vector<float>(6, 0.0f));
    parameters.add("q.lora_B.weight", {3, 2}, std::vector<float>(6, 0.0f));
    Optimizer optimizer(parameters.context(), parameters.list, TrainingConfig{}, 8.0);
    for (std::size_t i = 0; i < 2; ++i)
        parameters.setGradient(i, std::vector<float>(6, 1.0f));
    parameters.step(optimizer, 1, 0.5);
    EXPECT_NEAR(parameters.values(0)[0], -0.5, 1e-6);
    EXPECT_NEAR(parameters.values(1)[0], -4.0, 1e-5);
}

TEST(OptimizerState, ABudgetThatHoldsNoPageIsRefused) {
    CpuBackend backend(1, "portable");
    const TemporaryFolder folder;
    OptimizedParameters parameters(backend);
    parameters.add("p", {80, 64}, normalValues(5120, 0));
    const Error error = errorOf([&] {
        Optimizer(parameters.context(), parameters.list, training(OptimizerType::PagedAdamW32Bit, 0.01), std::nullopt,
                  folder.path());
    });
    EXPECT_EQ(error.code(), ErrorCode::BadConfig);
    EXPECT_NE(error.message().find("training.optim_budget_mb"), std::string::npos) << error.message();
}

TEST(OptimizerState, ABudgetBeyondAllNumbersPagesNothing) {
    CpuBackend backend(1, "portable");
    OptimizedParameters parameters(backend);
    parameters.add("p", {80, 64}, normalValues(5120, 0));
    const Optimizer optimizer(parameters.context(), parameters.list, training(OptimizerType::PagedAdamW32Bit, 1e300),
                              std::nullopt);
    EXPECT_EQ(optimizer.state().residentBytes(), 2 * 4 * 5120);
}

TEST(OptimizerState, AccountsOfMemoryHoldTheBudgetWithoutAFolder) {
    AccountingBackend backend;
    OptimizedParameters parameters(backend);
    parameters.add("p", {1000, 1000}, normalValues(1000000, 0));
    Optimizer optimizer(parameters.context(), parameters.list, training(OptimizerType::PagedAdamW32Bit, 1.0),
                        std::nullopt);
    parameters.step(optimizer, 1, 1e-3);
    EXPECT_LE(backend.ledger().peak()[MemoryTag::Optimizer], 1 << 20);
    EXPECT_GT(backend.ledger().peak()[MemoryTag::Optimizer], 1 << 19);
}

} // namespace
} // namespace lorikeet
