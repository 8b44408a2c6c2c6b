// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

#include "core/tensor/memory_ledger.h"
#include "core/tensor/tensor.h"

namespace lorikeet {

/// Where a Storage's memory comes from and goes back to. A Backend is one.
class DeviceAllocator {
public:
    virtual ~DeviceAllocator() = default;
    /// At least `bytes` bytes, aligned to 64, uninitialised. Throws OutOfMemory. Any thread.
    virtual std::byte* allocateBytes(std::size_t bytes) = 0;
    /// Work that was queued before and uses the memory still may. Any thread.
    virtual void freeBytes(std::byte* data, std::size_t bytes) noexcept = 0;
    virtual MemoryLedger& ledger() = 0;
};

/// The owner of one tensor's memory: booked in the ledger under its tag while it lives. Movable, never copied.
/// The allocator must outlive it.
class Storage {
public:
    Storage() = default;
    Storage(DeviceAllocator& allocator, DType dtype, const Shape& shape, MemoryTag tag);
    ~Storage() { reset(); }
    Storage(Storage&& other) noexcept { swap(other); }
    Storage& operator=(Storage&& other) noexcept {
        Storage(std::move(other)).swap(*this);
        return *this;
    }
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;

    const Tensor& view() const { return m_view; }
    operator const Tensor&() const { return m_view; } // NOLINT: an owner can be used wherever a view is wanted
    const Shape& shape() const { return m_view.shape; }
    DType dtype() const { return m_view.dtype; }
    explicit operator bool() const { return bool(m_view); }

    /// Gives the memory back now.
    void reset() noexcept;
    void swap(Storage& other) noexcept;

private:
    DeviceAllocator* m_allocator = nullptr;
    MemoryTag m_tag = MemoryTag::Workspace;
    Tensor m_view;
};

} // namespace lorikeet
