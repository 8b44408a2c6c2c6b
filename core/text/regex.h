// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/function_ref.h"

namespace lorikeet {

/// A regular expression of a tokenizer file, over UTF-8 with Unicode classes. Written for Oniguruma (as tokenizer.json
/// holds it) and run by PCRE2 within bounded steps. Immutable; any thread.
class Regex {
public:
    /// Throws BadFile naming `origin`, the pattern and the fault.
    Regex(std::string_view pattern, std::string_view origin);
    ~Regex();
    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;

    /// Calls `onMatch(begin, end)` for every match that is not empty, from left to right. `text` must be valid UTF-8.
    /// Throws BadFile where the pattern takes too many steps.
    void forEachMatch(std::string_view text, FunctionRef<void(std::size_t, std::size_t)> onMatch) const;

private:
    struct State;
    std::unique_ptr<const State> m_state;
};

/// The same expression for PCRE2 in UTF and UCP mode: \s as Unicode white space, \h as hexadecimal digit. Throws
/// BadFile for syntax that means something else there (class intersection, the option m).
std::string translateOniguruma(std::string_view pattern, std::string_view origin);

} // namespace lorikeet
