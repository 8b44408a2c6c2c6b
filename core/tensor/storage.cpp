// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/storage.h"

#include <limits>

#include "core/base/error.h"

namespace lorikeet {

Storage::Storage(DeviceAllocator& allocator, DType dtype, const Shape& shape, MemoryTag tag)
    : m_allocator(&allocator), m_tag(tag), m_view{nullptr, dtype, shape} {
    if (shape.elements() > std::numeric_limits<int64_t>::max() / int64_t(dtypeSize(dtype)))
        fail(ErrorCode::OutOfMemory, "allocate: {} is larger than any memory", m_view.text());
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
