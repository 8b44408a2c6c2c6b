// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLocalServer>
#include <QLockFile>
#include <QObject>

namespace lorikeet::ui {

/// One window for one data folder: the second program that starts asks the first to come forward, and ends. A lock file
/// decides who is the first, so of programs that start at the same time one is. GUI thread.
class SingleInstance : public QObject {
    Q_OBJECT
public:
    explicit SingleInstance(const QString& dataFolder, QObject* parent = nullptr);

    /// Whether another program was there and has been asked to come forward. Where no lock can be had, since the folder
    /// of temporary files cannot be written or who holds it does not answer within some seconds, this program goes its
    /// own way. Events are processed meanwhile.
    bool handedOver();

signals:
    /// Another start of the program asks for the window.
    void presented();

private:
    QString m_name;
    QLockFile m_lock; ///< held by the first while it lives
    QLocalServer m_server;
};

} // namespace lorikeet::ui
