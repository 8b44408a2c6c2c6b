// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/pre_tokenizer.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/text/byte_alphabet.h"
#include "core/text/json_fields.h"
#include "core/text/regex.h"

namespace lorikeet {

using nlohmann::json;

const char* const kGpt2Pattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

class PreTokenizer::Step {
public:
    virtual ~Step() = default;
    virtual void apply(std::string_view piece, bool atStart, Pieces& result) const = 0;
    virtual bool isByteLevel() const { return false; }
};

namespace {

constexpr int kDeepest = 8;
constexpr std::size_t kMostSteps = 64;

struct Part {
    std::size_t begin, end;
    bool match;
};

std::vector<Part> cutParts(const Regex& regex, std::string_view text, bool inverted) {
    std::vector<Part> parts;
    std::size_t done = 0;
    regex.forEachMatch(text, [&](std::size_t begin, std::size_t end) {
        if (begin > done)
            parts.push_back({done, begin, inverted});
        parts.push_back({begin, end, !inverted});
        done = end;
    });
    if (done < text.size())
        parts.push_back({done, text.size(), inverted});
    return parts;
}

/// Joins neighbours as the behaviour says. With MergedWithNext, `parts` come in reverse.
std::vector<Part> joinParts(const std::vector<Part>& parts, SplitBehavior behavior) {
    std::vector<Part> result;
    bool previousMatch = false;
    for (const Part& part : parts) {
        const bool joins = !result.empty() && (behavior == SplitBehavior::Contiguous ? part.match == previousMatch
                                                                                     : part.match && !previousMatch);
        if (joins) {
            result.back().begin = std::min(result.back().begin, part.begin);
            result.back().end = std::max(result.back().end, part.end);
        } else {
            result.push_back(part);
        }
        previousMatch = part.match;
    }
    return result;
}

class SplitStep : public PreTokenizer::Step {
public:
    SplitStep(Regex regex, SplitBehavior behavior, bool inverted)
        : m_regex(std::move(regex)), m_behavior(behavior), m_inverted(inverted) {}

    void apply(std::string_view piece, bool, Pieces& result) const override {
        std::vector<Part> parts = cutParts(m_regex, piece, m_inverted);
        if (m_behavior == SplitBehavior::MergedWithNext) {
            std::reverse(parts.begin(), parts.end());
            parts = joinParts(parts, m_behavior);
            std::reverse(parts.begin(), parts.end());
        } else if (m_behavior == SplitBehavior::MergedWithPrevious || m_behavior == SplitBehavior::Contiguous) {
            parts = joinParts(parts, m_behavior);
        }
        for (const Part& part : parts)
            if (!(part.match && m_behavior == SplitBehavior::Removed))
                result.append(piece.substr(part.begin, part.end - part.begin));
    }

private:
    Regex m_regex;
    SplitBehavior m_behavior;
    bool m_inverted;
};

class ByteLevelStep : public PreTokenizer::Step {
public:
    ByteLevelStep(bool prefixSpace, bool splitWords) : m_prefixSpace(prefixSpace) {
        if (splitWords)
            m_words.emplace(kGpt2Pattern, "GPT-2's pattern");
    }

    void apply(std::string_view piece, bool, Pieces& result) const override {
        std::string prefixed;
        if (m_prefixSpace && !piece.starts_with(' ')) {
            prefixed = " ";
            prefixed += piece;
            piece = prefixed;
        }
        if (!m_words) {
            result.append(toByteAlphabet(piece));
            return;
        }
        std::size_t done = 0;
        const auto appendTo = [&](std::size_t end) {
            result.append(toByteAlphabet(piece.substr(done, end - done)));
            done = end;
        };
        m_words->forEachMatch(piece, [&](std::size_t begin, std::size_t end) {
            appendTo(begin);
            appendTo(end);
        });
        appendTo(piece.size());
    }

    bool isByteLevel() const override { return true; }

private:
    bool m_prefixSpace;
    std::optional<Regex> m_words;
};

class MetaspaceStep : public PreTokenizer::Step {
public:
    MetaspaceStep(std::string mark, PrependScheme scheme, bool split)
        : m_mark(std::move(mark)), m_scheme(scheme), m_split(split) {}

    void apply(std::string_view piece, bool atStart, Pieces& result) const override {
        std::string text;
        for (const char c : piece) {
            if (c == ' ')
                text += m_mark;
            else
                text += c;
        }
        const bool prepends = m_scheme == PrependScheme::Always || (m_scheme == PrependScheme::First && atStart);
        if (prepends && !text.starts_with(m_mark))
            text.insert(0, m_mark);
        if (!m_split) {
            result.append(text);
            return;
        }
        std::size_t begin = 0;
        while (begin < text.size()) {
            const std::size_t end = std::min(text.find(m_mark, begin + 1), text.size());
            result.append(std::string_view(text).substr(begin, end - begin));
            begin = end;
        }
    }

private:
    std::string m_mark;
    PrependScheme m_scheme;
    bool m_split;
};

SplitBehavior parseBehavior(const JsonFields& fields) {
    const std::string name = fields.string("behavior");
    for (const auto& [known, behavior] :
         {std::pair{"Removed", SplitBehavior::Removed}, std::pair{"Isolated", SplitBehavior::Isolated},
          std::pair{"MergedWithPrevious", SplitBehavior::MergedWithPrevious},
          std::pair{"MergedWithNext", SplitBehavior::MergedWithNext},
          std::pair{"Contiguous", SplitBehavior::Contiguous}})
        if (name == known)
            return behavior;
    fail(ErrorCode::BadFile, "{}: unknown split behavior '{}'", fields.place(), name);
}

PrependScheme parseScheme(const JsonFields& fields) {
    // Older files say add_prefix_space instead.
    if (!fields.has("prepend_scheme"))
        return fields.boolean("add_prefix_space", true) ? PrependScheme::Always : PrependScheme::Never;
    const std::string name = fields.string("prepend_scheme");
    if (name == "always")
        return PrependScheme::Always;
    if (name == "first")
        return PrependScheme::First;
    if (name == "never")
        return PrependScheme::Never;
    fail(ErrorCode::BadFile, "{}: unknown prepend scheme '{}'", fields.place(), name);
}

/// A literal string as a regular expression.
std::string quoted(const std::string& text) {
    std::string result;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80) ||
                           c == '_' || c == '\n' || c == '\0';
        if (!plain)
            result += '\\';
        result += c;
    }
    return result;
}

} // namespace

PreTokenizer::PreTokenizer() = default;
PreTokenizer::~PreTokenizer() = default;
PreTokenizer::PreTokenizer(PreTokenizer&&) noexcept = default;
PreTokenizer& PreTokenizer::operator=(PreTokenizer&&) noexcept = default;

PreTokenizer PreTokenizer::parse(const json& value, const std::string& origin) {
    PreTokenizer result;
    if (!value.is_null())
        result.parseInto(value, origin + ": pre_tokenizer", 0);
    return result;
}

void PreTokenizer::addSplit(std::string_view pattern, SplitBehavior behavior, bool inverted,
                            const std::string& origin) {
    m_steps.push_back(std::make_unique<SplitStep>(Regex(pattern, origin), behavior, inverted));
}

void PreTokenizer::addByteLevel(bool prefixSpace, bool splitWords) {
    m_steps.push_back(std::make_unique<ByteLevelStep>(prefixSpace, splitWords));
}

void PreTokenizer::parseInto(const json& value, const std::string& origin, int depth) {
    const JsonFields fields(value, origin);
    if (depth > kDeepest || m_steps.size() >= kMostSteps)
        fail(ErrorCode::BadFile, "{}: nested deeper than {} or more than {} steps", origin, kDeepest, kMostSteps);
    const std::string type = fields.string("type");
    if (type == "ByteLevel") {
        addByteLevel(fields.boolean("add_prefix_space", true), fields.boolean("use_regex", true));
    } else if (type == "Split") {
        const JsonFields pattern = fields.object("pattern");
        const std::string regex = pattern.has("Regex") ? pattern.string("Regex") : quoted(pattern.string("String"));
        addSplit(regex, parseBehavior(fields), fields.boolean("invert", false), origin);
    } else if (type == "Digits") {
        const bool apart = fields.boolean("individual_digits", false);
        addSplit(apart ? R"(\p{N})" : R"(\p{N}+)", SplitBehavior::Isolated, false, origin);
    } else if (type == "Metaspace") {
        const std::string mark = fields.string("replacement");
        if (mark.empty())
            fail(ErrorCode::BadFile, "{}: Metaspace without a replacement", origin);
        m_steps.push_back(std::make_unique<MetaspaceStep>(mark, parseScheme(fields), fields.boolean("split", true)));
    } else if (type == "Sequence") {
        for (const json& step : fields.array("pretokenizers"))
            parseInto(step, origin, depth + 1);
    } else {
        fail(ErrorCode::NotBuilt, "{}: type '{}' is not supported", origin, type);
    }
}

bool PreTokenizer::isByteLevel() const {
    return std::any_of(m_steps.begin(), m_steps.end(), [](const auto& step) { return step->isByteLevel(); });
}

Pieces PreTokenizer::apply(std::string_view text, bool atStart) const {
    const GrowthLimit limit(text.size());
    Pieces pieces;
    pieces.append(text);
    for (const auto& step : m_steps) {
        Pieces next;
        for (std::size_t i = 0; i < pieces.count(); ++i) {
            step->apply(pieces[i], atStart && i == 0, next);
            limit.check(next.bytes());
        }
        pieces = std::move(next);
    }
    return pieces;
}

} // namespace lorikeet
