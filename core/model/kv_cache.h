// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/backend/backend.h"

namespace lorikeet {

struct ModelConfig;

/// Keys and values of one sequence, so that a further token costs one row: per layer two tensors [capacity, G*D] in
/// the compute type, booked as KvCache. Made for one model; what an adapter wrote fits that adapter only.
class KvCache {
public:
    KvCache(ExecutionContext&, const ModelConfig&, DType computeType, int64_t capacity);

    int64_t capacity() const { return m_capacity; }
    /// How many tokens it holds.
    int64_t length() const { return m_length; }
    int layers() const { return int(m_keys.size()); }
    const Tensor& keys(int layer) const { return m_keys[std::size_t(layer)].view(); }
    const Tensor& values(int layer) const { return m_values[std::size_t(layer)].view(); }

    /// Forgets all but the first `length` tokens.
    void truncate(int64_t length);
    /// After rows [length, length + tokens) of every layer have been written.
    void advance(int64_t tokens);

private:
    int64_t m_capacity = 0;
    int64_t m_length = 0;
    std::vector<Storage> m_keys;
    std::vector<Storage> m_values;
};

} // namespace lorikeet
