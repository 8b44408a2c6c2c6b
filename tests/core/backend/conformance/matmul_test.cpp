// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cmath>
#include <list>
#include <optional>

#include "core/base/thread_pool.h"
#include "core/quant/quantize.h"
#include "tests/core/backend/conformance/conformance.h"
#include "tests/support/reference_layers.h"

namespace lorikeet {
namespace {

constexpr DType kReal[] = {DType::F32, DType::BF16};

/// A dense type, or a way to quantize.
struct WeightForm {
    DType dense = DType::F32;
    std::optional<QuantizationSpec> quantized = {};
};

const std::vector<WeightForm>& weightForms() {
    static const std::vector<WeightForm> forms = {
        {DType::F32},
        {DType::BF16},
        {DType::F16},
        {.quantized = QuantizationSpec{QuantType::Nf4, 64, true}},
        {.quantized = QuantizationSpec{QuantType::Nf4, 32, false}},
        {.quantized = QuantizationSpec{QuantType::Fp4, 256, true}},
        {.quantized = QuantizationSpec{QuantType::Int4, 64, false}},
        {.quantized = QuantizationSpec{QuantType::Int8, 64, true}},
        {.quantized = QuantizationSpec{QuantType::Q8_0, 32, false}},
    };
    return forms;
}

class Matmul : public Conformance {
protected:
    void TearDown() override {
        m_weights.clear();
        Conformance::TearDown();
    }

    struct DeviceWeight {
        Weight weight;
        Values values; ///< as float32 holds them
        /// As the product reads them beside operands of `type`.
        Values besides(DType type) const { return type == DType::BF16 ? rounded(DType::BF16, values) : values; }
    };

    DeviceWeight weight(const WeightForm& form, const Shape& shape) {
        if (!form.quantized) {
            const Values values = normal(form.dense, shape);
            return {input(form.dense, shape, values), values};
        }
        const Values values = normal(DType::F32, shape);
        std::vector<float> floats(values.begin(), values.end());
        const QuantizedData data = form.quantized->type == QuantType::Q8_0
                                       ? fromQ8_0(ggufBlocks(shape), shape)
                                       : quantize(floats, shape, *form.quantized, m_pool);
        dequantize(data, floats);
        m_weights.push_back(uploadQuantized(context(), data));
        return {m_weights.back().view(), Values(floats.begin(), floats.end())};
    }

    /// Runs body(form, type, tokens, rows, columns) for every form of weight.
    template <typename Body>
    void forEachCase(Body body) {
        for (const WeightForm& form : weightForms())
            for (const DType type : kReal)
                for (const auto& [tokens, rows, columns] :
                     {std::array<int64_t, 3>{1, 5, 64}, {3, 33, 32}, {17, 70, 96}, {70, 96, 160}})
                    body(form, type, tokens, rows, columns);
    }

private:
    /// Blocks of 32 codes with scales that float16 holds exactly.
    static std::vector<std::byte> ggufBlocks(const Shape& shape) {
        std::vector<std::byte> bytes;
        for (int64_t block = 0; block < shape.elements() / 32; ++block) {
            bytes.push_back(std::byte{0});
            bytes.push_back(std::byte(0x20 + block % 5)); // 2^-7 and the like
            for (int64_t i = 0; i < 32; ++i)
                bytes.push_back(std::byte(uint8_t((block * 32 + i) * 37 % 255 + 129)));
        }
        return bytes;
    }

    ThreadPool m_pool{1};
    std::list<QuantizedStorage> m_weights;
};
LORIKEET_CONFORMANCE(Matmul);

Values scaled(double alpha, Values values, const Values& before = {}) {
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = alpha * values[i] + (before.empty() ? 0.0 : before[i]);
    return values;
}

TEST_P(Matmul, MultipliesByTheTransposedWeight) {
    forEachCase([&](const WeightForm& form, DType type, int64_t tokens, int64_t rows, int64_t columns) {
        const Values x = normal(type, tokens * columns), before = normal(type, tokens * rows);
        const DeviceWeight w = weight(form, {rows, columns});
        const Tensor xTensor = input(type, {tokens, columns}, x), y = output(type, {tokens, rows});
        const Tensor sum = inOut(type, {tokens, rows}, before), wide = output(DType::F32, {tokens, rows});
        const Values product = reference::matmul(x, w.besides(type), std::size_t(columns));
        backend().matmul(context(), xTensor, w.weight, y);
        expectClose(read(y), product, type);
        backend().matmul(context(), xTensor, w.weight, sum, -0.5f, Output::Add);
        expectClose(read(sum), scaled(-0.5, product, before), type);
        backend().matmul(context(), xTensor, w.weight, wide, 2.0f);
        expectClose(read(wide), scaled(2.0, product));
    });
}

TEST_P(Matmul, BackwardInputMultipliesByTheWeight) {
    forEachCase([&](const WeightForm& form, DType type, int64_t tokens, int64_t rows, int64_t columns) {
        const Values dY = normal(type, tokens * rows), before = normal(type, tokens * columns);
        const DeviceWeight w = weight(form, {rows, columns});
        const Tensor dYTensor = input(type, {tokens, rows}, dY), dX = output(type, {tokens, columns});
        const Tensor sum = inOut(type, {tokens, columns}, before);
        const Values product =
            reference::matmul(dY, reference::transposed(w.besides(type), std::size_t(columns)), std::size_t(rows));
        backend().matmulBackwardInput(context(), dYTensor, w.weight, dX, 0.5f);
        expectClose(read(dX), scaled(0.5, product), type);
        backend().matmulBackwardInput(context(), dYTensor, w.weight, sum, 1.0f, Output::Add);
        expectClose(read(sum), scaled(1.0, product, before), type);
    });
}

TEST_P(Matmul, BackwardWeightMultipliesTheGradientByTheInput) {
    for (const DType type : kReal)
        for (const auto& [tokens, rows, columns] :
             {std::array<int64_t, 3>{1, 5, 64}, {3, 33, 31}, {17, 70, 96}, {130, 16, 160}}) {
            const Values dY = normal(type, tokens * rows), x = normal(type, tokens * columns);
            const Values before = normal(DType::F32, rows * columns);
            const Tensor dYTensor = input(type, {tokens, rows}, dY), xTensor = input(type, {tokens, columns}, x);
            const Tensor dW = output(DType::F32, {rows, columns}), sum = inOut(DType::F32, {rows, columns}, before);
            const Values product =
                reference::matmul(reference::transposed(dY, std::size_t(rows)),
                                  reference::transposed(x, std::size_t(columns)), std::size_t(tokens));
            backend().matmulBackwardWeight(context(), dYTensor, xTensor, dW);
            expectClose(read(dW), product);
            backend().matmulBackwardWeight(context(), dYTensor, xTensor, sum, 0.25f, Output::Add);
            expectClose(read(sum), scaled(0.25, product, before));
        }
}

TEST_P(Matmul, DequantizeGivesTheValues) {
    forEachCase([&](const WeightForm& form, DType type, int64_t, int64_t rows, int64_t columns) {
        const DeviceWeight w = weight(form, {rows, columns});
        const Tensor y = output(type, {rows, columns});
        backend().dequantize(context(), w.weight, y);
        EXPECT_EQ(read(y), rounded(type, w.values));
    });
}

TEST_P(Matmul, EmbeddingLooksUpQuantizedRows) {
    const std::vector<int32_t> ids = {4, 0, 32, 4};
    for (const WeightForm& form : weightForms())
        for (const DType type : kReal) {
            const DeviceWeight w = weight(form, {33, 96});
            Values expected;
            for (const int32_t id : ids)
                expected.insert(expected.end(), w.values.begin() + id * 96, w.values.begin() + (id + 1) * 96);
            const Tensor y = output(type, {4, 96});
            backend().embedding(context(), input(ids), w.weight, y);
            EXPECT_EQ(read(y), rounded(type, expected));
        }
}

TEST_P(Matmul, RowNormsAreTheLengthsOfRowsWithAndWithoutAnAdapter) {
    const auto lengths = [](const Values& w, const Values& delta, double alpha, int64_t columns) {
        Values norms(w.size() / std::size_t(columns));
        for (std::size_t i = 0; i < w.size(); ++i) {
            const double value = w[i] + (delta.empty() ? 0.0 : alpha * delta[i]);
            norms[i / std::size_t(columns)] += value * value;
        }
        for (double& norm : norms)
            norm = std::sqrt(norm);
        return norms;
    };
    for (const WeightForm& form : weightForms())
        for (const auto& [rows, columns, rank] :
             {std::array<int64_t, 3>{1, 32, 1}, {7, 96, 3}, {33, 160, 8}, {6, 2080, 16}}) {
            const DeviceWeight w = weight(form, {rows, columns});
            const Values a = normal(DType::F32, rank * columns), b = normal(DType::F32, rows * rank);
            const Values delta =
                reference::matmul(b, reference::transposed(a, std::size_t(columns)), std::size_t(rank));
            const Tensor plain = output(DType::F32, {rows}), adapted = output(DType::F32, {rows});
            backend().rowNorms(context(), w.weight, {}, {}, 1.0f, plain);
            expectClose(read(plain), lengths(w.values, {}, 0.0, columns));
            backend().rowNorms(context(), w.weight, input(DType::F32, {rank, columns}, a),
                               input(DType::F32, {rows, rank}, b), 0.5f, adapted);
            expectClose(read(adapted), lengths(w.values, delta, 0.5, columns));
        }
}

} // namespace
} // namespace lorikeet
