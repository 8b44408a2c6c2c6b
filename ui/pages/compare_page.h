// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QTimer>

#include <memory>
#include <vector>

#include "ui/pages/page.h"
#include "ui/session/background.h"

class QPushButton;
class QStackedWidget;

namespace lorikeet::ui {

class Banner;
class CompareChips;
class CompareCurves;
class CompareTableCard;
class RunFollower;
class RunPicker;

/// Runs beside each other: their curves in one chart, a column of settings and results for each, and what each answers
/// to the same prompt. The first is the reference. The runs are remembered.
class ComparePage : public Page {
    Q_OBJECT
public:
    /// As many as colours and dashes tell apart.
    static constexpr int kMostRuns = 6;

    ComparePage(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);
    ~ComparePage() override;

    QStringList runs() const;
    /// Writes settings and results as they are shown, in the background; what goes wrong is told on the page.
    void saveCsv(const QString& path);

public slots:
    /// Compares these runs; a single one is added to those that are compared already.
    void compare(const QStringList& runs);

signals:
    void saved(const QString& path);

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Compared {
        QString id;
        int style = 0; ///< keeps its colour and dashes while it is compared
        std::unique_ptr<RunFollower> follower;
    };

    QWidget* makeContent();
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
    void refreshSoon();
    /// Compares those of the last time again, once it is known which are still there.
    void restore();
    void remember();

    std::vector<Compared> m_runs;
    QTimer m_refreshTimer;

    Banner* m_banner;
    QStackedWidget* m_stack;
    QPushButton *m_clear, *m_save;
    CompareChips* m_chips;
    RunPicker* m_picker;
    CompareCurves* m_curves;
    CompareTableCard* m_table;
    QStringList m_remembered; ///< of the last time, until they are compared again
    BackgroundTask m_saving;
};

} // namespace lorikeet::ui
