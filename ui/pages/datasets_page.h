// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>

#include "core/jobs/dataset_library.h"
#include "ui/pages/page.h"
#include "ui/session/background.h"
#include "ui/session/library_changes.h"

namespace lorikeet::ui {

class Banner;
class DatasetDetail;
class DatasetListPanel;

/// The library of datasets: files of rows, how their columns are mapped, and what their rows become.
class DatasetsPage : public Page {
    Q_OBJECT
public:
    DatasetsPage(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);

    /// Adds files to the library, one after the other, and selects the last.
    void add(const QStringList& files);

public slots:
    void select(const QString& name);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void connectParts();
    void reload();
    void reloadModels();
    void chooseFiles();
    void removeCurrent();
    void bringBack(const LibraryDataset& dataset);
    void rename(const QString& name);
    void relocate();
    void useInNewRun();
    void note(const QString& name, RowFormat format, int64_t rows);
    void keep(const QString& name, const DataConfig& config);
    void tell(const Failure& failure);

    DatasetListPanel* m_list;
    DatasetDetail* m_detail;
    Banner* m_banner;
    bool m_hasLoaded = false;
    bool m_tellsReading = false; ///< the banner says that files are being read
    QTimer m_slow;               ///< until adding takes so long that it is told of
    BackgroundTask m_reload, m_models;
    LibraryChanges m_changes;
};

} // namespace lorikeet::ui
