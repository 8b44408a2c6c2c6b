// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <vector>

#include "core/base/half.h"
#include "core/cpu/cpu_backend.h"
#include "core/cpu/weight_reader.h"

namespace lorikeet {
namespace {

constexpr int64_t kColumnsPerTile = 64;

ReadAs operandsOf(const Tensor& first) {
    return first.dtype == DType::BF16 ? ReadAs::Bfloat16 : ReadAs::Float32;
}

void store(const Tensor& y, int64_t index, float value, Output output) {
    if (y.dtype == DType::F32) {
        float& element = reinterpret_cast<float*>(y.data)[index];
        element = output == Output::Add ? element + value : value;
        return;
    }
    Bfloat16Bits& element = reinterpret_cast<Bfloat16Bits*>(y.data)[index];
    element = floatToBfloat16(output == Output::Add ? bfloat16ToFloat(element) + value : value);
}

float dot(const float* a, const float* b, int64_t count) {
    std::array<float, 16> sums{};
    int64_t i = 0;
    for (; i + 16 <= count; i += 16)
        for (std::size_t lane = 0; lane < 16; ++lane)
            sums[lane] += a[i + int64_t(lane)] * b[i + int64_t(lane)];
    for (; i < count; ++i)
        sums[0] += a[i] * b[i];
    float sum = 0.0f;
    for (const float lane : sums)
        sum += lane;
    return sum;
}

std::vector<float> readAll(const Tensor& x) {
    std::vector<float> values(static_cast<std::size_t>(x.elements()));
    WeightReader(x, ReadAs::Float32).read(0, x.elements(), values.data());
    return values;
}

/// y[:, column range] of y = alpha * a b, where b's rows are read into a buffer one after the other.
template <typename ReadRow>
void multiplyByRows(const float* a, int64_t rows, int64_t inner, int64_t rowStride, int64_t innerStride, int64_t begin,
                    int64_t end, const ReadRow& readRow, const Tensor& y, float alpha, Output output) {
    const int64_t width = end - begin;
    std::vector<float> sums(static_cast<std::size_t>(rows * width));
    std::array<float, kColumnsPerTile> row;
    for (int64_t k = 0; k < inner; ++k) {
        readRow(k, row.data());
        for (int64_t m = 0; m < rows; ++m)
            for (int64_t n = 0; n < width; ++n)
                sums[std::size_t(m * width + n)] += a[m * rowStride + k * innerStride] * row[std::size_t(n)];
    }
    for (int64_t m = 0; m < rows; ++m)
        for (int64_t n = 0; n < width; ++n)
            store(y, m * y.shape[1] + begin + n, alpha * sums[std::size_t(m * width + n)], output);
}

} // namespace

void CpuBackend::doMatmul(ExecutionContext&, const Tensor& x, const Weight& weight, const Tensor& y, float alpha,
                          Output output) {
    const int64_t tokens = x.shape[0], inner = x.shape[1], columns = y.shape[1];
    const WeightReader reader(weight, operandsOf(x));
    const std::vector<float> input = readAll(x);
    const int64_t tile = 16;
    m_pool.parallelFor((columns + tile - 1) / tile, [&](int64_t index) {
        std::vector<float> row(static_cast<std::size_t>(inner));
        for (int64_t n = index * tile; n < std::min(columns, (index + 1) * tile); ++n) {
            reader.read(n * inner, inner, row.data());
            for (int64_t t = 0; t < tokens; ++t)
                store(y, t * columns + n, alpha * dot(input.data() + t * inner, row.data(), inner), output);
        }
    });
}

void CpuBackend::doMatmulBackwardInput(ExecutionContext&, const Tensor& dY, const Weight& weight, const Tensor& dX,
                                       float alpha, Output output) {
    const int64_t tokens = dY.shape[0], inner = dY.shape[1], columns = dX.shape[1];
    const WeightReader reader(weight, operandsOf(dY));
    const std::vector<float> gradient = readAll(dY);
    m_pool.parallelFor((columns + kColumnsPerTile - 1) / kColumnsPerTile, [&](int64_t index) {
        const int64_t begin = index * kColumnsPerTile, end = std::min(columns, begin + kColumnsPerTile);
        const auto readRow = [&](int64_t n, float* row) { reader.read(n * columns + begin, end - begin, row); };
        multiplyByRows(gradient.data(), tokens, inner, inner, 1, begin, end, readRow, dX, alpha, output);
    });
}

void CpuBackend::doMatmulBackwardWeight(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& dW,
                                        float alpha, Output output) {
    const int64_t tokens = dY.shape[0], rows = dY.shape[1], columns = x.shape[1];
    const WeightReader reader(x, ReadAs::Float32);
    const std::vector<float> gradient = readAll(dY);
    m_pool.parallelFor((columns + kColumnsPerTile - 1) / kColumnsPerTile, [&](int64_t index) {
        const int64_t begin = index * kColumnsPerTile, end = std::min(columns, begin + kColumnsPerTile);
        const auto readRow = [&](int64_t t, float* row) { reader.read(t * columns + begin, end - begin, row); };
        multiplyByRows(gradient.data(), rows, tokens, 1, rows, begin, end, readRow, dW, alpha, output);
    });
}

void CpuBackend::doDequantize(ExecutionContext&, const Weight& weight, const Tensor& y) {
    const int64_t columns = y.shape[1];
    const WeightReader reader(weight, ReadAs::Float32);
    m_pool.parallelFor(y.shape[0], [&](int64_t n) {
        std::vector<float> row(static_cast<std::size_t>(columns));
        reader.read(n * columns, columns, row.data());
        for (int64_t k = 0; k < columns; ++k)
            store(y, n * columns + k, row[std::size_t(k)], Output::Assign);
    });
}

void CpuBackend::doEmbedding(ExecutionContext&, const Tensor& ids, const Weight& table, const Tensor& y) {
    const int64_t columns = y.shape[1];
    const int32_t* rows = reinterpret_cast<const int32_t*>(ids.data);
    const WeightReader reader(table, ReadAs::Float32);
    m_pool.parallelFor(y.shape[0], [&](int64_t i) {
        std::vector<float> row(static_cast<std::size_t>(columns));
        reader.read(rows[i] * columns, columns, row.data());
        for (int64_t k = 0; k < columns; ++k)
            store(y, i * columns + k, row[std::size_t(k)], Output::Assign);
    });
}

} // namespace lorikeet
