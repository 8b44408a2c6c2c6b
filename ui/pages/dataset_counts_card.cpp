// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/dataset_counts_card.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QPushButton>

#include <cmath>

#include "ui/models/dataset_words.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kLineHeight = 22;

} // namespace

DatasetCountsCard::DatasetCountsCard(QWidget* parent)
    : Card(tr("Counts"), parent), m_grid(new QGridLayout), m_table(new QWidget),
      m_showTruncated(makeButton({}, ButtonKind::Link)), m_counting(new QWidget),
      m_soFar(makeLabel({}, LabelRole::Secondary)), m_nothing(new QWidget),
      m_why(makeParagraph({}, LabelRole::BodySecondary)) {
    m_showTruncated->setAccessibleName(tr("Show the truncated rows"));
    m_showTruncated->setToolTip(tr("The preview goes through these rows only"));
    head()->addWidget(m_showTruncated);
    head()->addWidget(makeCounting());
    auto* nothing = new QVBoxLayout(m_nothing);
    nothing->setContentsMargins(0, 0, 0, 0);
    nothing->addWidget(m_why);
    QPushButton* count = makeButton(tr("Count rows"));
    count->setToolTip(tr("Turn every row into tokens and count"));
    nothing->addWidget(count, 0, Qt::AlignLeft);
    body()->addWidget(m_nothing);

    m_table->setLayout(m_grid);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(metrics::kGrid + metrics::kInside);
    m_grid->setVerticalSpacing(0);
    m_grid->setColumnStretch(0, 1);
    m_rows = addLine(tr("Rows"), tr("Rows of the file"));
    m_truncated = addLine(tr("Truncated"), tr("Rows longer than the sequence length: their end is cut off"));
    m_empty = addLine(tr("Empty"), tr("Rows without any text: they are left out"));
    m_never = addLine(tr("Never trained"), tr("Rows none of whose tokens is trained, or not within the sequence "
                                              "length: they are left out"));
    m_unfit = addLine(tr("Do not fit"), tr("Rows whose columns are not what the format asks for: they are left out"));
    m_duplicates = addLine(tr("Duplicates"), tr("Rows that train the same tokens as one before them"));
    m_tokens = addLine(tr("Tokens"), tr("Of the rows that are used, after the cut"));
    m_trained = addLine(tr("Trained tokens"), tr("Tokens that the model learns to write, and their share"));
    m_longest = addLine(tr("Longest row"), tr("Its length before the cut, and which it is"));
    body()->addWidget(m_table);
    connect(count, &QPushButton::clicked, this, &DatasetCountsCard::countWanted);
    connect(m_showTruncated, &QPushButton::clicked, this, &DatasetCountsCard::truncatedRowsWanted);
    reset();
}

QWidget* DatasetCountsCard::makeCounting() {
    auto* line = new QHBoxLayout(m_counting);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(metrics::kGrid);
    line->addWidget(m_soFar);
    QPushButton* cancel = makeButton(tr("Cancel"), ButtonKind::Link);
    cancel->setAccessibleName(tr("Cancel the counting"));
    cancel->setToolTip(tr("Stop going through the rows"));
    line->addWidget(cancel);
    connect(cancel, &QPushButton::clicked, this, &DatasetCountsCard::cancelWanted);
    return m_counting;
}

DatasetCountsCard::Line DatasetCountsCard::addLine(const QString& title, const QString& explanation) {
    const int row = 2 * m_grid->rowCount();
    QFrame* hairline = makeHairline();
    m_grid->addWidget(hairline, row, 0, 1, 3);
    QLabel* name = makeLabel(title, LabelRole::BodySecondary);
    name->setToolTip(explanation);
    name->setMinimumHeight(kLineHeight);
    Line line{makeLabel({}, LabelRole::Value), makeLabel({}, LabelRole::Secondary), {}};
    line.value->setFont(Theme::withTabularFigures(line.value->font()));
    line.value->setAccessibleName(title);
    line.share->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    line.share->setMinimumWidth(4 * metrics::kGap - metrics::kGrid);
    m_grid->addWidget(name, row + 1, 0);
    m_grid->addWidget(line.value, row + 1, 1, Qt::AlignRight | Qt::AlignVCenter);
    m_grid->addWidget(line.share, row + 1, 2, Qt::AlignRight | Qt::AlignVCenter);
    line.all = {hairline, name, line.value, line.share};
    return line;
}

void DatasetCountsCard::setNumbers(const DatasetNumbers& numbers) {
    m_hasNumbers = true;
    const double rows = double(std::max<int64_t>(1, numbers.rows));
    const auto show = [&](const Line& line, int64_t count) {
        line.value->setText(formatCount(count));
        line.share->setText(formatShare(double(count) / rows));
        setTone(line.value, count > 0 ? LabelTone::Warning : LabelTone::Plain);
    };
    m_rows.value->setText(formatCount(numbers.rows));
    show(m_truncated, numbers.truncated);
    show(m_empty, numbers.empty);
    show(m_never, numbers.neverTrained);
    show(m_unfit, numbers.unfit);
    for (QWidget* part : qAsConst(m_unfit.all))
        part->setVisible(numbers.unfit > 0); // rare enough not to be told where there are none
    show(m_duplicates, numbers.duplicates);
    const auto used = double(std::max<size_t>(1, numbers.lengths.size()));
    m_tokens.value->setText(formatBig(numbers.tokens));
    m_tokens.share->setText(tr("mean %1").arg(formatCount(std::llround(double(numbers.tokens) / used))));
    m_trained.value->setText(formatBig(numbers.trainedTokens));
    m_trained.share->setText(formatShare(double(numbers.trainedTokens) / double(std::max<int64_t>(1, numbers.tokens))));
    m_longest.value->setText(tokensText(numbers.longest));
    m_longest.share->setText(numbers.longestRow < 0 ? QString()
                                                    : tr("row %1").arg(formatCount(numbers.longestRow + 1)));
    const QString text = numbers.truncated == 1 ? tr("Show the truncated row")
                                                : tr("Show the %1 truncated rows").arg(formatCount(numbers.truncated));
    m_showTruncated->setText(text);
    m_hasTruncated = numbers.truncated > 0;
    showCounting(false);
}

void DatasetCountsCard::reset() {
    m_hasNumbers = false;
    m_hasTruncated = false;
    showCounting(false);
    m_nothing->hide();
}

void DatasetCountsCard::setUncounted(const QString& why) {
    reset();
    m_why->setText(why.isEmpty() ? tr("The rows have not been counted.") : why);
    m_nothing->show();
}

void DatasetCountsCard::setProgress(double done) {
    m_soFar->setText(tr("Counting, %1").arg(formatShare(done)));
    showCounting(true);
}

void DatasetCountsCard::showCounting(bool counting) {
    m_counting->setVisible(counting);
    m_showTruncated->setVisible(m_hasTruncated && !counting);
    m_table->setVisible(m_hasNumbers);
    m_nothing->hide();
}

} // namespace lorikeet::ui
