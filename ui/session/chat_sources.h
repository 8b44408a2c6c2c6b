// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <QTimer>

#include <optional>
#include <vector>

#include "core/jobs/model_library.h"
#include "core/runs/chat_record.h"
#include "ui/session/background.h"

namespace lorikeet::ui {

class Studio;

/// A run that one can talk to.
struct ChatRun {
    QString id, name;
    std::string model;
    UnixMilliseconds created = 0;
    /// The newest first; the run's end has no step of its own, but the number that it reached.
    struct Point {
        std::optional<int64_t> step; ///< none: the run's end
        int64_t shownStep = 0;
        std::string adapter;
        bool isBest = false; ///< of the run's checkpoints, by the evaluation
        bool operator==(const Point&) const = default;
    };
    std::vector<Point> points = {};

    bool operator==(const ChatRun&) const = default;
};

/// What can stand on a side of a conversation: the models of the library, and the runs with an adapter or a checkpoint.
/// It looks in the background. GUI thread.
class ChatSources : public QObject {
    Q_OBJECT
public:
    explicit ChatSources(Studio& studio, QObject* parent = nullptr);

    /// Looks now.
    void refresh();
    /// Whether it keeps looking; else it does so with the next call.
    void setActive(bool active);
    bool isLoaded() const { return m_isLoaded; }
    const std::vector<LibraryModel>& models() const { return m_models; }
    const std::vector<ChatRun>& runs() const { return m_runs; }
    const ChatRun* run(const QString& id) const;

    /// The library's name of a model, else its file's.
    QString modelName(const std::string& model) const;
    /// "Base SmolLM2-135M-Instruct", "gsm8k r16, step 444".
    QString label(const ChatSide& side) const;
    /// "Base", "gsm8k r16".
    QString shortLabel(const ChatSide& side) const;

    ChatSide sideOf(const std::string& model) const;
    ChatSide sideOf(const ChatRun& run, const ChatRun::Point& point) const;
    /// Whether any run trains, in this program or another one.
    bool isTraining() const;
    /// The run whose adapter was trained last, over that model where it is named; null where there is none.
    const ChatRun* newestRun(const std::string& model = {}) const;

signals:
    void changed();

private:
    struct Found {
        std::vector<LibraryModel> models;
        QHash<QString, std::vector<CheckpointRecord>> checkpoints;
        bool hasRuns = true; ///< the database could be read
    };

    void onRunsChanged();
    void take(const Found& found);

    Studio& m_studio;
    bool m_isActive = false, m_isLoaded = false, m_isStale = true;
    std::vector<LibraryModel> m_models;
    std::vector<ChatRun> m_runs;
    QStringList m_signature;
    QTimer m_timer{this};
    BackgroundTask m_task;
};

} // namespace lorikeet::ui
