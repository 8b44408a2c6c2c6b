// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/backend/backend.h"

namespace lorikeet {

class PageFile;

/// What is done with a page: one that is only read need not be written back.
enum class StateUse { Change, Read };

/// Bytes in the device's memory that may be more than a budget: they are cut into pages, of which as many are resident
/// as the budget holds. The one that was used the longest time ago makes room and goes to a file (the paged optimizer
/// of QLoRA, Dettmers et al. 2023, section 3, with a residency of its own instead of the driver's). Resident pages are
/// booked as Optimizer, others as nothing. One thread at a time.
class PagedState {
public:
    /// What has crossed so far, in pages.
    struct Traffic {
        int64_t fetched = 0;
        int64_t evicted = 0;
    };

    /// Pages of these sizes in bytes, without contents yet. Without a budget, or where it holds them all, they are all
    /// resident. Else at most `budget` bytes are at any time, and the file is made in `folder`, which must exist;
    /// without a folder a page that makes room loses its contents, which is for accounts of memory. Throws BadConfig
    /// where a page alone is larger than the budget, Io as PageFile does, OutOfMemory.
    PagedState(ExecutionContext& context, std::vector<int64_t> pageBytes, std::optional<int64_t> budget,
               const std::filesystem::path& folder);
    ~PagedState();
    PagedState(const PagedState&) = delete;
    PagedState& operator=(const PagedState&) = delete;

    /// The page, U8 [its bytes], fetched where it is not resident; to be read or written until the next use().
    Tensor use(ExecutionContext& context, std::size_t page, StateUse how = StateUse::Change);
    /// Fetches a page that is used soon, where the budget holds it beside the page in use; else only tells the file.
    void fetchAhead(ExecutionContext& context, std::size_t page);

    std::size_t size() const { return m_pages.size(); }
    bool isResident(std::size_t page) const { return bool(m_pages[page].storage); }
    int64_t residentBytes() const { return m_residentBytes; }
    const Traffic& traffic() const { return m_traffic; }

private:
    struct Page {
        int64_t bytes = 0;
        int64_t offset = 0; ///< in the file
        Storage storage;    ///< U8 [bytes]; absent where not resident
        int64_t lastUse = 0;
        bool isStored = false;  ///< the file has contents
        bool isChanged = false; ///< the file's are not the latest
    };

    void fetch(ExecutionContext& context, Page& page);
    void evict(ExecutionContext& context, Page& page);
    void makeRoom(ExecutionContext& context, int64_t bytes);

    std::vector<Page> m_pages;
    std::optional<int64_t> m_budget;
    std::unique_ptr<PageFile> m_file;
    std::vector<std::byte> m_crossing; ///< a page on its way
    int64_t m_residentBytes = 0;
    int64_t m_uses = 0;
    const Page* m_inUse = nullptr;
    Traffic m_traffic;
};

} // namespace lorikeet
