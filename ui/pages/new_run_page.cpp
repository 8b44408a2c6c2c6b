// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/new_run_page.h"

#include <QKeyEvent>
#include <QPushButton>
#include <QShortcut>

#include <filesystem>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/jobs/live_run.h"
#include "core/runs/run_record.h"
#include "ui/models/phrase_text.h"
#include "ui/pages/navigator.h"
#include "ui/pages/new_run_form.h"
#include "ui/pages/new_run_sections.h"
#include "ui/pages/new_run_start.h"
#include "ui/session/settings.h"
#include "ui/session/studio.h"
#include "ui/theme/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

/// A path of a run's file, from the file's folder where something is there.
void resolveFrom(const std::filesystem::path& folder, std::string& path) {
    std::error_code error;
    if (!path.empty() && std::filesystem::path(path).is_relative() && std::filesystem::exists(folder / path, error))
        path = (folder / path).lexically_normal().string();
}

RunConfig readRunFile(const std::filesystem::path& path) {
    RunConfig config = readRunConfig(path);
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::absolute(path, error).parent_path();
    for (std::string* place : {&config.model, &config.data.train, &config.data.eval, &config.lora.initFrom})
        resolveFrom(folder, *place);
    return config;
}

QString phaseText(const TrainingSession& training) {
    const QString share = formatShare(training.fraction());
    switch (training.phase()) {
    case TrainingSession::Phase::FetchingModel:
        return NewRunPage::tr("Fetching the model, %1").arg(share);
    case TrainingSession::Phase::LoadingModel:
        return NewRunPage::tr("Loading the model, %1").arg(share);
    case TrainingSession::Phase::ChoosingBlocksizes:
        return NewRunPage::tr("Choosing blocksizes, %1").arg(share);
    case TrainingSession::Phase::ReadingData:
        return NewRunPage::tr("Reading the rows, %1").arg(share);
    case TrainingSession::Phase::Training:
    case TrainingSession::Phase::Idle:
        return {};
    }
    Q_UNREACHABLE();
}

} // namespace

void NewRunPage::connectSession() {
    TrainingSession& training = studio().training();
    connect(&m_draft, &RunDraft::changed, this, &NewRunPage::recheck);
    connect(&m_draft, &RunDraft::mistakesChanged, this, &NewRunPage::showProblems);
    connect(&m_checking, &RunChecking::checked, this, &NewRunPage::take);
    connect(&m_checking, &RunChecking::reading, this, [this](JobStage stage, double fraction) {
        m_memory->showReading(stage == JobStage::ReadingData
                                  ? tr("Provisional: reading the rows, %1").arg(formatShare(fraction))
                                  : tr("Provisional: reading the model, %1").arg(formatShare(fraction)));
    });
    connect(&m_checking, &RunChecking::failed, this, [this](const Failure& why) {
        m_checkFailure = why;
        showStart();
    });
    connect(&studio(), &Studio::modelsChanged, this, &NewRunPage::recheck);
    connect(&studio(), &Studio::datasetsChanged, this, &NewRunPage::recheck);
    connect(&training, &TrainingSession::changed, this, &NewRunPage::showStart);
    connect(&training, &TrainingSession::runStarted, this, &NewRunPage::onStarted);
    connect(&training, &TrainingSession::ended, this, &NewRunPage::onEnded);
    connect(&Theme::current(), &Theme::changed, this, [this] {
        if (m_checked)
            take(m_checked); // its icons are pictures
    });
    connect(m_start, &StartSection::startWanted, this, &NewRunPage::start);
    connect(m_start, &StartSection::cancelWanted, &training, &TrainingSession::stop);
    connect(m_memory, &MemorySection::fitWanted, this, [this] {
        if (m_checked)
            applyFix(m_checked->check.fit.config, tr("Make it fit"));
    });
    connect(m_problems, &ProblemsSection::fixWanted, this, [this](int index) {
        if (m_checked && index >= 0 && size_t(index) < m_checked->check.problems.size()) {
            const RunProblem& problem = m_checked->check.problems[size_t(index)];
            applyFix(problem.fixed, phraseText(problem.fixLabel));
        }
    });
}

void NewRunPage::recheck() {
    m_checkFailure.reset();
    m_checking.check(m_draft.config());
    showStart();
}

void NewRunPage::take(std::shared_ptr<const CheckedRunConfig> run) {
    m_checked = std::move(run);
    const RunCheck& check = m_checked->check;
    m_form->showCheck(check);
    m_memory->showCheck(check);
    m_memory->showReading(check.isProvisional && check.peak ? tr("Provisional, until the rows have been read")
                                                            : QString());
    m_time->showCheck(check);
    m_stripBar->setPicture(memoryPicture(check));
    m_stripFigure->setText(
        check.peak ? tr("%1 of %2 free").arg(formatMemory(check.peak->total()), formatMemory(check.device.free()))
                   : tr("%1 free").arg(formatMemory(check.device.free())));
    m_stripVerdict->setText(fitText(check));
    setTone(m_stripVerdict, check.fits ? LabelTone::Accent : LabelTone::Danger);
    showProblems();
}

void NewRunPage::showProblems() {
    if (m_checked)
        m_problems->showProblems(m_draft.mistakes().values(), m_checked->check);
    showStart();
}

void NewRunPage::showStart() {
    const TrainingSession& training = studio().training();
    if (m_isStarting) {
        m_start->showStarting(training.isStopping() ? tr("Giving up") : phaseText(training), !training.isStopping());
        return;
    }
    const RunProblem* error = !m_checked            ? nullptr
                              : training.isActive() ? m_checked->check.firstErrorInQueue()
                                                    : m_checked->check.firstError();
    if (!m_draft.mistakes().isEmpty())
        m_start->showRefused(m_draft.mistakes().first());
    else if (m_checkFailure)
        m_start->showRefused(m_checkFailure->message);
    else if (!m_checked || !(m_checked->config == m_draft.config()))
        m_start->showChecking();
    else if (error)
        m_start->showRefused(phraseText(error->title, error->detail));
    else if (training.isActive())
        m_start->showQueueing();
    else if (const int64_t save = m_draft.config().every.save; save > 0)
        m_start->showReady(save == 1 ? tr("Ctrl+Return. Saves a checkpoint after each step.")
                                     : tr("Ctrl+Return. Saves a checkpoint every %1 steps.").arg(formatCount(save)));
    else
        m_start->showReady(tr("Ctrl+Return. Saves at the end only."));
}

void NewRunPage::applyFix(const std::optional<RunConfig>& fixed, const QString& what) {
    // The answer to an earlier draft would take back what has been typed since; the next one is here in a moment.
    if (fixed && m_checked->config == m_draft.config())
        m_draft.replace(*fixed, what);
}

void NewRunPage::start() {
    m_banner->hide();
    if (studio().training().isActive()) {
        studio().runs().enqueueNew(newRun(m_draft.config()));
        m_banner->tell(LabelTone::Plain, tr("Added to the queue."),
                       tr("It starts when the runs before it have ended, or when you start it."));
        connect(m_banner->addAction(tr("Show the queue")), &QPushButton::clicked, this,
                [this] { emit navigator().pageWanted(PageId::Runs); });
        return;
    }
    m_isStarting = true;
    studio().training().start(m_draft.config());
    showStart();
}

void NewRunPage::onStarted(const QString& run) {
    if (!std::exchange(m_isStarting, false))
        return;
    showStart();
    if (isVisible())
        emit navigator().runWanted(run);
}

void NewRunPage::onEnded(const TrainingEnd& end) {
    if (std::exchange(m_isStarting, false) && end.failure && !end.failure->isCancelled())
        tellFailure(tr("The run did not start."), *end.failure);
    recheck(); // there may be a speed to measure by now
}

void NewRunPage::fill(const RunConfig& config) {
    m_draft.replace(config, tr("Settings filled in"));
}

void NewRunPage::copyFrom(const QString& run) {
    const RunRecord* record = studio().runs().find(run);
    if (!record)
        return;
    try {
        RunConfig config = parseRunConfig(record->config, "run " + record->name);
        config.name = m_draft.config().name;
        m_banner->hide();
        m_draft.replace(config, tr("Copy settings"));
    } catch (...) {
        tellFailure(tr("These settings cannot be copied."), currentFailure());
    }
}

void NewRunPage::openRunFile(const QString& path) {
    m_fileTask = runInBackground(
        this, [file = path.toStdString()](std::stop_token) { return readRunFile(file); },
        [this](const RunConfig& config) {
            m_banner->hide();
            fill(config);
        },
        [this](const Failure& why) { tellFailure(tr("The run file cannot be used."), why); });
}

void NewRunPage::saveRunFile(const QString& path) {
    m_fileTask = runInBackground(
        this,
        [file = path.toStdString(), config = m_draft.config()](std::stop_token) {
            writeFileAtomically(file, serialiseRunConfig(config));
        },
        [this, path, isWhole = m_draft.mistakes().isEmpty()] {
            if (isWhole)
                m_banner->tell(LabelTone::Plain, {}, tr("Saved as %1.").arg(path));
            else
                m_banner->tell(
                    LabelTone::Warning, {},
                    tr("Saved as %1. What is marked as wrong has the value there that it had before.").arg(path));
        },
        [this](const Failure& why) { tellFailure(tr("The run file cannot be saved."), why); });
}

void NewRunPage::tellFailure(const QString& strong, const Failure& why) {
    m_banner->tell(LabelTone::Danger, strong, why.message);
}

void NewRunPage::addShortcuts() {
    const auto add = [this](const QKeySequence& keys, auto action) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, action);
    };
    for (const int key : {Qt::Key_Return, Qt::Key_Enter})
        add(QKeySequence(Qt::CTRL | Qt::Key(key)), [this] { m_start->press(); });
    add(QKeySequence::Undo, [this] { m_draft.undo(); });
    add(QKeySequence::Redo, [this] { m_draft.redo(); });
    for (QWidget* widget : findChildren<QWidget*>())
        widget->installEventFilter(this);
}

bool NewRunPage::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        // Texts have an undo of their own, which knows nothing of the settings.
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) {
            event->ignore();
            return true;
        }
    } else if (event->type() == QEvent::Wheel) {
        // Whoever scrolls over a control does not mean its value.
        const auto* widget = static_cast<QWidget*>(watched);
        if ((widget->inherits("QAbstractSpinBox") || widget->inherits("QComboBox")) && !widget->hasFocus()) {
            event->ignore();
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

void NewRunPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    recheck(); // files may have changed meanwhile
}

} // namespace lorikeet::ui
