// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_model.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "core/base/error.h"
#include "core/text/protobuf_reader.h"
#include "core/text/sentencepiece_charsmap.h"
#include "core/text/utf8.h"

namespace lorikeet {

namespace {

constexpr std::size_t kLongestPiece = 1024;
constexpr std::size_t kMostPieces = std::size_t(1) << 23;
constexpr uint64_t kUnigram = 1, kBpe = 2;

// Field numbers of sentencepiece_model.proto.
namespace field {
enum Model : uint32_t { kPieces = 1, kTrainer = 2, kNormalizer = 3, kSelfTest = 4, kDenormalizer = 5 };
enum Piece : uint32_t { kText = 1, kScore = 2, kType = 3 };
enum Trainer : uint32_t { kModelType = 3, kSpaceAsSuffix = 24 };
enum Normalizer : uint32_t { kCharacterMap = 2, kDummyPrefix = 3, kRemoveSpaces = 4 };
} // namespace field

SentencePieceEntry parsePiece(std::string_view bytes, const std::string& origin) {
    SentencePieceEntry entry;
    ProtobufReader reader(bytes, origin);
    while (reader.next()) {
        if (reader.field() == field::kText)
            entry.text = reader.bytes();
        else if (reader.field() == field::kScore)
            entry.score = reader.real();
        else if (reader.field() == field::kType) {
            if (reader.integer() < 1 || reader.integer() > 6)
                fail(ErrorCode::BadFile, "{}: piece type {}", origin, reader.integer());
            entry.type = static_cast<PieceType>(reader.integer());
        }
    }
    const bool valid = !entry.text.empty() && entry.text.size() <= kLongestPiece &&
                       entry.text.find('\0') == std::string::npos && findInvalidUtf8(entry.text) == std::string::npos;
    if (!valid)
        fail(ErrorCode::BadFile, "{}: piece of {} bytes, expected 1 to {} of UTF-8", origin, entry.text.size(),
             kLongestPiece);
    if (!std::isfinite(entry.score))
        fail(ErrorCode::BadFile, "{}: the score of piece '{}' is {}", origin, entry.text, entry.score);
    return entry;
}

void parseTrainer(std::string_view bytes, const std::string& origin, uint64_t& modelType) {
    ProtobufReader reader(bytes, origin + ": trainer_spec");
    while (reader.next()) {
        if (reader.field() == field::kModelType)
            modelType = reader.integer();
        else if (reader.field() == field::kSpaceAsSuffix && reader.integer() != 0)
            fail(ErrorCode::NotBuilt, "{}: white space as suffix is not supported", origin);
    }
}

void parseNormalizer(std::string_view bytes, const std::string& origin, SentencePieceModel& model) {
    ProtobufReader reader(bytes, origin + ": normalizer_spec");
    while (reader.next()) {
        if (reader.field() == field::kCharacterMap)
            checkCharacterMap(reader.bytes(), reader.origin());
        else if (reader.field() == field::kDummyPrefix)
            model.addsDummyPrefix = reader.integer() != 0;
        else if (reader.field() == field::kRemoveSpaces)
            model.removesExtraSpaces = reader.integer() != 0;
    }
}

void checkPieces(const SentencePieceModel& model, const std::string& origin) {
    std::unordered_set<std::string_view> seen;
    for (const SentencePieceEntry& entry : model.pieces)
        if (!seen.insert(entry.text).second)
            fail(ErrorCode::BadFile, "{}: piece '{}' is there twice", origin, entry.text);
    const auto unknown = std::count_if(model.pieces.begin(), model.pieces.end(),
                                       [](const auto& entry) { return entry.type == PieceType::Unknown; });
    if (unknown != 1)
        fail(ErrorCode::BadFile, "{}: {} unknown pieces, expected 1", origin, unknown);
}

} // namespace

SentencePieceModel parseSentencePieceModel(std::string_view bytes, const std::string& origin) {
    SentencePieceModel model;
    uint64_t modelType = kUnigram;
    ProtobufReader reader(bytes, origin);
    while (reader.next()) {
        switch (reader.field()) {
        case field::kPieces:
            if (model.pieces.size() >= kMostPieces)
                fail(ErrorCode::BadFile, "{}: more than {} pieces", origin, kMostPieces);
            model.pieces.push_back(parsePiece(reader.bytes(), origin));
            break;
        case field::kTrainer:
            parseTrainer(reader.bytes(), origin, modelType);
            break;
        case field::kNormalizer:
            parseNormalizer(reader.bytes(), origin, model);
            break;
        case field::kDenormalizer: {
            SentencePieceModel unused;
            parseNormalizer(reader.bytes(), origin, unused);
            break;
        }
        default:
            break;
        }
    }
    if (modelType != kUnigram && modelType != kBpe)
        fail(ErrorCode::NotBuilt, "{}: model type {} is neither unigram nor BPE", origin, modelType);
    checkPieces(model, origin);
    return model;
}

} // namespace lorikeet
