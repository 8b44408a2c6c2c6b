// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>

#include <functional>

#include "ui/widgets/card.h"

class QHBoxLayout;
class QStackedLayout;
class QTimer;
class QToolButton;

namespace lorikeet::ui {

class Banner;
class ChartLegend;
class ChartTableModel;
class ChartView;
class DataTable;

/// A chart in a card: title, legend, controls of its own, and at the right what every chart has: full size, its values
/// as a table, and saving as PNG or CSV. Takes the chart as its own.
class ChartCard : public Card {
    Q_OBJECT
public:
    ChartCard(const QString& title, ChartView* chart, QWidget* parent = nullptr);
    ~ChartCard() override;

    /// Beside the title, in this order.
    void setNote(const QString& text);
    void setLegend(ChartLegend* legend);
    /// Before the buttons that every chart has.
    void addControl(QWidget* control);
    /// Stands at the chart's right, whether it is shown as a table or not.
    void setSide(QWidget* side);
    /// Small charts have no room for the buttons.
    void setButtonsVisible(bool visible);

    bool showsTable() const;
    void setShowsTable(bool shows);
    DataTable* table() const { return m_table; }
    /// Full size fills the page that the card is on, until Escape or the button.
    bool isExpanded() const { return !m_overlay.isNull(); }
    void setExpanded(bool expanded);

    /// Write in the background; what goes wrong is told in the card.
    void saveCsv(const QString& path);
    void savePng(const QString& path);

signals:
    /// A file has been written.
    void saved(const QString& path);

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void build();
    void refreshTable();
    /// Calls `work`, which writes to `path` and returns what went wrong, on another thread.
    void write(const QString& path, std::function<QString()> work);
    void askWhereToSave(const QString& suffix);
    void tellSaved(const QString& path, const QString& problem);

    ChartView* m_chart;
    ChartTableModel* m_model;
    DataTable* m_table = nullptr;
    QStackedLayout* m_stack = nullptr;
    QHBoxLayout* m_row = nullptr;
    Banner* m_problem = nullptr;
    QLabel* m_note = nullptr;
    QTimer* m_tableTimer;
    QToolButton *m_expandButton = nullptr, *m_tableButton = nullptr, *m_saveButton = nullptr;
    QPointer<QWidget> m_overlay, m_placeholder;
};

} // namespace lorikeet::ui
