// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/example_cache.h"

namespace lorikeet {

std::shared_ptr<const Example> ExampleCache::get(const RowPart& part) {
    if (const auto kept = m_kept.find(part.row); kept != m_kept.end())
        return kept->second;
    auto example = std::make_shared<const Example>(m_dataset.example(part.row));
    const auto tokens = int64_t(example->tokens.size());
    if (tokens == part.length() || tokens > m_maxTokens)
        return example;
    while (m_tokens + tokens > m_maxTokens) {
        const auto oldest = m_kept.find(m_byAge.front());
        m_tokens -= int64_t(oldest->second->tokens.size());
        m_kept.erase(oldest);
        m_byAge.pop_front();
    }
    m_kept.emplace(part.row, example);
    m_byAge.push_back(part.row);
    m_tokens += tokens;
    return example;
}

} // namespace lorikeet
