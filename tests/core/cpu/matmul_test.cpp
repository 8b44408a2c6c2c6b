// SPDX-License-Identifier: GPL-3.0-or-later
// The matrix products of the CPU backend against scalar sums in double, by every kernel set of this processor.
#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/half.h"
#include "core/cpu/cpu_backend.h"
#include "tests/core/cpu/made_weight.h"

namespace lorikeet {
namespace {

/// A tensor of real values with guard bytes on both sides.
class GuardedTensor {
public:
    GuardedTensor(DType dtype, int64_t rows, int64_t columns, uint32_t seed) : m_dtype(dtype), m_shape{rows, columns} {
        m_bytes.resize(kGuardBytes * 2 + std::size_t(rows * columns) * dtypeSize(dtype), kGuardByte);
        const std::vector<float> values = madeValues(rows * columns, seed);
        for (int64_t i = 0; i < rows * columns; ++i)
            setValue(i, values[std::size_t(i)]);
    }
    Tensor view() { return {m_bytes.data() + kGuardBytes, m_dtype, m_shape}; }
    float value(int64_t i) const {
        const std::byte* at = m_bytes.data() + kGuardBytes + std::size_t(i) * dtypeSize(m_dtype);
        float value = 0.0f;
        uint16_t half = 0;
        if (m_dtype == DType::F32)
            std::memcpy(&value, at, sizeof value);
        else
            std::memcpy(&half, at, sizeof half);
        return m_dtype == DType::F32 ? value : bfloat16ToFloat(half);
    }
    bool guardsHold() const {
        const auto held = [](std::byte byte) { return byte == kGuardByte; };
        return std::all_of(m_bytes.begin(), m_bytes.begin() + kGuardBytes, held) &&
               std::all_of(m_bytes.end() - kGuardBytes, m_bytes.end(), held);
    }
    bool operator==(const GuardedTensor& other) const { return m_bytes == other.m_bytes; }

private:
    void setValue(int64_t i, float value) {
        std::byte* at = m_bytes.data() + kGuardBytes + std::size_t(i) * dtypeSize(m_dtype);
        const uint16_t half = floatToBfloat16(value);
        if (m_dtype == DType::F32)
            std::memcpy(at, &value, sizeof value);
        else
            std::memcpy(at, &half, sizeof half);
    }

    static constexpr int kGuardBytes = 64;
    static constexpr std::byte kGuardByte{0xa5};
    DType m_dtype;
    Shape m_shape;
    std::vector<std::byte> m_bytes;
};

struct Case {
    int64_t tokens, rows, columns; ///< T, N, K of W [N, K]
    WeightForm form{};
    DType input = DType::F32;
    DType output = DType::F32;
    float alpha = 1.0f;
    Output mode = Output::Assign;

    bool rounded() const { return input == DType::BF16; }
    std::string text() const {
        return fmt::format("T {} N {} K {}, {}, {} to {}, alpha {}{}", tokens, rows, columns, form.text(),
                           dtypeName(input), dtypeName(output), alpha, mode == Output::Add ? ", added" : "");
    }
};

/// Compares y with alpha * sums (+ what was there), given by sum(i, j, magnitude), to the rounding of float sums.
template <typename Sum>
void expectProduct(const Case& c, const GuardedTensor& y, const GuardedTensor& before, int64_t rows, int64_t columns,
                   DType type, const Sum& sum) {
    ASSERT_TRUE(y.guardsHold()) << c.text();
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) {
            double magnitude = 0.0;
            double expected = double(c.alpha) * sum(i, j, magnitude);
            if (c.mode == Output::Add)
                expected += double(before.value(i * columns + j));
            const double unit = type == DType::BF16 ? 0x1p-8 : 0x1p-22;
            const double tolerance = 0x1p-20 * std::abs(c.alpha) * magnitude + unit * std::abs(expected) + 1e-30;
            ASSERT_NEAR(double(y.value(i * columns + j)), expected, tolerance)
                << c.text() << ", element " << i << ", " << j;
        }
}

void checkMatmul(CpuBackend& backend, const Case& c) {
    const auto context = backend.createContext();
    const MadeWeight made(c.form, c.rows, c.columns, 3);
    GuardedTensor x(c.input, c.tokens, c.columns, 1);
    GuardedTensor y(c.output, c.tokens, c.rows, 2);
    const GuardedTensor before = y;
    backend.matmul(*context, x.view(), made.weight(), y.view(), c.alpha, c.mode);
    expectProduct(c, y, before, c.tokens, c.rows, c.output, [&](int64_t t, int64_t n, double& magnitude) {
        double sum = 0.0;
        for (int64_t k = 0; k < c.columns; ++k) {
            const double term = double(x.value(t * c.columns + k)) * double(made.value(n * c.columns + k, c.rounded()));
            sum += term;
            magnitude += std::abs(term);
        }
        return sum;
    });
}

void checkBackwardInput(CpuBackend& backend, const Case& c) {
    const auto context = backend.createContext();
    const MadeWeight made(c.form, c.rows, c.columns, 3);
    GuardedTensor dY(c.input, c.tokens, c.rows, 1);
    GuardedTensor dX(c.output, c.tokens, c.columns, 2);
    const GuardedTensor before = dX;
    backend.matmulBackwardInput(*context, dY.view(), made.weight(), dX.view(), c.alpha, c.mode);
    expectProduct(c, dX, before, c.tokens, c.columns, c.output, [&](int64_t t, int64_t k, double& magnitude) {
        double sum = 0.0;
        for (int64_t n = 0; n < c.rows; ++n) {
            const double term = double(dY.value(t * c.rows + n)) * double(made.value(n * c.columns + k, c.rounded()));
            sum += term;
            magnitude += std::abs(term);
        }
        return sum;
    });
}

void checkBackwardWeight(CpuBackend& backend, const Case& c) {
    const auto context = backend.createContext();
    GuardedTensor dY(c.input, c.tokens, c.rows, 1);
    GuardedTensor x(c.input, c.tokens, c.columns, 4);
    GuardedTensor dW(DType::F32, c.rows, c.columns, 2);
    const GuardedTensor before = dW;
    backend.matmulBackwardWeight(*context, dY.view(), x.view(), dW.view(), c.alpha, c.mode);
    expectProduct(c, dW, before, c.rows, c.columns, DType::F32, [&](int64_t n, int64_t k, double& magnitude) {
        double sum = 0.0;
        for (int64_t t = 0; t < c.tokens; ++t) {
            const double term = double(dY.value(t * c.rows + n)) * double(x.value(t * c.columns + k));
            sum += term;
            magnitude += std::abs(term);
        }
        return sum;
    });
}

class Matmul : public testing::TestWithParam<KernelSet> {
protected:
    void SetUp() override {
        if (!processorHas(GetParam()))
            GTEST_SKIP() << "this processor lacks " << kernelSetName(GetParam());
        m_backend = std::make_unique<CpuBackend>(2, kernelSetName(GetParam()));
    }
    void checkAll(const Case& c) {
        checkMatmul(*m_backend, c);
        checkBackwardInput(*m_backend, c);
        checkBackwardWeight(*m_backend, c);
    }

    std::unique_ptr<CpuBackend> m_backend;
};

INSTANTIATE_TEST_SUITE_P(, Matmul,
                         testing::Values(KernelSet::Amx, KernelSet::Avx512Bf16, KernelSet::Avx512, KernelSet::Avx2,
                                         KernelSet::Portable),
                         [](const auto& set) { return std::string(kernelSetName(set.param)); });

TEST_P(Matmul, MultipliesEveryFormOfWeight) {
    for (const WeightForm& form : allWeightForms())
        for (const DType input : {DType::F32, DType::BF16}) {
            checkAll({.tokens = 50, .rows = 66, .columns = 192, .form = form, .input = input});
            checkAll({.tokens = 37, .rows = 35, .columns = 77, .form = form, .input = input}); // blocks cross rows
            for (const int64_t tokens : {1, 2, 3, 4, 6})
                for (const int64_t columns : {129, form.blocksize > 256 ? 4096 : 256})
                    checkMatmul(*m_backend,
                                {.tokens = tokens, .rows = 7, .columns = columns, .form = form, .input = input});
        }
}

TEST_P(Matmul, MultipliesEveryShape) {
    const WeightForm nf4{.type = QuantType::Nf4, .doubleQuantized = true};
    for (const DType input : {DType::F32, DType::BF16})
        for (const int64_t tokens : {1, 2, 5, 8, 33, 61})
            for (const int64_t rows : {1, 4, 16, 17, 33, 70})
                for (const int64_t columns : {1, 2, 31, 64, 83})
                    checkAll({.tokens = tokens, .rows = rows, .columns = columns, .form = nf4, .input = input});
}

TEST_P(Matmul, SumsOfManyTermsGoInSeveralPasses) {
    const WeightForm nf4{.type = QuantType::Nf4};
    for (const DType input : {DType::F32, DType::BF16}) {
        checkAll({.tokens = 40, .rows = 37, .columns = 1733, .form = nf4, .input = input});
        checkAll({.tokens = 1733, .rows = 37, .columns = 40, .form = nf4, .input = input});
        checkBackwardInput(*m_backend, {.tokens = 37, .rows = 10007, .columns = 41, .form = nf4, .input = input});
        checkMatmul(*m_backend, {.tokens = 34, .rows = 35, .columns = 10007, .form = nf4, .input = input});
        checkMatmul(*m_backend, {.tokens = 2, .rows = 35, .columns = 5001, .form = nf4, .input = input});
    }
}

TEST_P(Matmul, ScalesAndAddsIntoEitherType) {
    const WeightForm dense{};
    for (const DType input : {DType::F32, DType::BF16})
        for (const DType output : {DType::F32, DType::BF16})
            for (const Output mode : {Output::Assign, Output::Add})
                for (const int64_t tokens : {2, 45})
                    for (const int64_t rows : {16, 47})
                        checkAll({.tokens = tokens,
                                  .rows = rows,
                                  .columns = 50,
                                  .form = dense,
                                  .input = input,
                                  .output = output,
                                  .alpha = -0.75f,
                                  .mode = mode});
}

TEST_P(Matmul, GivesTheSameBitsOnAnyNumberOfThreads) {
    const MadeWeight made({.type = QuantType::Nf4}, 200, 832, 3);
    for (const DType type : {DType::F32, DType::BF16})
        for (const int64_t tokens : {1, 300}) {
            std::vector<GuardedTensor> results;
            for (const int threads : {1, 2, 3}) {
                CpuBackend backend(threads, kernelSetName(GetParam()));
                const auto context = backend.createContext();
                GuardedTensor x(type, tokens, 832, 1), y(type, tokens, 200, 2), dX(type, tokens, 832, 2);
                GuardedTensor dW(DType::F32, 200, 832, 2);
                backend.matmul(*context, x.view(), made.weight(), y.view());
                backend.matmulBackwardInput(*context, y.view(), made.weight(), dX.view());
                backend.matmulBackwardWeight(*context, y.view(), x.view(), dW.view());
                results.insert(results.end(), {y, dX, dW});
            }
            for (std::size_t i = 3; i < results.size(); ++i)
                EXPECT_TRUE(results[i] == results[i % 3]) << "result " << i % 3 << ", " << tokens << " tokens";
        }
}

TEST_P(Matmul, BooksItsScratchMemoryAndReturnsIt) {
    const MadeWeight made({.type = QuantType::Nf4}, 200, 832, 3);
    const auto context = m_backend->createContext();
    GuardedTensor x(DType::F32, 300, 832, 1), y(DType::F32, 300, 200, 2);
    m_backend->matmul(*context, x.view(), made.weight(), y.view());
    EXPECT_EQ(m_backend->ledger().live().total(), 0);
    EXPECT_GT(m_backend->ledger().peak()[MemoryTag::Workspace], 0);
    EXPECT_LT(m_backend->ledger().peak()[MemoryTag::Workspace], 4 << 20);
}

TEST_P(Matmul, DequantizesAndLooksUpRowsExactly) {
    const auto context = m_backend->createContext();
    for (const WeightForm& form : allWeightForms()) {
        const MadeWeight made(form, 19, 1037, 3);
        for (const DType type : {DType::F32, DType::BF16}) {
            GuardedTensor all(type, 19, 1037, 1), some(type, 3, 1037, 1);
            m_backend->dequantize(*context, made.weight(), all.view());
            std::array<int32_t, 3> ids{18, 0, 7};
            m_backend->embedding(*context, {reinterpret_cast<std::byte*>(ids.data()), DType::I32, Shape{3}},
                                 made.weight(), some.view());
            ASSERT_TRUE(all.guardsHold() && some.guardsHold());
            for (int64_t i = 0; i < 19 * 1037; ++i)
                ASSERT_EQ(all.value(i), made.value(i, type == DType::BF16)) << form.text() << ", element " << i;
            for (int64_t i = 0; i < 3 * 1037; ++i)
                ASSERT_EQ(some.value(i), all.value(ids[std::size_t(i / 1037)] * 1037 + i % 1037)) << form.text();
        }
    }
}

} // namespace
} // namespace lorikeet
