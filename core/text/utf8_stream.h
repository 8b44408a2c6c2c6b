// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace lorikeet {

/// Takes the bytes of tokens as they come and gives back only whole UTF-8 characters, holding back a half one until
/// the rest arrives. Bytes that can form no character come out as U+FFFD.
class Utf8Stream {
public:
    /// The text that became complete with `bytes`, perhaps empty.
    std::string push(std::string_view bytes);

    /// The end of the stream: what was held back, as U+FFFD where it never became whole.
    std::string finish();

private:
    std::string m_pending;
};

} // namespace lorikeet
