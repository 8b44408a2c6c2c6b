// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/piece_decoder.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/text/byte_alphabet.h"
#include "core/text/json_fields.h"

namespace lorikeet {

using nlohmann::json;

namespace {

constexpr int kDeepest = 8;
constexpr std::size_t kMostReplacements = 16;
constexpr const char* kSpaceMark = "\xE2\x96\x81";

std::string replaceAll(std::string_view text, const std::string& what, const std::string& with) {
    std::string result;
    std::size_t done = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, done)) {
        result.append(text.substr(done, at - done)).append(with);
        done = at + what.size();
    }
    return result.append(text.substr(done));
}

} // namespace

PieceDecoder PieceDecoder::byteLevel() {
    PieceDecoder result;
    result.m_byteLevel = true;
    return result;
}

PieceDecoder PieceDecoder::sentencePiece(int strippedSpaces) {
    PieceDecoder result;
    result.m_replacements.emplace_back(kSpaceMark, " ");
    result.m_byteFallback = true;
    result.m_strippedSpaces = strippedSpaces;
    return result;
}

PieceDecoder PieceDecoder::parse(const json& value, const std::string& origin) {
    PieceDecoder result;
    if (!value.is_null())
        result.parseInto(value, origin + ": decoder", 0);
    return result;
}

void PieceDecoder::parseInto(const json& value, const std::string& origin, int depth) {
    const JsonFields fields(value, origin);
    if (depth > kDeepest || m_replacements.size() >= kMostReplacements)
        fail(ErrorCode::BadFile, "{}: nested deeper than {} or more than {} steps", origin, kDeepest,
             kMostReplacements);
    const std::string type = fields.string("type");
    if (type == "ByteLevel") {
        m_byteLevel = true;
    } else if (type == "ByteFallback") {
        m_byteFallback = true;
    } else if (type == "Fuse") {
        // Joining the pieces is what every decoder here ends with.
    } else if (type == "Replace") {
        const std::string what = fields.object("pattern").string("String"), with = fields.string("content");
        if (what.empty() || with.size() > what.size())
            fail(ErrorCode::BadFile, "{}: Replace of '{}' by '{}'", origin, what, with);
        m_replacements.emplace_back(what, with);
    } else if (type == "Strip") {
        if (fields.string("content") != " " || fields.integer("stop") != 0)
            fail(ErrorCode::NotBuilt, "{}: Strip is supported for leading spaces only", origin);
        m_strippedSpaces = static_cast<int>(std::clamp<int64_t>(fields.integer("start"), 0, 1 << 20));
    } else if (type == "Metaspace") {
        const std::string mark = fields.string("replacement");
        if (mark.empty())
            fail(ErrorCode::BadFile, "{}: Metaspace without a replacement", origin);
        m_replacements.emplace_back(mark, " ");
        const bool prepends = fields.has("prepend_scheme") ? fields.string("prepend_scheme") != "never"
                                                           : fields.boolean("add_prefix_space", true);
        m_strippedSpaces = prepends ? 1 : 0;
    } else if (type == "Sequence") {
        for (const json& step : fields.array("decoders"))
            parseInto(step, origin, depth + 1);
    } else {
        fail(ErrorCode::NotBuilt, "{}: type '{}' is not supported", origin, type);
    }
}

std::string PieceDecoder::bytes(std::string_view piece) const {
    if (m_byteFallback)
        if (const auto byte = fallbackByte(piece))
            return {static_cast<char>(*byte)};
    std::string result(piece);
    for (const auto& [what, with] : m_replacements)
        result = replaceAll(result, what, with);
    if (m_byteLevel)
        if (const auto raw = fromByteAlphabet(result))
            return *raw;
    return result;
}

} // namespace lorikeet
