// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_headers.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/pages/chat_side_header.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {

ChatHeaders::ChatHeaders(const ChatSources& sources, QWidget* parent)
    : QWidget(parent), m_left(new ChatSideHeader(sources, tr("Left side"))),
      m_right(new ChatSideHeader(sources, tr("Right side"))), m_between(makeHairline(Qt::Vertical)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* layout = new QHBoxLayout;
    layout->setSpacing(0);
    layout->addWidget(m_left, 1);
    layout->addWidget(m_between);
    layout->addWidget(m_right, 1);
    column->addLayout(layout);
    column->addWidget(makeHairline());
    connect(m_left, &ChatSideHeader::chosen, this, [this](const ChatSide& source) { emit chosen(0, source); });
    connect(m_right, &ChatSideHeader::chosen, this, [this](const ChatSide& source) { emit chosen(1, source); });
}

void ChatHeaders::setSides(const std::vector<ChatSide>& sides) {
    m_left->setSide(sides.empty() ? ChatSide() : sides[0]);
    const bool both = sides.size() > 1;
    if (both)
        m_right->setSide(sides[1]);
    setVisible(!sides.empty());
    m_right->setVisible(both);
    m_between->setVisible(both);
}

} // namespace lorikeet::ui
