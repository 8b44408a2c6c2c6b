// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QTimer>

#include <memory>
#include <vector>

#include "ui/pages/comparison.h"
#include "ui/pages/page.h"
#include "ui/session/background.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace lorikeet::ui {

class Banner;
class Card;
class CompareAnswers;
class CompareChips;
class CompareCurves;
class CompareTable;
class ComparisonModel;
class RunFollower;
class RunPicker;

/// Runs beside each other: their curves in one chart, a column of settings and results for each, and what each answers
/// to the same prompt. The first is the reference.
class ComparePage : public Page {
    Q_OBJECT
public:
    /// As many as colours and dashes tell apart.
    static constexpr int kMostRuns = 6;

    ComparePage(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);
    ~ComparePage() override;

    QStringList runs() const;
    /// Settings and results as they are shown, as comma-separated values.
    QByteArray csv() const;
    /// Writes csv() in the background; what goes wrong is told on the page.
    void saveCsv(const QString& path);

public slots:
    /// Compares these runs; a single one is added to those that are compared already.
    void compare(const QStringList& runs);

signals:
    void saved(const QString& path);

private:
    struct Compared {
        QString id;
        int style = 0; ///< keeps its colour and dashes while it is compared
        std::unique_ptr<RunFollower> follower;
    };

    QWidget* makeContent();
    Card* makeTableCard();
    QWidget* makeAnswerBar();
    void connectParts();
    void add(const QString& run);
    void remove(const QString& run);
    void move(const QString& run, int place);
    void clear();
    void askWhereToSave();
    QString titleOf(const Compared& run) const;
    /// Other runs, or another order.
    void rebuild();
    /// The same runs, with what is new of them.
    void refresh();
    void updateAsking();

    std::vector<Compared> m_runs;
    std::vector<ComparisonRow> m_settings;
    int m_loadedRuns = 0; ///< that m_settings were read from
    QTimer m_refreshTimer;

    Banner* m_banner;
    QStackedWidget* m_stack;
    QPushButton *m_clear, *m_save;
    CompareChips* m_chips;
    RunPicker* m_picker;
    CompareCurves* m_curves;
    ComparisonModel* m_model;
    CompareAnswers* m_answers;
    CompareTable *m_table, *m_answerTable;
    QCheckBox* m_differencesOnly;
    QLabel* m_count;
    QLineEdit* m_prompt;
    QPushButton* m_ask;
    BackgroundTask m_saving;
};

} // namespace lorikeet::ui
