// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/dataset_words.h"

#include <QCoreApplication>

#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("DatasetWords", text);
}

} // namespace

QString formatTitle(RowFormat format) {
    switch (format) {
    case RowFormat::Auto:
        return tr("Detect");
    case RowFormat::Text:
        return tr("Raw text");
    case RowFormat::PromptCompletion:
        return tr("Prompt/completion");
    case RowFormat::Alpaca:
        return tr("Alpaca");
    case RowFormat::Messages:
        return tr("Chat messages");
    case RowFormat::ShareGpt:
        return tr("ShareGPT");
    }
    Q_UNREACHABLE();
}

QString roleTitle(const std::string& role) {
    if (role == "text")
        return tr("Text");
    if (role == "prompt")
        return tr("Prompt");
    if (role == "completion" || role == "output")
        return tr("Answer");
    if (role == "instruction")
        return tr("Instruction");
    if (role == "input")
        return tr("Input");
    if (role == "system")
        return tr("System prompt");
    if (role == "messages" || role == "conversations")
        return tr("Conversation");
    return QString::fromStdString(role);
}

QString rowsText(int64_t rows) {
    return rows == 1 ? tr("1 row") : tr("%1 rows").arg(formatCount(rows));
}

QString tokensText(int64_t tokens) {
    return tokens == 1 ? tr("1 token") : tr("%1 tokens").arg(formatCount(tokens));
}

} // namespace lorikeet::ui
