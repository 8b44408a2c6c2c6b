// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/text/regex.h"

namespace lorikeet {

/// What a tokenizer does to a text before it cuts words: a chain of steps. Immutable; any thread.
class Normalizer {
public:
    enum class StepKind { Nfc, Nfd, Nfkc, Nfkd, Prepend, Replace, ReplaceRegex };

    /// An empty chain: the text as it is.
    Normalizer() = default;

    /// From the "normalizer" of a tokenizer.json, null included. Throws BadFile where it is malformed, NotBuilt naming
    /// a type that is not supported.
    static Normalizer parse(const nlohmann::json& value, const std::string& origin);

    void addPrepend(std::string prefix);
    void addReplace(std::string what, std::string with);

    bool empty() const { return m_steps.empty(); }

    /// Throws BadFile where the text would grow beyond all measure.
    std::string apply(std::string_view text) const;

private:
    struct Step {
        StepKind kind;
        std::string what, with;
        std::optional<Regex> regex;
    };

    void parseInto(const nlohmann::json& value, const std::string& origin, int depth);

    std::vector<Step> m_steps;
};

} // namespace lorikeet
