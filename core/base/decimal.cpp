// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/decimal.h"

#include <array>
#include <charconv>

namespace lorikeet {

double asDecimal(float value) {
    std::array<char, 32> text; // the longest is -1.17549435e-38
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    double decimal = value;
    std::from_chars(text.data(), end, decimal);
    return decimal;
}

} // namespace lorikeet
