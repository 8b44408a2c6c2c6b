// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/qt/studio_fixture.h"

#include <fstream>

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTest>

namespace lorikeet::ui {
namespace {

WorkshopOptions optionsFor(const TemporaryFolder& folder) {
    WorkshopOptions options;
    options.dataDir = folder / "data";
    options.threads = 2;
    return options;
}

bool isControl(const QWidget* widget) {
    return qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QComboBox*>(widget) ||
           qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget) ||
           qobject_cast<const QPlainTextEdit*>(widget) || qobject_cast<const QAbstractItemView*>(widget) ||
           (qobject_cast<const QAbstractSlider*>(widget) && !qobject_cast<const QScrollBar*>(widget));
}

/// A control that Qt makes for its own use inside another one.
bool isPart(const QWidget* widget) {
    return widget->objectName().startsWith(QLatin1String("qt_")) ||
           qobject_cast<const QComboBox*>(widget->parentWidget()) ||
           qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) ||
           qobject_cast<const QLineEdit*>(widget->parentWidget()) || widget->inherits("QTableCornerButton") ||
           widget->inherits("QHeaderView") || widget->inherits("QComboBoxListView") || widget->inherits("QTabBar");
}

/// One of several buttons of which one is down: Tab reaches that one, arrow keys the others.
bool isInGroup(const QWidget* widget) {
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    return button && (button->autoExclusive() || button->group());
}

} // namespace

StudioTest::StudioTest() : m_studio(optionsFor(m_folder)) {}

std::string StudioTest::writeFile(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = m_folder / name;
    std::ofstream(path) << content;
    return path.string();
}

RunConfig StudioTest::smallRun(int64_t steps) const {
    RunConfig config;
    config.name = "small";
    config.model = modelPath();
    config.data.train = writeFile("rows.jsonl", R"({"prompt": "What is blue?", "completion": "The sky."}
{"prompt": "What is green?", "completion": "The grass is."}
{"prompt": "What is red?", "completion": "A rose, sometimes."}
{"prompt": "What is white?", "completion": "Snow."}
{"prompt": "What is black?", "completion": "The night is black."}
)");
    config.training.maxSteps = steps;
    config.training.batchSize = 2;
    config.training.accumulationSteps = 1;
    config.training.learningRate = 5e-3;
    config.every = {.log = 1, .eval = 0, .sample = 0, .save = 0};
    return config;
}

QString StudioTest::train(const RunConfig& config) {
    QString run;
    const auto connection =
        QObject::connect(&m_studio.training(), &TrainingSession::ended, [&](const TrainingEnd& end) { run = end.run; });
    m_studio.training().start(config);
    waitUntil([&] { return !m_studio.training().isActive(); });
    QObject::disconnect(connection);
    waitUntil([&] {
        const RunRecord* record = m_studio.runs().find(run);
        return record && record->state == RunState::Finished;
    });
    return run;
}

QAbstractButton* StudioTest::button(const QWidget& parent, const QString& name) {
    for (auto* button : parent.findChildren<QAbstractButton*>())
        if (button->text().trimmed() == name || button->accessibleName() == name)
            return button;
    return nullptr;
}

bool waitUntil(const std::function<bool()>& condition, int milliseconds) {
    return QTest::qWaitFor(condition, milliseconds);
}

QStringList inaccessibleControls(const QWidget& parent) {
    QStringList faults;
    for (const QWidget* widget : parent.findChildren<QWidget*>()) {
        if (!isControl(widget) || isPart(widget))
            continue;
        const QString what = QStringLiteral("%1 \"%2\" in %3")
                                 .arg(QLatin1String(widget->metaObject()->className()), widget->objectName(),
                                      QLatin1String(widget->parentWidget()->metaObject()->className()));
        if (widget->accessibleName().isEmpty())
            faults.append(what + QStringLiteral(" has no accessible name"));
        else if (!(widget->focusPolicy() & Qt::TabFocus) && !isInGroup(widget))
            faults.append(what + QStringLiteral(" (%1) cannot be reached by Tab").arg(widget->accessibleName()));
    }
    return faults;
}

} // namespace lorikeet::ui
