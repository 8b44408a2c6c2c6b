// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/reference_attention.h"

#include <cmath>

namespace lorikeet::reference {

namespace {

bool sees(int64_t position, int64_t key, const AttentionSpec& spec) {
    return !(spec.causal && key > position) && !(spec.window > 0 && key <= position - spec.window);
}

} // namespace

Attention attention(const Values& q, const Values& k, const Values& v, const Offsets& offsets,
                    const AttentionSpec& spec) {
    const auto heads = std::size_t(spec.heads), kvHeads = std::size_t(spec.kvHeads), size = std::size_t(spec.headDim);
    const std::size_t tokens = q.size() / (heads * size);
    Attention result{Values(q.size()), Values(heads * tokens)};
    for (std::size_t s = 0; s + 1 < offsets.queries.size(); ++s) {
        const int64_t keys = offsets.keys[s + 1] - offsets.keys[s];
        const int64_t shift = keys - (offsets.queries[s + 1] - offsets.queries[s]);
        for (std::size_t head = 0; head < heads; ++head)
            for (int64_t t = offsets.queries[s]; t < offsets.queries[s + 1]; ++t) {
                const std::size_t queryAt = (std::size_t(t) * heads + head) * size;
                const std::size_t kvHead = head / (heads / kvHeads);
                const auto keyAt = [&](int64_t j) {
                    return (std::size_t(offsets.keys[s] + j) * kvHeads + kvHead) * size;
                };
                double sum = 0;
                Values weights(static_cast<std::size_t>(keys));
                for (int64_t j = 0; j < keys; ++j) {
                    if (!sees(shift + t - offsets.queries[s], j, spec))
                        continue;
                    double dot = 0;
                    for (std::size_t d = 0; d < size; ++d)
                        dot += q[queryAt + d] * k[keyAt(j) + d];
                    sum += weights[std::size_t(j)] = std::exp(double(spec.scale) * dot);
                }
                for (int64_t j = 0; j < keys; ++j)
                    for (std::size_t d = 0; d < size; ++d)
                        result.out[queryAt + d] += weights[std::size_t(j)] / sum * v[keyAt(j) + d];
                result.logSumExp[head * tokens + std::size_t(t)] = std::log(sum);
            }
    }
    return result;
}

} // namespace lorikeet::reference
