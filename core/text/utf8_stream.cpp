// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/utf8_stream.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/text/utf8.h"

namespace lorikeet {

namespace {

/// Bytes at the end that are the valid beginning of a character which needs more.
std::size_t incompleteTail(std::string_view text) {
    for (std::size_t length = 1; length <= std::min<std::size_t>(3, text.size()); ++length) {
        const auto lead = static_cast<uint8_t>(text[text.size() - length]);
        if ((lead & 0xC0) == 0x80)
            continue;
        const std::size_t needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
        if (lead > 0xF4 || needed <= length)
            return 0;
        // Completing the tail with the lowest and highest continuation tells whether any completion is valid
        // (E0 needs A0.., ED needs ..9F, F0 needs 90.., F4 needs ..8F as second byte).
        const std::string tail(text.substr(text.size() - length));
        const bool possible = findInvalidUtf8(tail + std::string(needed - length, '\x80')) == std::string::npos ||
                              findInvalidUtf8(tail + std::string(needed - length, '\xBF')) == std::string::npos;
        return possible ? length : 0;
    }
    return 0;
}

} // namespace

std::string Utf8Stream::push(std::string_view bytes) {
    m_pending += bytes;
    const std::size_t held = incompleteTail(m_pending);
    std::string complete = replaceInvalidUtf8(std::string_view(m_pending).substr(0, m_pending.size() - held));
    m_pending.erase(0, m_pending.size() - held);
    return complete;
}

std::string Utf8Stream::finish() {
    return replaceInvalidUtf8(std::exchange(m_pending, {}));
}

} // namespace lorikeet
