// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/token_legend.h"

#include <QHBoxLayout>
#include <QPainter>

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

/// A piece of the tint that a kind of token has, underlined as it is.
class Swatch : public QWidget {
public:
    explicit Swatch(bool isTrained) : m_isTrained(isTrained) {
        setFixedSize(metrics::kPage, metrics::kIcon);
        connect(&Theme::current(), &Theme::changed, this, qOverload<>(&QWidget::update));
    }

protected:
    void paintEvent(QPaintEvent*) override {
        const Theme& theme = Theme::current();
        QPainter painter(this);
        painter.fillRect(rect(), theme.color(m_isTrained ? ColorToken::TrainedToken : ColorToken::MaskedToken));
        if (m_isTrained)
            painter.fillRect(QRect(0, height() - 2, width(), 2), theme.color(ColorToken::Accent));
    }

private:
    bool m_isTrained;
};

} // namespace

TokenLegend::TokenLegend(QWidget* parent)
    : QWidget(parent), m_trainedSwatch(new Swatch(true)), m_readSwatch(new Swatch(false)), m_trained(new ElidedLabel),
      m_read(new ElidedLabel), m_cutOff(new ElidedLabel), m_whole(new ElidedLabel) {
    for (ElidedLabel* label : {m_trained, m_read, m_cutOff, m_whole})
        label->setProperty("role", QStringLiteral("secondary"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGrid);
    QFont strong = m_trained->font();
    strong.setWeight(QFont::Medium);
    m_trained->setFont(strong);
    layout->addWidget(m_trainedSwatch);
    layout->addWidget(m_trained);
    layout->addSpacing(metrics::kInside);
    layout->addWidget(m_readSwatch);
    layout->addWidget(m_read);
    layout->addSpacing(metrics::kInside);
    layout->addWidget(m_cutOff);
    layout->addStretch(1);
    layout->addWidget(m_whole);
    setTone(m_cutOff, LabelTone::Warning);
}

void TokenLegend::setCounts(qint64 trained, qint64 readOnly, qint64 cutOff, qint64 limit, bool showsMask) {
    const auto tokens = [](qint64 count) {
        return count == 1 ? tr("1 token") : tr("%1 tokens").arg(formatCount(count));
    };
    m_trained->setFullText(tr("Trained, %1").arg(tokens(trained)));
    m_read->setFullText(tr("Read only, %1").arg(tokens(readOnly)));
    m_cutOff->setFullText(tr("Cut off, %1").arg(tokens(cutOff)));
    const qint64 used = trained + readOnly;
    m_whole->setFullText(cutOff > 0 ? tr("the first %1 of %2").arg(formatCount(used), tokens(used + cutOff))
                                    : tr("%1 of %2").arg(formatCount(used), tokens(limit)));
    for (QWidget* part :
         {m_trainedSwatch, m_readSwatch, static_cast<QWidget*>(m_trained), static_cast<QWidget*>(m_read)})
        part->setVisible(showsMask);
    m_cutOff->setVisible(cutOff > 0);
}

} // namespace lorikeet::ui
