// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include "ui/models/model_table_model.h"
#include "ui/pages/page.h"
#include "ui/session/background.h"
#include "ui/session/library_changes.h"

class QPushButton;
class QStackedWidget;

namespace lorikeet::ui {

class Banner;
class DataTable;
class ModelDetail;
class ModelFetchBar;

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
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeHead();
    QWidget* makeTable();
    QWidget* makeEmpty();
    void connectParts();
    void reload();
    void setEntries(std::vector<ModelEntry> entries);
    void showCurrent();
    void choose(bool folder);
    void removeCurrent();
    void deleteFiles(const LibraryModel& model);
    void remove(const LibraryModel& model);
    void tell(const Failure& failure);
    const ModelEntry* current() const;

    ModelTableModel* m_model;
    DataTable* m_table;
    QStackedWidget* m_stack;
    ModelDetail* m_detail;
    Banner* m_banner;
    QPushButton* m_fetchButton;
    ModelFetchBar* m_fetchBar;
    QLabel* m_reading; ///< while the library is read for the first time
    QString m_wanted;  ///< is selected when it is there
    QStringList m_problems;
    BackgroundTask m_reload;
    LibraryChanges m_changes;
};

} // namespace lorikeet::ui
