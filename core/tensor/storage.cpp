// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/storage.h"

namespace lorikeet {

Storage::Storage(DeviceAllocator& allocator, DType dtype, const Shape& shape, MemoryTag tag)
    : m_allocator(&allocator), m_tag(tag), m_view{nullptr, dtype, shape} {
    m_view.data = allocator.allocateBytes(m_view.bytes());
    allocator.ledger().add(tag, int64_t(m_view.bytes()));
}

void Storage::reset() noexcept {
    if (!m_view.data)
        return;
    m_allocator->freeBytes(m_view.data, m_view.bytes());
    m_allocator->ledger().remove(m_tag, int64_t(m_view.bytes()));
    m_view = Tensor();
}

void Storage::swap(Storage& other) noexcept {
    std::swap(m_allocator, other.m_allocator);
    std::swap(m_tag, other.m_tag);
    std::swap(m_view, other.m_view);
}

} // namespace lorikeet
