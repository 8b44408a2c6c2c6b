// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLocalServer>
#include <QObject>

namespace lorikeet::ui {

/// One window for one data folder: the second program that starts asks the first to come forward, and ends. GUI thread.
class SingleInstance : public QObject {
    Q_OBJECT
public:
    explicit SingleInstance(const QString& dataFolder, QObject* parent = nullptr);

    /// Whether another program was there and has been asked to come forward.
    bool handedOver();

signals:
    /// Another start of the program asks for the window.
    void presented();

private:
    QString m_name;
    QLocalServer m_server;
};

} // namespace lorikeet::ui
