// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <map>
#include <memory>

#include "core/jobs/dataset_library.h"
#include "ui/session/dataset_desk.h"

class QBoxLayout;

namespace lorikeet::ui {

class Banner;
class DatasetColumnsCard;
class DatasetCountsCard;
class DatasetHead;
class DatasetLengthsCard;
class DatasetMeasureCard;
class DatasetPreviewCard;

/// All about one dataset: its columns, a row of it, and what its rows measure. What the user changes is shown at once
/// and told by dataEdited().
class DatasetDetail : public QWidget {
    Q_OBJECT
public:
    explicit DatasetDetail(std::shared_ptr<Workshop> workshop, QWidget* parent = nullptr);

    /// Opens a dataset; the one that is open already stays as it is.
    void setDataset(const LibraryDataset& dataset);
    /// The names of the library's models that are there; `preferred` is chosen where none has been yet.
    void setModels(const QStringList& names, const QString& preferred);
    /// The settings as they are shown, edited or not.
    const DataConfig& config() const { return m_dataset.data; }
    QString model() const;
    DatasetHead* head() const { return m_head; }

signals:
    void dataEdited(const QString& name, const lorikeet::DataConfig& config);
    /// What has been found in a dataset's file.
    void opened(const QString& name, lorikeet::RowFormat format, int64_t rows);
    void modelChosen(const QString& name);
    /// The dataset's file is gone; the user wants to say where it is now.
    void relocateWanted();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeCards();
    void connectDesk();
    void connectCards();
    void onFacts(const DatasetFacts& facts);
    void onFailed(const Failure& failure);
    void edit(const DataConfig& config);
    void showState();

    LibraryDataset m_dataset;
    DatasetDesk m_desk;
    DatasetHead* m_head;
    Banner* m_banner;
    QWidget* m_cards;
    QBoxLayout* m_columnsLayout; ///< the two columns, side by side or one below the other
    QWidget* m_right;
    DatasetColumnsCard* m_columns;
    DatasetPreviewCard* m_preview;
    DatasetMeasureCard* m_measure;
    DatasetLengthsCard* m_lengths;
    DatasetCountsCard* m_counts;
};

} // namespace lorikeet::ui
