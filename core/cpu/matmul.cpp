// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <utility>

#include "core/cpu/cpu_workspace.h"
#include "core/cpu/few_rows_product.h"
#include "core/cpu/packed_product.h"

namespace lorikeet {

ProductOutput productOutput(const Tensor& y, float alpha, Output output) {
    return {.data = y.data, .dtype = y.dtype, .stride = y.shape[1], .alpha = alpha, .output = output};
}

namespace {

/// Up to so many rows on one side, the other side is better read once than packed.
constexpr int64_t kFewRows = 32;

/// Up to so many are multiplied without reading the matrix into floats first.
constexpr int64_t kVectors = 4;

struct Kernels {
    Kernels(KernelSet set, ReadAs operands)
        : rows(rowKernels(set)),
          panels(operands == ReadAs::Bfloat16 ? bfloat16PanelKernels(set) : floatPanelKernels(set)) {}

    RowKernels rows;
    PanelKernels panels;
};

/// How y = x W^T is computed: by packed panels, or reading the longer side once, as it is stored.
enum class ProductWay : uint8_t { Packed, ByVectors, ByFewInputs, ByFewWeights };

ProductWay wayOf(KernelSet set, const MatrixView& input, const MatrixView& matrix) {
    if (std::min(input.rows, matrix.rows) > kFewRows)
        return ProductWay::Packed;
    if (input.rows <= kVectors && rowDots(set).canRead(matrix))
        return ProductWay::ByVectors;
    return input.rows <= matrix.rows ? ProductWay::ByFewInputs : ProductWay::ByFewWeights;
}

ReadAs operandsOf(const Tensor& first) {
    return first.dtype == DType::BF16 ? ReadAs::Bfloat16 : ReadAs::Float32;
}

ProductOutput transposed(ProductOutput y) {
    y.transposed = !y.transposed;
    return y;
}

/// A small matrix as contiguous floats: its own memory, or read into workspace.
class FloatRows {
public:
    FloatRows(ExecutionContext& context, const RowKernels& kernels, const MatrixView& m) {
        if (m.isPlain()) {
            m_data = m.plainRow(0);
            return;
        }
        m_copy = context.allocate(DType::F32, Shape{m.rows, m.columns}, MemoryTag::Workspace);
        auto* values = reinterpret_cast<float*>(m_copy.view().data);
        kernels.read(m, 0, m.rows, 0, m.columns, values, m.columns);
        m_data = values;
    }
    const float* data() const { return m_data; }

    static int64_t workspace(const MatrixView& m) {
        return m.isPlain() ? 0 : m.rows * m.columns * int64_t(sizeof(float));
    }

private:
    Storage m_copy;
    const float* m_data = nullptr;
};

} // namespace

void CpuBackend::doMatmul(ExecutionContext& context, const Tensor& x, const Weight& weight, const Tensor& y,
                          float alpha, Output output) {
    const Kernels kernels(m_kernels, operandsOf(x));
    const MatrixView input = viewOf(x);
    const MatrixView matrix = viewOf(weight, operandsOf(x));
    const ProductOutput out = productOutput(y, alpha, output);
    switch (wayOf(m_kernels, input, matrix)) {
    case ProductWay::Packed:
        multiplyPacked(context, m_pool, kernels.panels, kernels.rows, {input, true}, {matrix, true}, out);
        return;
    case ProductWay::ByVectors:
        multiplyByVectors(context, m_pool, kernels.rows, rowDots(m_kernels), matrix, input, transposed(out));
        return;
    case ProductWay::ByFewInputs: {
        const FloatRows few(context, kernels.rows, input);
        multiplyByFewRows(context, m_pool, kernels.rows, matrix, few.data(), input.rows, transposed(out));
        return;
    }
    case ProductWay::ByFewWeights: {
        const FloatRows few(context, kernels.rows, matrix);
        multiplyByFewRows(context, m_pool, kernels.rows, input, few.data(), matrix.rows, out);
        return;
    }
    }
}

int64_t CpuWorkspace::matmul(const Tensor& x, const Weight& weight) const {
    const MatrixView input = viewOf(x);
    const MatrixView matrix = viewOf(weight, operandsOf(x));
    switch (wayOf(m_kernels, input, matrix)) {
    case ProductWay::Packed:
        return packedWorkspace(Kernels(m_kernels, operandsOf(x)).panels, {input, true}, {matrix, true}, m_threads);
    case ProductWay::ByVectors:
        return input.rows * input.columns * int64_t(sizeof(float));
    case ProductWay::ByFewInputs:
        return FloatRows::workspace(input) + fewRowsWorkspace(input.rows, m_threads);
    case ProductWay::ByFewWeights:
        break;
    }
    return FloatRows::workspace(matrix) + fewRowsWorkspace(matrix.rows, m_threads);
}

void CpuBackend::doMatmulBackwardInput(ExecutionContext& context, const Tensor& dY, const Weight& weight,
                                       const Tensor& dX, float alpha, Output output) {
    const Kernels kernels(m_kernels, operandsOf(dY));
    const MatrixView gradient = viewOf(dY);
    const MatrixView matrix = viewOf(weight, operandsOf(dY));
    multiplyPacked(context, m_pool, kernels.panels, kernels.rows, {gradient, true}, {matrix, false},
                   productOutput(dX, alpha, output));
}

int64_t CpuWorkspace::matmulBackwardInput(const Tensor& dY, const Weight& weight) const {
    const ReadAs operands = operandsOf(dY);
    return packedWorkspace(Kernels(m_kernels, operands).panels, {viewOf(dY), true}, {viewOf(weight, operands), false},
                           m_threads);
}

void CpuBackend::doMatmulBackwardWeight(ExecutionContext& context, const Tensor& dY, const Tensor& x, const Tensor& dW,
                                        float alpha, Output output) {
    const Kernels kernels(m_kernels, operandsOf(dY));
    ProductOperand rows{viewOf(dY), false};
    ProductOperand columns{viewOf(x), false};
    ProductOutput out = productOutput(dW, alpha, output);
    // Panels of B are wide: the longer side of dW goes there.
    if (rows.vectors() > columns.vectors()) {
        std::swap(rows, columns);
        out = transposed(out);
    }
    multiplyPacked(context, m_pool, kernels.panels, kernels.rows, rows, columns, out);
}

int64_t CpuWorkspace::matmulBackwardWeight(const Tensor& dY, const Tensor& x) const {
    const bool isWide = dY.shape[1] <= x.shape[1];
    const ProductOperand rows{viewOf(isWide ? dY : x), false};
    const ProductOperand columns{viewOf(isWide ? x : dY), false};
    return packedWorkspace(Kernels(m_kernels, operandsOf(dY)).panels, rows, columns, m_threads);
}

void CpuBackend::doDequantize(ExecutionContext&, const Weight& weight, const Tensor& y) {
    const RowKernels kernels = rowKernels(m_kernels);
    const MatrixView matrix = viewOf(weight, ReadAs::Float32);
    const ProductOutput out = productOutput(y, 1.0f, Output::Assign);
    constexpr int64_t kStrip = 1024;
    m_pool.parallelFor(matrix.rows, [&](int64_t row) {
        float values[kStrip];
        for (int64_t column = 0; column < matrix.columns; column += kStrip) {
            const int64_t count = std::min(kStrip, matrix.columns - column);
            kernels.read(matrix, row, 1, column, count, values, kStrip);
            kernels.writeProduct(values, kStrip, 1, count, out, row, column);
        }
    });
}

void CpuBackend::doEmbedding(ExecutionContext&, const Tensor& ids, const Weight& table, const Tensor& y) {
    const RowKernels kernels = rowKernels(m_kernels);
    const MatrixView matrix = viewOf(table, ReadAs::Float32);
    const ProductOutput out = productOutput(y, 1.0f, Output::Assign);
    const auto* rows = reinterpret_cast<const int32_t*>(ids.data);
    constexpr int64_t kStrip = 1024;
    m_pool.parallelFor(y.shape[0], [&](int64_t i) {
        float values[kStrip];
        for (int64_t column = 0; column < matrix.columns; column += kStrip) {
            const int64_t count = std::min(kStrip, matrix.columns - column);
            kernels.read(matrix, rows[i], 1, column, count, values, kStrip);
            kernels.writeProduct(values, kStrip, 1, count, out, i, column);
        }
    });
}

} // namespace lorikeet
