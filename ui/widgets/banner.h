// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include "ui/widgets/labels.h"

class QHBoxLayout;
class QPushButton;
class QToolButton;

namespace lorikeet::ui {

/// A strip that tells something where it matters: what happened, what to do, buttons for it, and a cross that closes
/// it. Its text can be copied, by the keyboard too.
class Banner : public QFrame {
    Q_OBJECT
public:
    explicit Banner(QWidget* parent = nullptr);

    /// Shows the strip with other words; earlier buttons go. `strong` stands in front, in bold.
    void tell(LabelTone tone, const QString& strong, const QString& text);
    /// A button of the words that are shown.
    QPushButton* addAction(const QString& text);
    void setClosable(bool closable);
    QString text() const;

protected:
    /// Tab to the text takes all of it, so that Ctrl+C copies it.
    bool eventFilter(QObject* watched, QEvent* event) override;

signals:
    void closed();

private:
    void showIcon();

    LabelTone m_tone = LabelTone::Plain;
    QLabel* m_icon;
    QLabel* m_strong;
    QLabel* m_text;
    QHBoxLayout* m_actions;
    QToolButton* m_close;
};

} // namespace lorikeet::ui
