// SPDX-License-Identifier: GPL-3.0-or-later
#include <QGridLayout>
#include <QHBoxLayout>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/jobs/run_check.h"
#include "core/train/run_settings.h"
#include "ui/models/phrase_text.h"
#include "ui/pages/new_run_draft.h"
#include "ui/pages/new_run_sections.h"
#include "ui/pages/setting_words.h"
#include "ui/theme/icons.h"
#include "ui/theme/scale.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/reset_dot.h"

namespace lorikeet::ui {
namespace {

// Most of a changed value and of its default that is seen, in letters, so that the setting's name keeps its room.
constexpr int kMostOfValue = 9;
constexpr int kMostOfDefault = 12;
// Widths of a fix's words in pixels.
constexpr int kBesideMost = 140;
constexpr int kBelowMost = 260;

int widthOf(const QWidget* widget, int letters) {
    return letters * widget->fontMetrics().averageCharWidth();
}

struct SeverityLook {
    QString icon, name;
    ColorToken color;
};

SeverityLook lookOf(ProblemSeverity severity) {
    switch (severity) {
    case ProblemSeverity::Error:
        return {QStringLiteral("error"), ProblemsSection::tr("Error"), ColorToken::Danger};
    case ProblemSeverity::Warning:
        return {QStringLiteral("warning"), ProblemsSection::tr("Warning"), ColorToken::WarningText};
    case ProblemSeverity::Note:
        return {QStringLiteral("info"), ProblemsSection::tr("Note"), ColorToken::Secondary};
    }
    Q_UNREACHABLE();
}

/// "1 error, 2 notes".
QString countText(int errors, int warnings, int notes) {
    QStringList parts;
    if (errors > 0)
        parts.append(errors == 1 ? ProblemsSection::tr("1 error") : ProblemsSection::tr("%1 errors").arg(errors));
    if (warnings > 0)
        parts.append(warnings == 1 ? ProblemsSection::tr("1 warning")
                                   : ProblemsSection::tr("%1 warnings").arg(warnings));
    if (notes > 0)
        parts.append(notes == 1 ? ProblemsSection::tr("1 note") : ProblemsSection::tr("%1 notes").arg(notes));
    return parts.join(QStringLiteral(", "));
}

/// What tells one run from another one is no change of settings.
bool isIdentity(const std::string& key) {
    return key == "name" || key == "model" || key == "data.train";
}

} // namespace

/// One problem: what it is, why, and its button.
class ProblemsSection::Row : public QWidget {
public:
    Row() : m_icon(makeLabel({})), m_title(makeParagraph({})), m_detail(makeParagraph({}, LabelRole::Secondary)) {
        m_layout = new QGridLayout(this);
        m_layout->setContentsMargins(0, 0, 0, 0);
        m_layout->setHorizontalSpacing(metrics::kGrid);
        m_layout->setVerticalSpacing(metrics::kInside);
        m_layout->setColumnStretch(1, 1);
        m_layout->addWidget(m_icon, 0, 0, Qt::AlignTop);
        auto* words = new QVBoxLayout;
        words->setSpacing(0);
        words->addWidget(m_title);
        words->addWidget(m_detail);
        m_layout->addLayout(words, 0, 1);
        m_fix = makeButton({}, ButtonKind::Normal, {}, ControlSize::Compact);
        m_layout->addWidget(m_fix, 0, 2, Qt::AlignTop);
    }

    void tell(ProblemSeverity severity, const QString& title, const QString& detail, const QString& fix) {
        const SeverityLook look = lookOf(severity);
        m_icon->setPixmap(
            icon(look.icon, look.color).pixmap(QSize(metrics::kIcon, metrics::kIcon), devicePixelRatioF()));
        m_title->setText(title);
        m_title->setAccessibleName(QStringLiteral("%1: %2").arg(look.name, title));
        m_title->setToolTip(look.name);
        m_detail->setText(detail);
        m_detail->setVisible(!detail.isEmpty());
        // Long words stand below, where there is room for them.
        const bool isLong = m_fix->fontMetrics().horizontalAdvance(fix) > scaled(kBesideMost);
        m_layout->addWidget(m_fix, isLong ? 1 : 0, isLong ? 1 : 2, Qt::AlignTop | Qt::AlignLeft);
        m_fix->setText(m_fix->fontMetrics().elidedText(fix, Qt::ElideRight, scaled(kBelowMost)));
        m_fix->setAccessibleName(QStringLiteral("%1: %2").arg(title, fix));
        m_fix->setToolTip(QStringLiteral("%1: %2").arg(title, fix));
        m_fix->setVisible(!fix.isEmpty());
        show();
    }

    QPushButton* button() const { return m_fix; }
    int index = -1;

private:
    QLabel *m_icon, *m_title, *m_detail;
    QGridLayout* m_layout;
    QPushButton* m_fix;
};

ProblemsSection::ProblemsSection(QWidget* parent)
    : PanelSection(tr("Problems"), parent), m_count(makeLabel({}, LabelRole::Secondary)),
      m_none(makeLabel(tr("None"), LabelRole::Secondary)) {
    addToHead(m_count);
    body()->addWidget(m_none);
}

void ProblemsSection::showProblems(const QStringList& mistakes, const RunCheck& check) {
    const int total = int(mistakes.size() + qsizetype(check.problems.size()));
    int counts[3] = {int(mistakes.size()), 0, 0};
    while (m_rows.size() < total) {
        auto* row = new Row;
        body()->addWidget(row);
        connect(row->button(), &QPushButton::clicked, this, [this, row] { emit fixWanted(row->index); });
        m_rows.append(row);
    }
    for (int i = 0; i < m_rows.size(); ++i) {
        Row* row = m_rows[i];
        row->index = i - int(mistakes.size());
        if (i < mistakes.size()) {
            row->tell(ProblemSeverity::Error, mistakes[i], {}, {});
        } else if (i < total) {
            const RunProblem& problem = check.problems[size_t(row->index)];
            ++counts[int(problem.severity)];
            row->tell(problem.severity, phraseText(problem.title), phraseText(problem.detail),
                      problem.fixed ? phraseText(problem.fixLabel) : QString());
        } else {
            row->hide();
        }
    }
    m_count->setText(countText(counts[0], counts[1], counts[2]));
    m_none->setVisible(total == 0);
}

ChangesSection::ChangesSection(RunDraft& draft, QWidget* parent)
    : PanelSection(tr("Changed from defaults"), parent), m_draft(draft),
      m_all(makeButton(tr("Reset all"), ButtonKind::Link)), m_none(makeLabel(tr("Nothing"), LabelRole::Secondary)),
      m_grid(new QGridLayout) {
    m_all->setToolTip(tr("Sets every setting but model and dataset to its default, as one step that can be undone"));
    addToHead(m_all);
    body()->addWidget(m_none);
    m_grid->setHorizontalSpacing(metrics::kGrid);
    m_grid->setVerticalSpacing(0);
    m_grid->setColumnStretch(1, 1);
    body()->addLayout(m_grid);
    connect(m_all, &QPushButton::clicked, this, &ChangesSection::resetAll);
    connect(&m_draft, &RunDraft::changed, this, &ChangesSection::showDraft);
    showDraft();
}

void ChangesSection::addRow() {
    const int line = int(m_rows.size());
    auto* title = new ElidedLabel;
    auto* value = new ElidedLabel({}, Qt::ElideMiddle);
    value->setProperty("role", QStringLiteral("value"));
    value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* byDefault = new ElidedLabel;
    byDefault->setProperty("role", QStringLiteral("secondary"));
    Row row{{}, new ChangedMark, title, value, byDefault, makeIconButton(QStringLiteral("undo"), tr("Reset"))};
    value->setMaximumWidth(widthOf(value, kMostOfValue));
    byDefault->setMaximumWidth(widthOf(byDefault, kMostOfDefault));
    m_grid->addWidget(row.mark, line, 0);
    m_grid->addWidget(row.title, line, 1);
    m_grid->addWidget(row.value, line, 2);
    m_grid->addWidget(row.byDefault, line, 3);
    m_grid->addWidget(row.reset, line, 4);
    connect(row.reset, &QToolButton::clicked, this, [this, line] { m_draft.reset(m_rows[line].key); });
    m_rows.append(row);
}

void ChangesSection::showDraft() {
    int used = 0;
    for (const RunSetting& setting : flatSettings(m_draft.config())) {
        if (setting.isDefault() || isIdentity(setting.key))
            continue;
        if (used == m_rows.size())
            addRow();
        Row& row = m_rows[used++];
        row.key = QString::fromStdString(setting.key);
        const QString title = settingTitle(row.key);
        const QString byDefault = tr("default %1").arg(settingText(row.key, QString::fromStdString(setting.byDefault)));
        static_cast<ElidedLabel*>(row.title)->setFullText(title);
        static_cast<ElidedLabel*>(row.value)->setFullText(settingText(row.key, QString::fromStdString(setting.value)));
        static_cast<ElidedLabel*>(row.byDefault)->setFullText(byDefault);
        row.reset->setToolTip(tr("Reset %1").arg(title));
        row.reset->setAccessibleName(tr("Reset %1, %2").arg(title, byDefault));
    }
    for (int i = 0; i < m_rows.size(); ++i)
        for (QWidget* widget :
             QList<QWidget*>{m_rows[i].mark, m_rows[i].title, m_rows[i].value, m_rows[i].byDefault, m_rows[i].reset})
            widget->setVisible(i < used);
    m_none->setVisible(used == 0);
    m_all->setVisible(used > 0);
    m_all->setText(tr("Reset all %1").arg(used));
    m_all->setAccessibleName(m_all->text());
}

void ChangesSection::resetAll() {
    RunConfig config;
    config.name = m_draft.config().name;
    config.model = m_draft.config().model;
    config.data.train = m_draft.config().data.train;
    m_draft.replace(config, tr("Reset all"));
}

} // namespace lorikeet::ui
