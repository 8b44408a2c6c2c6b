// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/dataset_preview_card.h"

#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QStackedWidget>
#include <QTabBar>

#include "ui/models/dataset_words.h"
#include "ui/theme/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/token_legend.h"
#include "ui/widgets/token_view.h"

namespace lorikeet::ui {
namespace {

constexpr int kLeastHeight = 320;

QPlainTextEdit* makeText(const QString& name) {
    auto* text = new QPlainTextEdit;
    text->setProperty("role", QStringLiteral("bare"));
    text->setAccessibleName(name);
    text->setReadOnly(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    text->setTabChangesFocus(true);
    text->setFrameShape(QFrame::NoFrame);
    text->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    text->setFont(Theme::current().font(TextRole::Monospace));
    return text;
}

TokenText asTokenText(const DatasetToken& token, int place, bool showsMask) {
    TokenText text;
    text.text = token.text;
    text.isSpecial = token.isSpecial;
    if (showsMask || token.state == TokenState::CutOff)
        text.state = TokenText::State(token.state);
    const QString what = token.state == TokenState::Trained  ? DatasetPreviewCard::tr("trained")
                         : token.state == TokenState::CutOff ? DatasetPreviewCard::tr("cut off")
                                                             : DatasetPreviewCard::tr("read only");
    text.description = token.isSpecial ? DatasetPreviewCard::tr("Token %1: number %2 of the vocabulary, special, %3")
                                       : DatasetPreviewCard::tr("Token %1: number %2 of the vocabulary, %3");
    text.description = text.description.arg(formatCount(place + 1), QString::number(token.id), what);
    return text;
}

QString choiceText(RowChoice choice, int64_t rows) {
    const QString count = formatCount(rows);
    switch (choice) {
    case RowChoice::Truncated:
        return DatasetPreviewCard::tr("Showing the %1 truncated rows only").arg(count);
    case RowChoice::NeverTrained:
        return DatasetPreviewCard::tr("Showing the %1 rows that are never trained only").arg(count);
    case RowChoice::Empty:
        return DatasetPreviewCard::tr("Showing the %1 empty rows only").arg(count);
    case RowChoice::Unfit:
        return DatasetPreviewCard::tr("Showing the %1 rows that do not fit only").arg(count);
    case RowChoice::Duplicates:
        return DatasetPreviewCard::tr("Showing the %1 duplicates only").arg(count);
    case RowChoice::All:
        break;
    }
    return {};
}

} // namespace

DatasetPreviewCard::DatasetPreviewCard(QWidget* parent)
    : Card(tr("Preview"), parent), m_rows(new DatasetRowChooser), m_filter(new Banner), m_problem(new Banner),
      m_tabs(new QTabBar), m_legend(new TokenLegend), m_forms(new QStackedWidget),
      m_raw(makeText(tr("The row as it stands in the file"))),
      m_rendered(makeText(tr("The row as the model reads it"))), m_tokens(new TokenView(tr("The row's tokens"))),
      m_trained(new TokenView(tr("The row's tokens, the trained ones underlined"))), m_note(new QFrame),
      m_noteLabel(makeParagraph({}, LabelRole::Secondary)) {
    head()->addWidget(m_rows);
    setFlushBody();
    body()->setSpacing(0);
    body()->addWidget(makeForms(), 1);
    setMinimumHeight(kLeastHeight);
    connect(m_rows, &DatasetRowChooser::choiceChanged, this, &DatasetPreviewCard::showChoice);
    reset();
}

QWidget* DatasetPreviewCard::makeForms() {
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_tabs->setAccessibleName(tr("Form of the row"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    const QStringList tabs = {tr("Raw"), tr("Rendered"), tr("Tokens"), tr("Trained")};
    const QStringList tips = {tr("As it stands in the file"), tr("As the model reads it: the template applied"),
                              tr("As the tokenizer cuts it"), tr("Which tokens are trained")};
    for (int i = 0; i < tabs.size(); ++i)
        m_tabs->setTabToolTip(m_tabs->addTab(tabs[i]), tips[i]);
    auto* tabLine = new QHBoxLayout;
    tabLine->setContentsMargins(metrics::kInside, 0, metrics::kInside, 0);
    tabLine->addWidget(m_tabs);
    tabLine->addStretch(1);
    layout->addLayout(tabLine);
    layout->addWidget(makeHairline());
    auto* inside = new QVBoxLayout;
    inside->setContentsMargins(metrics::kGap, metrics::kGrid + metrics::kInside, metrics::kGap, metrics::kGap);
    inside->setSpacing(metrics::kGrid + metrics::kInside);
    m_filter->setClosable(false);
    m_problem->setClosable(false);
    inside->addWidget(m_filter);
    inside->addWidget(m_problem);
    inside->addWidget(m_legend);
    for (QWidget* form : std::initializer_list<QWidget*>{m_raw, m_rendered, m_tokens, m_trained})
        m_forms->addWidget(form);
    inside->addWidget(m_forms, 1);
    m_note->setProperty("role", QStringLiteral("note"));
    auto* note = new QHBoxLayout(m_note);
    note->setContentsMargins(metrics::kGrid + metrics::kInside, metrics::kGrid, metrics::kGap, metrics::kGrid);
    note->addWidget(m_noteLabel, 1);
    inside->addWidget(m_note);
    layout->addLayout(inside, 1);
    m_tabs->setCurrentIndex(kTrained);
    connect(m_tabs, &QTabBar::currentChanged, this, &DatasetPreviewCard::showForm);
    return box;
}

void DatasetPreviewCard::reset() {
    m_rows->reset();
    m_problem->hide();
    m_row = {};
    clear();
}

void DatasetPreviewCard::clear() {
    m_noteText.clear();
    m_hasLegend = false;
    m_isFilled = {};
    showForm();
}

void DatasetPreviewCard::showChoice() {
    if (m_rows->choice() == RowChoice::All) {
        m_filter->hide();
        return;
    }
    m_filter->tell(LabelTone::Plain, {}, choiceText(m_rows->choice(), m_rows->chosen()));
    connect(m_filter->addAction(tr("Show all")), &QPushButton::clicked, m_rows, &DatasetRowChooser::goThroughAll);
}

void DatasetPreviewCard::showForm() {
    const auto form = Form(m_tabs->currentIndex());
    m_forms->setCurrentIndex(form);
    if (!std::exchange(m_isFilled[size_t(form)], true))
        fill(form);
    m_legend->setVisible(m_hasLegend && form >= kTokens);
    if (m_hasLegend)
        m_legend->setCounts(m_row.trained, m_row.readOnly, m_row.length - m_row.trained - m_row.readOnly, m_maxLength,
                            form == kTrained);
    m_noteLabel->setText(m_noteText);
    m_note->setVisible(!m_noteText.isEmpty() && form == kTrained);
}

void DatasetPreviewCard::fill(Form form) {
    if (form == kRaw || form == kRendered) {
        (form == kRaw ? m_raw : m_rendered)->setPlainText(form == kRaw ? m_row.raw : m_row.rendered);
        return;
    }
    QList<TokenText> tokens;
    tokens.reserve(m_row.tokens.size());
    for (int i = 0; i < m_row.tokens.size(); ++i)
        tokens.append(asTokenText(m_row.tokens[i], i, form == kTrained));
    TokenView* view = form == kTrained ? m_trained : m_tokens;
    view->setTokens(tokens);
    view->setAccessibleDescription(
        tr("%1 of %2 are trained").arg(formatCount(m_row.trained), tokensText(m_row.length)));
}

void DatasetPreviewCard::showRow(const DatasetRow& row, TrainOn trainOn, int maxLength) {
    m_row = row;
    clear();
    m_maxLength = maxLength;
    m_hasLegend = true;
    if (row.problem.isEmpty())
        m_problem->hide();
    else
        m_problem->tell(LabelTone::Warning, tr("This row is left out."), row.problem);
    if (row.problem.isEmpty() && row.trained > 0)
        m_noteText = trainOn == TrainOn::All
                         ? tr("Every token after the first is trained, the prompt's too.")
                         : tr("Only answers and the tokens that end them are trained; the rest is read.");
    if (row.tokens.size() < row.length && !row.tokens.isEmpty())
        m_noteText += (m_noteText.isEmpty() ? QString() : QStringLiteral(" ")) +
                      tr("Of this row the first %1 are shown.").arg(tokensText(row.tokens.size()));
    showForm();
}

void DatasetPreviewCard::showProblem(const QString& problem) {
    const QString raw = m_row.raw;
    m_row = {};
    m_row.raw = raw;
    clear();
    m_problem->tell(LabelTone::Warning, {}, problem);
}

} // namespace lorikeet::ui
