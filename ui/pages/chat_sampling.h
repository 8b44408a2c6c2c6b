// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include <optional>
#include <string>

#include "core/runs/chat_record.h"

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QSpinBox;
class QTimer;
class QToolButton;
class QVBoxLayout;

namespace lorikeet::ui {

class Field;
class NumberSlider;

/// How answers are drawn, and what is said before them: the right of the page.
class ChatSamplingPanel : public QFrame {
    Q_OBJECT
public:
    explicit ChatSamplingPanel(QWidget* parent = nullptr);

    /// Does not emit.
    void set(const ChatSampling& sampling, const std::optional<std::string>& systemPrompt);
    /// A line on the device, and on the models that are open.
    void setDevice(const QString& device);
    /// Tells of a system prompt that is still being written.
    void commit();
    /// Forgets it: it belonged to another conversation.
    void forget();
    QToolButton* collapseButton() const { return m_collapse; }

signals:
    void samplingChanged(const lorikeet::ChatSampling& sampling);
    /// None: that of the model's chat template.
    void systemPromptChanged(const std::optional<std::string>& prompt);
    void collapseWanted();

private:
    QWidget* makeHead();
    QWidget* makeBody();
    Field* makePreset();
    void makeNumbers(QVBoxLayout* body);
    void makeSystemPrompt(QVBoxLayout* body);
    void take();
    void takeSystemPrompt();
    void show(const ChatSampling& sampling);
    void reset();

    ChatSampling m_sampling;
    std::optional<std::string> m_systemPrompt;
    QToolButton* m_reset;
    QToolButton* m_collapse;
    QComboBox* m_preset;
    NumberSlider *m_temperature, *m_topP, *m_repetition;
    QSpinBox *m_tokens, *m_seed;
    Field *m_tokensField, *m_seedField;
    QPlainTextEdit* m_prompt;
    QLabel* m_promptSource;
    QTimer* m_promptDelay;
    QLabel* m_device;
};

} // namespace lorikeet::ui
