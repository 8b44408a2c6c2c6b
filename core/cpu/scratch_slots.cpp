// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/scratch_slots.h"

#include <thread>

namespace lorikeet {
namespace {

/// Whole lines of 64 bytes.
int64_t slotFloats(int64_t wanted) {
    return (wanted + 15) / 16 * 16;
}

} // namespace

int64_t ScratchSlots::bytes(int slots, int64_t floatsPerSlot) {
    return slots * slotFloats(floatsPerSlot) * int64_t(sizeof(float));
}

ScratchSlots::ScratchSlots(ExecutionContext& context, int slots, int64_t floatsPerSlot)
    : m_count(slots), m_floatsPerSlot(slotFloats(floatsPerSlot)),
      m_memory(context.allocate(DType::F32, Shape{slots, m_floatsPerSlot}, MemoryTag::Workspace)),
      m_taken(std::make_unique<std::atomic<bool>[]>(static_cast<std::size_t>(slots))) {}

ScratchSlots::Slot::Slot(ScratchSlots& slots) {
    for (int i = 0;; i = (i + 1) % slots.m_count) {
        std::atomic<bool>& taken = slots.m_taken[std::size_t(i)];
        if (!taken.exchange(true, std::memory_order_acquire)) {
            m_taken = &taken;
            m_data = reinterpret_cast<float*>(slots.m_memory.view().data) + i * slots.m_floatsPerSlot;
            return;
        }
        if (i + 1 == slots.m_count)
            std::this_thread::yield();
    }
}

ScratchSlots::Slot::~Slot() {
    m_taken->store(false, std::memory_order_release);
}

} // namespace lorikeet
