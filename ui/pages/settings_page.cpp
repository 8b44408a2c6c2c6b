// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/settings_page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDesktopServices>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QThread>
#include <QUrl>
#include <QVBoxLayout>

#include "ui/pages/starter_model_card.h"
#include "ui/session/settings.h"
#include "ui/session/studio.h"
#include "ui/theme/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/field.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

constexpr int kWidth = 720; // of the cards: lines that are longer are hard to read

} // namespace

SettingsPage::SettingsPage(Studio& studio, Navigator& navigator, QWidget* parent)
    : Page(studio, navigator, parent), m_notice(new Banner) {
    QVBoxLayout* layout = makeFrame(tr("Settings"));
    layout->addWidget(m_notice);
    auto* content = new QWidget;
    content->setProperty("role", QStringLiteral("content"));
    content->setMaximumWidth(kWidth);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::kGap);
    column->addWidget(makeLookCard());
    column->addWidget(makeComputingCard());
    column->addWidget(makeFolderCard());
    column->addWidget(new StarterModelCard(studio));
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    layout->addWidget(scroll, 1);
}

Card* SettingsPage::makeLookCard() {
    auto* card = new Card(tr("Look"));
    auto* theme = new SegmentedControl(tr("Theme"), {tr("As the system"), tr("Light"), tr("Dark")});
    theme->setCurrent(int(Theme::current().choice()));
    connect(theme, &SegmentedControl::chosen, this, [](int index) {
        static const QStringList kNames = {QStringLiteral("system"), QStringLiteral("light"), QStringLiteral("dark")};
        Theme::current().setChoice(Theme::Choice(index));
        Settings().setTheme(kNames[index]);
    });
    card->body()->addWidget(theme, 0, Qt::AlignLeft);
    return card;
}

Card* SettingsPage::makeComputingCard() {
    auto* card = new Card(tr("Computing"));
    auto* row = new QHBoxLayout;
    row->setSpacing(metrics::kGap);
    auto* threads = new QSpinBox;
    threads->setRange(0, 1024);
    threads->setSpecialValueText(tr("All, %1").arg(QThread::idealThreadCount()));
    threads->setValue(Settings().threads());
    connect(threads, &QSpinBox::valueChanged, this, [this](int count) {
        Settings().setThreads(count);
        tellNextStart();
    });
    row->addWidget(new Field(tr("Threads"), threads,
                             tr("How many processor threads training and chat compute with. Fewer leave more of the "
                                "machine to other programs and are slower; results are the same.")));
    auto* device = new QComboBox;
    device->addItem(tr("Best that is there"), QStringLiteral("auto"));
    device->addItem(tr("Processor"), QStringLiteral("cpu"));
    device->setCurrentIndex(std::max(0, device->findData(Settings().device())));
    connect(device, &QComboBox::activated, this, [this, device] {
        Settings().setDevice(device->currentData().toString());
        tellNextStart();
    });
    row->addWidget(new Field(tr("Device"), device, tr("What computes.")));
    row->addStretch(1);
    card->body()->addLayout(row);
    auto* queue = new QCheckBox(tr("Start the next run of the queue when one ends"));
    queue->setAccessibleName(queue->text());
    queue->setToolTip(tr("Not after a run that you pause. After a start of Lorikeet, Home asks first."));
    queue->setChecked(Settings().startsQueue());
    connect(queue, &QCheckBox::toggled, this, [](bool starts) { Settings().setStartsQueue(starts); });
    card->body()->addWidget(queue);
    return card;
}

Card* SettingsPage::makeFolderCard() {
    auto* card = new Card(tr("Data folder"));
    const QString folder = QString::fromStdString(studio().workshop()->folder().root.string());
    m_folder = new ElidedLabel(folder, Qt::ElideMiddle);
    m_folder->setFont(Theme::current().font(TextRole::Monospace));
    card->body()->addWidget(m_folder);
    card->body()->addWidget(makeParagraph(
        tr("Models, runs with their adapters, conversations and the database live here."), LabelRole::Secondary));
    auto* row = new QHBoxLayout;
    row->setSpacing(metrics::kGrid);
    QPushButton* choose = makeButton(tr("Choose another…"), ButtonKind::Normal, QStringLiteral("folder"));
    choose->setToolTip(tr("What is in the present folder stays there"));
    connect(choose, &QPushButton::clicked, this, &SettingsPage::chooseFolder);
    row->addWidget(choose);
    QPushButton* open = makeButton(tr("Open"), ButtonKind::Plain);
    open->setToolTip(tr("Shows it in the file manager"));
    connect(open, &QPushButton::clicked, this, [folder] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); });
    row->addWidget(open);
    row->addStretch(1);
    card->body()->addLayout(row);
    return card;
}

void SettingsPage::chooseFolder() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Data folder"), m_folder->fullText());
    if (folder.isEmpty())
        return;
    Settings().setDataFolder(folder);
    tellNextStart();
}

void SettingsPage::tellNextStart() {
    m_notice->tell(LabelTone::Plain, {}, tr("This holds from the next start of Lorikeet."));
}

} // namespace lorikeet::ui
