// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/card.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/theme/tokens.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {

Card::Card(const QString& title, QWidget* parent)
    : QFrame(parent), m_layout(new QVBoxLayout(this)), m_body(new QVBoxLayout) {
    setProperty("role", QStringLiteral("card"));
    m_layout->setContentsMargins(metrics::kGap, metrics::kGap, metrics::kGap, metrics::kGap);
    m_layout->setSpacing(metrics::kGrid + metrics::kInside);
    m_body->setSpacing(metrics::kGrid);
    m_layout->addLayout(m_body, 1);
    if (!title.isEmpty())
        setTitle(title);
}

void Card::setTitle(const QString& title) {
    head();
    if (!m_title) {
        m_title = makeLabel(title, LabelRole::Heading);
        m_head->insertWidget(0, m_title);
    }
    m_title->setText(title);
    setAccessibleName(title);
}

QHBoxLayout* Card::head() {
    if (!m_head) {
        m_head = new QHBoxLayout;
        m_head->setSpacing(metrics::kGrid);
        m_head->addStretch(1);
        m_layout->insertLayout(0, m_head);
    }
    return m_head;
}

void Card::setFlushBody() {
    m_layout->setContentsMargins(1, m_head ? metrics::kGap : 1, 1, 1);
    if (m_head)
        m_head->setContentsMargins(metrics::kGap, 0, metrics::kGap, 0);
}

} // namespace lorikeet::ui
