// SPDX-License-Identifier: GPL-3.0-or-later
// A start of the program as far as SingleInstance goes, for the test that starts several at once: prints "first" and
// stays until its input ends, or prints "handed over"; then how often it was asked to come forward.
//   start_once DATA_FOLDER
#include <QCoreApplication>
#include <QSocketNotifier>
#include <QTextStream>

#include <unistd.h>

#include "ui/shell/single_instance.h"

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    lorikeet::ui::SingleInstance instance(QCoreApplication::arguments().value(1));
    QTextStream out(stdout);
    if (instance.handedOver()) {
        out << "handed over" << Qt::endl;
        return 0;
    }
    out << "first" << Qt::endl;
    int presented = 0;
    QObject::connect(&instance, &lorikeet::ui::SingleInstance::presented, [&] { ++presented; });
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &app, &QCoreApplication::quit);
    QCoreApplication::exec();
    out << presented << Qt::endl;
    return 0;
}
