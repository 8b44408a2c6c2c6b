// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QList>

class QLabel;
class QProgressBar;

namespace lorikeet::ui {

/// Key figures in a row, each under its label, and a line of progress below. Where the row is too narrow the last
/// figures are not shown.
class FiguresStrip : public QFrame {
    Q_OBJECT
public:
    explicit FiguresStrip(const QStringList& labels, QWidget* parent = nullptr);

    void setFigure(int index, const QString& value);
    /// 0 to 1; below 0: no line of progress.
    void setProgress(double share);
    QString figure(int index) const;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit();

    QList<QWidget*> m_cells;
    QList<QLabel*> m_values;
    QProgressBar* m_progress;
};

} // namespace lorikeet::ui
