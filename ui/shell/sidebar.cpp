// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/sidebar.h"

#include <QHBoxLayout>
#include <QMouseEvent>
#include <QProgressBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

#include "ui/session/training_session.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

QString phaseText(const TrainingSession& training) {
    if ((training.isStopping() || training.isPausing()) && training.phase() != TrainingSession::Phase::Training)
        return Sidebar::tr("Giving up");
    if (training.isStopping())
        return Sidebar::tr("Stopping; saves first");
    if (training.isPausing())
        return Sidebar::tr("Pausing; saves first");
    switch (training.phase()) {
    case TrainingSession::Phase::FetchingModel:
        return Sidebar::tr("Fetching the model");
    case TrainingSession::Phase::LoadingModel:
        return Sidebar::tr("Loading the model");
    case TrainingSession::Phase::ChoosingBlocksizes:
        return Sidebar::tr("Choosing blocksizes");
    case TrainingSession::Phase::ReadingData:
        return Sidebar::tr("Reading the data");
    case TrainingSession::Phase::Training:
        if (const auto& step = training.step())
            return Sidebar::tr("%1, %2 left")
                .arg(formatMemory(step->memory.total()), formatDuration(step->secondsLeft));
        return Sidebar::tr("Training");
    case TrainingSession::Phase::Idle:
        return {};
    }
    Q_UNREACHABLE();
}

} // namespace

Sidebar::Sidebar(const QList<PageEntry>& pages, TrainingSession& training, QWidget* parent)
    : QWidget(parent), m_training(training), m_brand(makeLabel(tr("Lorikeet"), LabelRole::Heading)) {
    setProperty("role", QStringLiteral("sidebar"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Pages"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kGrid, metrics::kGrid, metrics::kGrid, metrics::kGap);
    layout->setSpacing(0);
    m_brand->setFixedHeight(40);
    m_brand->setContentsMargins(metrics::kGrid, 0, 0, 0);
    layout->addWidget(m_brand);
    layout->addSpacing(metrics::kGrid);
    int number = 0;
    for (const PageEntry& page : pages) {
        if (page.startsGroup && number > 0) {
            layout->addSpacing(metrics::kGrid);
            auto* line = makeHairline();
            layout->addWidget(line);
            layout->addSpacing(metrics::kGrid - 1);
        }
        ++number;
        auto* button = new QToolButton;
        button->setProperty("kind", QStringLiteral("nav"));
        button->setText(QLatin1String("  ") + page.title);
        button->setAccessibleName(page.title);
        button->setIcon(navigationIcon(page.iconName));
        button->setIconSize({metrics::kIcon, metrics::kIcon});
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setCheckable(true);
        button->setAutoExclusive(true);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        button->setToolTip(tr("%1 (Ctrl+%2)").arg(page.toolTip).arg(number));
        connect(button, &QToolButton::clicked, this, [this, id = page.id] { emit chosen(id); });
        layout->addWidget(button);
        m_buttons.insert(page.id, button);
    }
    layout->addStretch(1);
    m_runBlock = makeRunBlock();
    layout->addWidget(m_runBlock);
    setFixedWidth(metrics::kSidebar);
    connect(&m_training, &TrainingSession::changed, this, &Sidebar::showRun);
    showRun();
}

QWidget* Sidebar::makeRunBlock() {
    /// Pressed anywhere, it opens the run.
    class RunBlock : public QToolButton {
    public:
        using QToolButton::QToolButton;
        QSize sizeHint() const override { return layout()->sizeHint(); }
        QSize minimumSizeHint() const override { return layout()->minimumSize(); }
    };
    auto* block = new RunBlock;
    block->setAccessibleName(tr("The run that trains"));
    block->setToolTip(tr("Open the run that trains"));
    block->setFocusPolicy(Qt::StrongFocus);
    block->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* layout = new QVBoxLayout(block);
    layout->setContentsMargins(metrics::kGrid, metrics::kGrid, metrics::kGrid, metrics::kGrid);
    layout->setSpacing(metrics::kInside);
    auto* line = new QHBoxLayout;
    m_runName = new ElidedLabel;
    m_runName->setProperty("role", QStringLiteral("value"));
    m_runShare = makeLabel({}, LabelRole::Secondary);
    m_runShare->setFont(Theme::withTabularFigures(m_runShare->font()));
    line->addWidget(m_runName, 1);
    line->addWidget(m_runShare);
    layout->addLayout(line);
    m_runProgress = new QProgressBar;
    m_runProgress->setRange(0, 1000);
    m_runProgress->setTextVisible(false);
    m_runProgress->setAccessibleName(tr("Progress of the run"));
    layout->addWidget(m_runProgress);
    m_runFacts = new ElidedLabel;
    m_runFacts->setProperty("role", QStringLiteral("secondary"));
    layout->addWidget(m_runFacts);
    for (QWidget* part : block->findChildren<QWidget*>())
        part->setAttribute(Qt::WA_TransparentForMouseEvents);
    connect(block, &QToolButton::clicked, this, [this] {
        if (!m_training.run().isEmpty())
            emit runChosen(m_training.run());
        else // a new run, which is opened where it was asked for
            emit chosen(m_training.isQuickStart() ? PageId::Home : PageId::NewRun);
    });
    return block;
}

void Sidebar::showRun() {
    m_runBlock->setVisible(m_training.isActive() && !m_isCollapsed);
    if (!m_training.isActive())
        return;
    m_runName->setFullText(m_training.name().isEmpty() ? tr("Run") : m_training.name());
    m_runShare->setText(formatShare(std::floor(100.0 * m_training.fraction()) / 100.0));
    m_runProgress->setValue(int(1000 * m_training.fraction()));
    m_runFacts->setFullText(phaseText(m_training));
}

void Sidebar::setCurrent(PageId page) {
    if (QToolButton* button = m_buttons.value(page))
        button->setChecked(true);
}

void Sidebar::setCollapsed(bool collapsed) {
    if (m_isCollapsed == collapsed)
        return;
    m_isCollapsed = collapsed;
    m_brand->setText(collapsed ? QString() : tr("Lorikeet"));
    for (QToolButton* button : qAsConst(m_buttons))
        button->setToolButtonStyle(collapsed ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
    setFixedWidth(collapsed ? metrics::kSidebarCollapsed : metrics::kSidebar);
    showRun();
}

} // namespace lorikeet::ui
