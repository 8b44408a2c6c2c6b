// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include <utility>

#include <QCloseEvent>
#include <QEventLoop>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QMessageBox>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <QWhatsThis>
#include <QWindow>

#include "core/jobs/quick_start.h"
#include "core/runs/run_store.h"
#include "ui/pages/chat_page.h"
#include "ui/pages/compare_page.h"
#include "ui/pages/datasets_page.h"
#include "ui/pages/models_page.h"
#include "ui/pages/new_run_page.h"
#include "ui/pages/page.h"
#include "ui/pages/runs_page.h"
#include "ui/session/settings.h"
#include "ui/session/studio.h"
#include "ui/shell/sidebar.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/banner.h"

namespace lorikeet::ui {
namespace {

const QString kGeometry = QStringLiteral("window");
const QString kPage = QStringLiteral("page");

/// Keeps a window that closes from being closed once more, which would end the application at once.
class ClosedAlready : public QObject {
public:
    explicit ClosedAlready(QWindow* window) {
        if (window)
            window->installEventFilter(this);
    }

    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() != QEvent::Close)
            return false;
        event->ignore();
        return true;
    }
};

} // namespace

MainWindow::MainWindow(Studio& studio, QWidget* parent)
    : QMainWindow(parent), m_studio(studio), m_entries(pageEntries()), m_banner(new Banner),
      m_stack(new QStackedWidget) {
    setWindowTitle(tr("Lorikeet"));
    setMinimumSize(800, 600);
    m_sidebar = new Sidebar(m_entries, m_studio.training());
    auto* centre = new QWidget;
    auto* layout = new QHBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_sidebar);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_banner);
    m_stack->setMinimumSize(1, 1); // or the widest page would keep the window from becoming narrow
    right->addWidget(m_stack, 1);
    layout->addLayout(right, 1);
    setCentralWidget(centre);
    connect(m_sidebar, &Sidebar::chosen, this, &MainWindow::showPage);
    connect(m_sidebar, &Sidebar::runChosen, &m_navigator, &Navigator::runWanted);
    connectNavigation();
    addShortcuts();
    restoreState();
    m_stack->setFocus(); // rather than the first button, whose focus ring would be all that one sees
}

void MainWindow::connectNavigation() {
    connect(&m_navigator, &Navigator::pageWanted, this, &MainWindow::showPage);
    connect(&m_navigator, &Navigator::undoOffered, this, &MainWindow::offerUndo);
    connect(&m_navigator, &Navigator::told, this,
            [this](const QString& text) { m_banner->tell(LabelTone::Danger, {}, text); });
    connect(&m_navigator, &Navigator::runWanted, this, [this](const QString& run) {
        if (auto* runs = qobject_cast<RunsPage*>(showPage(PageId::Runs)))
            runs->openRun(run);
    });
    connect(&m_navigator, &Navigator::chatWanted, this, [this](const ChatTarget& target) {
        if (auto* chat = qobject_cast<ChatPage*>(showPage(PageId::Chat)))
            chat->chatWith(target);
    });
    connect(&m_navigator, &Navigator::datasetWanted, this, [this](const QString& name) {
        if (auto* datasets = qobject_cast<DatasetsPage*>(showPage(PageId::Datasets)))
            datasets->select(name);
    });
    connect(&m_navigator, &Navigator::newRunWanted, this, [this](const RunConfig& config) {
        if (auto* newRun = qobject_cast<NewRunPage*>(showPage(PageId::NewRun)))
            newRun->fill(config);
    });
    connect(&m_navigator, &Navigator::comparisonWanted, this, [this](const QStringList& runs) {
        if (auto* compare = qobject_cast<ComparePage*>(showPage(PageId::Compare)))
            compare->compare(runs);
    });
    connect(&m_navigator, &Navigator::modelWanted, this, [this](const QString& name) {
        if (auto* models = qobject_cast<ModelsPage*>(showPage(PageId::Models)))
            models->select(name);
    });
    connect(&m_navigator, &Navigator::runFileWanted, this, &MainWindow::openRunFile);
    connect(&m_navigator, &Navigator::quickStartWanted, this, &MainWindow::startQuickStart);
    connect(&m_studio.training(), &TrainingSession::changed, this, &MainWindow::noteStart);
    connect(&m_studio.training(), &TrainingSession::runStarted, this, &MainWindow::onStarted);
    connect(&m_studio.runs(), &RunFeed::refused, this,
            [this](const Failure& why) { m_banner->tell(LabelTone::Danger, {}, why.message); });
    connect(&m_studio.training(), &TrainingSession::warned, this, [this](const QString& text) {
        tellOfRun(LabelTone::Warning, m_studio.training().name(), text, m_studio.training().run());
    });
    connect(&m_studio.training(), &TrainingSession::ended, this, &MainWindow::onEnded);
}

void MainWindow::addShortcuts() {
    for (int i = 0; i < m_entries.size() && i < 9; ++i)
        connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key(Qt::Key_1 + i)), this), &QShortcut::activated, this,
                [this, page = m_entries[i].id] { showPage(page); });
    connect(new QShortcut(QKeySequence::New, this), &QShortcut::activated, this, [this] { showPage(PageId::NewRun); });
    connect(new QShortcut(QKeySequence(Qt::Key_F1), this), &QShortcut::activated, this, [this] {
        QWidget* focused = focusWidget();
        const QString text = !focused                         ? QString()
                             : focused->whatsThis().isEmpty() ? focused->toolTip()
                                                              : focused->whatsThis();
        if (!text.isEmpty())
            QWhatsThis::showText(focused->mapToGlobal(focused->rect().bottomLeft()), text, focused);
    });
}

Page* MainWindow::showPage(PageId id) {
    const auto entry =
        std::find_if(m_entries.begin(), m_entries.end(), [id](const PageEntry& page) { return page.id == id; });
    if (entry == m_entries.end())
        return nullptr;
    Page*& page = m_pages[id];
    if (!page) {
        page = entry->make(m_studio, m_navigator);
        m_stack->addWidget(page);
    }
    m_current = id;
    m_stack->setCurrentWidget(page);
    m_sidebar->setCurrent(id);
    return page;
}

void MainWindow::restoreState() {
    const Settings settings;
    const QByteArray geometry = settings.state(kGeometry).toByteArray();
    if (geometry.isEmpty() || !restoreGeometry(geometry))
        resize(1440, 900);
    const auto page = PageId(settings.state(kPage).toInt());
    if (!showPage(page))
        showPage(m_entries.constFirst().id);
}

void MainWindow::keepState() {
    Settings settings;
    settings.setState(kGeometry, saveGeometry());
    settings.setState(kPage, int(m_current));
}

void MainWindow::present() {
    if (isMinimized())
        showNormal();
    show();
    raise();
    activateWindow();
}

bool MainWindow::confirmsClose() {
    if (!m_studio.training().isActive())
        return true;
    QMessageBox question(this);
    question.setIcon(QMessageBox::NoIcon);
    question.setWindowTitle(tr("Close Lorikeet?"));
    question.setText(tr("A run is training. Close Lorikeet and stop it?"));
    question.setInformativeText(tr("It is saved as it is now; nothing that it has learned is lost."));
    QPushButton* close = question.addButton(tr("Stop, save and close"), QMessageBox::AcceptRole);
    QPushButton* stay = question.addButton(tr("Keep training"), QMessageBox::RejectRole);
    question.setDefaultButton(stay);
    question.setEscapeButton(stay);
    m_question = &question;
    question.exec();
    m_question = nullptr;
    return m_closesSilently || question.clickedButton() == close;
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!m_closesSilently && !confirmsClose()) {
        event->ignore();
        return;
    }
    keepState();
    if (!waitUntilSaved()) {
        event->ignore();
        return;
    }
    QMainWindow::closeEvent(event);
}

bool MainWindow::waitUntilSaved() {
    m_studio.queue().close();
    TrainingSession& training = m_studio.training();
    if (!training.isActive())
        return true;
    m_isSaving = true;
    m_sidebar->setEnabled(false);
    m_stack->setEnabled(false);
    m_banner->tell(LabelTone::Plain, tr("The run is being saved."), tr("Lorikeet closes when that is done."));
    m_banner->setClosable(false);
    // The window is drawn and answers the desktop meanwhile, or it would be taken for one that hangs.
    const ClosedAlready guard(windowHandle());
    QEventLoop loop;
    TrainingEnd end;
    connect(&training, &TrainingSession::ended, &loop, [&](const TrainingEnd& how) {
        end = how;
        loop.quit();
    });
    training.stop();
    loop.exec();
    m_isSaving = false;
    if (!end.hasTrouble() || m_closesSilently)
        return true;
    m_sidebar->setEnabled(true);
    m_stack->setEnabled(true);
    m_banner->setClosable(true);
    m_studio.queue().reopen();
    tellOfRun(LabelTone::Danger, tr("%1 was not saved, so Lorikeet stays open.").arg(end.name),
              end.failure ? end.failure->message : end.reason, end.run);
    return false;
}

void MainWindow::saveAndClose() {
    m_closesSilently = true;
    if (m_question)
        m_question->reject(); // the closing that asked goes on
    else
        close();
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    m_sidebar->setCollapsed(width() < metrics::kCollapseBelow);
}

void MainWindow::openRunFile() {
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Run file"), {}, tr("Run files (*.json);;All files (*)"));
    if (path.isEmpty())
        return;
    if (auto* newRun = qobject_cast<NewRunPage*>(showPage(PageId::NewRun)))
        newRun->openRunFile(path);
}

void MainWindow::startQuickStart() {
    if (m_studio.training().isActive())
        return;
    showPage(PageId::Home);
    m_work = runInBackground(
        this,
        [workshop = m_studio.workshop()](std::stop_token) {
            return std::pair(quickStartConfig("", std::nullopt), quickStartOffer(*workshop).model);
        },
        [this](std::pair<RunConfig, std::optional<std::string>> offer) {
            if (m_studio.training().isActive())
                return;
            offer.first.model = offer.second.value_or("");
            m_studio.training().startQuickStart(offer.first, !offer.second);
        },
        [this](const Failure& why) { m_banner->tell(LabelTone::Danger, {}, why.message); });
}

void MainWindow::chatAfterQuickStart(const QString& run) {
    m_work = runInBackground(
        this,
        [workshop = m_studio.workshop(), id = run.toStdString()](std::stop_token) {
            return std::pair(workshop->runs().get(id), heldOutPrompts());
        },
        [this, run](const std::pair<RunRecord, std::vector<std::string>>& result) {
            const auto& [record, prompts] = result;
            ChatTarget target{.model = QString::fromStdString(record.model),
                              .run = run,
                              .adapter = QString::fromStdString(record.adapter.value_or("")),
                              .suggestions = {}};
            for (const std::string& prompt : prompts)
                target.suggestions.append(QString::fromStdString(prompt));
            emit m_navigator.chatWanted(target);
        },
        [this](const Failure& why) { m_banner->tell(LabelTone::Danger, {}, why.message); });
}

std::pair<PageId, QString> MainWindow::place() const {
    const auto* runs = qobject_cast<RunsPage*>(m_pages.value(m_current));
    return {m_current, runs ? runs->shownRun() : QString()};
}

void MainWindow::noteStart() {
    if (m_studio.training().isActive() && !m_trains)
        m_startedFrom = place();
    m_trains = m_studio.training().isActive();
}

void MainWindow::onStarted(const QString& run) {
    const TrainingSession& training = m_studio.training();
    if (training.isFromQueue()) // nobody has asked for it just now
        return;
    if (std::exchange(m_tellsOfEnd, false))
        m_banner->hide();
    if (place() == m_startedFrom)
        emit m_navigator.runWanted(run);
    else if (m_banner->isHidden()) // the user has gone on to something else, while it was opened
        tellOfRun(LabelTone::Plain, {}, tr("%1 trains now.").arg(training.name()), run);
}

void MainWindow::onEnded(const TrainingEnd& end) {
    if (m_isSaving)
        return; // the window closes
    if (end.wasQuickStart && end.outcome == RunOutcome::Finished)
        chatAfterQuickStart(end.run);
    if (!end.hasTrouble())
        return;
    if (!end.failure) {
        tellOfRun(LabelTone::Warning, tr("%1 has paused by itself.").arg(end.name), end.reason, end.run);
        return;
    }
    // Where the page itself says it, once is enough.
    const bool isSaid = !end.run.isEmpty()  ? m_current == PageId::Runs
                        : end.wasResumed    ? false
                        : end.wasQuickStart ? m_current == PageId::Home
                                            : m_current == PageId::NewRun;
    if (isSaid)
        return;
    tellOfRun(LabelTone::Danger, tr("%1 did not succeed.").arg(end.name), end.failure->message, end.run);
}

void MainWindow::tellOfRun(LabelTone tone, const QString& strong, const QString& text, const QString& run) {
    m_banner->tell(tone, strong, text);
    m_tellsOfEnd = tone != LabelTone::Plain;
    if (!run.isEmpty())
        connect(m_banner->addAction(tr("Open run")), &QPushButton::clicked, this,
                [this, run] { emit m_navigator.runWanted(run); });
}

void MainWindow::offerUndo(const QString& text, const std::function<void()>& undo) {
    m_banner->tell(LabelTone::Plain, {}, text);
    m_tellsOfEnd = false;
    QPushButton* button = m_banner->addAction(tr("Undo"));
    connect(button, &QPushButton::clicked, this, [this, undo] {
        m_banner->hide();
        undo();
    });
    // The button goes when the banner tells something else, and takes this with it.
    QTimer::singleShot(m_undoTime, button, [this] { m_banner->hide(); });
}

} // namespace lorikeet::ui
