// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QHBoxLayout;
class QVBoxLayout;

namespace lorikeet::ui {

class Navigator;
class Studio;

/// One screen. Its constructor is cheap: what takes time is begun when the page is shown, and comes back later.
class Page : public QWidget {
    Q_OBJECT
public:
    Page(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);

protected:
    Studio& studio() const { return m_studio; }
    Navigator& navigator() const { return m_navigator; }
    /// The usual frame: padding around, a head row of title and controls, the content below. Controls are added at the
    /// end of head(). Called once, from the constructor.
    QVBoxLayout* makeFrame(const QString& title);
    QHBoxLayout* head() const { return m_head; }

private:
    Studio& m_studio;
    Navigator& m_navigator;
    QHBoxLayout* m_head = nullptr;
};

} // namespace lorikeet::ui
