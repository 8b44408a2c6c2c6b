// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QPlainTextEdit>
#include <QVBoxLayout>

#include "ui/pages/new_run_cards.h"
#include "ui/pages/new_run_draft.h"
#include "ui/pages/setting_controls.h"
#include "ui/pages/setting_words.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/columns_layout.h"

namespace lorikeet::ui {
namespace {

constexpr int kPromptLines = 3;

class NewRunCards {
    Q_DECLARE_TR_FUNCTIONS(NewRunCards)
};

/// One prompt a line; a new line within one is written "\n".
QString linesOf(const std::vector<std::string>& prompts) {
    QStringList lines;
    for (const std::string& prompt : prompts) {
        QString line = QString::fromStdString(prompt);
        line.replace(QLatin1Char('\\'), QLatin1String("\\\\")).replace(QLatin1Char('\n'), QLatin1String("\\n"));
        lines.append(line);
    }
    return lines.join(QLatin1Char('\n'));
}

std::vector<std::string> promptsOf(const QString& text) {
    std::vector<std::string> prompts;
    for (const QString& line : text.split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
        QString prompt;
        for (qsizetype i = 0; i < line.size(); ++i) {
            const bool isEscape = line[i] == QLatin1Char('\\') && i + 1 < line.size();
            if (isEscape)
                ++i;
            prompt += isEscape && line[i] == QLatin1Char('n') ? QLatin1Char('\n') : line[i];
        }
        prompts.push_back(prompt.toStdString());
    }
    return prompts;
}

Field* makePrompts(RunDraft& draft, SettingControls& controls) {
    const QString key = QStringLiteral("samples.prompts");
    auto* edit = new QPlainTextEdit;
    edit->setTabChangesFocus(true);
    edit->setMinimumHeight(kPromptLines * edit->fontMetrics().lineSpacing() + metrics::kGap);
    edit->setMaximumHeight(edit->minimumHeight());
    auto* field = new Field(settingTitle(key), edit, settingExplanation(key));
    QObject::connect(edit, &QPlainTextEdit::textChanged, &draft, [&draft, edit, key] {
        const std::vector<std::string> prompts = promptsOf(edit->toPlainText());
        QJsonArray list;
        for (const std::string& prompt : prompts)
            list.append(QString::fromStdString(prompt));
        if (prompts != draft.config().samples.prompts)
            draft.set(key, QString::fromUtf8(QJsonDocument(list).toJson(QJsonDocument::Compact)));
    });
    controls.bind(key, field, [&draft, edit](const QString&) {
        const std::vector<std::string>& prompts = draft.config().samples.prompts;
        if (promptsOf(edit->toPlainText()) != prompts)
            edit->setPlainText(linesOf(prompts));
    });
    return field;
}

ColumnsLayout* addColumns(Card* card) {
    auto* columns = new ColumnsLayout;
    card->body()->addLayout(columns);
    return columns;
}

QString none() {
    return NewRunCards::tr("none");
}

} // namespace

Card* makeRowsCard(SettingControls& controls) {
    auto* card = new Card(NewRunCards::tr("Rows"));
    ColumnsLayout* columns = addColumns(card);
    for (const char* key : {"data.format", "data.template", "data.train_on"})
        columns->addWidget(controls.choice(QLatin1String(key)));
    columns->addWidget(controls.number(QStringLiteral("data.max_tokens_per_batch"),
                                       {.low = 2, .step = NumberRule::Step::Doubling, .emptyText = none()}));
    columns->addSpanning(controls.line(QStringLiteral("data.eval")), 2);
    columns->addWidget(controls.toggle(QStringLiteral("data.shuffle")));
    return card;
}

Card* makeWatchingCard(RunDraft& draft, SettingControls& controls) {
    auto* card = new Card(NewRunCards::tr("While it trains"));
    ColumnsLayout* columns = addColumns(card);
    columns->addWidget(controls.number(QStringLiteral("every.log"), {.low = 1}));
    for (const char* key : {"every.eval", "every.sample", "every.save"})
        columns->addWidget(controls.number(QLatin1String(key), {.stepSize = 10}));
    columns->addSpanning(makePrompts(draft, controls), 4);
    columns->addWidget(controls.number(QStringLiteral("samples.max_new_tokens"),
                                       {.low = 1, .high = 2147483647.0, .step = NumberRule::Step::Doubling}));
    columns->addWidget(
        controls.number(QStringLiteral("training.save_total_limit"), {.low = 1, .emptyText = NewRunCards::tr("all")}));
    return card;
}

Card* makeComputingCard(SettingControls& controls) {
    auto* card = new Card(NewRunCards::tr("Optimizer and computing"));
    ColumnsLayout* columns = addColumns(card);
    columns->addWidget(controls.choice(QStringLiteral("compute_dtype")));
    columns->addWidget(controls.choice(QStringLiteral("kernels")));
    columns->addWidget(controls.number(
        QStringLiteral("training.optim_budget_mb"),
        {.isLowAllowed = false, .isWhole = false, .step = NumberRule::Step::Doubling, .emptyText = none()}));
    columns->addWidget(
        controls.number(QStringLiteral("training.neftune_noise_alpha"), {.isWhole = false, .stepSize = 1}));
    columns->addWidget(controls.number(QStringLiteral("training.weight_decay"), {.isWhole = false, .stepSize = 0.01}));
    columns->addWidget(controls.number(
        QStringLiteral("lora.loraplus_lr_ratio"),
        {.isLowAllowed = false, .isWhole = false, .step = NumberRule::Step::Doubling, .emptyText = none()}));
    for (const char* key : {"training.adam_beta1", "training.adam_beta2"})
        columns->addWidget(controls.number(QLatin1String(key),
                                           {.high = 1, .isHighAllowed = false, .isWhole = false, .stepSize = 0.01}));
    columns->addWidget(
        controls.number(QStringLiteral("training.adam_epsilon"),
                        {.isLowAllowed = false, .isWhole = false, .step = NumberRule::Step::OneTwoFive}));
    return card;
}

} // namespace lorikeet::ui
