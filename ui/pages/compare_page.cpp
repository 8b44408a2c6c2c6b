// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare_page.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

#include "ui/charts/chart_export.h"
#include "ui/models/run_text.h"
#include "ui/pages/compare_answers.h"
#include "ui/pages/compare_chips.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/compare_model.h"
#include "ui/pages/compare_table.h"
#include "ui/pages/navigator.h"
#include "ui/pages/run_picker.h"
#include "ui/session/studio.h"
#include "ui/theme/icons.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kRefreshInterval = 250; // ms
constexpr int kChartHeight = 300;

} // namespace

ComparePage::ComparePage(Studio& studio, Navigator& navigator, QWidget* parent)
    : Page(studio, navigator, parent), m_banner(new Banner), m_stack(new QStackedWidget),
      m_clear(makeButton(tr("Clear"), ButtonKind::Plain)),
      m_save(makeButton(tr("Save as CSV…"), ButtonKind::Normal, QStringLiteral("download"))), m_chips(new CompareChips),
      m_picker(new RunPicker(studio.runs(), this)), m_curves(new CompareCurves), m_model(new ComparisonModel(this)),
      m_answers(new CompareAnswers(studio.workshop(), this)) {
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
}

ComparePage::~ComparePage() = default;

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
    layout->addWidget(makeTableCard());
    layout->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    return scroll;
}

Card* ComparePage::makeTableCard() {
    auto* card = new Card(tr("Settings and results"));
    m_count = makeLabel({}, LabelRole::Secondary);
    card->head()->insertWidget(1, m_count);
    auto* dot = makeLabel(QStringLiteral("●"), LabelRole::Secondary);
    setTone(dot, LabelTone::Accent);
    card->head()->addWidget(dot);
    card->head()->addWidget(makeLabel(tr("differs from the reference"), LabelRole::Secondary));
    m_differencesOnly = new QCheckBox(tr("Differences only"));
    m_differencesOnly->setAccessibleName(m_differencesOnly->text());
    m_differencesOnly->setToolTip(tr("Leave out the settings that all compared runs have in common"));
    m_differencesOnly->setChecked(true);
    card->head()->addWidget(m_differencesOnly);
    card->setFlushBody();
    card->body()->setSpacing(0);
    m_table = new CompareTable(tr("Settings and results of the compared runs"), tr("Setting"));
    m_table->setModel(m_model);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // it follows that of the answers
    m_answerTable = new CompareTable(tr("Answers of the compared runs"), {});
    m_answerTable->setWrapsText();
    m_answerTable->setModel(m_answers);
    card->body()->addWidget(makeHairline());
    card->body()->addWidget(m_table);
    card->body()->addWidget(makeAnswerBar());
    card->body()->addWidget(makeHairline());
    card->body()->addWidget(m_answerTable);
    return card;
}

QWidget* ComparePage::makeAnswerBar() {
    auto* bar = new QWidget;
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(metrics::kGap, metrics::kInside, metrics::kGap, metrics::kInside);
    layout->setSpacing(metrics::kGrid);
    layout->addWidget(makeLabel(tr("Answers to"), LabelRole::BodySecondary));
    m_prompt = new QLineEdit;
    m_prompt->setProperty("compact", true);
    m_prompt->setPlaceholderText(tr("A prompt for all of them"));
    m_prompt->setAccessibleName(tr("Prompt that all compared runs answer"));
    m_prompt->setToolTip(tr("Each run's model answers it with its last adapter, one after the other"));
    layout->addWidget(m_prompt, 1);
    layout->addWidget(
        makeLabel(tr("Greedy, seed %1, last checkpoint").arg(CompareAnswers::kSeed), LabelRole::Secondary));
    m_ask = makeButton(tr("Ask all"), ButtonKind::Normal, {}, ControlSize::Compact);
    layout->addWidget(m_ask);
    return bar;
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
    connect(m_differencesOnly, &QCheckBox::toggled, this, &ComparePage::refresh);
    connect(&m_refreshTimer, &QTimer::timeout, this, &ComparePage::refresh);
    connect(&studio().runs(), &RunFeed::changed, this, [this] { m_refreshTimer.start(); });

    connect(m_prompt, &QLineEdit::textChanged, this, &ComparePage::updateAsking);
    connect(m_prompt, &QLineEdit::returnPressed, m_ask, &QPushButton::click);
    connect(m_answers, &CompareAnswers::askingChanged, this, &ComparePage::updateAsking);
    connect(m_ask, &QPushButton::clicked, this, [this] {
        if (m_answers->isAsking())
            m_answers->stop();
        else
            m_answers->ask(m_prompt->text());
    });
    connect(m_answerTable->horizontalScrollBar(), &QScrollBar::valueChanged, m_table->horizontalScrollBar(),
            &QScrollBar::setValue);
    connect(m_table->horizontalScrollBar(), &QScrollBar::valueChanged, m_answerTable->horizontalScrollBar(),
            &QScrollBar::setValue);
}

QStringList ComparePage::runs() const {
    QStringList ids;
    for (const Compared& run : m_runs)
        ids.append(run.id);
    return ids;
}

void ComparePage::compare(const QStringList& runs) {
    if (runs.size() > 1)
        m_runs.clear();
    for (const QString& run : runs)
        add(run);
}

void ComparePage::add(const QString& run) {
    if (runs().contains(run) || m_runs.size() >= kMostRuns)
        return;
    int style = 0;
    while (std::ranges::count(m_runs, style, &Compared::style) > 0)
        ++style;
    auto follower = std::make_unique<RunFollower>(studio().runs(), run);
    connect(follower.get(), &RunFollower::updated, this, [this] {
        if (!m_refreshTimer.isActive())
            m_refreshTimer.start();
    });
    m_runs.push_back({run, style, std::move(follower)});
    rebuild();
}

void ComparePage::remove(const QString& run) {
    std::erase_if(m_runs, [&run](const Compared& compared) { return compared.id == run; });
    rebuild();
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
}

void ComparePage::clear() {
    m_runs.clear();
    m_banner->hide();
    rebuild();
}

QString ComparePage::titleOf(const Compared& run) const {
    const RunRecord* record = studio().runs().find(run.id);
    return record ? runTitle(*record) : run.id;
}

void ComparePage::rebuild() {
    std::vector<ComparedHead> heads;
    for (const Compared& run : m_runs)
        heads.push_back({titleOf(run), comparedLine(run.style)});
    m_model->setHeads(std::move(heads));
    m_answers->setRuns(runs());
    m_loadedRuns = -1;
    m_stack->setCurrentIndex(m_runs.empty() ? 0 : 1);
    m_clear->setEnabled(!m_runs.empty());
    m_save->setEnabled(!m_runs.empty());
    const bool isFull = m_runs.size() >= kMostRuns;
    m_chips->addButton()->setEnabled(!isFull);
    m_chips->addButton()->setToolTip(isFull ? tr("%1 runs are as many as can be told apart").arg(kMostRuns)
                                            : tr("Add another run to the comparison"));
    refresh();
    m_curves->chart().fitAxes();
    updateAsking();
}

void ComparePage::refresh() {
    std::vector<RunChipText> chips;
    std::vector<CurveRun> curves;
    std::vector<const RunRecord*> records;
    std::vector<const RunHistory*> histories;
    int loaded = 0;
    for (const Compared& run : m_runs) {
        chips.push_back({run.id, titleOf(run), comparedLine(run.style)});
        curves.push_back({chips.back().title, run.style, &run.follower->history()});
        records.push_back(&run.follower->history().record);
        histories.push_back(&run.follower->history());
        loaded += run.follower->isLoaded();
    }
    m_chips->setRuns(chips);
    m_curves->show(curves);
    if (m_runs.empty())
        return;
    if (loaded != std::exchange(m_loadedRuns, loaded))
        m_settings = settingRows(records);
    const auto differing = std::ranges::count_if(m_settings, &ComparisonRow::differs);
    m_count->setText(m_runs.size() < 2 ? tr("Add a run to compare with")
                                       : tr("%1 of %2 settings differ").arg(differing).arg(m_settings.size()));
    std::vector<ComparisonRow> rows;
    for (const ComparisonRow& row : m_settings)
        if (!m_differencesOnly->isChecked() || row.differs())
            rows.push_back(row);
    for (ComparisonRow& row : resultRows(histories))
        rows.push_back(std::move(row));
    m_model->setRows(std::move(rows));
}

void ComparePage::updateAsking() {
    const bool isAsking = m_answers->isAsking();
    const bool canAsk = !m_prompt->text().trimmed().isEmpty();
    m_ask->setText(isAsking ? tr("Stop") : tr("Ask all"));
    m_ask->setAccessibleName(m_ask->text());
    m_ask->setEnabled(isAsking || canAsk);
    m_ask->setToolTip(isAsking ? tr("Stop; what has been written stays")
                      : canAsk ? tr("Let each run answer the prompt")
                               : tr("Write a prompt first"));
}

QByteArray ComparePage::csv() const {
    QByteArray bytes = csvCell(tr("Setting"));
    for (const ComparedHead& head : m_model->heads())
        bytes += ',' + csvCell(head.title);
    bytes += '\n';
    for (const ComparisonRow& row : m_model->rows()) {
        if (row.kind == ComparisonRow::Kind::Section)
            continue;
        bytes += csvCell(row.key.isEmpty() ? row.title : row.key);
        for (const ComparisonCell& cell : row.cells)
            bytes += ',' + csvCell(cell.text);
        bytes += '\n';
    }
    return bytes;
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
        this, [path, bytes = csv()](std::stop_token) { return writeWhole(path, bytes); },
        [this, path, tell](const QString& problem) {
            if (!problem.isEmpty())
                return tell(problem);
            m_banner->hide();
            emit saved(path);
        },
        [tell](const Failure& failure) { tell(failure.message); });
}

} // namespace lorikeet::ui
