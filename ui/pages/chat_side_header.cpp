// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_side_header.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include "ui/session/chat_sources.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

QComboBox* makeCombo(const QString& name, const QString& toolTip) {
    auto* combo = new QComboBox;
    combo->setProperty("compact", true);
    combo->setAccessibleName(name);
    combo->setToolTip(toolTip);
    combo->setWhatsThis(toolTip);
    return combo;
}

} // namespace

ChatSideHeader::ChatSideHeader(const ChatSources& sources, const QString& name, QWidget* parent)
    : QWidget(parent), m_sources(sources), m_badge(makeLabel({}, LabelRole::Badge)),
      m_source(makeCombo(tr("%1: model or run").arg(name),
                         tr("Who answers here: a model as it is, or what a run has made of one"))),
      m_step(makeCombo(tr("%1: step").arg(name), tr("After how many steps of the run: its end, or one of its "
                                                    "checkpoints. The best one has the lowest evaluation loss"))),
      m_facts(new ElidedLabel), m_problem(makeParagraph({}, LabelRole::Secondary)) {
    setAccessibleName(name);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kGap, metrics::kGrid + metrics::kInside, metrics::kGap,
                               metrics::kGrid + metrics::kInside);
    layout->setSpacing(metrics::kInside);
    auto* row = new QHBoxLayout;
    row->setSpacing(metrics::kGrid);
    row->addWidget(m_badge);
    m_source->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_source->setMinimumContentsLength(6);
    m_source->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    row->addWidget(m_source, 1);
    row->addWidget(m_step);
    layout->addLayout(row);
    m_facts->setProperty("role", QStringLiteral("secondary"));
    m_facts->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    layout->addWidget(m_facts);
    setTone(m_problem, LabelTone::Danger);
    layout->addWidget(m_problem);
    connect(&m_sources, &ChatSources::changed, this, &ChatSideHeader::fill);
    connect(m_source, &QComboBox::activated, this, &ChatSideHeader::onSourceChosen);
    connect(m_step, &QComboBox::activated, this, &ChatSideHeader::onStepChosen);
    fill();
}

void ChatSideHeader::setSide(const ChatSide& side) {
    if (side == m_side)
        return;
    m_side = side;
    m_openFacts.reset();
    fill();
}

void ChatSideHeader::setFacts(const std::optional<ChatFacts>& facts) {
    m_openFacts = facts;
    showFacts();
}

QList<ChatSideHeader::Entry> ChatSideHeader::entries() const {
    QList<Entry> entries = {{tr("Models, as they are"), {}, {}}};
    bool isKnown = m_side.model.empty();
    for (const LibraryModel& known : m_sources.models()) {
        entries.append({QString::fromStdString(known.name), {}, QString::fromStdString(known.name)});
        isKnown |= !m_side.adapter && entries.last().text == m_sources.modelName(m_side.model);
    }
    if (!m_side.adapter && !isKnown)
        entries.append({m_sources.modelName(m_side.model), {}, QString::fromStdString(m_side.model)});
    const QString own = QString::fromStdString(m_side.run.value_or(std::string()));
    const bool isMissing = m_side.adapter && !m_sources.run(own);
    if (m_sources.runs().empty() && !isMissing)
        return entries;
    entries.append({tr("Runs"), {}, {}});
    QHash<QString, int> names;
    for (const ChatRun& run : m_sources.runs())
        ++names[run.name];
    for (const ChatRun& run : m_sources.runs())
        entries.append({names[run.name] == 1 ? run.name : tr("%1, %2").arg(run.name, formatWhen(run.created)), run.id,
                        QString::fromStdString(run.model)});
    if (isMissing)
        entries.append({m_sources.shortLabel(m_side), own, QString::fromStdString(m_side.model)});
    return entries;
}

int ChatSideHeader::currentOf(const QList<Entry>& entries) const {
    const QString own = QString::fromStdString(m_side.run.value_or(std::string()));
    const QString model = m_sources.modelName(m_side.model);
    bool isRun = false;
    for (int i = 0; i < entries.size(); ++i) {
        if (entries[i].model.isEmpty())
            isRun = i > 0;
        else if (isRun ? m_side.adapter && entries[i].run == own : !m_side.adapter && entries[i].text == model)
            return i;
    }
    return -1;
}

void ChatSideHeader::fill() {
    const QSignalBlocker blocker(m_source);
    const QList<Entry> wanted = entries();
    if (m_entries != wanted) { // else the list stays as it is, which may be open
        m_entries = wanted;
        m_source->clear();
        auto* model = qobject_cast<QStandardItemModel*>(m_source->model());
        for (const Entry& entry : wanted) {
            m_source->addItem(entry.text);
            const int row = m_source->count() - 1;
            if (entry.model.isEmpty())
                model->item(row)->setFlags(Qt::NoItemFlags);
            m_source->setItemData(row, entry.text, Qt::ToolTipRole);
        }
    }
    m_source->setCurrentIndex(currentOf(wanted));
    m_badge->setText(m_side.adapter ? tr("Tuned") : tr("Base"));
    setTone(m_badge, m_side.adapter ? LabelTone::Accent : LabelTone::Plain);
    fillSteps();
    showFacts();
}

void ChatSideHeader::fillSteps() {
    const QSignalBlocker blocker(m_step);
    const ChatRun* run = m_side.run ? m_sources.run(QString::fromStdString(*m_side.run)) : nullptr;
    QStringList steps, shown;
    int current = -1;
    if (run && m_side.adapter)
        for (const ChatRun::Point& point : run->points) {
            if (point.step == m_side.step)
                current = int(steps.size());
            const QString number = formatCount(point.shownStep);
            steps.append(point.isBest ? tr("Step %1, best").arg(number) : tr("Step %1").arg(number));
        }
    for (int i = 0; i < m_step->count(); ++i)
        shown.append(m_step->itemText(i));
    if (steps != shown) {
        m_step->clear();
        m_step->addItems(steps);
    }
    m_step->setCurrentIndex(current);
    m_step->setVisible(m_step->count() > 0);
}

QString ChatSideHeader::problem() const {
    if (!m_sources.isLoaded() || m_side.model.empty())
        return {};
    const QString name = m_sources.modelName(m_side.model);
    for (const LibraryModel& known : m_sources.models())
        if (QString::fromStdString(known.name) == name && !known.isThere)
            return tr("The files of %1 are gone. Put them back, or choose another model.").arg(name);
    return {};
}

void ChatSideHeader::showFacts() {
    const QString wrong = problem();
    m_problem->setText(wrong);
    m_problem->setVisible(!wrong.isEmpty());
    m_facts->setVisible(wrong.isEmpty());
    const QString base = m_sources.modelName(m_side.model);
    if (!m_openFacts) {
        m_facts->setFullText(m_side.model.empty() ? tr("Nobody answers here")
                             : m_side.adapter     ? tr("Over %1, opened with the next prompt").arg(base)
                                                  : tr("No adapter, opened with the next prompt"));
        return;
    }
    QStringList parts = {m_openFacts->dataType};
    if (!m_openFacts->weightsId.isEmpty())
        parts << tr("weights %1").arg(m_openFacts->weightsId);
    if (m_openFacts->adapterId.isEmpty())
        parts << tr("no adapter");
    else // of a full finetuning the weights are what it made
        parts << (m_openFacts->adapterId == m_openFacts->weightsId ? tr("finetuned as a whole")
                                                                   : tr("adapter %1").arg(m_openFacts->adapterId));
    if (m_openFacts->isPlain)
        parts << tr("no chat template: continues plain text");
    m_facts->setFullText(parts.join(QStringLiteral(", ")));
}

QString ChatSideHeader::facts() const {
    return m_facts->fullText();
}

void ChatSideHeader::onSourceChosen(int index) {
    const Entry entry = m_entries.value(index);
    ChatSide side = m_side;
    if (entry.run.isEmpty())
        side = m_sources.sideOf(entry.model.toStdString());
    else if (const ChatRun* run = m_sources.run(entry.run))
        side = m_sources.sideOf(*run, run->points.front());
    if (side == m_side)
        return;
    setSide(side);
    emit chosen(side);
}

void ChatSideHeader::onStepChosen(int index) {
    const ChatRun* run = m_side.run ? m_sources.run(QString::fromStdString(*m_side.run)) : nullptr;
    if (!run || index < 0 || index >= int(run->points.size()))
        return;
    const ChatSide side = m_sources.sideOf(*run, run->points[std::size_t(index)]);
    if (side == m_side)
        return;
    setSide(side);
    emit chosen(side);
}

} // namespace lorikeet::ui
