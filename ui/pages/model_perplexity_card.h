// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jobs/perplexity_study.h"
#include "ui/charts/chart_card.h"

class QPushButton;

namespace lorikeet::ui {

class GroupChart;

/// How well a model predicts a text in each type and blocksize of quantization, beside the bits that its weights take.
class ModelPerplexityCard : public ChartCard {
    Q_OBJECT
public:
    explicit ModelPerplexityCard(QWidget* parent = nullptr);

    /// The text to score; empty for the starter dataset's.
    const QString& textFile() const { return m_textFile; }
    /// Whether all cases are known.
    bool isMeasured() const { return m_isMeasured; }
    /// Nothing is known of the model. `why` says why it cannot be measured; empty where it can.
    void reset(const QString& why);
    void setProgress(double done, const std::vector<lorikeet::PerplexityCase>& cases);
    void setStudy(const lorikeet::PerplexityStudy& study);
    /// `why` is empty where it was cancelled; what is known stays.
    void setNotStudied(const QString& why);

signals:
    void wanted();
    void cancelWanted();

private:
    ModelPerplexityCard(GroupChart* chart, QWidget* parent);
    QWidget* makeFoot();
    void setTextFile(const QString& path);
    void chooseText();
    void setIsMeasuring(bool isMeasuring);
    void showCases(const std::vector<PerplexityCase>& cases);

    GroupChart* m_chart;
    QString m_textFile;
    bool m_isMeasured = false;
    QPushButton* m_text;
    QPushButton* m_compare;
    QPushButton* m_cancel;
    QLabel* m_note;
};

} // namespace lorikeet::ui
