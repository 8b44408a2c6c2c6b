// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/new_run_source.h"

#include <QComboBox>
#include <QDir>
#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMimeData>
#include <QVBoxLayout>

#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"

namespace lorikeet::ui {
namespace {

/// As it is meant: without spaces around it, and with the home folder for its sign.
QString meant(const QString& text) {
    const QString path = text.trimmed();
    return path.startsWith(QLatin1String("~/")) ? QDir::homePath() + path.mid(1) : path;
}

} // namespace

SourceCard::SourceCard(const QString& title, const QString& explanation, const QString& placeholder,
                       const QString& link, QWidget* parent)
    : Card(title, parent), m_box(new QComboBox),
      m_browse(makeIconButton(QStringLiteral("folder"), tr("%1: choose a file").arg(title))),
      m_link(makeButton(link, ButtonKind::Link)), m_facts(makeParagraph({}, LabelRole::Secondary)) {
    head()->addWidget(m_link);
    m_box->setEditable(true);
    m_box->setInsertPolicy(QComboBox::NoInsert);
    m_box->setCompleter(nullptr);
    m_box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_box->setMinimumContentsLength(12);
    m_box->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_box->lineEdit()->setPlaceholderText(placeholder);
    m_box->setAccessibleName(title);
    m_box->lineEdit()->setAccessibleName(title);
    for (QWidget* widget : QList<QWidget*>{m_box, m_box->lineEdit()}) {
        widget->setToolTip(explanation);
        widget->setWhatsThis(explanation);
    }
    auto* line = new QHBoxLayout;
    line->setSpacing(metrics::kInside);
    line->addWidget(m_box, 1);
    line->addWidget(m_browse);
    body()->addLayout(line);
    body()->addWidget(m_facts);
    body()->addStretch(1);
    setAcceptDrops(true);
    connect(m_box, &QComboBox::activated, this, [this](int index) { emit chosen(m_box->itemData(index).toString()); });
    connect(m_box->lineEdit(), &QLineEdit::textEdited, this, [this](const QString& text) {
        const int entry = m_box->findText(text.trimmed(), Qt::MatchExactly | Qt::MatchCaseSensitive);
        emit chosen(entry >= 0 ? m_box->itemData(entry).toString() : meant(text));
    });
    connect(m_link, &QPushButton::clicked, this, &SourceCard::linkClicked);
    m_link->setEnabled(false);
}

void SourceCard::setEntries(const QList<Entry>& entries) {
    const QString text = m_box->lineEdit()->text();
    m_box->clear();
    for (const Entry& entry : entries)
        m_box->addItem(entry.name, entry.value);
    m_box->setCurrentIndex(-1);
    m_box->lineEdit()->setText(text);
    setValue(m_value);
}

void SourceCard::setValue(const QString& value) {
    m_value = value;
    const int entry = value.isEmpty() ? -1 : m_box->findData(value);
    const QString text = entry >= 0 ? m_box->itemText(entry) : value;
    m_link->setEnabled(entry >= 0);
    m_link->setToolTip(entry >= 0 ? QString() : tr("Only what is in the library has a page of its own"));
    if (meant(m_box->lineEdit()->text()) == text)
        return;
    m_box->setCurrentIndex(entry);
    m_box->lineEdit()->setText(text);
    m_box->lineEdit()->setCursorPosition(0);
}

void SourceCard::setFacts(const QString& text, LabelTone tone) {
    m_facts->setText(text);
    setTone(m_facts, tone);
    setStyleProperty(m_box, "state", tone == LabelTone::Danger ? QStringLiteral("error") : QString());
}

QString SourceCard::entryName() const {
    const int entry = m_value.isEmpty() ? -1 : m_box->findData(m_value);
    return entry >= 0 ? m_box->itemText(entry) : QString();
}

void SourceCard::dragEnterEvent(QDragEnterEvent* event) {
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls.first().isLocalFile())
        event->acceptProposedAction();
}

void SourceCard::dropEvent(QDropEvent* event) {
    event->acceptProposedAction();
    emit chosen(event->mimeData()->urls().constFirst().toLocalFile());
}

} // namespace lorikeet::ui
