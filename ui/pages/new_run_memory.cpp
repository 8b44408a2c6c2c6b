// SPDX-License-Identifier: GPL-3.0-or-later
#include <QGridLayout>
#include <QHBoxLayout>
#include <QPushButton>
#include <QStringList>
#include <QVBoxLayout>

#include "core/jobs/run_check.h"
#include "ui/models/phrase_text.h"
#include "ui/pages/new_run_sections.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

/// Tags that not every device or job has.
bool isRare(const QString& tag) {
    return tag == QLatin1String("driver") || tag == QLatin1String("kv_cache");
}

QLabel* makeNumber(LabelRole role) {
    QLabel* label = makeLabel({}, role);
    label->setFont(Theme::withTabularFigures(label->font()));
    label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    return label;
}

} // namespace

MemoryPicture memoryPicture(const RunCheck& check) {
    MemoryPicture picture;
    picture.device = check.device.total;
    picture.otherPrograms = check.device.otherPrograms;
    if (!check.peak)
        return picture;
    for (const QString& name : memoryTagOrder())
        for (int tag = 0; tag < kMemoryTags; ++tag)
            if (const std::string_view known = memoryTagName(MemoryTag(tag));
                name == QLatin1String(known.data(), qsizetype(known.size())))
                picture.shares.append({name, (*check.peak)[MemoryTag(tag)]});
    return picture;
}

QString fitText(const RunCheck& check) {
    if (!check.peak)
        return {};
    return check.fits ? MemorySection::tr("Fits")
                      : MemorySection::tr("%1 over").arg(formatMemory(check.peak->total() - check.device.free()));
}

PanelSection::PanelSection(const QString& title, QWidget* parent)
    : QWidget(parent), m_head(new QHBoxLayout), m_body(new QVBoxLayout) {
    setAccessibleName(title);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kGap, metrics::kGap, metrics::kGap, metrics::kGap);
    layout->setSpacing(metrics::kGrid);
    m_head->setSpacing(metrics::kGrid);
    m_head->addWidget(makeLabel(title, LabelRole::Heading));
    m_head->addStretch(1);
    layout->addLayout(m_head);
    m_body->setSpacing(metrics::kGrid);
    layout->addLayout(m_body);
}

void PanelSection::addToHead(QWidget* widget) {
    m_head->addWidget(widget);
}

MemorySection::MemorySection(QWidget* parent)
    : PanelSection(tr("Memory"), parent), m_device(makeLabel({}, LabelRole::Secondary)),
      m_figure(makeLabel({}, LabelRole::Figure)), m_free(makeLabel({}, LabelRole::Secondary)),
      m_verdictIcon(makeLabel({})), m_verdict(makeLabel({}, LabelRole::Value)),
      m_note(makeLabel({}, LabelRole::Secondary)), m_bar(new MemoryBar(true)), m_legend(new QGridLayout),
      m_makeItFit(makeButton(tr("Make it fit"))), m_changes(makeParagraph({}, LabelRole::Secondary)) {
    addToHead(m_device);
    auto* line = new QHBoxLayout;
    line->setSpacing(metrics::kGrid);
    m_figure->setFont(Theme::withTabularFigures(m_figure->font()));
    line->addWidget(m_figure);
    line->addWidget(m_free, 1, Qt::AlignBottom);
    line->addWidget(m_verdictIcon);
    line->addWidget(m_verdict);
    body()->addLayout(line);
    body()->addWidget(m_bar);
    m_legend->setHorizontalSpacing(metrics::kGrid);
    m_legend->setVerticalSpacing(metrics::kInside);
    m_legend->setColumnStretch(1, 1);
    m_legend->setColumnStretch(5, 1);
    m_legend->setColumnMinimumWidth(3, metrics::kGrid);
    body()->addLayout(m_legend);
    body()->addWidget(m_note);
    auto* fit = new QHBoxLayout;
    fit->setSpacing(metrics::kGrid + metrics::kInside);
    m_makeItFit->setToolTip(tr("Takes the changes that are named beside it, as one step that can be undone"));
    fit->addWidget(m_makeItFit);
    fit->addWidget(m_changes, 1);
    body()->addLayout(fit);
    connect(m_makeItFit, &QPushButton::clicked, this, &MemorySection::fitWanted);
    connect(&Theme::current(), &Theme::changed, this, &MemorySection::paintSwatches);
    m_makeItFit->setEnabled(false);
}

void MemorySection::showReading(const QString& text) {
    m_note->setText(text);
}

void MemorySection::showCheck(const RunCheck& check) {
    const QString name = check.device.name == "cpu" ? tr("This computer") : QString::fromStdString(check.device.name);
    m_device->setText(tr("%1, %2").arg(name, formatMemory(check.device.total)));
    m_figure->setText(check.peak ? formatMemory(check.peak->total()) : QStringLiteral("–"));
    setTone(m_figure, check.fits ? LabelTone::Plain : LabelTone::Danger);
    m_free->setText(tr("of %1 free").arg(formatMemory(check.device.free())));
    m_verdict->setText(fitText(check));
    setTone(m_verdict, check.fits ? LabelTone::Accent : LabelTone::Danger);
    m_verdictIcon->setPixmap(!check.peak ? QPixmap()
                                         : icon(check.fits ? QStringLiteral("finished") : QStringLiteral("error"),
                                                check.fits ? ColorToken::AccentText : ColorToken::Danger)
                                               .pixmap(QSize(metrics::kIcon, metrics::kIcon), devicePixelRatioF()));
    const MemoryPicture picture = memoryPicture(check);
    m_bar->setPicture(picture);
    showLegend(picture, check.fits);
    showFit(check);
}

void MemorySection::showLegend(const MemoryPicture& picture, bool fits) {
    QList<MemoryShare> shares;
    const MemoryShare* largest = nullptr;
    for (const MemoryShare& share : picture.shares)
        if (share.bytes > 0 || !isRare(share.tag))
            shares.append(share);
    if (picture.shares.isEmpty())
        for (const QString& tag : memoryTagOrder())
            if (!isRare(tag))
                shares.append({tag, 0});
    shares.append({{}, picture.otherPrograms});
    for (const MemoryShare& share : shares)
        if (!share.tag.isEmpty() && (!largest || share.bytes > largest->bytes))
            largest = &share;
    while (m_rows.size() < shares.size()) {
        Row row{{}, makeLabel({}), makeLabel({}, LabelRole::Secondary), makeNumber(LabelRole::Secondary)};
        m_rows.append(row);
    }
    const int half = int(shares.size() + 1) / 2;
    for (int i = 0; i < m_rows.size(); ++i) {
        Row& row = m_rows[i];
        const bool isUsed = i < shares.size();
        if (isUsed) {
            const int line = i % half, column = i / half * 4;
            m_legend->addWidget(row.swatch, line, column);
            m_legend->addWidget(row.title, line, column + 1);
            m_legend->addWidget(row.bytes, line, column + 2);
        }
        for (QLabel* label : {row.swatch, row.title, row.bytes})
            label->setVisible(isUsed);
        if (!isUsed)
            continue;
        row.tag = shares[i].tag;
        row.title->setText(memoryPartTitle(row.tag));
        row.bytes->setText(shares[i].bytes > 0 ? formatMemory(shares[i].bytes) : QStringLiteral("–"));
        setTone(row.bytes, !fits && &shares[i] == largest ? LabelTone::Danger : LabelTone::Plain);
    }
    paintSwatches();
}

void MemorySection::paintSwatches() {
    for (const Row& row : qAsConst(m_rows))
        row.swatch->setPixmap(memoryTagSwatch(row.tag, devicePixelRatioF()));
}

void MemorySection::showFit(const RunCheck& check) {
    const FitPlan& plan = check.fit;
    m_makeItFit->setEnabled(check.peak && !check.fits && !plan.steps.empty());
    if (!check.peak) {
        m_changes->setText(tr("Known once a model is chosen."));
    } else if (check.fits) {
        m_changes->setText(
            tr("Nothing to change: %1 to spare.").arg(formatMemory(check.device.free() - check.peak->total())));
    } else if (plan.steps.empty()) {
        m_changes->setText(tr("No single setting would help: take a smaller model."));
    } else {
        QStringList steps;
        double slower = 1.0;
        for (const FitStep& step : plan.steps) {
            steps.append(phraseText(step.label));
            slower *= step.slower;
        }
        QString cost = formatMemory(plan.peak);
        if (check.time && slower > 1.0)
            cost = tr("%1, about %2 longer").arg(cost, formatDuration(check.time->seconds * (slower - 1.0)));
        m_changes->setText(
            (plan.fits ? tr("%1: %2.") : tr("%1: %2, still too much.")).arg(steps.join(QStringLiteral("; ")), cost));
    }
    m_makeItFit->setToolTip(m_makeItFit->isEnabled() ? tr("Takes these changes as one step that can be undone")
                                                     : m_changes->text());
}

TimeSection::TimeSection(QWidget* parent)
    : PanelSection(tr("Time"), parent), m_time(makeNumber(LabelRole::Value)),
      m_details(makeParagraph({}, LabelRole::Secondary)) {
    addToHead(m_time);
    body()->addWidget(m_details);
}

void TimeSection::showCheck(const RunCheck& check) {
    m_time->setText(check.time ? tr("about %1").arg(formatDuration(check.time->seconds)) : QStringLiteral("–"));
    QStringList parts;
    if (check.steps)
        parts.append(*check.steps == 1 ? tr("1 step") : tr("%1 steps").arg(formatCount(*check.steps)));
    if (check.time)
        parts.append(tr("at %1").arg(formatSpeed(check.time->tokensPerSecond)));
    QString text = parts.join(QLatin1Char(' '));
    if (check.evaluations.value_or(0) > 0)
        text += *check.evaluations == 1 ? tr(", with 1 evaluation")
                                        : tr(", with %1 evaluations").arg(formatCount(*check.evaluations));
    if (!check.steps)
        text = tr("Known once the rows have been read");
    else if (!check.time)
        text += tr(". A first run with this model tells how long they take.");
    m_details->setText(text);
    m_details->setToolTip(check.time
                              ? tr("The speed is that of the run %1").arg(QString::fromStdString(check.time->runName))
                              : QString());
}

} // namespace lorikeet::ui
