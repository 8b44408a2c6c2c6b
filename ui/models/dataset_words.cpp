// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/dataset_words.h"

#include <QCoreApplication>

#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

class DatasetWords {
    Q_DECLARE_TR_FUNCTIONS(DatasetWords)
};

} // namespace

QString formatTitle(RowFormat format) {
    switch (format) {
    case RowFormat::Auto:
        return DatasetWords::tr("Detect");
    case RowFormat::Text:
        return DatasetWords::tr("Raw text");
    case RowFormat::PromptCompletion:
        return DatasetWords::tr("Prompt/completion");
    case RowFormat::Alpaca:
        return DatasetWords::tr("Alpaca");
    case RowFormat::Messages:
        return DatasetWords::tr("Chat messages");
    case RowFormat::ShareGpt:
        return DatasetWords::tr("ShareGPT");
    }
    Q_UNREACHABLE();
}

QString roleTitle(const std::string& role) {
    if (role == "text")
        return DatasetWords::tr("Text");
    if (role == "prompt")
        return DatasetWords::tr("Prompt");
    if (role == "completion" || role == "output")
        return DatasetWords::tr("Answer");
    if (role == "instruction")
        return DatasetWords::tr("Instruction");
    if (role == "input")
        return DatasetWords::tr("Input");
    if (role == "system")
        return DatasetWords::tr("System prompt");
    if (role == "messages" || role == "conversations")
        return DatasetWords::tr("Conversation");
    return QString::fromStdString(role);
}

QString rowsText(int64_t rows) {
    return rows == 1 ? DatasetWords::tr("1 row") : DatasetWords::tr("%1 rows").arg(formatCount(rows));
}

QString tokensText(int64_t tokens) {
    return tokens == 1 ? DatasetWords::tr("1 token") : DatasetWords::tr("%1 tokens").arg(formatCount(tokens));
}

} // namespace lorikeet::ui
