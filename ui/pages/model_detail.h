// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/models/model_table_model.h"
#include "ui/session/model_desk.h"
#include "ui/session/perplexity_desk.h"

class QAction;
class QBoxLayout;
class QPushButton;
class QSortFilterProxyModel;

namespace lorikeet::ui {

class Banner;
class Card;
class DataTable;
class ElidedLabel;
class ModelErrorsCard;
class ModelFactsCard;
class ModelPerplexityCard;
class ModelWeightsCard;
class TensorTableModel;

/// All about one model: what its configuration says, its tensors, how the weights of one lie, what quantizing costs in
/// accuracy of weights and in perplexity.
class ModelDetail : public QWidget {
    Q_OBJECT
public:
    explicit ModelDetail(const std::shared_ptr<Workshop>& workshop, QWidget* parent = nullptr);

    void setEntry(const ModelEntry& entry);
    /// No model is shown: what is being computed ends.
    void clear();

signals:
    void newRunWanted();
    void chatWanted();
    void removeWanted();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeHead();
    QWidget* makeContent();
    Card* makeTensorsCard();
    void connectDesk();
    void showState();
    void showModel(const ModelInspection& facts);
    QString modelPath() const;
    void chooseTensor();
    void study();
    QString tensor() const;

    ModelEntry m_entry;
    ModelDesk m_desk;
    PerplexityDesk m_perplexityDesk;
    ElidedLabel* m_name;
    ElidedLabel* m_path;
    QPushButton *m_use, *m_chat;
    QAction* m_openFolder;
    Banner* m_banner;
    QWidget* m_content;
    QBoxLayout* m_columns;
    QWidget* m_right;
    ModelFactsCard* m_facts;
    TensorTableModel* m_tensors;
    QSortFilterProxyModel* m_filter;
    DataTable* m_table;
    ModelWeightsCard* m_weights;
    ModelErrorsCard* m_errors;
    ModelPerplexityCard* m_perplexity;
};

} // namespace lorikeet::ui
