// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/kv_cache.h"

#include "core/base/error.h"
#include "core/model/model_config.h"

namespace lorikeet {

KvCache::KvCache(ExecutionContext& context, const ModelConfig& config, DType computeType, int64_t capacity)
    : m_capacity(capacity) {
    if (capacity < 1)
        fail(ErrorCode::InvalidArgument, "KV cache: capacity is {}, expected 1 or more", capacity);
    const Shape shape = {capacity, int64_t(config.kvHeads) * config.headDim};
    for (int layer = 0; layer < config.layers; ++layer) {
        m_keys.push_back(context.allocate(computeType, shape, MemoryTag::KvCache));
        m_values.push_back(context.allocate(computeType, shape, MemoryTag::KvCache));
    }
}

void KvCache::truncate(int64_t length) {
    if (length < 0 || length > m_length)
        fail(ErrorCode::InvalidArgument, "KV cache: cannot cut {} tokens to {}", m_length, length);
    m_length = length;
}

void KvCache::advance(int64_t tokens) {
    if (tokens < 0 || m_length + tokens > m_capacity)
        fail(ErrorCode::InvalidArgument, "KV cache: {} tokens and {} more do not fit a capacity of {}", m_length,
             tokens, m_capacity);
    m_length += tokens;
}

} // namespace lorikeet
