// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

#include "core/data/dataset.h"
#include "core/data/row_order.h"

namespace lorikeet {

/// Makes the examples that parts of rows are taken from. A row of which only a part is asked for is kept, up to a bound
/// over all, since its other parts follow sooner or later: tokenizing a book again for each page would never end.
/// Not thread-safe.
class ExampleCache {
public:
    /// `maxTokens` bounds what is kept; the oldest goes first. The dataset must outlive the cache.
    explicit ExampleCache(const Dataset& dataset, int64_t maxTokens = int64_t(32) << 20)
        : m_dataset(dataset), m_maxTokens(maxTokens) {}

    std::shared_ptr<const Example> get(const RowPart& part);

private:
    const Dataset& m_dataset;
    int64_t m_maxTokens;
    int64_t m_tokens = 0;
    std::unordered_map<int64_t, std::shared_ptr<const Example>> m_kept;
    std::deque<int64_t> m_byAge;
};

} // namespace lorikeet
