// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QPushButton>
#include <QToolButton>
#include <QWidget>

#include <vector>

#include "ui/charts/line_style.h"

namespace lorikeet::ui {

class FlowLayout;

struct RunChipText {
    QString id;
    QString title;
    LineStyle style;
};

/// One compared run: its line, its name, a cross. A click or the menu key opens its menu; it can be dragged.
class RunChip : public QPushButton {
    Q_OBJECT
public:
    explicit RunChip(const QString& id, QWidget* parent = nullptr);

    const QString& id() const { return m_id; }
    QToolButton* cross() const { return m_cross; }
    void tell(const RunChipText& text, bool isReference);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

signals:
    void removeWanted();
    void referenceWanted();
    void openWanted();

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void showMenu();

    QString m_id;
    LineSample* m_sample;
    QLabel *m_name, *m_reference;
    QToolButton* m_cross;
    bool m_isReference = false;
    QPoint m_press;
};

/// The compared runs in a row that breaks, the reference first, and the button that adds one.
class CompareChips : public QWidget {
    Q_OBJECT
public:
    static constexpr auto kMimeType = "application/x-lorikeet-compared-run";

    explicit CompareChips(QWidget* parent = nullptr);

    void setRuns(const std::vector<RunChipText>& runs);
    RunChip* chip(const QString& id) const { return m_chips.value(id); }
    QPushButton* addButton() const { return m_add; }

signals:
    void removeWanted(const QString& run);
    void openWanted(const QString& run);
    /// To another place, 0 being that of the reference.
    void moveWanted(const QString& run, int place);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    FlowLayout* m_layout;
    QHash<QString, RunChip*> m_chips;
    QStringList m_order;
    QPushButton* m_add;
};

} // namespace lorikeet::ui
