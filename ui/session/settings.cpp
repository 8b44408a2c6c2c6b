// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/settings.h"

namespace lorikeet::ui {

Settings::Settings() : m_store(QStringLiteral("lorikeet"), QStringLiteral("lorikeet")) {}

QString Settings::theme() const {
    return m_store.value(QStringLiteral("theme"), QStringLiteral("system")).toString();
}

void Settings::setTheme(const QString& theme) {
    m_store.setValue(QStringLiteral("theme"), theme);
}

int Settings::threads() const {
    return m_store.value(QStringLiteral("threads"), 0).toInt();
}

void Settings::setThreads(int threads) {
    m_store.setValue(QStringLiteral("threads"), threads);
}

QString Settings::device() const {
    return m_store.value(QStringLiteral("device"), QStringLiteral("auto")).toString();
}

void Settings::setDevice(const QString& device) {
    m_store.setValue(QStringLiteral("device"), device);
}

QString Settings::dataFolder() const {
    return m_store.value(QStringLiteral("dataFolder")).toString();
}

void Settings::setDataFolder(const QString& folder) {
    m_store.setValue(QStringLiteral("dataFolder"), folder);
}

bool Settings::isAdvanced() const {
    return m_store.value(QStringLiteral("advanced"), false).toBool();
}

void Settings::setAdvanced(bool advanced) {
    m_store.setValue(QStringLiteral("advanced"), advanced);
}

bool Settings::startsQueue() const {
    return m_store.value(QStringLiteral("startsQueue"), true).toBool();
}

void Settings::setStartsQueue(bool starts) {
    m_store.setValue(QStringLiteral("startsQueue"), starts);
}

QStringList Settings::comparedRuns() const {
    return m_store.value(QStringLiteral("comparedRuns")).toStringList();
}

void Settings::setComparedRuns(const QStringList& runs) {
    m_store.setValue(QStringLiteral("comparedRuns"), runs);
}

QVariant Settings::state(const QString& part) const {
    return m_store.value(QStringLiteral("state/") + part);
}

void Settings::setState(const QString& part, const QVariant& state) {
    m_store.setValue(QStringLiteral("state/") + part, state);
}

} // namespace lorikeet::ui
