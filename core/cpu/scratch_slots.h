// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>

#include "core/backend/backend.h"

namespace lorikeet {

/// Scratch memory for the threads of one loop: as many equal slots as threads can be in it, booked as Workspace. A
/// tile takes a free one for as long as it runs.
class ScratchSlots {
public:
    ScratchSlots(ExecutionContext& context, int slots, int64_t floatsPerSlot);

    /// What such slots book.
    static int64_t bytes(int slots, int64_t floatsPerSlot);

    /// A slot in use; gives it back when destroyed.
    class Slot {
    public:
        explicit Slot(ScratchSlots& slots);
        ~Slot();
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;
        /// Aligned to 64 bytes.
        float* data() const { return m_data; }

    private:
        std::atomic<bool>* m_taken = nullptr;
        float* m_data = nullptr;
    };

private:
    int m_count;
    int64_t m_floatsPerSlot;
    Storage m_memory;
    std::unique_ptr<std::atomic<bool>[]> m_taken;
};

} // namespace lorikeet
