// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

namespace lorikeet::ui {

// What the settings of a run are called, by their dotted keys in a run's file. A key without words of its own is called
// by the key.

/// "Learning rate".
QString settingTitle(const QString& key);
/// What it is and what raising or lowering it does, in plain words.
QString settingExplanation(const QString& key);
/// A value, as RunSetting has it, for reading: "2e-4", "on", "Cosine", "none".
QString settingText(const QString& key, const QString& value);

struct SettingChoice {
    QString word;  ///< in a run's file
    QString title; ///< for reading
};

/// What can be chosen for a setting that is one of a few: what this version can do. Empty for other settings.
const QList<SettingChoice>& settingChoices(const QString& key);

} // namespace lorikeet::ui
