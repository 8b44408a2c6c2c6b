// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include "core/data/data_config.h"
#include "ui/widgets/card.h"

class QComboBox;
class QSpinBox;

namespace lorikeet::ui {

class Field;

/// What rows are measured with: the model whose words they become, the template, what is trained, and the cut.
class DatasetMeasureCard : public Card {
    Q_OBJECT
public:
    explicit DatasetMeasureCard(QWidget* parent = nullptr);

    /// The library's models that are there; the chosen one stays chosen where it still is.
    void setModels(const QStringList& names);
    QString model() const;
    void chooseModel(const QString& name);
    /// Shows the dataset's own values. Tells nobody.
    void setData(const DataConfig& config);
    /// Whether rows go through a chat template as things are.
    void setUsesChatTemplate(bool uses);
    void setLength(int maxLength);
    /// `config` with this card's values in it.
    DataConfig applied(DataConfig config) const;

signals:
    void modelChosen(const QString& name);
    /// The user changed one of the other values.
    void edited();

private:
    QComboBox* m_model;
    QComboBox* m_template;
    QComboBox* m_trainOn;
    QSpinBox* m_length;
};

} // namespace lorikeet::ui
