// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

namespace lorikeet {

/// What a piece of device memory is for. The memory chart, the estimate and its check speak in these.
enum class MemoryTag : uint8_t {
    Weights,
    QuantState,
    Adapters,
    Gradients,
    Optimizer,
    Activations,
    Logits,
    KvCache,
    Workspace,
    Data,
};
inline constexpr int kMemoryTags = 10;

/// "weights", "quant_state", ..., as the command line prints it.
std::string_view memoryTagName(MemoryTag tag);

/// Bytes by tag; index with MemoryTag.
struct MemoryByTag {
    std::array<int64_t, kMemoryTags> bytes{};

    int64_t& operator[](MemoryTag tag) { return bytes[std::size_t(tag)]; }
    int64_t operator[](MemoryTag tag) const { return bytes[std::size_t(tag)]; }
    int64_t total() const;
    bool operator==(const MemoryByTag&) const = default;
};

/// The account of one device's memory: every Storage books in and out of it. Any thread.
class MemoryLedger {
public:
    void add(MemoryTag tag, int64_t bytes);
    void remove(MemoryTag tag, int64_t bytes);

    MemoryByTag live() const;
    /// The bytes by tag at the moment when the total was largest (so they add up to the peak).
    MemoryByTag peak() const;
    /// Starts a new measurement: the peak becomes what is live now.
    void resetPeak();

private:
    mutable std::mutex m_mutex;
    MemoryByTag m_live;
    MemoryByTag m_peak;
    int64_t m_liveTotal = 0;
    int64_t m_peakTotal = 0;
};

} // namespace lorikeet
