// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/mapped_rows.h"

#include <algorithm>
#include <cassert>

namespace lorikeet {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kReleaseStep = std::size_t(8) << 20;

} // namespace

std::string_view withoutByteOrderMark(std::string_view text) {
    return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

MappedRows::MappedRows(std::unique_ptr<MappedFile> file) : m_file(std::move(file)) {
    const auto bytes = m_file->bytes();
    m_text = withoutByteOrderMark({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::size_t MappedRows::start(int64_t index) const {
    assert(index >= 0 && index < rowCount());
    if (m_file->hasShrunk())
        fail(ErrorCode::BadFile, "{}: the file has become shorter since it was opened", path().filename().string());
    return m_starts[std::size_t(index)];
}

int64_t MappedRows::lineAt(std::size_t offset) const {
    return 1 + std::count(m_text.begin(), m_text.begin() + std::ptrdiff_t(offset), '\n');
}

int64_t MappedRows::line(int64_t index) const {
    return lineAt(start(index));
}

void MappedRows::passed(std::size_t offset) {
    if (offset - m_passed < kReleaseStep)
        return;
    m_file->release(m_passed, offset - m_passed);
    m_passed = offset;
}

void MappedRows::finishIndex() {
    m_file->release(m_passed, m_file->bytes().size() - m_passed);
    m_starts.shrink_to_fit();
    if (m_starts.empty())
        fail(ErrorCode::BadFile, "{}: it holds no rows", path().filename().string());
}

} // namespace lorikeet
