// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/new_run_draft.h"

#include <QUndoCommand>

#include "core/base/error.h"
#include "core/train/run_settings.h"
#include "ui/pages/setting_words.h"

namespace lorikeet::ui {
namespace {

constexpr int kStepsKept = 200;

} // namespace

/// From one run to another.
class RunDraft::Step : public QUndoCommand {
public:
    Step(RunDraft& draft, RunConfig after, const QString& what, QString key)
        : QUndoCommand(what), m_draft(draft), m_before(draft.config()), m_after(std::move(after)),
          m_key(std::move(key)), m_generation(draft.m_generation) {}

    void redo() override { m_draft.take(m_after); }
    void undo() override { m_draft.take(m_before); }
    int id() const override { return 1; }
    bool mergeWith(const QUndoCommand* other) override {
        const auto& next = static_cast<const Step&>(*other);
        if (m_key.isEmpty() || next.m_key != m_key || next.m_generation != m_generation)
            return false;
        m_after = next.m_after;
        setObsolete(m_after == m_before);
        return true;
    }

private:
    RunDraft& m_draft;
    RunConfig m_before, m_after;
    QString m_key;
    int m_generation;
};

RunDraft::RunDraft(QObject* parent) : QObject(parent) {
    m_steps.setUndoLimit(kStepsKept);
}

void RunDraft::set(const QString& key, const QString& value) {
    RunConfig config;
    try {
        config = withSetting(m_config, key.toStdString(), value.toStdString());
    } catch (const Error& error) {
        setMistake(key, QString::fromStdString(error.message()));
        return;
    }
    clearMistake(key);
    push(config, settingTitle(key), key);
}

void RunDraft::edit(const RunConfig& config, const QString& key) {
    clearMistake(key);
    push(config, settingTitle(key), key);
}

void RunDraft::reset(const QString& key) {
    const bool wasMistaken = m_mistakes.contains(key);
    settle();
    clearMistake(key);
    push(resetSetting(m_config, key.toStdString()), tr("Reset %1").arg(settingTitle(key)), key);
    settle();
    if (wasMistaken)
        emit changed();
}

void RunDraft::replace(const RunConfig& config, const QString& what) {
    settle();
    if (!m_mistakes.isEmpty()) {
        m_mistakes.clear();
        emit mistakesChanged();
        emit changed();
    }
    push(config, what, {});
}

void RunDraft::push(const RunConfig& config, const QString& what, const QString& key) {
    if (!(config == m_config))
        m_steps.push(new Step(*this, config, what, key));
}

void RunDraft::take(const RunConfig& config) {
    m_config = config;
    emit changed();
}

void RunDraft::setMistake(const QString& key, const QString& why) {
    if (m_mistakes.value(key) == why)
        return;
    m_mistakes.insert(key, why);
    emit mistakesChanged();
}

void RunDraft::clearMistake(const QString& key) {
    if (m_mistakes.remove(key) > 0)
        emit mistakesChanged();
}

void RunDraft::undo() {
    settle();
    if (m_mistakes.isEmpty()) {
        m_steps.undo();
        return;
    }
    m_mistakes.clear();
    emit mistakesChanged();
    emit changed();
}

void RunDraft::redo() {
    settle();
    m_steps.redo();
}

} // namespace lorikeet::ui
