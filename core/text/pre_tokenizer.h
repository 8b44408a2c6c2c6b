// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/text/pieces.h"

namespace lorikeet {

/// GPT-2's split into words: contractions, letters, digits and others each with the space before them.
extern const char* const kGpt2Pattern;

/// What becomes of the matches of a Split step.
enum class SplitBehavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

/// Where a Metaspace step puts its mark in front.
enum class PrependScheme { Always, First, Never };

/// Cuts a normalized text into the words that the model sees: a chain of steps. Immutable; any thread.
class PreTokenizer {
public:
    class Step;

    PreTokenizer();
    ~PreTokenizer();
    PreTokenizer(PreTokenizer&&) noexcept;
    PreTokenizer& operator=(PreTokenizer&&) noexcept;

    /// From the "pre_tokenizer" of a tokenizer.json, null included. Throws BadFile where it is malformed, NotBuilt
    /// naming a type that is not supported.
    static PreTokenizer parse(const nlohmann::json& value, const std::string& origin);

    /// Words by a regular expression; with `inverted` its matches are the gaps.
    void addSplit(std::string_view pattern, SplitBehavior behavior, bool inverted, const std::string& origin);
    /// Bytes to GPT-2's alphabet, after a leading space (where asked for and missing) and kGpt2Pattern (where asked
    /// for).
    void addByteLevel(bool prefixSpace, bool splitWords);

    /// Whether bytes are rewritten in GPT-2's alphabet.
    bool isByteLevel() const;

    /// `atStart`: the text is the beginning of the whole input.
    Pieces apply(std::string_view text, bool atStart) const;

private:
    void parseInto(const nlohmann::json& value, const std::string& origin, int depth);

    std::vector<std::unique_ptr<const Step>> m_steps;
};

} // namespace lorikeet
