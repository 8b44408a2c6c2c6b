// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/dataset_head.h"

#include <QAction>
#include <QClipboard>
#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QRegularExpressionValidator>
#include <QUrl>

#include <algorithm>

#include "ui/theme/icons.h"
#include "ui/theme/scale.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kNameKept = 140; ///< px of the name that are seen, however long the path is

/// The path as people write it, the home folder as a tilde.
QString shownPath(const QString& path) {
    const QString home = QDir::homePath() + QLatin1Char('/');
    return path.startsWith(home) ? QStringLiteral("~/") + path.mid(home.size()) : QDir::toNativeSeparators(path);
}

} // namespace

DatasetHead::DatasetHead(QWidget* parent)
    : QWidget(parent), m_title(new ElidedLabel({}, Qt::ElideMiddle)), m_edit(new QLineEdit),
      m_file(new ElidedLabel({}, Qt::ElideMiddle)), m_size(makeLabel({}, LabelRole::Secondary)),
      m_use(makeButton(tr("Use in a new run"), ButtonKind::Primary, QStringLiteral("new-run"))) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGrid);
    m_title->setProperty("role", QStringLiteral("title"));
    m_title->setMinimumHeight(metrics::kControl);
    layout->addWidget(m_title);
    m_edit->setAccessibleName(tr("Name of the dataset"));
    m_edit->setToolTip(tr("Letters, digits, '-', '_' and '.'. Return keeps the name, Escape the old one."));
    m_edit->setValidator(new QRegularExpressionValidator(
        QRegularExpression(QStringLiteral("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")), m_edit));
    m_edit->installEventFilter(this);
    m_edit->hide();
    layout->addWidget(m_edit);
    layout->addSpacing(metrics::kGrid);
    m_file->setProperty("role", QStringLiteral("secondary"));
    m_file->setProperty("face", QStringLiteral("mono"));
    layout->addWidget(m_file);
    layout->addWidget(m_size);
    layout->addStretch(1);
    QToolButton* more = makeIconButton(QStringLiteral("more"), tr("More: folder, path, name, remove"));
    more->setPopupMode(QToolButton::InstantPopup);
    more->setMenu(makeMenu());
    layout->addWidget(more);
    layout->addWidget(m_use);
    connect(m_use, &QPushButton::clicked, this, &DatasetHead::newRunWanted);
    connect(m_edit, &QLineEdit::editingFinished, this, [this] { endRename(true); });
}

QMenu* DatasetHead::makeMenu() {
    auto* menu = new QMenu(this);
    menu->addAction(icon(QStringLiteral("folder"), ColorToken::Secondary), tr("Open its folder"), this,
                    [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(m_path).absolutePath())); });
    menu->addAction(icon(QStringLiteral("copy"), ColorToken::Secondary), tr("Copy its path"), this,
                    [this] { QGuiApplication::clipboard()->setText(m_path); });
    menu->addSeparator();
    m_rename = menu->addAction(icon(QStringLiteral("edit"), ColorToken::Secondary), tr("Rename"), this,
                               &DatasetHead::beginRename);
    m_remove = menu->addAction(icon(QStringLiteral("trash"), ColorToken::Secondary), tr("Remove from the list"), this,
                               &DatasetHead::removeWanted);
    m_remove->setToolTip(tr("The file itself stays where it is"));
    return menu;
}

void DatasetHead::setDataset(const LibraryDataset& dataset) {
    if (m_path != QString::fromStdString(dataset.data.train))
        endRename(false); // the name that is being written is another one's
    m_name = QString::fromStdString(dataset.name);
    m_path = QString::fromStdString(dataset.data.train);
    m_title->setFullText(m_name);
    m_title->setMinimumWidth(std::min(m_title->sizeHint().width(), scaled(kNameKept)));
    m_file->setFullText(shownPath(m_path));
    m_size->setText(dataset.isThere ? formatFileSize(dataset.bytes) : QString());
    m_rename->setEnabled(!dataset.isBuiltIn && dataset.problem.empty());
    m_remove->setEnabled(!dataset.isBuiltIn);
}

void DatasetHead::setUsable(bool usable, const QString& whyNot) {
    m_use->setEnabled(usable);
    m_use->setToolTip(usable ? tr("Go to New run with this dataset, mapped as it is here") : whyNot);
}

void DatasetHead::beginRename() {
    m_edit->setText(m_name);
    m_title->hide();
    m_edit->show();
    m_edit->selectAll();
    m_edit->setFocus(Qt::OtherFocusReason);
}

void DatasetHead::endRename(bool keeps) {
    if (m_edit->isHidden())
        return;
    m_edit->hide(); // the focus that goes away finishes the editing again
    m_title->show();
    if (keeps && m_edit->text() != m_name)
        emit renameWanted(m_edit->text());
}

bool DatasetHead::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_edit && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        endRename(false);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace lorikeet::ui
