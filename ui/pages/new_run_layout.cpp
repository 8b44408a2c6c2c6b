// SPDX-License-Identifier: GPL-3.0-or-later
// How the page of a new run is laid out.
#include <QFileDialog>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QResizeEvent>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/pages/new_run_form.h"
#include "ui/pages/new_run_page.h"
#include "ui/pages/new_run_sections.h"
#include "ui/pages/new_run_start.h"
#include "ui/pages/setting_words.h"
#include "ui/session/settings.h"
#include "ui/session/studio.h"
#include "ui/theme/scale.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

constexpr int kPanel = 360;
constexpr int kName = 240;
constexpr int kMostCopied = 20; // runs in the menu

QScrollArea* makeScroll() {
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    return scroll;
}

QFrame* makeSurface(const QString& role) {
    auto* frame = new QFrame;
    frame->setProperty("role", role);
    return frame;
}

} // namespace

NewRunPage::NewRunPage(Studio& studio, Navigator& navigator, QWidget* parent)
    : Page(studio, navigator, parent), m_checking(studio.workshop()), m_banner(new Banner), m_scroll(makeScroll()),
      m_panelScroll(makeScroll()) {
    setAccessibleName(tr("New run"));
    m_form = new NewRunForm(m_draft, studio, navigator);
    auto* columns = new QHBoxLayout;
    columns->setSpacing(0);
    columns->addWidget(makeContent(), 1);
    m_details = makeDetails();
    m_start = new StartSection;
    m_panel = makePanel();
    columns->addWidget(m_panel);
    m_strip = makeStrip();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(columns, 1);
    layout->addWidget(m_strip);
    connectSession();
    addShortcuts();
    setAdvanced(Settings().isAdvanced());
    arrange(false);
    emit m_draft.changed(); // everything shows the defaults
}

QWidget* NewRunPage::makeContent() {
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(metrics::kPage, metrics::kPage, 0, 0);
    layout->setSpacing(metrics::kGap);
    layout->addLayout(makeHead());
    m_banner->hide();
    layout->addWidget(m_banner);
    auto* scrolled = new QWidget;
    scrolled->setProperty("role", QStringLiteral("content"));
    m_scrolled = new QVBoxLayout(scrolled);
    // The bar takes its room from the margin, so that the cards are as wide without it.
    const auto leaveMargin = [this](int, int end) {
        const int bar = end > 0 ? m_scroll->verticalScrollBar()->sizeHint().width() : 0;
        m_scrolled->setContentsMargins(0, 0, metrics::kPage - bar, metrics::kPage);
    };
    connect(m_scroll->verticalScrollBar(), &QScrollBar::rangeChanged, scrolled, leaveMargin);
    leaveMargin(0, 0);
    m_scrolled->setSpacing(metrics::kGap);
    m_scrolled->addWidget(m_form);
    m_scrolled->addStretch(1);
    m_scroll->setWidget(scrolled);
    layout->addWidget(m_scroll, 1);
    return content;
}

QLayout* NewRunPage::makeHead() {
    auto* head = new QHBoxLayout;
    head->setContentsMargins(0, 0, metrics::kPage, 0);
    head->setSpacing(metrics::kGrid);
    QLabel* title = makeLabel(tr("New run"), LabelRole::Title);
    head->addWidget(title);
    head->addSpacing(metrics::kGap);
    auto* name = new QLineEdit;
    name->setPlaceholderText(tr("Name of the run"));
    name->setAccessibleName(settingTitle(QStringLiteral("name")));
    name->setToolTip(settingExplanation(QStringLiteral("name")));
    name->setWhatsThis(name->toolTip());
    name->setMaximumWidth(scaled(kName));
    connect(name, &QLineEdit::textEdited, &m_draft,
            [this](const QString& text) { m_draft.set(QStringLiteral("name"), text); });
    connect(name, &QLineEdit::editingFinished, &m_draft, &RunDraft::settle);
    connect(&m_draft, &RunDraft::changed, name, [this, name] {
        const QString text = QString::fromStdString(m_draft.config().name);
        if (name->text() != text)
            name->setText(text);
        if (!name->hasFocus())
            name->setCursorPosition(0);
    });
    head->addWidget(name, 100); // as wide as it may be, before the room in between
    head->addStretch(1);
    QToolButton* open = makeIconButton(QStringLiteral("folder"), tr("Open a run file"));
    QToolButton* save = makeIconButton(QStringLiteral("save"), tr("Save as a run file"));
    const QString filter = tr("Run files (*.json)");
    connect(open, &QToolButton::clicked, this, [this, filter] {
        auto* dialog = new QFileDialog(this, tr("Open a run file"), {}, filter);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::ExistingFile);
        connect(dialog, &QFileDialog::fileSelected, this, &NewRunPage::openRunFile);
        dialog->open();
    });
    connect(save, &QToolButton::clicked, this, [this, filter] {
        auto* dialog = new QFileDialog(this, tr("Save as a run file"), {}, filter);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setDefaultSuffix(QStringLiteral("json"));
        connect(dialog, &QFileDialog::fileSelected, this, &NewRunPage::saveRunFile);
        dialog->open();
    });
    head->addWidget(open);
    head->addWidget(save);
    head->addWidget(makeCopyButton());
    auto* mode = new SegmentedControl(tr("Settings shown"), {tr("Simple"), tr("Advanced")});
    mode->setCurrent(Settings().isAdvanced() ? 1 : 0);
    mode->setToolTip(tr("Simple shows what matters most; the rest keeps its value"));
    connect(mode, &SegmentedControl::chosen, this, [this](int index) {
        Settings().setAdvanced(index == 1);
        setAdvanced(index == 1);
    });
    head->addWidget(mode);
    return head;
}

QPushButton* NewRunPage::makeCopyButton() {
    QPushButton* button = makeButton(tr("Copy settings from…"), ButtonKind::Plain);
    button->setToolTip(tr("Takes model, dataset and all settings of an earlier run"));
    auto* menu = new QMenu(button);
    button->setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] {
        menu->clear();
        for (const RunRecord& run : studio().runs().runs()) {
            if (run.isDeleted || menu->actions().size() >= kMostCopied)
                continue;
            const QString name = run.name.empty() ? tr("Unnamed run") : QString::fromStdString(run.name);
            menu->addAction(literalText(tr("%1, %2").arg(name, formatWhen(run.created))), this,
                            [this, id = QString::fromStdString(run.id)] { copyFrom(id); });
        }
        if (menu->actions().isEmpty())
            menu->addAction(tr("There is no earlier run"))->setEnabled(false);
    });
    return button;
}

QWidget* NewRunPage::makeDetails() {
    auto* details = new QFrame;
    auto* layout = new QVBoxLayout(details);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);
    m_memory = new MemorySection;
    m_time = new TimeSection;
    m_problems = new ProblemsSection;
    auto* changes = new ChangesSection(m_draft);
    for (QWidget* section : QList<QWidget*>{m_memory, m_time, m_problems, changes}) {
        if (section != m_memory)
            layout->addWidget(makeHairline());
        layout->addWidget(section);
    }
    layout->addStretch(1);
    return details;
}

QFrame* NewRunPage::makePanel() {
    QFrame* panel = makeSurface(QStringLiteral("panel"));
    panel->setFixedWidth(scaled(kPanel));
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(1, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_panelScroll, 1);
    layout->addWidget(makeHairline());
    return panel;
}

QFrame* NewRunPage::makeStrip() {
    QFrame* strip = makeSurface(QStringLiteral("strip"));
    auto* layout = new QHBoxLayout(strip);
    layout->setContentsMargins(metrics::kPage, 0, metrics::kGrid, 0);
    layout->setSpacing(metrics::kGap);
    auto* memory = new QVBoxLayout;
    memory->setSpacing(metrics::kInside);
    auto* line = new QHBoxLayout;
    m_stripFigure = makeLabel({}, LabelRole::Value);
    m_stripVerdict = makeLabel({}, LabelRole::Value);
    line->addWidget(m_stripFigure);
    line->addStretch(1);
    line->addWidget(m_stripVerdict);
    m_stripBar = new MemoryBar(false);
    memory->addStretch(1);
    memory->addLayout(line);
    memory->addWidget(m_stripBar);
    memory->addStretch(1);
    layout->addLayout(memory, 1);
    return strip;
}

void NewRunPage::arrange(bool narrow) {
    if (m_isNarrow == narrow)
        return;
    m_isNarrow = narrow;
    m_panel->setVisible(!narrow);
    m_strip->setVisible(narrow);
    if (narrow) {
        m_panelScroll->takeWidget();
        m_scrolled->insertWidget(1, m_details);
        m_details->show();
        m_start->setFixedWidth(scaled(kPanel));
        static_cast<QHBoxLayout*>(m_strip->layout())->addWidget(m_start);
    } else {
        m_scrolled->removeWidget(m_details);
        m_panelScroll->setWidget(m_details);
        m_start->setFixedWidth(scaled(kPanel) - 1);
        static_cast<QVBoxLayout*>(m_panel->layout())->addWidget(m_start);
    }
    setStyleProperty(m_details, "role", narrow ? QStringLiteral("card") : QStringLiteral("content"));
}

void NewRunPage::setAdvanced(bool advanced) {
    m_form->setAdvanced(advanced);
}

void NewRunPage::resizeEvent(QResizeEvent* event) {
    Page::resizeEvent(event);
    arrange(window()->width() < scaled(metrics::kCollapseBelow));
}

} // namespace lorikeet::ui
