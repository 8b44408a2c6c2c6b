// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>

#include <atomic>
#include <memory>

#include "ui/models/model_table_model.h"
#include "ui/pages/page.h"
#include "ui/session/background.h"
#include "ui/session/library_changes.h"

class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace lorikeet::ui {

class Banner;
class DataTable;
class ModelDetail;

/// The library of base models, and what there is to know about one.
class ModelsPage : public Page {
    Q_OBJECT
public:
    ModelsPage(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);

    /// Adds models where they are: folders and .gguf files.
    void add(const QStringList& paths);

public slots:
    void select(const QString& name);

protected:
    void showEvent(QShowEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeHead();
    QWidget* makeTable();
    QWidget* makeFetching();
    void reload();
    void setEntries(std::vector<ModelEntry> entries);
    void showCurrent();
    void choose(bool folder);
    void fetch();
    void endFetch();
    void removeCurrent();
    void tell(const Failure& failure);
    const ModelEntry* current() const;

    ModelTableModel* m_model;
    DataTable* m_table;
    QStackedWidget* m_stack;
    QWidget* m_library;
    ModelDetail* m_detail;
    Banner* m_banner;
    QPushButton* m_fetchButton;
    QWidget* m_fetching;
    QLabel* m_fetched;
    QProgressBar* m_bar;
    QString m_wanted;
    bool m_isFetching = false;
    QTimer m_watch;
    std::shared_ptr<std::atomic<double>> m_progress;
    BackgroundTask m_reload, m_fetch;
    LibraryChanges m_changes;
};

} // namespace lorikeet::ui
