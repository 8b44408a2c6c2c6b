// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jobs/weight_study.h"
#include "ui/widgets/card.h"

class QTableView;

namespace lorikeet::ui {

class ErrorTableModel;
class SegmentedControl;

/// What quantizing costs in accuracy, by type and blocksize, for the chosen tensor or for all linear layers.
class ModelErrorsCard : public Card {
    Q_OBJECT
public:
    explicit ModelErrorsCard(QWidget* parent = nullptr);

    bool isOfAllLayers() const;
    /// Nothing is known; it is being computed.
    void reset();
    void setProgress(double done);
    void setStudy(const ErrorStudy& study);
    /// `why` is empty where it was cancelled.
    void setNotStudied(const QString& why);

signals:
    /// The user wants it of the tensor or of all layers, or once more.
    void wanted();
    void cancelWanted();

private:
    SegmentedControl* m_scope;
    ErrorTableModel* m_model;
    QTableView* m_table;
    QWidget* m_computing;
    QLabel* m_soFar;
    QLabel* m_note;
    class QPushButton* m_again;
};

} // namespace lorikeet::ui
