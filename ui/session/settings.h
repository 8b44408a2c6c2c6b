// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QSettings>
#include <QStringList>
#include <QVariant>

namespace lorikeet::ui {

/// What the window remembers of its user: QSettings with one home for each key and its default. GUI thread.
class Settings {
public:
    Settings();

    /// "system", "light", "dark".
    QString theme() const;
    void setTheme(const QString& theme);
    /// 0: as many as the process may use.
    int threads() const;
    void setThreads(int threads);
    QString device() const;
    void setDevice(const QString& device);
    /// Empty: the place of the environment.
    QString dataFolder() const;
    void setDataFolder(const QString& folder);
    bool isAdvanced() const;
    void setAdvanced(bool advanced);

    /// Whether the next run of the queue begins by itself when one ends.
    bool startsQueue() const;
    void setStartsQueue(bool starts);

    /// The runs on the page Compare, the reference first.
    QStringList comparedRuns() const;
    void setComparedRuns(const QStringList& runs);

    /// State of a part of the window (sizes, columns, geometry) under a name of its own.
    QVariant state(const QString& part) const;
    void setState(const QString& part, const QVariant& state);

private:
    QSettings m_store;
};

} // namespace lorikeet::ui
