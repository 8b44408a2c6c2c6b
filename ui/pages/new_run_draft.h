// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QObject>
#include <QUndoStack>

#include "core/train/run_config.h"

namespace lorikeet::ui {

/// The run that is being set up: its settings, which always have values that a run may have, what has been typed that
/// is no such value, and the way back. GUI thread.
class RunDraft : public QObject {
    Q_OBJECT
public:
    explicit RunDraft(QObject* parent = nullptr);

    const RunConfig& config() const { return m_config; }
    /// Changes one setting, with its value as RunSetting has it; changes of one key that follow each other are one undo
    /// step until settle(). A value that is not allowed changes nothing and becomes the key's mistake, in the words of
    /// the reader of run files.
    void set(const QString& key, const QString& value);
    void reset(const QString& key);
    /// Other settings altogether, as one undo step called `what`.
    void replace(const RunConfig& config, const QString& what);
    /// Several settings together, of which `key` stands for all: what set() does with one.
    void edit(const RunConfig& config, const QString& key);
    /// The next change is an undo step of its own.
    void settle() { ++m_generation; }

    /// By key: why what stands in its control cannot be its value.
    const QMap<QString, QString>& mistakes() const { return m_mistakes; }
    void setMistake(const QString& key, const QString& why);
    void clearMistake(const QString& key);

    /// The last change; or what has been typed that is no value.
    void undo();
    void redo();
    const QUndoStack& steps() const { return m_steps; }

signals:
    /// The settings are other ones, or the controls must show them again.
    void changed();
    void mistakesChanged();

private:
    class Step;
    void take(const RunConfig& config);
    void push(const RunConfig& config, const QString& what, const QString& key);

    RunConfig m_config;
    QMap<QString, QString> m_mistakes;
    QUndoStack m_steps;
    int m_generation = 0;
};

} // namespace lorikeet::ui
