// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/memory_ledger.h"

#include <numeric>

namespace lorikeet {

std::string_view memoryTagName(MemoryTag tag) {
    switch (tag) {
    case MemoryTag::Weights:
        return "weights";
    case MemoryTag::QuantState:
        return "quant_state";
    case MemoryTag::Adapters:
        return "adapters";
    case MemoryTag::Gradients:
        return "gradients";
    case MemoryTag::Optimizer:
        return "optimizer";
    case MemoryTag::Activations:
        return "activations";
    case MemoryTag::Logits:
        return "logits";
    case MemoryTag::KvCache:
        return "kv_cache";
    case MemoryTag::Workspace:
        return "workspace";
    case MemoryTag::Data:
        return "data";
    }
    return "unknown";
}

int64_t MemoryByTag::total() const {
    return std::accumulate(bytes.begin(), bytes.end(), int64_t(0));
}

void MemoryLedger::add(MemoryTag tag, int64_t bytes) {
    const std::lock_guard lock(m_mutex);
    m_live[tag] += bytes;
    m_liveTotal += bytes;
    if (m_liveTotal > m_peakTotal) {
        m_peakTotal = m_liveTotal;
        m_peak = m_live;
    }
}

void MemoryLedger::remove(MemoryTag tag, int64_t bytes) {
    const std::lock_guard lock(m_mutex);
    m_live[tag] -= bytes;
    m_liveTotal -= bytes;
}

MemoryByTag MemoryLedger::live() const {
    const std::lock_guard lock(m_mutex);
    return m_live;
}

MemoryByTag MemoryLedger::peak() const {
    const std::lock_guard lock(m_mutex);
    return m_peak;
}

void MemoryLedger::resetPeak() {
    const std::lock_guard lock(m_mutex);
    m_peak = m_live;
    m_peakTotal = m_liveTotal;
}

} // namespace lorikeet
