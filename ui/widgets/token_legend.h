// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace lorikeet::ui {

class ElidedLabel;

/// What the looks of tokens mean, with how many there are of each.
class TokenLegend : public QWidget {
    Q_OBJECT
public:
    explicit TokenLegend(QWidget* parent = nullptr);

    /// Without the mask only the whole is told. `limit`: the sequence length.
    void setCounts(qint64 trained, qint64 readOnly, qint64 cutOff, qint64 limit, bool showsMask);

private:
    QWidget* m_trainedSwatch;
    QWidget* m_readSwatch;
    ElidedLabel* m_trained;
    ElidedLabel* m_read;
    ElidedLabel* m_cutOff;
    ElidedLabel* m_whole;
};

} // namespace lorikeet::ui
