// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/single_instance.h"

#include <QCryptographicHash>
#include <QDeadlineTimer>
#include <QDir>
#include <QEventLoop>
#include <QLocalSocket>
#include <QThread>
#include <QTimer>

namespace lorikeet::ui {
namespace {

constexpr int kPatience = 5000; // ms from the lock of a program that starts until it listens, on a loaded machine
constexpr int kAttempt = 500;   // ms that one which listens may take to answer
constexpr int kPause = 20;      // ms between attempts

const QByteArray kAnswer = QByteArrayLiteral("here");

/// The system connects also to a program that hangs, or is about to end: only one that answers is there.
bool hasAnswered(QLocalSocket& other, int patience) {
    QEventLoop loop;
    QObject::connect(&other, &QLocalSocket::readyRead, &loop, &QEventLoop::quit);
    QObject::connect(&other, &QLocalSocket::disconnected, &loop, &QEventLoop::quit);
    QTimer::singleShot(patience, &loop, &QEventLoop::quit);
    if (other.bytesAvailable() == 0 && other.state() == QLocalSocket::ConnectedState)
        loop.exec();
    return other.bytesAvailable() > 0;
}

QString nameFor(const QString& dataFolder) {
    const QByteArray key = (QDir(dataFolder).absolutePath() + QDir::homePath()).toUtf8();
    return QStringLiteral("lorikeet-") +
           QString::fromLatin1(QCryptographicHash::hash(key, QCryptographicHash::Sha256).toHex().left(16));
}

} // namespace

SingleInstance::SingleInstance(const QString& dataFolder, QObject* parent)
    : QObject(parent), m_name(nameFor(dataFolder)), m_lock(QDir::temp().filePath(m_name + QStringLiteral(".lock"))) {
    m_lock.setStaleLockTime(0); // it is held as long as the program lives, however long that is
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket* caller = m_server.nextPendingConnection()) {
            connect(caller, &QLocalSocket::disconnected, caller, &QObject::deleteLater);
            emit presented();
            caller->write(kAnswer);
            caller->flush();
        }
    });
}

bool SingleInstance::handedOver() {
    const QDeadlineTimer deadline(kPatience);
    do {
        if (m_lock.tryLock(0)) {
            QLocalServer::removeServer(m_name); // what a killed program left
            m_server.listen(m_name);
            return false;
        }
        if (m_lock.error() != QLockFile::LockFailedError)
            return false;
        QLocalSocket other;
        other.connectToServer(m_name);
        if (other.waitForConnected(kAttempt))
            return hasAnswered(other, int(deadline.remainingTime()));
        QThread::msleep(kPause); // it has the lock and does not listen yet
    } while (!deadline.hasExpired());
    return false;
}

} // namespace lorikeet::ui
