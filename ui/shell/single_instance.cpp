// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/single_instance.h"

#include <QCryptographicHash>
#include <QDir>
#include <QLocalSocket>

namespace lorikeet::ui {
namespace {

constexpr int kPatience = 500; // ms that a program which is there may take to answer

} // namespace

SingleInstance::SingleInstance(const QString& dataFolder, QObject* parent) : QObject(parent) {
    const QByteArray key = (QDir(dataFolder).absolutePath() + QDir::homePath()).toUtf8();
    m_name = QStringLiteral("lorikeet-") +
             QString::fromLatin1(QCryptographicHash::hash(key, QCryptographicHash::Sha256).toHex().left(16));
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket* caller = m_server.nextPendingConnection()) {
            caller->deleteLater();
            emit presented();
        }
    });
}

bool SingleInstance::handedOver() {
    QLocalSocket other;
    other.connectToServer(m_name);
    if (other.waitForConnected(kPatience))
        return true;
    // Nobody listens: what a killed program left may go.
    QLocalServer::removeServer(m_name);
    m_server.listen(m_name);
    return false;
}

} // namespace lorikeet::ui
