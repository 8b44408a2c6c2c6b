// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/paged_state.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/train/page_file.h"

namespace lorikeet {

PagedState::PagedState(ExecutionContext& context, std::vector<int64_t> pageBytes, std::optional<int64_t> budget,
                       const std::filesystem::path& folder)
    : m_budget(budget) {
    int64_t total = 0, largest = 0;
    m_pages.resize(pageBytes.size());
    for (std::size_t i = 0; i < m_pages.size(); ++i) {
        m_pages[i].bytes = pageBytes[i];
        m_pages[i].offset = total;
        total += pageBytes[i];
        largest = std::max(largest, pageBytes[i]);
    }
    if (m_budget && total <= *m_budget)
        m_budget.reset();
    if (m_budget && largest > *m_budget)
        fail(ErrorCode::BadConfig,
             "training.optim_budget_mb: {} bytes do not hold one page of the optimizer's state, {} bytes", *m_budget,
             largest);
    if (m_budget && !folder.empty()) {
        m_file = std::make_unique<PageFile>(folder / "optimizer.pages", total);
        m_crossing.resize(std::size_t(largest));
    }
    if (!m_budget)
        for (Page& page : m_pages)
            fetch(context, page);
}

PagedState::~PagedState() = default;

Tensor PagedState::use(ExecutionContext& context, std::size_t index, StateUse how) {
    Page& page = m_pages[index];
    m_inUse = &page;
    fetch(context, page);
    page.lastUse = ++m_uses;
    page.isChanged |= how == StateUse::Change;
    return page.storage;
}

void PagedState::fetchAhead(ExecutionContext& context, std::size_t index) {
    Page& page = m_pages[index];
    if (page.storage)
        return;
    const int64_t inUse = m_inUse ? m_inUse->bytes : 0;
    if (inUse + page.bytes <= *m_budget)
        fetch(context, page);
    else if (m_file && page.isStored)
        m_file->expect(page.offset, page.bytes);
}

void PagedState::fetch(ExecutionContext& context, Page& page) {
    if (page.storage)
        return;
    makeRoom(context, page.bytes);
    const std::span<std::byte> bytes(m_crossing.data(), m_file && page.isStored ? std::size_t(page.bytes) : 0);
    if (!bytes.empty())
        m_file->read(page.offset, bytes);
    page.storage = context.allocate(DType::U8, {page.bytes}, MemoryTag::Optimizer);
    m_residentBytes += page.bytes;
    m_traffic.fetched += page.isStored;
    if (!bytes.empty())
        context.backend().upload(context, bytes.data(), page.storage);
}

void PagedState::makeRoom(ExecutionContext& context, int64_t bytes) {
    while (m_budget && m_residentBytes + bytes > *m_budget) {
        Page* oldest = nullptr;
        for (Page& page : m_pages)
            if (page.storage && &page != m_inUse && (!oldest || page.lastUse < oldest->lastUse))
                oldest = &page;
        evict(context, *oldest);
    }
}

void PagedState::evict(ExecutionContext& context, Page& page) {
    if (m_file && page.isChanged) {
        const std::span<std::byte> bytes(m_crossing.data(), std::size_t(page.bytes));
        context.backend().download(context, page.storage, bytes.data());
        m_file->write(page.offset, bytes);
    }
    page.storage.reset();
    page.isStored = page.isStored || page.isChanged;
    page.isChanged = false;
    m_residentBytes -= page.bytes;
    ++m_traffic.evicted;
}

} // namespace lorikeet
