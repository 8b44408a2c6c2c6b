// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare_page.h"

#include <QFileDialog>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

#include "ui/charts/chart_export.h"
#include "ui/models/run_text.h"
#include "ui/pages/compare_chips.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/compare_model.h"
#include "ui/pages/compare_table_card.h"
#include "ui/pages/navigator.h"
#include "ui/pages/run_picker.h"
#include "ui/session/settings.h"
#include "ui/session/studio.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/empty_state.h"

namespace lorikeet::ui {
namespace {

constexpr int kRefreshInterval = 250; // ms
constexpr int kChartHeight = 300;

} // namespace

ComparePage::ComparePage(Studio& studio, Navigator& navigator, QWidget* parent)
    : Page(studio, navigator, parent), m_banner(new Banner), m_stack(new QStackedWidget),
      m_clear(makeButton(tr("Clear"), ButtonKind::Plain)),
      m_save(makeButton(tr("Save as CSV…"), ButtonKind::Normal, QStringLiteral("download"))), m_chips(new CompareChips),
      m_picker(new RunPicker(studio.runs(), this)), m_curves(new CompareCurves),
      m_table(new CompareTableCard(studio.workshop())), m_remembered(Settings().comparedRuns()) {
    QVBoxLayout* layout = makeFrame(tr("Compare"));
    m_clear->setToolTip(tr("Take all runs out of the comparison"));
    m_save->setToolTip(tr("Save settings and results of the compared runs as a table"));
    head()->addWidget(m_clear);
    head()->addWidget(m_save);
    layout->addWidget(m_banner);
    auto* nothing = new EmptyState(QStringLiteral("compare"), tr("No runs to compare"),
                                   tr("Pick runs to see their curves in one chart, what differs in their settings, and "
                                      "what each answers to the same prompt."),
                                   tr("Add a run"));
    connect(nothing, &EmptyState::clicked, this,
            [this, nothing] { m_picker->popUp(nothing->findChild<QPushButton*>(), runs()); });
    m_stack->addWidget(nothing);
    m_stack->addWidget(makeContent());
    layout->addWidget(m_stack, 1);
    m_refreshTimer.setSingleShot(true);
    m_refreshTimer.setInterval(kRefreshInterval);
    connectParts();
    rebuild();
    restore();
}

ComparePage::~ComparePage() = default;

void ComparePage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    refresh(); // what is new while nobody sees it waits until somebody does
}

QWidget* ComparePage::makeContent() {
    auto* content = new QWidget;
    content->setProperty("role", QStringLiteral("content"));
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGap);
    layout->addWidget(m_chips);
    auto* chartPlace = new QWidget; // keeps its height where the card is shown in full size
    chartPlace->setFixedHeight(kChartHeight);
    auto* chartLayout = new QVBoxLayout(chartPlace);
    chartLayout->setContentsMargins(0, 0, 0, 0);
    chartLayout->addWidget(m_curves);
    layout->addWidget(chartPlace);
    layout->addWidget(m_table);
    layout->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    return scroll;
}

void ComparePage::connectParts() {
    connect(m_clear, &QPushButton::clicked, this, &ComparePage::clear);
    connect(m_save, &QPushButton::clicked, this, &ComparePage::askWhereToSave);
    connect(m_chips->addButton(), &QPushButton::clicked, this,
            [this] { m_picker->popUp(m_chips->addButton(), runs()); });
    connect(m_picker, &RunPicker::picked, this, &ComparePage::add);
    connect(m_chips, &CompareChips::removeWanted, this, &ComparePage::remove);
    connect(m_chips, &CompareChips::moveWanted, this, &ComparePage::move);
    connect(m_chips, &CompareChips::openWanted, &navigator(), &Navigator::runWanted);
    connect(m_curves, &CompareCurves::changed, this, &ComparePage::refresh);
    connect(&m_refreshTimer, &QTimer::timeout, this, &ComparePage::refresh);
    connect(&studio().runs(), &RunFeed::changed, this, [this] {
        restore();
        refreshSoon();
    });
}

void ComparePage::refreshSoon() {
    if (!m_refreshTimer.isActive())
        m_refreshTimer.start();
}

void ComparePage::restore() {
    if (!studio().runs().isLoaded())
        return;
    for (const QString& run : std::exchange(m_remembered, {}))
        if (studio().runs().find(run))
            add(run);
}

QStringList ComparePage::runs() const {
    QStringList ids;
    for (const Compared& run : m_runs)
        ids.append(run.id);
    return ids;
}

void ComparePage::compare(const QStringList& runs) {
    m_banner->hide();
    if (runs.size() > 1) {
        m_runs.clear();
        m_remembered.clear();
    }
    restore();
    for (const QString& run : runs)
        add(run);
    if (std::ranges::any_of(runs, [this](const QString& run) { return !this->runs().contains(run); }))
        m_banner->tell(LabelTone::Warning, {},
                       tr("%1 runs are as many as can be told apart. Remove one to compare another.").arg(kMostRuns));
}

void ComparePage::add(const QString& run) {
    if (runs().contains(run) || m_runs.size() >= kMostRuns)
        return;
    int style = 0;
    while (std::ranges::count(m_runs, style, &Compared::style) > 0)
        ++style;
    auto follower = std::make_unique<RunFollower>(studio().runs(), run);
    connect(follower.get(), &RunFollower::updated, this, &ComparePage::refreshSoon);
    m_runs.push_back({run, style, std::move(follower)});
    rebuild();
    remember();
}

void ComparePage::remember() {
    if (m_remembered.isEmpty()) // else they are still to come
        Settings().setComparedRuns(runs());
}

void ComparePage::remove(const QString& run) {
    std::erase_if(m_runs, [&run](const Compared& compared) { return compared.id == run; });
    m_banner->hide();
    rebuild();
    remember();
    (m_runs.empty() ? static_cast<QWidget*>(m_stack->widget(0)->findChild<QPushButton*>()) : m_chips->addButton())
        ->setFocus();
}

void ComparePage::move(const QString& run, int place) {
    const auto found = std::ranges::find(m_runs, run, &Compared::id);
    if (found == m_runs.end())
        return;
    Compared moved = std::move(*found);
    m_runs.erase(found);
    m_runs.insert(m_runs.begin() + std::clamp<std::ptrdiff_t>(place, 0, std::ssize(m_runs)), std::move(moved));
    rebuild();
    remember();
}

void ComparePage::clear() {
    m_runs.clear();
    m_remembered.clear();
    m_banner->hide();
    rebuild();
    remember();
}

QString ComparePage::titleOf(const Compared& run) const {
    if (const RunRecord* record = studio().runs().find(run.id))
        return runTitle(*record);
    return run.follower->isLoaded() ? runTitle(run.follower->history().record) : run.id; // it has been deleted
}

void ComparePage::rebuild() {
    m_table->setRuns(runs());
    m_stack->setCurrentIndex(m_runs.empty() ? 0 : 1);
    m_clear->setEnabled(!m_runs.empty());
    m_save->setEnabled(!m_runs.empty());
    const bool isFull = m_runs.size() >= kMostRuns;
    m_chips->addButton()->setEnabled(!isFull);
    m_chips->addButton()->setToolTip(isFull ? tr("%1 runs are as many as can be told apart").arg(kMostRuns)
                                            : tr("Add another run to the comparison"));
    refresh();
    m_curves->chart().fitAxes();
}

void ComparePage::refresh() {
    if (!isVisible())
        return;
    std::vector<RunChipText> chips;
    std::vector<CurveRun> curves;
    std::vector<ComparedHead> heads;
    std::vector<const RunHistory*> histories;
    int loaded = 0;
    for (const Compared& run : m_runs) {
        const QString title = titleOf(run);
        chips.push_back({run.id, title, comparedLine(run.style)});
        curves.push_back({title, run.style, &run.follower->history()});
        heads.push_back({title, comparedLine(run.style)});
        histories.push_back(&run.follower->history());
        loaded += run.follower->isLoaded();
    }
    m_chips->setRuns(chips);
    m_curves->show(curves);
    if (!m_runs.empty())
        m_table->show(std::move(heads), histories, loaded);
}

void ComparePage::askWhereToSave() {
    QString path = QFileDialog::getSaveFileName(window(), tr("Save comparison"), tr("comparison.csv"),
                                                tr("Comma-separated values (*.csv)"));
    if (path.isEmpty())
        return;
    if (QFileInfo(path).suffix().isEmpty())
        path += QStringLiteral(".csv");
    saveCsv(path);
}

void ComparePage::saveCsv(const QString& path) {
    const auto tell = [this](const QString& problem) { m_banner->tell(LabelTone::Danger, tr("Not saved."), problem); };
    m_saving = runInBackground(
        this, [path, bytes = m_table->csv()](std::stop_token) { return writeWhole(path, bytes); },
        [this, path, tell](const QString& problem) {
            if (!problem.isEmpty())
                return tell(problem);
            m_banner->hide();
            emit saved(path);
        },
        [tell](const Failure& failure) { tell(failure.message); });
}

} // namespace lorikeet::ui
