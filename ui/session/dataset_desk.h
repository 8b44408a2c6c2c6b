// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include <atomic>
#include <memory>

#include "ui/session/background.h"
#include "ui/session/dataset_facts.h"

namespace lorikeet {
class Workshop;
}

namespace lorikeet::ui {

/// One dataset, open for looking at: its facts, one row in all forms, and the numbers over all rows, each made in the
/// background and told when it is there. A newer wish replaces an older one that is still being made. GUI thread.
class DatasetDesk : public QObject {
    Q_OBJECT
public:
    explicit DatasetDesk(std::shared_ptr<Workshop> workshop, QObject* parent = nullptr);
    ~DatasetDesk() override;

    /// Opens data.train, shows its first row, and begins to count. `model`: a name of the library; empty: none.
    void open(const DataConfig& data, const QString& model);
    void close();
    /// Another mapping, template or length over the file that is open. Counts anew, a moment later.
    void edit(const DataConfig& data);
    void setModel(const QString& model);
    void showRow(int64_t row);
    /// Counts now, also after a cancellation.
    void count();
    /// Ends the counting; it begins again only when asked.
    void cancelCount();
    bool isCounting() const { return m_isCounting; }

signals:
    /// The file is open, or is mapped otherwise.
    void factsChanged(const lorikeet::ui::DatasetFacts& facts);
    void rowShown(const lorikeet::ui::DatasetRow& row);
    /// The file cannot be opened.
    void failed(const lorikeet::ui::Failure& failure);
    /// The model's words cannot be opened; rows are shown without them.
    void modelFailed(const lorikeet::ui::Failure& failure);

    /// Of `rows` in [0, 1].
    void countProgressed(double done);
    void counted(const lorikeet::ui::DatasetNumbers& numbers);
    /// It was cancelled, or cannot be done; the message is empty where it was cancelled.
    void notCounted(const QString& why);

private:
    struct Bench;
    struct Look;
    void look(bool changesFacts);
    void onLook(const Look& look);
    void beginCount();
    void endCount();

    std::shared_ptr<Workshop> m_workshop;
    std::shared_ptr<Bench> m_bench; ///< of the file that is open; null: none
    DataConfig m_data;
    QString m_model;
    int64_t m_row = 0;
    bool m_wantsFacts = false; ///< the next look brings them
    bool m_countsByItself = true;
    bool m_isCounting = false;
    std::shared_ptr<std::atomic<double>> m_progress;
    QTimer m_soon;  ///< until the counting after an edit
    QTimer m_watch; ///< polls the progress
    BackgroundTask m_look;
    BackgroundTask m_count;
};

} // namespace lorikeet::ui
