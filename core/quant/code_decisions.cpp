// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/code_decisions.h"

#include <algorithm>
#include <utility>

#include "core/quant/quantize.h"

namespace lorikeet {

namespace {

CodeDecisions makeCodeDecisions(QuantType type) {
    const std::array<float, 16>& values = codebook(type);
    std::array<std::pair<float, int32_t>, 16> ascending;
    for (std::size_t code = 0; code < 16; ++code)
        ascending[code] = {values[code], int32_t(code)};
    std::ranges::sort(ascending);
    // FP4 has two zeros, 0 and 8, of which only the first is used.
    const auto codeOf = [](std::pair<float, int32_t> entry) {
        return entry.first == 0.0f ? entry.second & 7 : entry.second;
    };
    CodeDecisions decisions{codeOf(ascending[0]), {}, {}};
    for (std::size_t i = 0; i < 15; ++i) {
        decisions.midpoints[i] = (ascending[i].first + ascending[i + 1].first) / 2;
        decisions.steps[i] = codeOf(ascending[i + 1]) - codeOf(ascending[i]);
    }
    return decisions;
}

} // namespace

const CodeDecisions& codeDecisions(QuantType type) {
    static const CodeDecisions nf4 = makeCodeDecisions(QuantType::Nf4);
    static const CodeDecisions fp4 = makeCodeDecisions(QuantType::Fp4);
    return type == QuantType::Nf4 ? nf4 : fp4;
}

} // namespace lorikeet
