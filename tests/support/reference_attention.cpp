// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/reference_attention.h"

#include <cmath>

namespace lorikeet::reference {

namespace {

bool sees(int64_t position, int64_t key, const AttentionSpec& spec) {
    return !(spec.causal && key > position) && !(spec.window > 0 && key <= position - spec.window);
}

/// Where the rows of one query and of its visible keys begin, and the softmax of their products.
struct QueryRow {
    std::size_t query;
    std::vector<std::size_t> keys;
    Values weights;
    double logSumExp;
};

/// Calls visit(row, head, token) for each query of each head.
template <typename Visit>
void forEachQuery(const Values& q, const Values& k, const Offsets& offsets, const AttentionSpec& spec, Visit visit) {
    const auto heads = std::size_t(spec.heads), kvHeads = std::size_t(spec.kvHeads), size = std::size_t(spec.headDim);
    for (std::size_t s = 0; s + 1 < offsets.queries.size(); ++s)
        for (std::size_t head = 0; head < heads; ++head)
            for (int64_t t = offsets.queries[s]; t < offsets.queries[s + 1]; ++t) {
                QueryRow row{(std::size_t(t) * heads + head) * size, {}, {}, 0};
                const int64_t position = offsets.keys[s + 1] - offsets.keys[s] - offsets.queries[s + 1] + t;
                double sum = 0;
                for (int64_t j = 0; j < offsets.keys[s + 1] - offsets.keys[s]; ++j) {
                    if (!sees(position, j, spec))
                        continue;
                    row.keys.push_back((std::size_t(offsets.keys[s] + j) * kvHeads + head / (heads / kvHeads)) * size);
                    double dot = 0;
                    for (std::size_t d = 0; d < size; ++d)
                        dot += q[row.query + d] * k[row.keys.back() + d];
                    row.weights.push_back(std::exp(double(spec.scale) * dot));
                    sum += row.weights.back();
                }
                for (double& weight : row.weights)
                    weight /= sum;
                row.logSumExp = std::log(sum);
                visit(row, head, std::size_t(t));
            }
}

} // namespace

Attention attention(const Values& q, const Values& k, const Values& v, const Offsets& offsets,
                    const AttentionSpec& spec) {
    const auto heads = std::size_t(spec.heads), size = std::size_t(spec.headDim);
    const std::size_t tokens = q.size() / (heads * size);
    Attention result{Values(q.size()), Values(heads * tokens)};
    forEachQuery(q, k, offsets, spec, [&](const QueryRow& row, std::size_t head, std::size_t token) {
        for (std::size_t j = 0; j < row.keys.size(); ++j)
            for (std::size_t d = 0; d < size; ++d)
                result.out[row.query + d] += row.weights[j] * v[row.keys[j] + d];
        result.logSumExp[head * tokens + token] = row.logSumExp;
    });
    return result;
}

AttentionGradients attentionGradients(const Values& dOut, const Values& q, const Values& k, const Values& v,
                                      const Offsets& offsets, const AttentionSpec& spec) {
    const auto size = std::size_t(spec.headDim);
    AttentionGradients result{Values(q.size()), Values(k.size()), Values(v.size())};
    forEachQuery(q, k, offsets, spec, [&](const QueryRow& row, std::size_t, std::size_t) {
        Values dWeights(row.keys.size());
        double mean = 0;
        for (std::size_t j = 0; j < row.keys.size(); ++j) {
            for (std::size_t d = 0; d < size; ++d) {
                dWeights[j] += dOut[row.query + d] * v[row.keys[j] + d];
                result.dV[row.keys[j] + d] += row.weights[j] * dOut[row.query + d];
            }
            mean += row.weights[j] * dWeights[j];
        }
        for (std::size_t j = 0; j < row.keys.size(); ++j) {
            const double dScore = double(spec.scale) * row.weights[j] * (dWeights[j] - mean);
            for (std::size_t d = 0; d < size; ++d) {
                result.dQ[row.query + d] += dScore * k[row.keys[j] + d];
                result.dK[row.keys[j] + d] += dScore * q[row.query + d];
            }
        }
    });
    return result;
}

} // namespace lorikeet::reference
