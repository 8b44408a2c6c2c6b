// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "ui/session/dataset_facts.h"
#include "ui/widgets/card.h"

class QComboBox;
class QGridLayout;
class QScrollArea;

namespace lorikeet::ui {

/// The format of a dataset's rows, and which column plays which role in it.
class DatasetColumnsCard : public Card {
    Q_OBJECT
public:
    explicit DatasetColumnsCard(QWidget* parent = nullptr);

    /// `asked` is the format that the dataset's entry asks for, `facts` what came of it.
    void setFacts(const DatasetFacts& facts, RowFormat asked);
    /// Nothing is known yet: no rows, and the controls rest.
    void clear();
    /// A dataset that is built in cannot be mapped otherwise.
    void setEditable(bool editable);

signals:
    /// The user wants another mapping.
    void mappingChosen(lorikeet::RowFormat format, const std::map<std::string, std::string>& columns);

private:
    void showFormats(RowFormat asked);
    void makeRows();
    void fillRoles(QComboBox* combo, const std::string& role);
    void chooseRole(int column, const std::string& role);
    bool hasSameColumns(const DatasetFacts& facts) const;

    DatasetFacts m_facts;
    bool m_isEditable = true;
    QComboBox* m_format;
    QWidget* m_rows;
    QGridLayout* m_grid;
    QScrollArea* m_scroll;
    QList<QComboBox*> m_roles;
};

} // namespace lorikeet::ui
