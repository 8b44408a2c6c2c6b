// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include <vector>

#include "core/jobs/dataset_library.h"

class QListView;

namespace lorikeet::ui {

class DatasetListModel;

/// The library's datasets at the left of their page: the list, the button that adds, and where files are dropped.
class DatasetListPanel : public QFrame {
    Q_OBJECT
public:
    explicit DatasetListPanel(QWidget* parent = nullptr);

    /// Shows other content; the selection stays on its name where that is still there, else goes to the first.
    void setDatasets(std::vector<LibraryDataset> datasets);
    /// What has been found in a dataset's file, as DatasetListModel has it.
    void noteFound(const QString& name, RowFormat format, int64_t rows);
    /// Selects a dataset, now or as soon as it is in the list.
    void select(const QString& name);
    /// The one that is selected; nullptr where none is.
    const LibraryDataset* current() const;

signals:
    /// Another one is selected, or the selected one has another content than before; current() may be nullptr.
    void currentChanged();
    void addWanted();
    void removeWanted();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    DatasetListModel* m_model;
    QListView* m_list;
    QString m_wanted;
    bool m_isFilling = false;
};

} // namespace lorikeet::ui
