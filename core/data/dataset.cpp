// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/dataset.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace lorikeet {

namespace {

/// The template that the rows go through, or null for plain joining.
const ChatTemplate* chosenTemplate(const DataConfig& config, RowFormat format, const ChatTemplate* available) {
    const bool needed = format == RowFormat::Messages || format == RowFormat::ShareGpt;
    if (config.chatTemplate == TemplateChoice::Plain && needed)
        fail(ErrorCode::BadConfig, "data.template: conversations cannot be joined plainly, they need the chat template "
                                   "of the model");
    if (config.chatTemplate == TemplateChoice::Plain || format == RowFormat::Text)
        return nullptr;
    if (!available && (needed || config.chatTemplate == TemplateChoice::Chat))
        fail(ErrorCode::BadConfig, "data.template: {}, but the model has no chat template",
             needed ? "conversations need a chat template" : "chat is asked for");
    return available;
}

} // namespace

Dataset::Dataset(const std::filesystem::path& file, const DataConfig& config, const Tokenizer& tokenizer,
                 const ChatTemplate* chatTemplate)
    : Dataset(std::shared_ptr<const RowReader>(openRows(file)), config, tokenizer, chatTemplate) {}

Dataset::Dataset(std::shared_ptr<const RowReader> rows, const DataConfig& config, const Tokenizer& tokenizer,
                 const ChatTemplate* chatTemplate)
    : m_reader(std::move(rows)), m_mapping(detectFormat(*m_reader, config)), m_trainOn(config.trainOn),
      m_maxLength(config.maxLength),
      m_cutLength(config.packing && m_mapping.format == RowFormat::Text ? 0 : config.maxLength), m_tokenizer(tokenizer),
      m_template(chosenTemplate(config, m_mapping.format, chatTemplate)) {
    if (config.maxLength < 2)
        fail(ErrorCode::BadConfig, "data.max_length: it is {}, at least 2 are needed to learn one token from another",
             config.maxLength);
}

std::vector<Piece> Dataset::pieces(int64_t row) const {
    return cutIntoPieces(readContent(m_reader->row(row), m_mapping), m_mapping.format, m_template, m_trainOn);
}

RowResult Dataset::result(int64_t index) const {
    const Row row = m_reader->row(index);
    RowResult result;
    try {
        const RowContent content = readContent(row, m_mapping);
        const auto pieces = cutIntoPieces(content, m_mapping.format, m_template, m_trainOn);
        result.example = encodePieces(pieces, m_tokenizer, m_cutLength);
        if (content.empty()) {
            result.skipped = SkipReason::Empty;
            result.problem = "it has no text";
        } else if (result.example.trainedTokens() == 0) {
            result.skipped = SkipReason::NothingTrained;
            result.problem =
                pieces.empty() ? "no message in it is the assistant's"
                : result.example.truncated
                    ? fmt::format("none of its first {} tokens (of {}) is trained: data.max_length cuts it before",
                                  m_cutLength, result.example.fullLength)
                    : "no token in it is trained";
        }
    } catch (const Error& error) {
        // A row that does not fit is left out and counted; anything else ends the run.
        if (error.code() != ErrorCode::BadFile && error.code() != ErrorCode::BadConfig)
            throw;
        result.skipped = SkipReason::Bad;
        result.problem = error.message();
    }
    return result;
}

} // namespace lorikeet
