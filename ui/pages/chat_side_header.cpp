// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_side_header.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include "ui/session/chat_sources.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

enum Role { RunRole = Qt::UserRole, ModelRole };

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
      m_step(makeCombo(tr("%1: step").arg(name),
                       tr("After how many steps of the run: its end, or one of its checkpoints"))),
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

void ChatSideHeader::addHeading(const QString& text) {
    m_source->addItem(text);
    auto* model = qobject_cast<QStandardItemModel*>(m_source->model());
    model->item(m_source->count() - 1)->setFlags(Qt::NoItemFlags);
}

void ChatSideHeader::fill() {
    const QSignalBlocker blocker(m_source);
    m_source->clear();
    int current = -1;
    const QString model = m_sources.modelName(m_side.model);
    const auto add = [&](const QString& text, const QString& run, const std::string& path, bool isCurrent) {
        m_source->addItem(text);
        const int row = m_source->count() - 1;
        m_source->setItemData(row, run, RunRole);
        m_source->setItemData(row, QString::fromStdString(path), ModelRole);
        m_source->setItemData(row, text, Qt::ToolTipRole);
        if (isCurrent)
            current = row;
    };
    addHeading(tr("Models, as they are"));
    for (const LibraryModel& known : m_sources.models()) {
        const QString name = QString::fromStdString(known.name);
        add(name, {}, known.name, !m_side.adapter && name == model);
    }
    if (!m_side.adapter && current < 0 && !m_side.model.empty())
        add(model, {}, m_side.model, true); // one that is not in the library
    addHeading(tr("Runs"));
    const QString runId = QString::fromStdString(m_side.run.value_or(std::string()));
    for (const ChatRun& run : m_sources.runs())
        add(run.name, run.id, run.model, m_side.adapter && run.id == runId);
    if (m_side.adapter && current < 0)
        add(m_sources.shortLabel(m_side), runId, m_side.model, true);
    else if (m_sources.runs().empty())
        m_source->removeItem(m_source->count() - 1);
    m_source->setCurrentIndex(current);
    m_badge->setText(m_side.adapter ? tr("Tuned") : tr("Base"));
    setTone(m_badge, m_side.adapter ? LabelTone::Accent : LabelTone::Plain);
    fillSteps();
    showFacts();
}

void ChatSideHeader::fillSteps() {
    const QSignalBlocker blocker(m_step);
    m_step->clear();
    const ChatRun* run = m_side.run ? m_sources.run(QString::fromStdString(*m_side.run)) : nullptr;
    if (run && m_side.adapter)
        for (const ChatRun::Point& point : run->points) {
            m_step->addItem(tr("Step %1").arg(point.shownStep));
            if (point.step == m_side.step)
                m_step->setCurrentIndex(m_step->count() - 1);
        }
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
    parts << (m_openFacts->adapterId.isEmpty() ? tr("no adapter") : tr("adapter %1").arg(m_openFacts->adapterId));
    if (m_openFacts->isPlain)
        parts << tr("no chat template: continues plain text");
    m_facts->setFullText(parts.join(QStringLiteral(", ")));
}

QString ChatSideHeader::facts() const {
    return m_facts->fullText();
}

void ChatSideHeader::onSourceChosen(int index) {
    const QString id = m_source->itemData(index, RunRole).toString();
    ChatSide side = m_side;
    if (id.isEmpty())
        side = m_sources.sideOf(m_source->itemData(index, ModelRole).toString().toStdString());
    else if (const ChatRun* run = m_sources.run(id))
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
