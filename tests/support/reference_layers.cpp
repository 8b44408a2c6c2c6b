// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/reference_layers.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lorikeet::reference {

Values rmsNormRstd(const Values& x, std::size_t columns, double epsilon) {
    Values rstd(x.size() / columns);
    for (std::size_t row = 0; row < rstd.size(); ++row) {
        double squares = 0;
        for (std::size_t i = 0; i < columns; ++i)
            squares += x[row * columns + i] * x[row * columns + i];
        rstd[row] = 1 / std::sqrt(squares / double(columns) + epsilon);
    }
    return rstd;
}

Values rmsNorm(const Values& x, const Values& weight, double epsilon) {
    const Values rstd = rmsNormRstd(x, weight.size(), epsilon);
    Values y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] = weight[i % weight.size()] * x[i] * rstd[i / weight.size()];
    return y;
}

Values rope(const Values& x, std::size_t headDim, const Values& cosines, const Values& sines, std::size_t pairs,
            const std::vector<int32_t>& positions, bool inverse) {
    const std::size_t columns = x.size() / positions.size();
    Values y = x;
    for (std::size_t t = 0; t < positions.size(); ++t)
        for (std::size_t head = 0; head < columns / headDim; ++head)
            for (std::size_t i = 0; i < pairs; ++i) {
                const std::size_t first = t * columns + head * headDim + i, second = first + pairs;
                const std::size_t angle = std::size_t(positions[t]) * pairs + i;
                const double sine = inverse ? -sines[angle] : sines[angle];
                y[first] = x[first] * cosines[angle] - x[second] * sine;
                y[second] = x[second] * cosines[angle] + x[first] * sine;
            }
    return y;
}

Values gated(Activation activation, const Values& gate, const Values& up) {
    Values y(gate.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double g = gate[i];
        const double u = std::sqrt(2 / std::numbers::pi) * (g + 0.044715 * g * g * g);
        y[i] = up[i] * (activation == Activation::Silu ? g / (1 + std::exp(-g)) : 0.5 * g * (1 + std::tanh(u)));
    }
    return y;
}

Values crossEntropy(const Values& logits, const std::vector<int32_t>& targets) {
    const std::size_t columns = logits.size() / targets.size();
    Values losses(targets.size());
    for (std::size_t row = 0; row < targets.size(); ++row) {
        const double* x = &logits[row * columns];
        const double top = *std::max_element(x, x + columns);
        double sum = 0;
        for (std::size_t i = 0; i < columns; ++i)
            sum += std::exp(x[i] - top);
        losses[row] = std::log(sum) + top - x[targets[row]];
    }
    return losses;
}

Values matmul(const Values& x, const Values& w, std::size_t inner) {
    const std::size_t rows = x.size() / inner, columns = w.size() / inner;
    Values y(rows * columns);
    for (std::size_t t = 0; t < rows; ++t)
        for (std::size_t n = 0; n < columns; ++n)
            for (std::size_t k = 0; k < inner; ++k)
                y[t * columns + n] += x[t * inner + k] * w[n * inner + k];
    return y;
}

Values transposed(const Values& x, std::size_t columns) {
    const std::size_t rows = x.size() / columns;
    Values y(x.size());
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            y[j * rows + i] = x[i * columns + j];
    return y;
}

} // namespace lorikeet::reference
