// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/dataset_facts.h"
#include "ui/widgets/card.h"

class QGridLayout;
class QPushButton;

namespace lorikeet::ui {

/// The numbers over all rows, the progress while they are counted, and why there are none.
class DatasetCountsCard : public Card {
    Q_OBJECT
public:
    explicit DatasetCountsCard(QWidget* parent = nullptr);

    void setNumbers(const DatasetNumbers& numbers);
    /// Nothing is known, and nothing said about it: they will be counted.
    void reset();
    /// They are not counted; `why` may be empty.
    void setUncounted(const QString& why);
    /// Counting, so far done in [0, 1]. What is known from before stays.
    void setProgress(double done);

signals:
    void countWanted();
    void cancelWanted();
    void truncatedRowsWanted();

private:
    struct Line {
        QLabel* value;
        QLabel* share;
        QList<QWidget*> all;
    };
    Line addLine(const QString& title, const QString& explanation);
    QWidget* makeCounting();
    void showCounting(bool counting);

    QGridLayout* m_grid;
    QWidget* m_table;
    QPushButton* m_showTruncated;
    QWidget* m_counting;
    QLabel* m_soFar;
    QWidget* m_nothing;
    QLabel* m_why;
    bool m_hasNumbers = false;
    bool m_hasTruncated = false;
    Line m_rows, m_truncated, m_empty, m_never, m_unfit, m_duplicates, m_tokens, m_trained, m_longest;
};

} // namespace lorikeet::ui
