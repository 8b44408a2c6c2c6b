// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/normalizer.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/text/json_fields.h"
#include "core/text/pieces.h"

namespace lorikeet {

using nlohmann::json;

namespace {

constexpr int kDeepest = 8;
constexpr std::size_t kMostSteps = 64;

const icu::Normalizer2& unicodeForm(Normalizer::StepKind kind) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* form = nullptr;
    switch (kind) {
    case Normalizer::StepKind::Nfc:
        form = icu::Normalizer2::getNFCInstance(status);
        break;
    case Normalizer::StepKind::Nfd:
        form = icu::Normalizer2::getNFDInstance(status);
        break;
    case Normalizer::StepKind::Nfkc:
        form = icu::Normalizer2::getNFKCInstance(status);
        break;
    default:
        form = icu::Normalizer2::getNFKDInstance(status);
    }
    if (U_FAILURE(status) || form == nullptr)
        fail(ErrorCode::Io, "normalize: ICU has no data: {}", u_errorName(status));
    return *form;
}

std::string toUnicodeForm(const std::string& text, Normalizer::StepKind kind) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::StringPiece piece(text.data(), static_cast<int32_t>(text.size()));
    const icu::Normalizer2& form = unicodeForm(kind);
    if (form.isNormalizedUTF8(piece, status))
        return text;
    std::string result;
    icu::StringByteSink<std::string> sink(&result);
    form.normalizeUTF8(0, piece, sink, nullptr, status);
    if (U_FAILURE(status))
        fail(ErrorCode::InvalidArgument, "normalize: {} bytes of text: {}", text.size(), u_errorName(status));
    return result;
}

std::string replaceAll(const std::string& text, const std::string& what, const std::string& with,
                       const GrowthLimit& limit) {
    std::string result;
    std::size_t done = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, done)) {
        result.append(text, done, at - done).append(with);
        done = at + what.size();
        limit.check(result.size());
    }
    return result.append(text, done);
}

std::string replaceAll(const std::string& text, const Regex& what, const std::string& with, const GrowthLimit& limit) {
    std::string result;
    std::size_t done = 0;
    what.forEachMatch(text, [&](std::size_t begin, std::size_t end) {
        result.append(text, done, begin - done).append(with);
        done = end;
        limit.check(result.size());
    });
    return result.append(text, done);
}

std::optional<Normalizer::StepKind> unicodeFormByName(const std::string& type) {
    if (type == "NFC")
        return Normalizer::StepKind::Nfc;
    if (type == "NFD")
        return Normalizer::StepKind::Nfd;
    if (type == "NFKC")
        return Normalizer::StepKind::Nfkc;
    if (type == "NFKD")
        return Normalizer::StepKind::Nfkd;
    return std::nullopt;
}

} // namespace

void Normalizer::addPrepend(std::string prefix) {
    m_steps.push_back({StepKind::Prepend, {}, std::move(prefix), std::nullopt});
}

void Normalizer::addReplace(std::string what, std::string with) {
    m_steps.push_back({StepKind::Replace, std::move(what), std::move(with), std::nullopt});
}

Normalizer Normalizer::parse(const json& value, const std::string& origin) {
    Normalizer result;
    if (!value.is_null())
        result.parseInto(value, origin + ": normalizer", 0);
    return result;
}

void Normalizer::parseInto(const json& value, const std::string& origin, int depth) {
    const JsonFields fields(value, origin);
    if (depth > kDeepest || m_steps.size() >= kMostSteps)
        fail(ErrorCode::BadFile, "{}: nested deeper than {} or more than {} steps", origin, kDeepest, kMostSteps);
    const std::string type = fields.string("type");
    if (const auto form = unicodeFormByName(type)) {
        m_steps.push_back({*form, {}, {}, std::nullopt});
    } else if (type == "Prepend") {
        addPrepend(fields.string("prepend"));
    } else if (type == "Replace") {
        const JsonFields pattern = fields.object("pattern");
        if (pattern.has("Regex")) {
            m_steps.push_back(
                {StepKind::ReplaceRegex, {}, fields.string("content"), Regex(pattern.string("Regex"), origin)});
        } else {
            if (pattern.string("String").empty())
                fail(ErrorCode::BadFile, "{}: Replace of an empty string", origin);
            addReplace(pattern.string("String"), fields.string("content"));
        }
    } else if (type == "Sequence") {
        for (const json& step : fields.array("normalizers"))
            parseInto(step, origin, depth + 1);
    } else {
        fail(ErrorCode::NotBuilt, "{}: type '{}' is not supported", origin, type);
    }
}

std::string Normalizer::apply(std::string_view text) const {
    const GrowthLimit limit(text.size());
    std::string result(text);
    for (const Step& step : m_steps) {
        switch (step.kind) {
        case StepKind::Prepend:
            if (!result.empty())
                result.insert(0, step.with);
            break;
        case StepKind::Replace:
            result = replaceAll(result, step.what, step.with, limit);
            break;
        case StepKind::ReplaceRegex:
            result = replaceAll(result, *step.regex, step.with, limit);
            break;
        default:
            result = toUnicodeForm(result, step.kind);
        }
        limit.check(result.size());
    }
    return result;
}

} // namespace lorikeet
