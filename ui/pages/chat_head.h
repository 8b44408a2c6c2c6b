// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QToolButton;

namespace lorikeet::ui {

class ElidedLabel;
class SegmentedControl;

/// The line above a conversation: what it is called and how long it is, what can be done with it, and how many answer.
class ChatHead : public QWidget {
    Q_OBJECT
public:
    explicit ChatHead(QWidget* parent = nullptr);

    /// An empty title: a new one. `isKept`: it can be renamed and deleted.
    void setConversation(const QString& title, int turns, bool isKept);
    QString title() const;
    /// `isPossible`: there is somebody to stand beside the one that answers.
    void setSideBySide(bool isSideBySide, bool isPossible);
    /// Whether the sampling is hidden and can be shown.
    void setSamplingOffered(bool offered);

signals:
    void renameWanted();
    void deleteWanted();
    void sideBySideChosen(bool sideBySide);
    void samplingWanted();

private:
    ElidedLabel* m_title;
    QLabel* m_turns;
    QToolButton* m_more;
    SegmentedControl* m_mode;
    QToolButton* m_showSampling;
};

} // namespace lorikeet::ui
