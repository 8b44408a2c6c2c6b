// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/dataset_columns_card.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QScrollBar>

#include "ui/models/dataset_words.h"
#include "ui/theme/scale.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kRoleWidth = 136;
constexpr double kRowsSeen = 5.5; // before the list of columns scrolls; the half row shows that it does

constexpr RowFormat kFormats[] = {RowFormat::PromptCompletion, RowFormat::Alpaca, RowFormat::Messages,
                                  RowFormat::ShareGpt, RowFormat::Text};

/// A scroll area that is as high as its content, up to a bound.
class GrowingArea : public QScrollArea {
public:
    QSize sizeHint() const override {
        const int rowHeight = metrics::kControl + metrics::kGap;
        const int content = widget() ? widget()->sizeHint().height() : 0;
        return {QScrollArea::sizeHint().width(), std::min(content, int((kRowsSeen + 1) * rowHeight))};
    }
    QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (watched == widget() && event->type() == QEvent::LayoutRequest)
            updateGeometry();
        return QScrollArea::eventFilter(watched, event);
    }
};

} // namespace

DatasetColumnsCard::DatasetColumnsCard(QWidget* parent)
    : Card(tr("Columns"), parent), m_format(new QComboBox), m_rows(new QWidget), m_grid(new QGridLayout(m_rows)),
      m_scroll(new GrowingArea) {
    head()->addWidget(makeLabel(tr("Format"), LabelRole::Secondary));
    m_format->setAccessibleName(tr("Format of the rows"));
    m_format->setToolTip(
        tr("What the rows of the file look like. Left to detection, the names of the columns decide."));
    m_format->setWhatsThis(m_format->toolTip());
    m_format->setMinimumContentsLength(22);
    m_format->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_format->setMinimumWidth(scaled(kRoleWidth));
    head()->addWidget(m_format);
    setFlushBody();
    m_rows->setProperty("role", QStringLiteral("content"));
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(0);
    m_scroll->setWidget(m_rows);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    body()->addWidget(m_scroll);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    showFormats(RowFormat::Auto);
    connect(m_format, qOverload<int>(&QComboBox::activated), this,
            [this](int index) { emit mappingChosen(RowFormat(m_format->itemData(index).toInt()), {}); });
}

void DatasetColumnsCard::showFormats(RowFormat asked) {
    const QSignalBlocker quiet(m_format);
    m_format->clear();
    const bool isFound = asked == RowFormat::Auto && m_facts.format != RowFormat::Auto;
    m_format->addItem(isFound ? tr("%1, detected").arg(formatTitle(m_facts.format)) : formatTitle(RowFormat::Auto),
                      int(RowFormat::Auto));
    for (const RowFormat format : kFormats)
        m_format->addItem(formatTitle(format), int(format));
    m_format->setCurrentIndex(std::max(0, m_format->findData(int(asked))));
}

bool DatasetColumnsCard::hasSameColumns(const DatasetFacts& facts) const {
    return std::equal(facts.columns.begin(), facts.columns.end(), m_facts.columns.begin(), m_facts.columns.end(),
                      [](const auto& a, const auto& b) { return a.name == b.name && a.firstValue == b.firstValue; }) &&
           m_roles.size() == facts.columns.size();
}

void DatasetColumnsCard::setFacts(const DatasetFacts& facts, RowFormat asked) {
    const bool keepsRows = hasSameColumns(facts);
    m_facts = facts;
    showFormats(asked);
    if (!keepsRows)
        makeRows();
    for (int i = 0; i < m_roles.size(); ++i)
        fillRoles(m_roles[i], m_facts.columns[i].role);
    setEditable(m_isEditable);
}

void DatasetColumnsCard::clear() {
    m_facts = {};
    showFormats(RowFormat::Auto);
    makeRows();
    m_format->setEnabled(false);
}

void DatasetColumnsCard::setEditable(bool editable) {
    m_isEditable = editable;
    const QString whyNot = editable ? QString() : tr("The starter dataset cannot be changed.");
    m_format->setEnabled(editable);
    m_format->setToolTip(editable ? m_format->whatsThis() : whyNot);
    for (QComboBox* role : qAsConst(m_roles)) {
        role->setEnabled(editable);
        role->setToolTip(editable ? role->whatsThis() : whyNot);
    }
}

void DatasetColumnsCard::makeRows() {
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_roles.clear();
    const auto cell = [](QWidget* content, int height, int right = 0) {
        auto* box = new QWidget;
        auto* layout = new QHBoxLayout(box);
        layout->setContentsMargins(metrics::kGap, 0, right, 0);
        layout->addWidget(content);
        box->setMinimumHeight(height);
        return box;
    };
    const QStringList titles = {tr("Column"), tr("Role"), tr("First row")};
    for (int i = 0; i < titles.size(); ++i)
        m_grid->addWidget(cell(makeLabel(titles[i], LabelRole::Secondary), metrics::kControl - metrics::kInside), 0, i);
    for (int i = 0; i < m_facts.columns.size(); ++i) {
        const DatasetColumn& column = m_facts.columns[i];
        m_grid->addWidget(makeHairline(), 2 * i + 1, 0, 1, 3);
        auto* name = new ElidedLabel(column.name, Qt::ElideMiddle);
        name->setProperty("face", QStringLiteral("mono"));
        auto* role = new QComboBox;
        role->setAccessibleName(tr("Role of the column %1").arg(column.name));
        role->setWhatsThis(tr("What this column is to the model. Ignored columns are not shown to it."));
        role->setFixedWidth(scaled(kRoleWidth));
        connect(role, qOverload<int>(&QComboBox::activated), this,
                [this, i, role](int index) { chooseRole(i, role->itemData(index).toString().toStdString()); });
        auto* value = new ElidedLabel(column.firstValue);
        value->setProperty("role", QStringLiteral("body-secondary"));
        const int height = metrics::kControl + metrics::kGap;
        m_grid->addWidget(cell(name, height), 2 * i + 2, 0);
        m_grid->addWidget(cell(role, height), 2 * i + 2, 1);
        m_grid->addWidget(cell(value, height, metrics::kGap), 2 * i + 2, 2);
        m_roles.append(role);
    }
    m_grid->setColumnStretch(0, 1);
    m_grid->setColumnStretch(2, 3);
    m_scroll->updateGeometry();
}

void DatasetColumnsCard::fillRoles(QComboBox* combo, const std::string& role) {
    const QSignalBlocker quiet(combo);
    combo->clear();
    for (const std::string& one : m_facts.roles)
        combo->addItem(roleTitle(one), QString::fromStdString(one));
    combo->addItem(tr("Ignore"), QString());
    combo->setCurrentIndex(std::max(0, combo->findData(QString::fromStdString(role))));
}

void DatasetColumnsCard::chooseRole(int column, const std::string& role) {
    std::map<std::string, std::string> columns;
    for (int i = 0; i < m_facts.columns.size(); ++i) {
        const std::string own = i == column ? role : m_facts.columns[i].role;
        // A role is played by one column: the one that had it before is ignored from now on.
        if (!own.empty() && (i == column || own != role))
            columns[own] = m_facts.columns[i].name.toStdString();
    }
    // What nothing is said of would be found by its name again.
    for (const std::string& named : m_facts.namedRoles)
        columns.try_emplace(named);
    emit mappingChosen(m_facts.format == RowFormat::Auto ? RowFormat::PromptCompletion : m_facts.format, columns);
}

} // namespace lorikeet::ui
