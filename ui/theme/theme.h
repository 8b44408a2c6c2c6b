// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusVariant>
#include <QFont>
#include <QObject>

#include "ui/theme/tokens.h"

namespace lorikeet::ui {

/// The sizes of text, as ratios of the system's.
enum class TextRole { Body, Secondary, Title, Monospace };

/// How the application looks: it gives palette, fonts and style sheet to QApplication and tells whoever paints by
/// himself when they change. One in a program, made after QApplication and before the first widget. GUI thread.
class Theme : public QObject {
    Q_OBJECT
public:
    enum class Choice { System, Light, Dark };

    explicit Theme(QObject* parent = nullptr);
    ~Theme() override;

    /// The one that exists.
    static Theme& current();

    ColorScheme scheme() const { return m_scheme; }
    Choice choice() const { return m_choice; }
    void setChoice(Choice choice);

    QColor color(ColorToken token) const { return ui::color(token, m_scheme); }
    QFont font(TextRole role) const;
    /// The font with figures of equal width, for numbers that change.
    static QFont withTabularFigures(QFont font);
    /// Whether the system asks for fewer animations.
    bool prefersReducedMotion() const;

signals:
    /// Colours are other ones now; the style sheet has been applied.
    void changed();

private slots:
    void onPortalSetting(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void readSystemScheme();
    void apply();
    QString styleSheet() const;

    Choice m_choice = Choice::System;
    ColorScheme m_scheme = ColorScheme::Light;
    ColorScheme m_systemScheme = ColorScheme::Light;
    QFont m_systemFont;
};

} // namespace lorikeet::ui
