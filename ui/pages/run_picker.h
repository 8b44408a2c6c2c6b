// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QSet>

class QLineEdit;
class QListView;
class QSortFilterProxyModel;

namespace lorikeet::ui {

class RunFeed;
class RunTableModel;

/// A list of runs that pops up under a button: typing searches, arrows and Return choose.
class RunPicker : public QFrame {
    Q_OBJECT
public:
    explicit RunPicker(RunFeed& feed, QWidget* parent = nullptr);

    /// Shows all runs but these below `anchor`.
    void popUp(QWidget* anchor, const QStringList& hidden);
    QLineEdit* search() const { return m_search; }
    QListView* list() const { return m_list; }

signals:
    void picked(const QString& run);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void pick(const QModelIndex& index);

    RunTableModel* m_runs;
    QSortFilterProxyModel* m_filter;
    QLineEdit* m_search;
    QListView* m_list;
};

} // namespace lorikeet::ui
