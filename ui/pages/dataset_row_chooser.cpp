// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/dataset_row_chooser.h"

#include <QAction>
#include <QHBoxLayout>
#include <QMenu>
#include <QSignalBlocker>
#include <QSpinBox>

#include <algorithm>
#include <limits>

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kNumberDigits = 7;

} // namespace

DatasetRowChooser::DatasetRowChooser(QWidget* parent)
    : QWidget(parent), m_previous(makeIconButton(QStringLiteral("chevron-left"), tr("Previous row (Alt+Up)"))),
      m_next(makeIconButton(QStringLiteral("chevron-right"), tr("Next row (Alt+Down)"))), m_number(new QSpinBox),
      m_of(makeLabel({}, LabelRole::Secondary)), m_goTo(makeButton(tr("Go to…"))), m_longest(nullptr) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGrid);
    m_number->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_number->setFixedWidth(m_number->fontMetrics().horizontalAdvance(QString(kNumberDigits, QLatin1Char('0'))) +
                            2 * metrics::kGrid);
    m_number->setKeyboardTracking(false);
    m_number->setAccessibleName(tr("Row"));
    m_number->setToolTip(tr("The number of the row that is shown"));
    m_previous->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Up));
    m_next->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Down));
    m_goTo->setToolTip(tr("Rows that are worth a look; known once all rows have been counted"));
    m_goTo->setIcon(icon(QStringLiteral("chevron-down"), ColorToken::Secondary));
    m_goTo->setLayoutDirection(Qt::RightToLeft); // the arrow stands behind the words
    m_goTo->setMenu(makeMenu());
    for (QWidget* part : std::initializer_list<QWidget*>{m_previous, m_number, m_of, m_next, m_goTo})
        layout->addWidget(part);
    connect(m_previous, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { step(1); });
    connect(m_number, qOverload<int>(&QSpinBox::valueChanged), this, [this](int number) {
        choose(RowChoice::All);
        ask(number - 1);
    });
    refresh();
}

QMenu* DatasetRowChooser::makeMenu() {
    auto* menu = new QMenu(m_goTo);
    menu->setLayoutDirection(Qt::LeftToRight);
    addGoTo(menu, tr("First truncated row"), RowChoice::Truncated);
    addGoTo(menu, tr("First row that is never trained"), RowChoice::NeverTrained);
    addGoTo(menu, tr("First empty row"), RowChoice::Empty);
    addGoTo(menu, tr("First row that does not fit"), RowChoice::Unfit);
    addGoTo(menu, tr("First duplicate"), RowChoice::Duplicates);
    m_longest = menu->addAction(tr("Longest row"), this, [this] {
        choose(RowChoice::All);
        ask(m_numbers->longestRow);
    });
    return menu;
}

void DatasetRowChooser::addGoTo(QMenu* menu, const QString& text, RowChoice choice) {
    QAction* action = menu->addAction(text, this, [this, choice] {
        choose(RowChoice::All);
        ask(rowsOf(choice)->front());
    });
    m_goToActions.append({choice, action});
}

void DatasetRowChooser::reset() {
    m_rows = 0;
    m_row = 0;
    m_numbers.reset();
    choose(RowChoice::All);
    refresh();
}

void DatasetRowChooser::setRowCount(int64_t rows) {
    m_rows = rows;
    m_row = std::clamp<int64_t>(m_row, 0, std::max<int64_t>(0, rows - 1));
    refresh();
}

void DatasetRowChooser::setNumbers(const std::optional<DatasetNumbers>& numbers) {
    m_numbers = numbers;
    const bool stays = m_choice == RowChoice::All || rowsOf(m_choice);
    choose(stays ? m_choice : RowChoice::All);
    refresh();
}

const std::vector<int64_t>* DatasetRowChooser::rowsOf(RowChoice choice) const {
    if (!m_numbers)
        return nullptr;
    const auto ifAny = [](const std::vector<int64_t>& rows) { return rows.empty() ? nullptr : &rows; };
    switch (choice) {
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

int64_t DatasetRowChooser::chosen() const {
    const std::vector<int64_t>* rows = rowsOf(m_choice);
    return rows ? int64_t(rows->size()) : m_rows;
}

void DatasetRowChooser::choose(RowChoice choice) {
    m_choice = choice;
    emit choiceChanged(); // also where there are more or fewer of the same kind
}

void DatasetRowChooser::goThrough(RowChoice choice) {
    const std::vector<int64_t>* rows = rowsOf(choice);
    choose(rows ? choice : RowChoice::All);
    ask(rows ? rows->front() : m_row);
}

void DatasetRowChooser::goThroughAll() {
    choose(RowChoice::All);
    refresh();
}

void DatasetRowChooser::ask(int64_t row) {
    m_row = std::clamp<int64_t>(row, 0, std::max<int64_t>(0, m_rows - 1));
    refresh();
    if (m_rows > 0)
        emit rowWanted(m_row);
}

void DatasetRowChooser::step(int by) {
    const std::vector<int64_t>* rows = rowsOf(m_choice);
    if (!rows) {
        ask(m_row + by);
        return;
    }
    const auto here = std::lower_bound(rows->begin(), rows->end(), m_row) - rows->begin();
    ask((*rows)[size_t(std::clamp<int64_t>(here + by, 0, int64_t(rows->size()) - 1))]);
}

void DatasetRowChooser::refresh() {
    {
        const QSignalBlocker quiet(m_number);
        m_number->setRange(m_rows > 0 ? 1 : 0, int(std::min<int64_t>(m_rows, std::numeric_limits<int>::max())));
        m_number->setValue(int(m_rows > 0 ? m_row + 1 : 0));
    }
    const std::vector<int64_t>* rows = rowsOf(m_choice);
    m_number->setEnabled(m_rows > 0);
    m_of->setText(tr("of %1").arg(formatCount(m_rows)));
    m_previous->setEnabled(rows ? m_row > rows->front() : m_row > 0);
    m_next->setEnabled(rows ? m_row < rows->back() : m_row + 1 < m_rows);
    for (const auto& [choice, action] : qAsConst(m_goToActions))
        action->setEnabled(rowsOf(choice) != nullptr);
    m_longest->setEnabled(m_numbers && m_numbers->longestRow >= 0);
    m_goTo->setEnabled(m_numbers.has_value());
}

} // namespace lorikeet::ui
