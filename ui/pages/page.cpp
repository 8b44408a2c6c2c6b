// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/page.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/theme/tokens.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {

Page::Page(Studio& studio, Navigator& navigator, QWidget* parent)
    : QWidget(parent), m_studio(studio), m_navigator(navigator) {}

QVBoxLayout* Page::makeFrame(const QString& title) {
    setAccessibleName(title);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kPage, metrics::kPage, metrics::kPage, metrics::kPage);
    layout->setSpacing(metrics::kGap);
    m_head = new QHBoxLayout;
    m_head->setSpacing(metrics::kGrid);
    QLabel* label = makeLabel(title, LabelRole::Title);
    label->setMinimumHeight(metrics::kControl);
    m_head->addWidget(label);
    m_head->addStretch(1);
    layout->addLayout(m_head);
    return layout;
}

} // namespace lorikeet::ui
