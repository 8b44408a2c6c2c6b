// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

#include <memory>

#include "ui/widgets/memory_bar.h"

class QGridLayout;
class QLabel;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace lorikeet {
struct RunCheck;
struct RunConfig;
struct RunProblem;
} // namespace lorikeet

namespace lorikeet::ui {

class RunDraft;

/// What a run would take of its device, as MemoryBar shows it.
MemoryPicture memoryPicture(const RunCheck& check);
/// "4.78 GiB over", "Fits", or nothing where it is not known.
QString fitText(const RunCheck& check);

/// A part of the panel beside a run that is set up: a title with something at the right, and what stands below.
class PanelSection : public QWidget {
    Q_OBJECT
public:
    explicit PanelSection(const QString& title, QWidget* parent = nullptr);

protected:
    void addToHead(QWidget* widget);
    QVBoxLayout* body() const { return m_body; }

private:
    class QHBoxLayout* m_head;
    QVBoxLayout* m_body;
};

/// The memory by tag, and what would make it fit.
class MemorySection : public PanelSection {
    Q_OBJECT
public:
    explicit MemorySection(QWidget* parent = nullptr);

    void showCheck(const RunCheck& check);
    /// What is being read of the run's files while the numbers are provisional; may be empty.
    void showReading(const QString& text);

signals:
    void fitWanted();

private:
    void showLegend(const MemoryPicture& picture, bool fits);
    void showFit(const RunCheck& check);
    void paintSwatches();

    QLabel *m_device, *m_figure, *m_free, *m_verdictIcon, *m_verdict, *m_note;
    MemoryBar* m_bar;
    QGridLayout* m_legend;
    struct Row {
        QString tag;
        QLabel *swatch, *title, *bytes;
    };
    QList<Row> m_rows;
    QPushButton* m_makeItFit;
    QLabel* m_changes;
};

/// How long it would take.
class TimeSection : public PanelSection {
    Q_OBJECT
public:
    explicit TimeSection(QWidget* parent = nullptr);

    void showCheck(const RunCheck& check);

private:
    QLabel *m_time, *m_details;
};

/// What is wrong or remarkable, each with the button that mends it.
class ProblemsSection : public PanelSection {
    Q_OBJECT
public:
    explicit ProblemsSection(QWidget* parent = nullptr);

    /// `mistakes` are of controls and come first.
    void showProblems(const QStringList& mistakes, const RunCheck& check);

signals:
    /// The button of the problem with this index in the check.
    void fixWanted(int index);

private:
    class Row;
    QLabel *m_count, *m_none;
    QList<Row*> m_rows;
};

/// The settings that differ from their defaults, each with a button that resets it.
class ChangesSection : public PanelSection {
    Q_OBJECT
public:
    explicit ChangesSection(RunDraft& draft, QWidget* parent = nullptr);

private:
    struct Row {
        QString key;
        QWidget* mark;
        QLabel *title, *value, *byDefault;
        QToolButton* reset;
    };
    void showDraft();
    void addRow();
    void resetAll();

    RunDraft& m_draft;
    QPushButton* m_all;
    QLabel* m_none;
    QGridLayout* m_grid;
    QList<Row> m_rows;
};

} // namespace lorikeet::ui
