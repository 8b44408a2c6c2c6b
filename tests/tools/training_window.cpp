// SPDX-License-Identifier: GPL-3.0-or-later
// The real window while it trains, for tests that end its process: trains a tiny model until it is stopped, and prints
// the run's id after the first steps.
//   training_window DATA_FOLDER MODEL ROWS
#include <QApplication>
#include <QTextStream>

#include "ui/pages/page.h"
#include "ui/session/studio.h"
#include "ui/shell/main_window.h"
#include "ui/shell/termination.h"
#include "ui/theme/theme.h"

int main(int argc, char** argv) {
    using namespace lorikeet;
    QApplication app(argc, argv);
    const QStringList arguments = QApplication::arguments();
    ui::Theme theme;
    WorkshopOptions options;
    options.dataDir = arguments.value(1).toStdString();
    options.threads = 2;
    ui::Studio studio(options);
    ui::MainWindow window(studio);
    ui::closeOnSignals(window);
    window.show();

    RunConfig config;
    config.name = "to be ended";
    config.model = arguments.value(2).toStdString();
    config.data.train = arguments.value(3).toStdString();
    config.training.maxSteps = 1000000;
    config.training.batchSize = 2;
    config.training.accumulationSteps = 1;
    config.every = {.log = 1, .eval = 0, .sample = 0, .save = 5};
    bool isTold = false;
    QObject::connect(&studio.training(), &ui::TrainingSession::changed, &window, [&] {
        const auto& step = studio.training().step();
        if (!isTold && step && step->step > 10) {
            isTold = true;
            QTextStream(stdout) << studio.training().run() << Qt::endl;
        }
    });
    studio.training().start(config);
    return QApplication::exec();
}
