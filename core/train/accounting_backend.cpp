// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/accounting_backend.h"

#include <cstring>

#include "core/base/error.h"

namespace lorikeet {

std::byte* AccountingBackend::allocateBytes(std::size_t bytes) {
    constexpr uintptr_t kAlignment = 64;
    const uintptr_t size = (uintptr_t(bytes) + kAlignment) / kAlignment * kAlignment;
    return reinterpret_cast<std::byte*>(m_nextAddress.fetch_add(size));
}

void AccountingBackend::doUpload(ExecutionContext&, const void* host, const Tensor& destination) {
    if (destination.dtype != DType::I32)
        return;
    const auto* values = static_cast<const int32_t*>(host);
    m_integers[destination.data].assign(values, values + destination.elements());
}

/// What was uploaded to a tensor, or to one that this is a part of.
std::span<const int32_t> AccountingBackend::integersOf(const Tensor& tensor) const {
    auto found = m_integers.upper_bound(tensor.data);
    if (found != m_integers.begin()) {
        --found;
        const auto first = std::size_t(tensor.data - found->first) / sizeof(int32_t);
        const auto count = std::size_t(tensor.elements());
        if (first + count <= found->second.size())
            return std::span(found->second).subspan(first, count);
    }
    fail(ErrorCode::InvalidArgument, "accounting: {} was not uploaded", tensor.text());
}

SequenceOffsets AccountingBackend::offsetsOf(const SequenceLayout& layout) const {
    return {integersOf(layout.queryOffsets), integersOf(layout.keyOffsets)};
}

void AccountingBackend::book(int64_t bytes) {
    m_ledger.add(MemoryTag::Workspace, bytes);
    m_ledger.remove(MemoryTag::Workspace, bytes);
}

void AccountingBackend::doDownload(ExecutionContext&, const Tensor& source, void* host) {
    std::memset(host, 0, source.bytes());
}

} // namespace lorikeet
