// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/phrase.h"

namespace lorikeet {

std::string Phrase::filled(std::string_view other) const {
    std::string result;
    std::size_t next = 0;
    while (!other.empty()) {
        const std::size_t open = other.find('{');
        result += other.substr(0, open);
        if (open == std::string_view::npos)
            break;
        other.remove_prefix(open);
        const bool isNumbered = other.size() > 2 && other[1] >= '1' && other[1] <= '9' && other[2] == '}';
        if (!isNumbered && !other.starts_with("{}")) {
            result += '{';
            other.remove_prefix(1);
            continue;
        }
        const std::size_t index = isNumbered ? std::size_t(other[1] - '1') : next++;
        if (index < values.size())
            result += values[index];
        other.remove_prefix(isNumbered ? 3 : 2);
    }
    return result;
}

} // namespace lorikeet
