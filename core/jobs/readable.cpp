// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/readable.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lorikeet {
namespace {

std::string scaled(int64_t bytes, double step, const char* const (&units)[5]) {
    double value = double(bytes);
    std::size_t unit = 0;
    while (std::abs(value) >= step && unit + 1 < std::size(units)) {
        value /= step;
        ++unit;
    }
    // Whole numbers up to mega, hundredths beyond: what a change of the settings moves.
    return unit < 3 ? fmt::format("{:.0f} {}", value, units[unit]) : fmt::format("{:.2f} {}", value, units[unit]);
}

} // namespace

std::string withSeparators(int64_t number) {
    const std::string digits = fmt::format("{}", number);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && digits[i - 1] != '-' && (digits.size() - i) % 3 == 0)
            text += ',';
        text += digits[i];
    }
    return text;
}

std::string memorySize(int64_t bytes) {
    return scaled(bytes, 1024.0, {"B", "KiB", "MiB", "GiB", "TiB"});
}

std::string diskSize(int64_t bytes) {
    return scaled(bytes, 1000.0, {"B", "kB", "MB", "GB", "TB"});
}

std::string shortNumber(double number) {
    if (number == 0 || (std::abs(number) >= 1e-2 && std::abs(number) < 1e9))
        return fmt::format("{:g}", number);
    std::string text = fmt::format("{:e}", number); // "2.000000e-04"
    const std::size_t exponent = text.find('e');
    std::string mantissa = text.substr(0, exponent);
    mantissa.erase(mantissa.find_last_not_of('0') + 1);
    if (mantissa.ends_with('.'))
        mantissa.pop_back();
    return fmt::format("{}e{}", mantissa, std::stoi(text.substr(exponent + 1)));
}

std::string upperCase(std::string_view text) {
    std::string upper(text);
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return char(std::toupper(c)); });
    return upper;
}

std::string tagWords(MemoryTag tag) {
    std::string words(memoryTagName(tag));
    std::ranges::replace(words, '_', ' ');
    return words;
}

} // namespace lorikeet
