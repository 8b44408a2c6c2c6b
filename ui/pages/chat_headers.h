// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

#include "core/runs/chat_record.h"

namespace lorikeet::ui {

class ChatSideHeader;
class ChatSources;

/// The headers of a conversation's one or two sides, beside each other.
class ChatHeaders : public QWidget {
    Q_OBJECT
public:
    explicit ChatHeaders(const ChatSources& sources, QWidget* parent = nullptr);

    void setSides(const std::vector<ChatSide>& sides);
    ChatSideHeader& side(int side) const { return side == 0 ? *m_left : *m_right; }

signals:
    /// The user chose another one.
    void chosen(int side, const lorikeet::ChatSide& source);

private:
    ChatSideHeader *m_left, *m_right;
    QWidget* m_between;
};

} // namespace lorikeet::ui
