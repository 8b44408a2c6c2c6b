// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_head.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>

#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

enum Mode { kSideBySide, kOneModel };

} // namespace

ChatHead::ChatHead(QWidget* parent)
    : QWidget(parent), m_title(new ElidedLabel), m_turns(makeLabel({}, LabelRole::Secondary)),
      m_more(makeIconButton(QStringLiteral("more"), tr("Rename or delete this conversation"))),
      m_mode(new SegmentedControl(tr("Who answers"), {tr("Side by side"), tr("One model")})),
      m_showSampling(makeIconButton(QStringLiteral("panel"), tr("Show the sampling"))) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(metrics::kGap, metrics::kPage, metrics::kGap, metrics::kGap);
    layout->setSpacing(metrics::kGrid);
    m_title->setProperty("role", QStringLiteral("heading"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(m_more);
    menu->addAction(tr("Rename"), this, &ChatHead::renameWanted);
    menu->addAction(tr("Delete"), this, &ChatHead::deleteWanted);
    m_more->setMenu(menu);
    m_mode->segment(kOneModel)->setToolTip(tr("One model answers, over the whole width"));
    layout->addWidget(m_title);
    layout->addWidget(m_turns);
    layout->addWidget(m_more);
    layout->addStretch(1);
    layout->addWidget(m_mode);
    layout->addWidget(m_showSampling);
    connect(m_mode, &SegmentedControl::chosen, this, [this](int mode) { emit sideBySideChosen(mode == kSideBySide); });
    connect(m_showSampling, &QToolButton::clicked, this, &ChatHead::samplingWanted);
}

void ChatHead::setConversation(const QString& title, int turns, bool isKept) {
    m_title->setFullText(title.isEmpty() ? tr("New conversation") : title);
    m_turns->setText(turns == 0 ? QString() : turns == 1 ? tr("1 turn") : tr("%1 turns").arg(formatCount(turns)));
    m_more->setVisible(isKept);
}

QString ChatHead::title() const {
    return m_title->fullText();
}

void ChatHead::setSideBySide(bool isSideBySide, bool isPossible) {
    m_mode->setCurrent(isSideBySide ? kSideBySide : kOneModel);
    m_mode->setSegmentEnabled(kSideBySide, isPossible, tr("It needs a run with an adapter, or a second model"));
    if (isPossible)
        m_mode->segment(kSideBySide)->setToolTip(tr("Two answer the same prompt, such as base and tuned model"));
}

void ChatHead::setSamplingOffered(bool offered) {
    m_showSampling->setVisible(offered);
}

} // namespace lorikeet::ui
