// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/dataset_preview_card.h"

#include <QAction>
#include <QHBoxLayout>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTabBar>

#include "ui/models/dataset_words.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/token_legend.h"
#include "ui/widgets/token_view.h"

namespace lorikeet::ui {
namespace {

constexpr int kNumberWidth = 72;
constexpr int kTabTokens = 2, kTabTrained = 3;

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
    if (showsMask)
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
    : Card(tr("Preview"), parent),
      m_previous(makeIconButton(QStringLiteral("chevron-left"), tr("Previous row (Alt+Up)"))),
      m_next(makeIconButton(QStringLiteral("chevron-right"), tr("Next row (Alt+Down)"))), m_number(new QSpinBox),
      m_of(makeLabel({}, LabelRole::Secondary)), m_goTo(makeButton(tr("Go to…"))), m_longest(nullptr),
      m_filter(new Banner), m_problem(new Banner), m_tabs(new QTabBar), m_legend(new TokenLegend),
      m_forms(new QStackedWidget), m_raw(makeText(tr("The row as it stands in the file"))),
      m_rendered(makeText(tr("The row as the model reads it"))), m_tokens(new TokenView(tr("The row's tokens"))),
      m_trained(new TokenView(tr("The row's tokens, the trained ones underlined"))), m_note(new QFrame),
      m_noteText(makeParagraph({}, LabelRole::Secondary)) {
    makeHead();
    setFlushBody();
    body()->setSpacing(0);
    body()->addWidget(makeForms(), 1);
    setMinimumHeight(320);
    reset();
}

void DatasetPreviewCard::makeHead() {
    m_number->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_number->setFixedWidth(kNumberWidth);
    m_number->setKeyboardTracking(false);
    m_number->setAccessibleName(tr("Row"));
    m_number->setToolTip(tr("The number of the row that is shown"));
    m_previous->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Up));
    m_next->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Down));
    m_goTo->setToolTip(tr("Rows that are worth a look; known once all rows have been counted"));
    m_goTo->setIcon(icon(QStringLiteral("chevron-down"), ColorToken::Secondary));
    m_goTo->setLayoutDirection(Qt::RightToLeft); // the arrow stands behind the words
    auto* menu = new QMenu(m_goTo);
    menu->setLayoutDirection(Qt::LeftToRight);
    addGoTo(menu, tr("First truncated row"), RowChoice::Truncated);
    addGoTo(menu, tr("First row that is never trained"), RowChoice::NeverTrained);
    addGoTo(menu, tr("First empty row"), RowChoice::Empty);
    addGoTo(menu, tr("First row that does not fit"), RowChoice::Unfit);
    addGoTo(menu, tr("First duplicate"), RowChoice::Duplicates);
    m_longest = menu->addAction(tr("Longest row"), this, [this] {
        m_choice = RowChoice::All;
        ask(m_numbers->longestRow);
    });
    m_goTo->setMenu(menu);
    for (QWidget* part : std::initializer_list<QWidget*>{m_previous, m_number, m_of, m_next, m_goTo})
        head()->addWidget(part);
    connect(m_previous, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { step(1); });
    connect(m_number, qOverload<int>(&QSpinBox::valueChanged), this, [this](int number) {
        m_choice = RowChoice::All;
        ask(number - 1);
    });
}

void DatasetPreviewCard::addGoTo(QMenu* menu, const QString& text, RowChoice choice) {
    QAction* action = menu->addAction(text, this, [this, choice] {
        m_choice = choice;
        const int64_t first = chosenRows()->front();
        m_choice = RowChoice::All;
        ask(first);
    });
    m_goToActions.append({choice, action});
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
    note->addWidget(m_noteText, 1);
    inside->addWidget(m_note);
    layout->addLayout(inside, 1);
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int tab) {
        m_forms->setCurrentIndex(tab);
        m_legend->setVisible(tab >= kTabTokens && !m_problem->isVisible());
        m_note->setVisible(tab == kTabTrained && !m_noteText->text().isEmpty());
    });
    m_tabs->setCurrentIndex(kTabTrained);
    return box;
}

void DatasetPreviewCard::reset() {
    m_rows = 0;
    m_row = 0;
    m_choice = RowChoice::All;
    m_numbers.reset();
    m_raw->clear();
    m_rendered->clear();
    m_tokens->setTokens({});
    m_trained->setTokens({});
    m_noteText->clear();
    m_note->hide();
    m_legend->hide();
    m_problem->hide();
    updateHead();
}

void DatasetPreviewCard::setRowCount(int64_t rows) {
    m_rows = rows;
    m_row = std::clamp<int64_t>(m_row, 0, std::max<int64_t>(0, rows - 1));
    updateHead();
}

void DatasetPreviewCard::setNumbers(const std::optional<DatasetNumbers>& numbers) {
    m_numbers = numbers;
    if (m_choice != RowChoice::All && !chosenRows())
        m_choice = RowChoice::All;
    updateHead();
}

const std::vector<int64_t>* DatasetPreviewCard::chosenRows() const {
    if (!m_numbers)
        return nullptr;
    const auto ifAny = [](const std::vector<int64_t>& rows) { return rows.empty() ? nullptr : &rows; };
    switch (m_choice) {
    case RowChoice::All:
        return nullptr;
    case RowChoice::Truncated:
        return ifAny(m_numbers->truncatedRows);
    case RowChoice::NeverTrained:
        return ifAny(m_numbers->neverTrainedRows);
    case RowChoice::Empty:
        return ifAny(m_numbers->emptyRows);
    case RowChoice::Unfit:
        return ifAny(m_numbers->unfitRows);
    case RowChoice::Duplicates:
        return ifAny(m_numbers->duplicateRows);
    }
    Q_UNREACHABLE();
}

void DatasetPreviewCard::goThrough(RowChoice choice) {
    m_choice = choice;
    const std::vector<int64_t>* rows = chosenRows();
    if (!rows)
        m_choice = RowChoice::All;
    ask(rows ? rows->front() : m_row);
}

void DatasetPreviewCard::ask(int64_t row) {
    m_row = std::clamp<int64_t>(row, 0, std::max<int64_t>(0, m_rows - 1));
    updateHead();
    if (m_rows > 0)
        emit rowWanted(m_row);
}

void DatasetPreviewCard::step(int by) {
    const std::vector<int64_t>* rows = chosenRows();
    if (!rows) {
        ask(m_row + by);
        return;
    }
    const auto here = std::lower_bound(rows->begin(), rows->end(), m_row) - rows->begin();
    ask((*rows)[size_t(std::clamp<int64_t>(here + by, 0, int64_t(rows->size()) - 1))]);
}

void DatasetPreviewCard::updateHead() {
    const std::vector<int64_t>* rows = chosenRows();
    {
        const QSignalBlocker quiet(m_number);
        m_number->setRange(m_rows > 0 ? 1 : 0, int(std::min<int64_t>(m_rows, std::numeric_limits<int>::max())));
        m_number->setValue(int(m_rows > 0 ? m_row + 1 : 0));
    }
    m_number->setEnabled(m_rows > 0);
    m_of->setText(tr("of %1").arg(formatCount(m_rows)));
    m_previous->setEnabled(rows ? m_row > rows->front() : m_row > 0);
    m_next->setEnabled(rows ? m_row < rows->back() : m_row + 1 < m_rows);
    const RowChoice chosen = m_choice;
    for (const auto& [choice, action] : qAsConst(m_goToActions)) {
        m_choice = choice;
        action->setEnabled(chosenRows() != nullptr);
    }
    m_choice = chosen;
    m_longest->setEnabled(m_numbers && m_numbers->longestRow >= 0);
    m_goTo->setEnabled(m_numbers.has_value());
    if (!rows) {
        m_filter->hide();
        return;
    }
    m_filter->tell(LabelTone::Plain, {}, choiceText(m_choice, int64_t(rows->size())));
    connect(m_filter->addAction(tr("Show all")), &QPushButton::clicked, this, [this] {
        m_choice = RowChoice::All;
        updateHead();
    });
}

void DatasetPreviewCard::showRow(const DatasetRow& row, TrainOn trainOn, int maxLength) {
    m_raw->setPlainText(row.raw);
    m_rendered->setPlainText(row.rendered);
    QList<TokenText> plain, masked;
    for (int i = 0; i < row.tokens.size(); ++i) {
        plain.append(asTokenText(row.tokens[i], i, false));
        masked.append(asTokenText(row.tokens[i], i, true));
    }
    m_tokens->setTokens(plain);
    m_trained->setTokens(masked);
    m_trained->setAccessibleDescription(
        tr("%1 of %2 are trained").arg(formatCount(row.trained), tokensText(row.length)));
    const int tab = m_tabs->currentIndex();
    m_legend->setCounts(row.trained, row.readOnly, row.length - row.trained - row.readOnly, maxLength,
                        tab == kTabTrained);
    m_legend->setVisible(tab >= kTabTokens);
    if (row.problem.isEmpty())
        m_problem->hide();
    else
        m_problem->tell(LabelTone::Warning, tr("This row is left out."), row.problem);
    updateNote(row, trainOn);
}

void DatasetPreviewCard::updateNote(const DatasetRow& row, TrainOn trainOn) {
    QString note;
    if (row.problem.isEmpty() && row.trained > 0)
        note = trainOn == TrainOn::All ? tr("Every token after the first is trained, the prompt's too.")
                                       : tr("Only answers and the tokens that end them are trained; the rest is read.");
    m_noteText->setText(note);
    m_note->setVisible(!note.isEmpty() && m_tabs->currentIndex() == kTabTrained);
}

void DatasetPreviewCard::showProblem(const QString& problem) {
    m_tokens->setTokens({});
    m_trained->setTokens({});
    m_rendered->clear();
    m_legend->hide();
    m_note->hide();
    m_problem->tell(LabelTone::Warning, {}, problem);
}

} // namespace lorikeet::ui
