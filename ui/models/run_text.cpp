// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_text.h"

#include <algorithm>

#include <QCache>
#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Run", text);
}

/// Parsed once: a run is asked for its configuration with each of its steps, and a list with each change of any run.
QJsonObject configOf(const RunRecord& run) {
    constexpr int kKept = 500; // configurations of some kilobytes
    static QCache<QByteArray, QJsonObject> known(kKept);
    const auto key = QByteArray::fromRawData(run.config.data(), qsizetype(run.config.size()));
    if (const QJsonObject* config = known.object(key))
        return *config;
    const QJsonObject config = QJsonDocument::fromJson(key).object();
    known.insert(QByteArray::fromStdString(run.config), new QJsonObject(config));
    return config;
}

QString runningText(const RunRecord& run) {
    if (run.phase == "evaluating")
        return tr("Evaluating");
    if (run.phase == "saving")
        return tr("Saving");
    return run.totalSteps ? tr("Training, %1").arg(formatShare(runShare(run))) : tr("Training");
}

} // namespace

QString runTitle(const RunRecord& run) {
    return QString::fromStdString(run.name.empty() ? run.id : run.name);
}

QString runStateText(const RunRecord& run) {
    switch (run.state) {
    case RunState::Created:
        return tr("Not started");
    case RunState::Queued:
        return tr("In the queue");
    case RunState::Running:
        return runningText(run);
    case RunState::Interrupted:
        return tr("Interrupted at %1").arg(run.steps);
    case RunState::Paused:
        return tr("Paused at %1").arg(run.steps);
    case RunState::Finished:
        return tr("Finished");
    case RunState::Stopped:
        return tr("Stopped at %1").arg(run.steps);
    case RunState::Failed:
        return tr("Failed at %1").arg(run.steps);
    }
    Q_UNREACHABLE();
}

QString runStateIcon(RunState state) {
    switch (state) {
    case RunState::Created:
    case RunState::Queued:
        return QStringLiteral("clock");
    case RunState::Running:
        return QStringLiteral("running");
    case RunState::Interrupted:
        return QStringLiteral("warning");
    case RunState::Finished:
        return QStringLiteral("finished");
    case RunState::Paused:
        return QStringLiteral("pause");
    case RunState::Stopped:
        return QStringLiteral("stopped");
    case RunState::Failed:
        return QStringLiteral("error");
    }
    Q_UNREACHABLE();
}

ColorToken runStateColor(RunState state) {
    switch (state) {
    case RunState::Running:
    case RunState::Finished:
        return ColorToken::AccentText;
    case RunState::Interrupted:
    case RunState::Paused:
        return ColorToken::WarningText;
    case RunState::Failed:
        return ColorToken::Danger;
    case RunState::Created:
    case RunState::Queued:
    case RunState::Stopped:
        return ColorToken::Secondary;
    }
    Q_UNREACHABLE();
}

QString modelTitle(const std::string& model) {
    const QString name = QFileInfo(QString::fromStdString(model)).fileName();
    return name.endsWith(QLatin1String(".gguf"), Qt::CaseInsensitive) ? name.chopped(5) : name;
}

QString datasetTitle(const std::string& dataset) {
    const QFileInfo file(QString::fromStdString(dataset));
    // "train.jsonl" says little; its folder says more.
    const QString base = file.completeBaseName();
    const QString folder = QFileInfo(file.path()).fileName();
    const bool isCommonName = base == QLatin1String("train") || base == QLatin1String("data");
    return isCommonName && !folder.isEmpty() ? folder + QLatin1Char(' ') + base : base;
}

QString methodText(const RunRecord& run) {
    if (run.method == "full")
        return tr("Full");
    const QJsonObject config = configOf(run);
    const QString type = config[QLatin1String("quantization")].toObject()[QLatin1String("type")].toString();
    const QJsonValue rank = config[QLatin1String("lora")].toObject()[QLatin1String("r")];
    if (type.isEmpty())
        return QString::fromStdString(run.method);
    const QString weights = type == QLatin1String("none") ? tr("16-bit") : type.toUpper();
    return rank.isDouble() ? tr("%1, r %2").arg(weights).arg(rank.toInt()) : weights;
}

int64_t firstSampleStep(const RunRecord& run) {
    const QJsonObject config = configOf(run);
    if (config[QLatin1String("samples")].toObject()[QLatin1String("prompts")].toArray().isEmpty())
        return 0;
    const int64_t every = config[QLatin1String("every")].toObject()[QLatin1String("sample")].toInt();
    return run.totalSteps && every > 0 ? std::min(every, *run.totalSteps) : every;
}

double maxGradNorm(const RunRecord& run) {
    return configOf(run)[QLatin1String("training")].toObject()[QLatin1String("max_grad_norm")].toDouble();
}

double runShare(const RunRecord& run) {
    return run.totalSteps && *run.totalSteps > 0 ? double(run.steps) / double(*run.totalSteps) : 0.0;
}

} // namespace lorikeet::ui
