// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare_answers.h"

#include <mutex>
#include <string_view>

#include "core/jobs/chat_job.h"
#include "core/jobs/job_progress.h"
#include "core/jobs/workshop.h"
#include "ui/pages/compare_model.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

constexpr int kPollInterval = 100; // ms

} // namespace

/// Written by the thread that asks, read by the window.
struct CompareAnswers::Board {
    std::mutex mutex;
    std::vector<ComparedAnswer> answers;
    bool isNew = false;

    template <typename Change>
    void change(size_t run, Change how) {
        const std::lock_guard lock(mutex);
        how(answers[run]);
        isNew = true;
    }

    void ask(Workshop& workshop, size_t run, const std::string& id, const std::string& prompt, std::stop_token stop) {
        using State = ComparedAnswer::State;
        change(run, [](ComparedAnswer& answer) { answer.state = State::Loading; });
        const ProgressObserver onProgress = [&](const JobProgress& progress) {
            change(run, [&](ComparedAnswer& answer) { answer.fraction = progress.fraction; });
        };
        ChatSpeaker speaker(workshop, chatSourceOfRun(workshop.runs(), id), onProgress, stop);
        change(run, [](ComparedAnswer& answer) { answer.state = State::Writing; });
        const ChatSampling greedy{.temperature = 0.0, .topP = 1.0, .maxNewTokens = kMaxTokens, .seed = kSeed};
        const ChatMessage message{"user", prompt};
        const auto onText = [&](std::string_view text) {
            change(run, [&](ComparedAnswer& answer) { answer.text += text; });
        };
        const SpokenAnswer result = speaker.answer({&message, 1}, greedy, onText, stop);
        change(run, [&](ComparedAnswer& answer) {
            answer.text = result.text;
            answer.tokens = result.tokens;
            answer.tokensPerSecond = result.tokensPerSecond;
            answer.state = stop.stop_requested() ? State::Stopped : State::Done;
        });
    }
};

CompareAnswers::CompareAnswers(std::shared_ptr<Workshop> workshop, QObject* parent)
    : QAbstractTableModel(parent), m_workshop(std::move(workshop)) {
    m_poll.setInterval(kPollInterval);
    connect(&m_poll, &QTimer::timeout, this, &CompareAnswers::look);
}

CompareAnswers::~CompareAnswers() = default;

void CompareAnswers::setRuns(const QStringList& runs) {
    if (runs == m_runs)
        return;
    stop();
    std::vector<ComparedAnswer> answers;
    for (const QString& run : runs) {
        const qsizetype known = m_runs.indexOf(run);
        answers.push_back(known < 0 ? ComparedAnswer() : m_answers[size_t(known)]);
    }
    beginResetModel();
    m_runs = runs;
    m_answers = std::move(answers);
    endResetModel();
}

void CompareAnswers::ask(const QString& prompt) {
    stop();
    const ComparedAnswer waiting{.state = ComparedAnswer::State::Waiting, .text = {}, .problem = {}};
    m_board = std::make_shared<Board>();
    m_board->answers.assign(m_answers.size(), waiting);
    m_board->isNew = true;
    std::vector<std::string> ids;
    for (const QString& run : m_runs)
        ids.push_back(run.toStdString());
    m_task = runInBackground(
        this,
        [workshop = m_workshop, board = m_board, ids, text = prompt.toStdString()](std::stop_token stop) {
            for (size_t run = 0; run < ids.size() && !stop.stop_requested(); ++run)
                try {
                    board->ask(*workshop, run, ids[run], text, stop);
                } catch (...) {
                    board->change(run, [&](ComparedAnswer& answer) {
                        answer.state = ComparedAnswer::State::Failed;
                        answer.problem = currentFailure().message.toStdString();
                    });
                }
        },
        [this] { finish(); }, [this](const Failure&) { finish(); });
    m_poll.start();
    look();
    emit askingChanged();
}

void CompareAnswers::stop() {
    if (!isAsking())
        return;
    m_task = BackgroundTask();
    finish();
}

void CompareAnswers::finish() {
    using State = ComparedAnswer::State;
    look();
    m_poll.stop();
    m_board.reset();
    for (ComparedAnswer& answer : m_answers)
        if (answer.state == State::Waiting || answer.state == State::Loading || answer.state == State::Writing)
            answer.state = State::Stopped;
    if (!m_answers.empty())
        emit dataChanged(index(0, 0), index(0, columnCount() - 1));
    emit askingChanged();
}

void CompareAnswers::look() {
    if (!m_board)
        return;
    {
        const std::lock_guard lock(m_board->mutex);
        if (!std::exchange(m_board->isNew, false))
            return;
        m_answers = m_board->answers;
    }
    if (!m_answers.empty())
        emit dataChanged(index(0, 0), index(0, columnCount() - 1));
}

int CompareAnswers::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || m_answers.empty() ? 0 : 1;
}

int CompareAnswers::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_answers.size());
}

QVariant CompareAnswers::data(const QModelIndex& index, int role) const {
    using State = ComparedAnswer::State;
    if (!index.isValid())
        return {};
    const ComparedAnswer& answer = m_answers[size_t(index.column())];
    const bool hasFailed = answer.state == State::Failed;
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
        return QString::fromStdString(hasFailed ? answer.problem : answer.text).trimmed();
    if (role == ProblemRole)
        return hasFailed;
    if (role != FooterRole)
        return {};
    switch (answer.state) {
    case State::None:
    case State::Failed:
        return QString();
    case State::Waiting:
        return tr("Waits for the one before");
    case State::Loading:
        return tr("Loading the model, %1").arg(formatShare(answer.fraction));
    case State::Writing:
        return tr("Writing");
    case State::Stopped:
        return tr("Stopped");
    case State::Done:
        return tr("%1 tokens, %2").arg(formatCount(answer.tokens), formatSpeed(answer.tokensPerSecond));
    }
    Q_UNREACHABLE();
}

QVariant CompareAnswers::headerData(int section, Qt::Orientation orientation, int role) const {
    return orientation == Qt::Vertical && section == 0 && role == Qt::DisplayRole ? tr("Same prompt,\nsame seed")
                                                                                  : QVariant();
}

} // namespace lorikeet::ui
