// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/talk_question.h"

namespace lorikeet::ui {
namespace {

constexpr int kTitleLength = 48;

/// Null where nobody answered.
const ChatAnswer* ownAnswer(const ChatTurn& said, const ChatSide& source, int side) {
    for (const std::optional<ChatAnswer>& answer : said.answers)
        if (answer && answer->source == source)
            return &*answer;
    if (side < int(said.answers.size()) && said.answers[std::size_t(side)])
        return &*said.answers[std::size_t(side)];
    for (const std::optional<ChatAnswer>& answer : said.answers)
        if (answer)
            return &*answer;
    return nullptr;
}

} // namespace

ChatQuestion questionOf(const ChatSettings& settings, const std::vector<ChatTurn>& turns, int turn, int side) {
    const ChatSide& source = settings.sides[std::size_t(side)];
    ChatQuestion question{.side = source, .prompt = turns[std::size_t(turn)].prompt};
    question.systemPrompt = settings.systemPrompt;
    question.sampling = settings.sampling;
    if (!source.adapter)
        for (const ChatSide& other : settings.sides)
            if (other.adapter && other.model == source.model)
                question.likeAdapter = other.adapter;
    for (int earlier = 0; earlier < turn; ++earlier) {
        const ChatTurn& said = turns[std::size_t(earlier)];
        if (const ChatAnswer* own = ownAnswer(said, source, side))
            question.history.push_back({said.prompt, own->text});
    }
    return question;
}

QString titleFrom(const QString& prompt) {
    const QString line = prompt.trimmed().section(QLatin1Char('\n'), 0, 0).simplified();
    if (line.size() <= kTitleLength)
        return line;
    const qsizetype space = line.lastIndexOf(QLatin1Char(' '), kTitleLength);
    return line.left(space > kTitleLength / 2 ? space : kTitleLength) + QChar(0x2026);
}

} // namespace lorikeet::ui
