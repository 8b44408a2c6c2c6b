// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QStringList>
#include <QTimer>

#include <memory>
#include <vector>

#include "ui/session/background.h"

namespace lorikeet {
class Workshop;
}

namespace lorikeet::ui {

/// What one run answers.
struct ComparedAnswer {
    enum class State { None, Waiting, Loading, Writing, Done, Stopped, Failed };
    State state = State::None;
    std::string text;
    int64_t tokens = 0;
    double tokensPerSecond = 0.0;
    double fraction = 0.0; ///< of loading
    std::string problem;
};

/// The answers of several runs to one prompt, greedy and with one seed, as a table of one row: one run after the other
/// loads its model and last adapter in the background and writes. GUI thread.
class CompareAnswers : public QAbstractTableModel {
    Q_OBJECT
public:
    static constexpr int kSeed = 42;
    static constexpr int kMaxTokens = 200;

    explicit CompareAnswers(std::shared_ptr<Workshop> workshop, QObject* parent = nullptr);
    ~CompareAnswers() override;

    /// A run that stays keeps its answer.
    void setRuns(const QStringList& runs);
    /// Asks all of them; what is being asked is stopped.
    void ask(const QString& prompt);
    /// What has been written stays.
    void stop();
    bool isAsking() const { return m_poll.isActive(); }
    const std::vector<ComparedAnswer>& answers() const { return m_answers; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

signals:
    void askingChanged();

private:
    struct Board;
    void look();
    void finish();

    std::shared_ptr<Workshop> m_workshop;
    QStringList m_runs;
    std::vector<ComparedAnswer> m_answers; ///< one for each run
    std::shared_ptr<Board> m_board;        ///< what the thread writes on
    QTimer m_poll;
    BackgroundTask m_task;
};

} // namespace lorikeet::ui
