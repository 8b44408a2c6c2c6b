// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jobs/model_library.h"
#include "ui/widgets/card.h"

class QGridLayout;

namespace lorikeet::ui {

/// What a model's configuration says.
class ModelFactsCard : public Card {
    Q_OBJECT
public:
    explicit ModelFactsCard(QWidget* parent = nullptr);

    void setFacts(const lorikeet::ModelInspection& facts);

private:
    QGridLayout* m_grid;
};

} // namespace lorikeet::ui
